package conv

import (
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A Said gathers text that comes in the literals of a stream, unescaped. A
// character may be cut between two of them. The zero value is empty.
type Said struct {
	text []byte
	high rune // first half of a pair whose second half has not come
}

// Add appends the text of one literal.
func (s *Said) Add(lit Str) {
	inner := lit.Inner()
	if cap(s.text)-len(s.text) < len(inner) {
		s.text = slices.Grow(s.text, max(len(inner), len(s.text))) // append takes smaller steps
	}
	for inner != "" {
		n := strings.IndexByte(inner, '\\')
		if n < 0 {
			n = len(inner)
		}
		if n > 0 {
			s.flush()
			s.text, inner = append(s.text, inner[:n]...), inner[n:]
			continue
		}
		r, size := unescape(inner)
		s.add(r)
		inner = inner[size:]
	}
}

func (s *Said) add(r rune) {
	if s.high != 0 {
		if whole := utf16.DecodeRune(s.high, r); whole != utf8.RuneError {
			s.high = 0
			s.text = utf8.AppendRune(s.text, whole)
			return
		}
		s.flush()
	}
	if isHigh(r) {
		s.high = r
		return
	}
	s.text = utf8.AppendRune(s.text, r)
}

// flush gives up on the second half of a character.
func (s *Said) flush() {
	if s.high != 0 {
		s.high = 0
		s.text = utf8.AppendRune(s.text, utf8.RuneError)
	}
}

// Text is what was gathered so far. It does not change when more is added.
func (s *Said) Text() string { return View(s.text) }

// Len is the length of the text in bytes.
func (s *Said) Len() int { return len(s.text) }

// Whole reports that the text does not end inside a character.
func (s *Said) Whole() bool {
	if s.high != 0 {
		return false
	}
	tail := s.text[max(0, len(s.text)-utf8.UTFMax):]
	for i, c := range slices.Backward(tail) {
		if utf8.RuneStart(c) {
			return utf8.FullRune(tail[i:])
		}
	}
	return len(tail) == 0
}

func isHigh(r rune) bool { return r >= 0xd800 && r < 0xdc00 }

// unescape gives the character of the escape sequence that begins s, and how
// long the sequence is. Halves of pairs are given as they are.
func unescape(s string) (r rune, size int) {
	if len(s) < 2 {
		return utf8.RuneError, len(s)
	}
	switch c := s[1]; c {
	case 'n':
		return '\n', 2
	case 't':
		return '\t', 2
	case 'r':
		return '\r', 2
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'u':
		if len(s) < 6 {
			return utf8.RuneError, len(s)
		}
		for _, c := range []byte(s[2:6]) {
			r = r<<4 | rune(strings.IndexByte(hex, c|0x20)&15)
		}
		return r, 6
	default:
		return rune(c), 2
	}
}

// A Match follows literals that are to repeat a text which is known. It
// compares what they say, not how they are written or cut.
type Match struct {
	left string // of the text
	high rune   // as in Said
}

// NewMatch follows a repetition of text, which must not end inside a character.
func NewMatch(text string) Match { return Match{left: text} }

// Left is how much of the text was not repeated yet, in bytes.
func (m *Match) Left() int { return len(m.left) }

// Done reports that the whole text was repeated.
func (m *Match) Done() bool { return m.left == "" }

// Take compares the text of one literal. It gives what comes after the whole
// text was repeated, absent while it was not, and false when the literal says
// something else than the text.
func (m *Match) Take(lit Str) (rest Str, ok bool) {
	for inner := lit.Inner(); inner != ""; {
		if m.left == "" {
			return Str(`"` + inner + `"`), true
		}
		n := strings.IndexByte(inner, '\\')
		if n < 0 {
			n = len(inner)
		}
		if n > 0 {
			if !m.flush() {
				return "", false
			}
			same := common(inner[:n], m.left)
			if m.left = m.left[same:]; same < n && m.left != "" {
				return "", false
			}
			inner = inner[same:]
			continue
		}
		r, size := unescape(inner)
		if !m.rune(r) {
			return "", false
		}
		inner = inner[size:]
	}
	return "", true
}

// common is how many bytes two texts have in common at their beginning.
func common(a, b string) int {
	n := min(len(a), len(b))
	if a[:n] == b[:n] {
		return n
	}
	i := 0
	for a[i] == b[i] {
		i++
	}
	return i
}

func (m *Match) rune(r rune) bool {
	if m.high != 0 {
		if whole := utf16.DecodeRune(m.high, r); whole != utf8.RuneError {
			m.high = 0
			return m.is(whole)
		}
		if !m.flush() {
			return false
		}
	}
	if isHigh(r) {
		m.high = r
		return true
	}
	return m.is(r)
}

func (m *Match) flush() bool {
	if m.high == 0 {
		return true
	}
	m.high = 0
	return m.is(utf8.RuneError)
}

// is compares one character.
func (m *Match) is(r rune) (ok bool) {
	var text [utf8.UTFMax]byte
	m.left, ok = strings.CutPrefix(m.left, string(utf8.AppendRune(text[:0], r)))
	return ok
}
