package conv

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"slices"
)

// maxShape bounds what a Shape keeps.
const maxShape = 4 << 10

// A Shape recognises the events that differ from an earlier, fully checked
// one in a single string: nearly all events of a streamed text. What stands
// around the string needs then no second look, only a comparison.
type Shape struct {
	buf    []byte
	prefix int
}

// Forget makes the Shape match nothing.
func (s *Shape) Forget() { s.prefix = 0 }

// Learn remembers the shape of data around lit, which must be a view into it.
func (s *Shape) Learn(data []byte, lit Str) {
	if lit.Empty() || len(data)-len(lit) > maxShape {
		return
	}
	start := Offset(View(data), string(lit))
	if start < 0 || start+len(lit) > len(data) {
		return
	}
	s.prefix = start + 1
	s.buf = slices.Grow(s.buf[:0], len(data)-len(lit)+2)
	s.buf = append(append(s.buf, data[:start+1]...), data[start+len(lit)-1:]...)
}

// Match returns the string of data if data has the learned shape and the
// string is a valid one that is not empty.
func (s *Shape) Match(data []byte) (Str, bool) {
	prefix, suffix := s.buf[:s.prefix], s.buf[s.prefix:]
	end := len(data) - len(suffix)
	if s.prefix == 0 || end <= s.prefix ||
		string(data[:s.prefix]) != string(prefix) || string(data[end:]) != string(suffix) ||
		plain(data[s.prefix:end]) != end-s.prefix {
		return "", false
	}
	return Str(View(data[s.prefix-1 : end+1])), true
}

// Frame makes s the shape of whole if data, a view into it, has the shape of part.
func (s *Shape) Frame(whole, data []byte, part *Shape) {
	if lit, ok := part.Match(data); ok {
		s.Learn(whole, lit)
	}
}

// Run returns how many texts of the shape follow on each other at the begin of
// text, and how long they are together.
func (s *Shape) Run(text []byte) (size, n int) {
	if s.prefix == 0 {
		return 0, 0
	}
	prefix, suffix := s.buf[:s.prefix], s.buf[s.prefix:]
	for bytes.HasPrefix(text[size:], prefix) {
		lit := text[size+len(prefix):]
		end := plain(lit)
		if end == 0 || !bytes.HasPrefix(lit[end:], suffix) {
			break
		}
		size += len(prefix) + end + len(suffix)
		n++
	}
	return size, n
}

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// plain returns how much of text can stand between the quotes of a JSON string.
func plain(text []byte) (i int) {
	for i < len(text) {
		if i+8 <= len(text) {
			w := binary.LittleEndian.Uint64(text[i:])
			quote, slash := w^(ones*'"'), w^(ones*'\\')
			// The high bit is set in every byte that is a control, a quote or a backslash.
			odd := ((w - ones*0x20) &^ w) | ((quote - ones) &^ quote) | ((slash - ones) &^ slash)
			if odd &= highs; odd == 0 {
				i += 8
				continue
			}
			i += bits.TrailingZeros64(odd) / 8
		}
		n := plainChar(text[i:])
		if n == 0 {
			break
		}
		i += n
	}
	return i
}

// plainChar returns the length of the first character, 0 if it is not one.
func plainChar(text []byte) int {
	switch c := text[0]; {
	case c < 0x20 || c == '"':
		return 0
	case c != '\\':
		return 1
	case len(text) < 2:
		return 0
	}
	switch text[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(text) >= 6 && isHex(text[2]) && isHex(text[3]) && isHex(text[4]) && isHex(text[5]) {
			return 6
		}
	}
	return 0
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F'
}
