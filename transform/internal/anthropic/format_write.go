package anthropic

import (
	"github.com/dctx-team/routex/transform/internal/conv"
)

// form decides how the model is told the form of the answer: by a schema that
// it is held to, or in words.
func (w *writer) form() {
	f := &w.Req.Format
	name := w.Req.Names.Format
	if f.Kind == conv.FormatText {
		return
	}
	if f.Kind == conv.FormatSchema && f.Schema != "" && w.model.structured() {
		s := fitted{about: f.Description}
		s.schema(conv.Raw(f.Schema), 0)
		if !s.unfit && !circular(f.Schema) {
			w.schema = s.buf
			if s.lost != "" {
				w.Lose(name, "the model cannot be held to "+s.lost+" of the schema")
			}
			return
		}
	}
	w.words = f.Instruction()
	w.Lose(name, "the model cannot be held to the format: it was asked for it in words")
}

// maxDepth bounds the schemas that are looked into.
const maxDepth = 64

// A fitted schema is one in the part of JSON Schema that this protocol can
// hold a model to: every object is closed, and there are few keywords.
type fitted struct {
	buf   []byte
	about conv.Str // description of the whole
	lost  string   // the first keyword that was left out
	unfit bool     // the schema means something that cannot be said
}

func (s *fitted) schema(v conv.Raw, depth int) {
	if !v.IsObject() || depth > maxDepth {
		s.unfit = true
		return
	}
	s.buf = append(s.buf, '{')
	start := len(s.buf)
	if depth == 0 && !s.about.Empty() && v.Get("description") == "" {
		s.member("description", conv.Raw(s.about), start)
	}
	for c := v.Walk(); c.Next(); {
		s.keyword(&c, start, depth)
	}
	if v.Get("type") == `"object"` || v.Get("properties") != "" {
		s.member("additionalProperties", "false", start)
	}
	s.buf = append(s.buf, '}')
}

func (s *fitted) keyword(c *conv.Cursor, start, depth int) {
	switch c.Key {
	case "type", "enum", "const", "required", "title", "description", "default", "$ref", "pattern":
		s.member(c.Key, c.Value, start)
	case "properties", "$defs", "definitions":
		s.key(c.Key, start)
		s.each(c.Value, '{', '}', depth)
	case "anyOf", "allOf":
		s.key(c.Key, start)
		s.each(c.Value, '[', ']', depth)
	case "oneOf":
		s.key("anyOf", start)
		s.each(c.Value, '[', ']', depth)
	case "items":
		s.key(c.Key, start)
		s.schema(c.Value, depth+1)
	case "additionalProperties":
		// Members of any name cannot be allowed.
		s.unfit = s.unfit || c.Value.IsObject()
	case "$schema", "$id", "$comment", "examples":
	default:
		s.bounded(c, start)
	}
}

// bounded writes the keywords of which some values are known.
func (s *fitted) bounded(c *conv.Cursor, start int) {
	switch {
	case c.Key == "minItems" && (c.Value == "0" || c.Value == "1"):
		s.member(c.Key, c.Value, start)
	case c.Key == "format" && knownFormat(c.Value):
		s.member(c.Key, c.Value, start)
	case s.lost == "":
		s.lost = c.Key
	}
}

func knownFormat(v conv.Raw) bool {
	switch v {
	case `"date-time"`, `"time"`, `"date"`, `"duration"`, `"email"`, `"hostname"`, `"uri"`, `"ipv4"`, `"ipv6"`, `"uuid"`:
		return true
	}
	return false
}

// each writes the schemas in an object or an array.
func (s *fitted) each(v conv.Raw, begin, end byte, depth int) {
	if v == "" || v[0] != begin {
		s.unfit = true
		return
	}
	s.buf = append(s.buf, begin)
	start := len(s.buf)
	for c := v.Walk(); c.Next(); {
		if begin == '{' {
			s.key(c.Key, start)
		} else {
			s.comma(start)
		}
		s.schema(c.Value, depth+1)
	}
	s.buf = append(s.buf, end)
}

func (s *fitted) comma(start int) {
	if len(s.buf) > start {
		s.buf = append(s.buf, ',')
	}
}

func (s *fitted) key(key string, start int) {
	s.comma(start)
	s.buf = append(conv.AppendQuoted(s.buf, key), ':')
}

func (s *fitted) member(key string, value conv.Raw, start int) {
	s.key(key, start)
	s.buf = append(s.buf, value...)
}
