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
