package tee

import (
	"bytes"
	"strings"
)

// value takes out the value that begins at or behind i. Its name had quotes of
// a depth, or none. It gives where to go on.
func (s *scrubber) value(i, depth int, full bool) int {
	i = s.blanks(i, depth)
	if bytes.HasPrefix(s.text[i:], []byte(Redacted)) {
		return i + len(Redacted)
	}
	quote := i
	for quote < len(s.text) && s.text[quote] == '\\' {
		quote++
	}
	if quote >= len(s.text) {
		return i
	}
	c, escapes := s.text[quote], quote-i
	switch {
	case c == '"':
		inner := quoteDepth(escapes)
		switch {
		case inner < depth, inner == 0 && depth == bare:
			return quote // where the string ends that this is in
		case escapes == escapesOf(inner):
			end, _ := s.closing(quote+1, inner)
			return s.replace(quote+1, end, Redacted)
		}
	case escapes == 0 && (c == '\'' || c == '`') && depth != 0:
		return s.replace(quote+1, s.ticked(quote+1, c), Redacted)
	case escapes == 0 && (c == '{' || c == '[') && depth != bare:
		return s.quoted(i, s.balanced(i, depth), depth)
	}
	end := s.word(i, full && depth == bare)
	if depth == bare {
		return s.replace(i, end, Redacted)
	}
	switch string(s.text[i:end]) {
	case "true", "false", "null":
		return end
	}
	return s.quoted(i, end, depth)
}

// blanks passes over what may stand between a separator and a value: line ends
// in JSON in a string, and brackets where there are no quotes.
func (s *scrubber) blanks(i, depth int) int {
	for i < len(s.text) {
		c := s.text[i]
		if c == '\\' && depth > 0 {
			end := i
			for end < len(s.text) && s.text[end] == '\\' {
				end++
			}
			if end == len(s.text) || s.text[end] != 'n' && s.text[end] != 'r' && s.text[end] != 't' {
				return i
			}
			i = end + 1
			continue
		}
		if !isSpace(c) && (depth != bare || strings.IndexByte(":=>[{(", c) < 0 || bytes.HasPrefix(s.text[i:], []byte(Redacted))) {
			return i
		}
		i++
	}
	return i
}

// quoted puts a string of the depth in the place of a value.
func (s *scrubber) quoted(start, end, depth int) int {
	quote := strings.Repeat(`\`, escapesOf(depth)) + `"`
	return s.replace(start, end, quote, Redacted, quote)
}

// closing is where a string of the depth ends, before its quote and the
// backslashes of that, and how deep the quote is that ends it: less than depth
// when it is that of a string around it.
func (s *scrubber) closing(i, depth int) (end, ends int) {
	for i < len(s.text) {
		n := bytes.IndexByte(s.text[i:], '"')
		if n < 0 {
			break
		}
		i += n
		if ends = quoteDepth(s.backslashes(i)); ends <= depth {
			return i - escapesOf(ends), ends
		}
		i++
	}
	return len(s.text), 0
}

// ticked is where text in quotes of another kind ends, or the string it is in.
func (s *scrubber) ticked(i int, tick byte) int {
	for end := i; end < len(s.text); end++ {
		switch s.text[end] {
		case tick:
			return end
		case '"':
			return max(i, end-s.backslashes(end))
		}
	}
	return len(s.text)
}

// balanced is where the object or array at i ends, or the string it is in.
func (s *scrubber) balanced(i, depth int) int {
	for open := 0; i < len(s.text); i++ {
		switch s.text[i] {
		case '"':
			at := quoteDepth(s.backslashes(i))
			if at < depth {
				return i - escapesOf(at)
			}
			end, ends := s.closing(i+1, depth)
			if ends < depth {
				return end
			}
			i = end + escapesOf(ends) // its quote
		case '{', '[':
			open++
		case '}', ']':
			if open--; open == 0 {
				return i + 1
			}
		}
	}
	return len(s.text)
}

// word is where a value without quotes ends; with full it has spaces.
func (s *scrubber) word(i int, full bool) int {
	for i < len(s.text) {
		c := s.text[i]
		switch {
		case c == '"' || c == '\'' || c == '`' || c == '<' || c == '\n' || c == '\r':
			return i
		case !full && (c <= ' ' || strings.IndexByte(",;&>)]}|", c) >= 0):
			return i
		case c != '\\':
			i++
			continue
		}
		n := 0
		for i+n < len(s.text) && s.text[i+n] == '\\' {
			n++
		}
		if i+n == len(s.text) {
			return i
		}
		switch rest := s.text[i+n:]; {
		case rest[0] == '"' || rest[0] == 'n' || rest[0] == 'r' || rest[0] == 't':
			return i
		case rest[0] == 'u' && len(rest) >= 5 && isEnd(rest[1:5]):
			return i
		case n%2 == 1:
			n++ // the byte that is escaped
		}
		i += n
	}
	return i
}

// isEnd reports the codes of characters that end a value.
func isEnd(code []byte) bool {
	switch string(bytes.ToLower(code)) {
	case "0020", "0022", "0026", "0027", "003c", "003e":
		return true
	}
	return false
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }
