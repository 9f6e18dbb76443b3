// Package jsonscan reads the top level of a JSON object in one pass. Nested
// values are skipped by counting brackets: whether they are well-formed inside
// is for whoever reads them.
package jsonscan

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/tidwall/gjson"
)

// ErrNotObject is given for text that does not begin with a brace.
var ErrNotObject = errors.New("not a JSON object")

// ErrDeep is given for text that is nested deeper than [MaxDepth].
var ErrDeep = fmt.Errorf("it is nested more than %d levels deep", MaxDepth)

// MaxDepth is how deep a value may be nested, as in encoding/json. Whoever reads
// a value by recursion would otherwise let the sender of it choose how much
// stack that takes, and a stack that is too large ends the process.
const MaxDepth = 10_000

// A Member is one name and value of an object. Offsets count bytes of the text.
type Member struct {
	Key        string // unescaped; may be a view of the text
	Start, End int    // of the value
}

// Object appends the members of the object in text to dst. It fails when the
// object is not closed, a member cannot be read, or something follows it.
func Object(text []byte, dst []Member) ([]Member, error) {
	dst, _, err := ObjectWith(text, dst, nil)
	return dst, err
}

// ObjectWith is [Object] that reports in the same pass whether one of the names
// stands anywhere inside of the members' values.
func ObjectWith(text []byte, dst []Member, names *Names) (members []Member, named bool, err error) {
	s := scanner{text: text, names: names}
	err = s.top(func(literal []byte, start, end int) {
		dst = append(dst, Member{Key: key(literal), Start: start, End: end})
	})
	return dst, s.named, err
}

// Check fails where [Object] would.
func Check(text []byte) error {
	s := scanner{text: text}
	return s.top(func([]byte, int, int) {})
}

// Deep reports a value that is nested deeper than [MaxDepth].
func Deep(text []byte) bool {
	if len(text) <= MaxDepth {
		return false
	}
	s := scanner{text: text}
	s.space()
	s.value()
	return s.deep
}

// Valid reports that text is valid JSON that is not nested deeper than
// [MaxDepth]. It is for texts that have not been looked at as part of a body:
// those inside of its strings.
func Valid(text string) bool {
	return (len(text) <= MaxDepth || !Deep([]byte(text))) && gjson.Valid(text)
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

type scanner struct {
	text  []byte
	pos   int
	deep  bool   // a value is nested too deep
	names *Names // to look for; nil for none
	named bool   // one of them is in a nested value
}

func (s *scanner) problem(what string) error {
	if s.pos >= len(s.text) {
		return fmt.Errorf("the text ends at byte %d, before the object does", len(s.text))
	}
	return fmt.Errorf("%s at byte %d", what, s.pos)
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

// key unescapes a name; the common case costs one small string.
func key(literal []byte) string {
	inner := literal[1 : len(literal)-1]
	if bytes.IndexByte(inner, '\\') < 0 {
		return known(inner)
	}
	return gjson.ParseBytes(literal).Str
}

// known gives the names of the request members without allocating.
func known(b []byte) string {
	switch string(b) {
	case "model":
		return "model"
	case "stream":
		return "stream"
	case "messages":
		return "messages"
	case "system":
		return "system"
	case "input":
		return "input"
	case "instructions":
		return "instructions"
	case "contents":
		return "contents"
	case "systemInstruction":
		return "systemInstruction"
	case "generationConfig":
		return "generationConfig"
	case "tools":
		return "tools"
	case "tool_choice":
		return "tool_choice"
	case "max_tokens":
		return "max_tokens"
	case "temperature":
		return "temperature"
	case "metadata":
		return "metadata"
	case "thinking":
		return "thinking"
	case "stream_options":
		return "stream_options"
	case "role":
		return "role"
	case "content":
		return "content"
	case "type":
		return "type"
	case "text":
		return "text"
	case "parts":
		return "parts"
	}
	return string(b)
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

// String reads a value that is a string; ok is false for any other.
func String(text []byte, m Member) (value string, ok bool) {
	raw := text[m.Start:m.End]
	if len(raw) < 2 || raw[0] != '"' || !gjson.ValidBytes(raw) || !utf8.Valid(raw) {
		return "", false
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1]), true
	}
	return gjson.ParseBytes(raw).Str, true
}
