package named

import "github.com/dctx-team/routex/transform/internal/conv"

// A cursor stands on a member of an object or an element of an array, and
// knows where in the text that is.
type cursor struct {
	text   string
	at     int
	object bool
	key    string // of a member
	head   int    // where the member begins
	value  span
}

// walk gives a cursor that stands before the first member or element.
func (e *edit) walk(s span) cursor {
	c := cursor{text: e.text[:s.to], at: s.to}
	if v := e.value(s); v.IsObject() || v.IsArray() {
		c.at, c.object = s.from+1, v.IsObject()
	}
	return c
}

// next moves on and reports whether there was something to move to.
func (c *cursor) next() bool {
	at := skipSpace(c.text, c.at)
	for at < len(c.text) && c.text[at] == ',' {
		at = skipSpace(c.text, at+1)
	}
	if at >= len(c.text) || c.text[at] == '}' || c.text[at] == ']' {
		return false
	}
	c.head = at
	if c.object {
		at = conv.Skip(c.text, at)
		c.key = conv.Raw(c.text[c.head:at]).Str().String()
		if at = skipSpace(c.text, at); at < len(c.text) && c.text[at] == ':' {
			at = skipSpace(c.text, at+1)
		}
	}
	c.at = conv.Skip(c.text, at)
	c.value = span{at, c.at}
	return true
}

func skipSpace(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\n' || s[i] == '\t' || s[i] == '\r') {
		i++
	}
	return i
}
