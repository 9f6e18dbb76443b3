package tee

import "strconv"

// escapedASCII is how the escapes of most characters begin that need none.
var escapedASCII = []byte(`\u00`)

// plainEscapes writes out the characters of names and credentials that a JSON
// text has as \u00XX for no reason, so that they can be found; in strings of
// JSON in strings, too. Quotes become \" there.
func plainEscapes(buf, text []byte) []byte {
	done := 0
	for i := 0; i < len(text); {
		if text[i] != '\\' {
			i++
			continue
		}
		start := i
		for i < len(text) && text[i] == '\\' {
			i++
		}
		n := i - start
		if i == len(text) || text[i] != 'u' || n&(n-1) != 0 { // n is 1, 2, 4 ... for the strings in strings
			i++ // what follows is escaped, or plain
			continue
		}
		c, ok := escaped(text[i+1:])
		if !ok {
			continue
		}
		buf = append(buf, text[done:start]...)
		if c == '"' {
			for range 2*n - 1 {
				buf = append(buf, '\\')
			}
		}
		buf = append(buf, c)
		i += len("u00XX")
		done = i
	}
	if done == 0 {
		return text
	}
	return append(buf, text[done:]...)
}

// escaped gives the character that the four digits at the start of code stand
// for, if it is one to write out.
func escaped(code []byte) (byte, bool) {
	if len(code) < 4 {
		return 0, false
	}
	n, err := strconv.ParseUint(string(code[:4]), 16, 16)
	if err != nil || n >= 0x7f {
		return 0, false
	}
	c := byte(n)
	return c, isAlnum(c) || c == '-' || c == '_' || c == ':' || c == '=' || c == '.' || c == '/' || c == '"'
}
