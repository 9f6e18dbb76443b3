package jsonscan

import (
	"bytes"
	"fmt"

	"github.com/tidwall/gjson"
)

type scanner struct {
	text  []byte
	pos   int
	deep  bool   // a value is nested too deep
	names *Names // to look for; nil for none
	named bool   // one of them is in a nested value
}

// top gives f the literal of each name of the top level, and where its value
// stands.
func (s *scanner) top(f func(literal []byte, start, end int)) error {
	s.space()
	if !s.take('{') {
		return ErrNotObject
	}
	s.space()
	for first := true; !s.take('}'); first = false {
		if !first && !s.take(',') {
			return s.problem("a comma or the end of the object was expected")
		}
		if err := s.member(f); err != nil {
			return err
		}
		s.space()
	}
	if s.space(); s.pos < len(s.text) {
		return s.problem("there is something after the object")
	}
	return nil
}

func (s *scanner) member(f func(literal []byte, start, end int)) error {
	s.space()
	name := s.pos
	if s.pos >= len(s.text) || s.text[s.pos] != '"' || !s.str() {
		return s.problem("a name in double quotes was expected")
	}
	literal := s.text[name:s.pos]
	s.space()
	if !s.take(':') {
		return s.problem("a colon was expected")
	}
	s.space()
	start := s.pos
	if !s.value() {
		if s.deep {
			return ErrDeep
		}
		return s.problem("no value that can be read")
	}
	f(literal, start, s.pos)
	return nil
}

// value skips one value.
func (s *scanner) value() bool {
	if s.pos >= len(s.text) {
		return false
	}
	switch c := s.text[s.pos]; {
	case c == '"':
		return s.str()
	case c == '{' || c == '[':
		return s.nested()
	case c == '-' || c >= '0' && c <= '9':
		return s.number()
	}
	for _, word := range []string{"true", "false", "null"} {
		if bytes.HasPrefix(s.text[s.pos:], []byte(word)) {
			s.pos += len(word)
			return true
		}
	}
	return false
}

// str skips a string.
func (s *scanner) str() bool {
	end := closing(s.text, s.pos+1)
	if end < 0 {
		s.pos = len(s.text)
		return false
	}
	s.pos = end + 1
	return true
}

// closing gives where the quote stands that ends the string whose text begins at
// i, or -1. Quotes are found by the processor's own search; one that follows an
// odd number of backslashes is part of the text.
func closing(text []byte, i int) int {
	for {
		n := bytes.IndexByte(text[i:], '"')
		if n < 0 {
			return -1
		}
		i += n
		if text[i-1] != '\\' {
			return i
		}
		escapes := 1
		for text[i-1-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			return i
		}
		i++
	}
}

// nested skips an object or array by counting brackets of both kinds.
func (s *scanner) nested() bool {
	text, lengths, depth := s.text, uint64(0), 0
	if s.names != nil {
		lengths = s.names.lengths
	}
	for i := s.pos; i < len(text); i++ {
		switch text[i] {
		case '"':
			end := closing(text, i+1)
			if end < 0 {
				s.pos = len(text)
				return false
			}
			if lengths>>uint(end-i-1)&1 != 0 && s.names.has(text[i+1:end]) {
				s.named = true
			}
			i = end
		case '{', '[':
			if depth++; depth > MaxDepth {
				s.pos, s.deep = i, true
				return false
			}
		case '}', ']':
			if depth--; depth == 0 {
				s.pos = i + 1
				return true
			}
		}
	}
	s.pos = len(text)
	return false
}

// number skips what may be part of a number, and then asks whether it was one.
func (s *scanner) number() bool {
	start := s.pos
	for s.pos < len(s.text) && bytes.IndexByte([]byte("+-.eE0123456789"), s.text[s.pos]) >= 0 {
		s.pos++
	}
	if gjson.ValidBytes(s.text[start:s.pos]) {
		return true
	}
	s.pos = start
	return false
}

func (s *scanner) space() {
	for s.pos < len(s.text) {
		switch s.text[s.pos] {
		case ' ', '\n', '\r', '\t':
			s.pos++
		default:
			return
		}
	}
}

func (s *scanner) take(c byte) bool {
	if s.pos < len(s.text) && s.text[s.pos] == c {
		s.pos++
		return true
	}
	return false
}

func (s *scanner) problem(what string) error {
	if s.pos >= len(s.text) {
		return fmt.Errorf("the text ends at byte %d, before the object does", len(s.text))
	}
	return fmt.Errorf("%s at byte %d", what, s.pos)
}
