package tee

import (
	"bytes"
	"math/bits"
)

// Redacted stands in the place of what was taken out of a body.
const Redacted = "[redacted]"

// A scrubber takes credentials out of a JSON text without parsing it: what
// stands in strings is often JSON itself, or a log, or a command line, and
// credentials are found there in the same way, by their looks and by the names
// that stand before them.
//
// Quotes tell how deep in strings of JSON a place is: those of the text itself
// have no backslash before them, those of JSON in a string one, then three,
// and so on; see quoteDepth. Nothing is replaced beyond a quote that is less
// deep than the one it began with, so that the text stays valid.
type scrubber struct {
	text []byte
	edge int    // where what was said ends; len(text) and more when it is not cut
	out  []byte // text[:done] without credentials
	done int
	// undotted is where a run of letters ends that has no dot to come: looking
	// at it from every place in it that could begin a token would take the
	// square of its length.
	undotted int
}

// scrub gives a valid JSON text without credentials: text itself when it has
// none, else one in buf. With cut, text is a string that holds only the
// beginning of what was said.
func scrub(buf, text []byte, cut bool) []byte {
	s := scrubber{text: text, out: buf[:0], edge: len(text) + 1}
	if cut {
		s.edge = len(text) - 1 // the closing quote
	}
	for i := 0; i < len(text); {
		if !anchors[text[i]] {
			i++
			continue
		}
		switch c := text[i]; c {
		case ':', '=':
			i = s.named(i)
		case 'b', 'B':
			i = s.bearer(i)
		default:
			i = s.shaped(i, c)
		}
	}
	if s.done == 0 {
		return text
	}
	return append(s.out, text[s.done:]...)
}

// anchors are the bytes that every credential has at a known place.
var anchors = [256]bool{':': true, '=': true, '-': true, '_': true, 'b': true, 'B': true, 'z': true, 'J': true, 'K': true, '9': true}

// replace puts a text in the place of text[start:end], and gives end.
func (s *scrubber) replace(start, end int, with ...string) int {
	if start < s.done || end <= start || string(s.text[start:end]) == Redacted {
		return end
	}
	s.out = append(s.out, s.text[s.done:start]...)
	for _, part := range with {
		s.out = append(s.out, part...)
	}
	s.done = end
	return end
}

// atStart reports that no word of the text goes on at i.
func (s *scrubber) atStart(i int) bool {
	if i == 0 || !isAlnum(s.text[i-1]) {
		return i == 0 || s.text[i-1] != '\\' || s.backslashes(i)%2 == 0 || !isEscape(s.text[i])
	}
	switch {
	case i >= 2 && s.text[i-2] == '\\' && isEscape(s.text[i-1]): // as in \nsk-
		return true
	case i >= 6 && s.text[i-6] == '\\' && s.text[i-5] == 'u': // as in \u0026sk-
		return true
	}
	return i >= 3 && s.text[i-3] == '%' // as in %20sk-
}

// run is where the letters, digits, - and _ from i on end; with more, those of
// tokens in headers too.
func (s *scrubber) run(i int, more bool) int {
	for i < len(s.text) {
		c := s.text[i]
		switch {
		case isAlnum(c) || c == '-' || c == '_':
			i++
		case more && (c == '.' || c == '~' || c == '+' || c == '/' || c == '='):
			i++
		case more && c == '\\' && i+1 < len(s.text) && s.text[i+1] == '/' && s.backslashes(i+1)%2 == 1:
			i += 2
		default:
			return i
		}
	}
	return i
}

// bearer looks for a token behind the word.
func (s *scrubber) bearer(i int) int {
	const word = len("bearer")
	if i+word >= len(s.text) || !bytes.EqualFold(s.text[i:i+word], []byte("bearer")) {
		return i + 1
	}
	start := i + word
	for start < len(s.text) && (s.text[start] == ' ' || s.text[start] == '+') {
		start++
	}
	if bytes.HasPrefix(s.text[start:], []byte("%20")) {
		start += 3
	}
	if start == i+word {
		return start
	}
	if end := s.run(start, true); end-start >= 6 || end >= s.edge {
		return s.replace(start, end, Redacted)
	}
	return start
}

var (
	pemBegin = []byte("-----BEGIN ")
	pemKey   = []byte("PRIVATE KEY-----")
	pemEnd   = []byte("-----END ")
)

// pem takes out a private key, but not its first and last line.
func (s *scrubber) pem(i int) int {
	after := i + len(pemBegin)
	title := s.text[after:min(len(s.text), after+60)]
	at := bytes.Index(title, pemKey)
	if at < 0 {
		return i + 1
	}
	start := after + at + len(pemKey)
	end := start
	for end < len(s.text) && s.text[end] != '"' && !bytes.HasPrefix(s.text[end:], pemEnd) {
		end++
	}
	if end < len(s.text) && s.text[end] == '"' {
		end -= s.backslashes(end)
	}
	return s.replace(start, max(end, start), Redacted)
}

// backslashes is how many of them stand before i.
func (s *scrubber) backslashes(i int) int {
	n := 0
	for n < i && s.text[i-1-n] == '\\' {
		n++
	}
	return n
}

// quoteDepth tells in how many strings a quote is that has n backslashes before
// it, some of which may be part of what is said: with one string more, every
// backslash becomes two, and the quote itself gets one.
func quoteDepth(n int) int { return bits.TrailingZeros(^uint(n)) }

// escapesOf is how many backslashes the quotes of a depth have of their own.
func escapesOf(depth int) int { return 1<<depth - 1 }

func isAlnum(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// isEscape reports the letters that a backslash in JSON gives a meaning.
func isEscape(c byte) bool {
	return c == 'n' || c == 'r' || c == 't' || c == 'b' || c == 'f' || c == 'u'
}
