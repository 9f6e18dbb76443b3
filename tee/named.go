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
	word := s.text[start:end]
	if depth == bare && start > 0 && s.text[start-1] == ' ' && (bytes.EqualFold(word, []byte("key")) || bytes.EqualFold(word, []byte("token"))) { // API key: x
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
		if bytes.HasSuffix(small, []byte(known)) && !isDirectory(small) {
			return known == "authorization" || known == "cookie", true
		}
	}
	return false, separator == '=' && s.inQuery(small, start)
}

// isDirectory reports the names that shells have for the working directory.
func isDirectory(small []byte) bool { return string(small) == "pwd" || string(small) == "oldpwd" }

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
