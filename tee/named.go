package tee

import (
	"bytes"
	"strings"
)

// credentialNames are how the names of credentials end, in small letters and
// without - and _.
var credentialNames = [...]string{
	"apikey", "apikeys", "authorization", "password", "passwords", "passwd", "passphrase", "pwd", "secret", "secrets", "secretkey", "accesskey", "privatekey",
	"signingkey", "encryptionkey", "masterkey", "apitoken", "accesstoken", "refreshtoken", "authtoken", "sessiontoken", "securitytoken", "bearertoken",
	"admintoken", "credential", "credentials", "cookie",
}

// queryNames are credentials only in a query of a URL.
var queryNames = [...]string{"key", "token", "auth", "sig"}

// maxName is how long a name is looked at, in bytes from its end.
const maxName = 48

// named looks for a credential behind the colon or equals sign at i, before
// which its name stands. It gives where to go on.
func (s *scrubber) named(i int) int {
	if end := s.userinfo(i); end > 0 {
		return end
	}
	start, end, depth := s.nameBefore(i)
	if start == end || depth == 0 && s.text[i] != ':' {
		return i + 1
	}
	full, ok := s.credentialName(start, end, s.text[i])
	switch {
	case ok:
		return s.value(i+1, depth, full)
	case depth != bare:
		return s.pair(i+1, start, end, depth)
	}
	return i + 1
}

// flag takes out the next word of a command line when a credential is what the
// name of a flag says that begins at i. It gives where to go on, and 0 when it
// is no such flag.
func (s *scrubber) flag(i int) int {
	end := i
	for end < len(s.text) && end-i < maxName && (isAlnum(s.text[end]) || s.text[end] == '-' || s.text[end] == '_') {
		end++
	}
	if end == i || end == len(s.text) || s.text[end] != ' ' { // what follows an equals sign is found by that
		return 0
	}
	if _, ok := s.credentialName(i, end, ' '); !ok {
		return 0
	}
	return s.value(end, bare, false)
}

// pair takes out the value of {"name":"api_key","value":"..."}, as headers and
// variables are often listed. The member that text[start:end] names begins at
// i.
func (s *scrubber) pair(i, start, end, depth int) int {
	switch string(s.text[start:end]) {
	case "name", "key", "header":
	default:
		return i
	}
	i = s.blanks(i, depth)
	i += escapesOf(depth)
	if i >= len(s.text) || s.text[i] != '"' {
		return min(i, len(s.text))
	}
	from := i + 1
	to, ends := s.closing(from, depth)
	if ends != depth || to-from > maxName || to == from {
		return from
	}
	full, ok := s.credentialName(from, to, ':')
	if !ok {
		return from
	}
	rest := s.blanks(to+escapesOf(depth)+1, depth)
	if rest >= len(s.text) || s.text[rest] != ',' {
		return from
	}
	quote := strings.Repeat(`\`, escapesOf(depth)) + `"`
	rest = s.blanks(rest+1, depth)
	after, ok := bytes.CutPrefix(s.text[rest:], []byte(quote+"value"+quote))
	if !ok {
		return from
	}
	rest = s.blanks(len(s.text)-len(after), depth)
	if rest >= len(s.text) || s.text[rest] != ':' {
		return from
	}
	return s.value(rest+1, depth, full)
}

// bare is the depth of a name that has no quotes.
const bare = -1

// nameBefore gives the place of the name before i, and how deep its quotes are.
func (s *scrubber) nameBefore(i int) (start, end, depth int) {
	end, depth = i, bare
	for end > 0 && (isSpace(s.text[end-1]) || s.text[end-1] == ']' && s.text[i] == '=') {
		end--
	}
	switch {
	case end > 0 && s.text[end-1] == '"':
		end--
		depth = quoteDepth(s.backslashes(end))
		end -= escapesOf(depth)
	case end > 0 && (s.text[end-1] == '\'' || s.text[end-1] == '`'):
		end--
	}
	start = end
	for start > 0 && end-start < maxName && (isAlnum(s.text[start-1]) || s.text[start-1] == '_' || s.text[start-1] == '-') {
		start--
	}
	if depth == bare && start < end && endsLikeOne(s.text[start:end]) && start > 1 && s.text[start-1] == ' ' && isAlnum(s.text[start-2]) { // API key: x
		for start--; start > 0 && end-start < maxName && isAlnum(s.text[start-1]); {
			start--
		}
	}
	return start, end, depth
}

// credentialName reports that text[start:end] is the name of a credential;
// full says that its value takes the rest of the line.
func (s *scrubber) credentialName(start, end int, separator byte) (full, ok bool) {
	if !endsLikeOne(s.text[start:end]) {
		return false, false
	}
	var buf [maxName]byte
	small := buf[:0]
	for _, c := range s.text[start:end] {
		switch {
		case c == '-' || c == '_' || c == ' ':
		case c >= 'A' && c <= 'Z':
			small = append(small, c|0x20)
		default:
			small = append(small, c)
		}
	}
	for _, known := range credentialNames {
		if bytes.HasSuffix(small, []byte(known)) {
			return known == "authorization" || known == "cookie", true
		}
	}
	return false, separator == '=' && s.inQuery(small, start)
}

// endsLikeOne looks at the last two letters of a name, which most do not have.
func endsLikeOne(name []byte) bool {
	if len(name) < 3 {
		return false
	}
	switch [2]byte{name[len(name)-2] | 0x20, name[len(name)-1] | 0x20} {
	case [2]byte{'e', 'y'}, [2]byte{'y', 's'}, [2]byte{'o', 'n'}, [2]byte{'r', 'd'}, [2]byte{'d', 's'}, [2]byte{'w', 'd'}, [2]byte{'s', 'e'}, [2]byte{'e', 't'},
		[2]byte{'t', 's'}, [2]byte{'e', 'n'}, [2]byte{'a', 'l'}, [2]byte{'l', 's'}, [2]byte{'i', 'e'}, [2]byte{'t', 'h'}, [2]byte{'i', 'g'}:
		return true
	}
	return false
}

// inQuery reports the name of a credential in the query of a URL, which begins
// at start of the text.
func (s *scrubber) inQuery(small []byte, start int) bool {
	for _, known := range queryNames {
		switch rest, found := bytes.CutSuffix(small, []byte(known)); {
		case !found:
		case len(rest) == 0:
			return start > 0 && strings.IndexByte("?&;", s.text[start-1]) >= 0
		default:
			return string(rest) == "u0026" || string(rest) == "u003f" // which JSON has for & and ?
		}
	}
	return false
}

// userinfo takes out the name and password of a URL whose :// is at i. It
// gives 0 when there are none.
func (s *scrubber) userinfo(i int) int {
	start := i + 3
	if s.text[i] != ':' || !bytes.HasPrefix(s.text[i+1:], []byte("//")) {
		start = i + 5
		if !bytes.HasPrefix(s.text[i+1:], []byte(`\/\/`)) {
			return 0
		}
	}
	at := 0
	for j := start; j < len(s.text) && j < start+512; j++ {
		switch c := s.text[j]; {
		case c == '@':
			at = j
		case c <= ' ' || strings.IndexByte("/\\\"'`<>?#,", c) >= 0:
			j = len(s.text)
		}
	}
	if at <= start {
		return 0
	}
	return s.replace(start, at, Redacted)
}

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
