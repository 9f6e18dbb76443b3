package named

import (
	"slices"
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// An edit collects what is to be changed in a JSON text. Everything else stays
// byte for byte. Malformed text gives wrong edits, never a panic: what is wrong
// with it, the provider says.
type edit struct {
	text string
	cuts []cut
}

// A span is a part of the text.
type span struct{ from, to int }

// A cut puts other text in the place of a span.
type cut struct {
	span
	with string
}

func newEdit(body []byte) *edit { return &edit{text: conv.View(body)} }

// value gives a value of the text.
func (e *edit) value(s span) conv.Raw { return conv.Raw(e.text[s.from:s.to]) }

// all is the span of the outermost value.
func (e *edit) all() span {
	from := skipSpace(e.text, 0)
	return span{from, conv.Skip(e.text, from)}
}

func (e *edit) replace(s span, with string) { e.cuts = append(e.cuts, cut{s, with}) }

// body gives the text with all changes made, or old when there are none.
func (e *edit) body(old []byte) []byte {
	if len(e.cuts) == 0 {
		return old
	}
	slices.SortFunc(e.cuts, func(a, b cut) int { return a.from - b.from })
	out := make([]byte, 0, len(e.text)+64)
	at := 0
	for _, c := range e.cuts {
		out = append(append(out, e.text[at:c.from]...), c.with...)
		at = c.to
	}
	return append(out, e.text[at:]...)
}

// A cursor stands on a member of an object or an element of an array.
type cursor struct {
	text   string
	at     int
	object bool
	key    string // of a member
	head   int    // where the member begins
	value  span

	before  int  // where the member before it ends
	kept    bool // some member before it stays
	removed bool // this one does not
}

// walk gives a cursor that stands before the first member or element.
func (e *edit) walk(s span) *cursor {
	c := &cursor{text: e.text[:s.to], at: s.to, removed: true}
	if v := e.value(s); v.IsObject() || v.IsArray() {
		c.at, c.object = s.from+1, v.IsObject()
	}
	return c
}

// next moves on and reports whether there was something to move to.
func (c *cursor) next() bool {
	c.kept = c.kept || !c.removed
	c.before, c.removed = c.value.to, false
	c.at = skipComma(c.text, c.at)
	if c.at >= len(c.text) || c.text[c.at] == '}' || c.text[c.at] == ']' {
		return false
	}
	c.head = c.at
	if c.object {
		c.at = conv.Skip(c.text, c.at)
		c.key = conv.Raw(c.text[c.head:c.at]).Str().String()
		if c.at = skipSpace(c.text, c.at); c.at < len(c.text) && c.text[c.at] == ':' {
			c.at = skipSpace(c.text, c.at+1)
		}
	}
	start := c.at
	c.at = conv.Skip(c.text, c.at)
	c.value = span{start, c.at}
	return true
}

// remove takes out what the cursor stands on, and one comma.
func (e *edit) remove(c *cursor) {
	c.removed = true
	if c.kept {
		e.replace(span{c.before, c.value.to}, "")
		return
	}
	e.replace(span{c.head, skipComma(c.text, c.value.to)}, "")
}

// visit calls f for every value at a path: names of members, and * for the
// elements of an array, as in messages.*.content; *:tool_use stands for those
// elements whose type is tool_use.
func (e *edit) visit(s span, path string, f func(*cursor)) {
	step, rest, more := strings.Cut(path, ".")
	kind, elements := strings.CutPrefix(step, "*")
	for c := e.walk(s); c.next(); {
		switch {
		case elements == c.object:
		case !elements && c.key != step:
		case elements && kind != "" && e.value(c.value).Get("type").Str().String() != kind[1:]:
		case more:
			e.visit(c.value, rest, f)
		default:
			f(c)
		}
	}
}

// has reports that there is something at the path.
func (e *edit) has(path string) (found bool) {
	e.visit(e.all(), path, func(*cursor) { found = true })
	return found
}

func skipSpace(s string, i int) int {
	for i < len(s) && (s[i] == ' ' || s[i] == '\n' || s[i] == '\t' || s[i] == '\r') {
		i++
	}
	return i
}

// skipComma passes over white space and commas.
func skipComma(s string, i int) int {
	for i = skipSpace(s, i); i < len(s) && s[i] == ','; {
		i = skipSpace(s, i+1)
	}
	return i
}
