package named

import (
	"bytes"
	"slices"
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// An edit collects what is to be changed in a JSON text. Everything else stays
// byte for byte, and what it reads is the text as it was. Malformed text gives
// wrong edits, never a panic: what is wrong with it, the provider says.
type edit struct {
	source []byte
	text   string   // a view of source
	top    []cursor // the members of the outermost object: bodies are long, so they are looked for once
	end    int      // where a new one goes
	cuts   []cut
}

// A span is a part of the text.
type span struct{ from, to int }

// A cut puts other text in the place of a span.
type cut struct {
	span
	with string
	kind cutKind
}

type cutKind uint8

const (
	replaced cutKind = iota
	removed          // with a comma
	added            // with a comma, unless it is the first
)

const space = " \n\t\r"

func newEdit(body []byte) *edit {
	e := &edit{source: body, text: conv.View(body)}
	from := skipSpace(e.text, 0)
	all := span{from, max(from, len(strings.TrimRight(e.text, space)))}
	c := e.walk(all)
	for e.end = c.at; c.next(); e.end = c.at {
		e.top = append(e.top, c)
	}
	return e
}

// endOf is where a new member of an object goes.
func (e *edit) endOf(object span) int {
	c := e.walk(object)
	end := c.at
	for c.next() {
		end = c.at
	}
	return end
}

// value gives a value of the text.
func (e *edit) value(s span) conv.Raw { return conv.Raw(e.text[s.from:s.to]) }

func (e *edit) replace(s span, with string) { e.cuts = append(e.cuts, cut{span: s, with: with}) }

// remove takes out what the cursor stands on, and one comma.
func (e *edit) remove(c cursor) {
	e.cuts = append(e.cuts, cut{span: span{c.head, c.value.to}, kind: removed})
}

// add adds a member at the end of an object.
func (e *edit) add(at int, name, value string) {
	e.cuts = append(e.cuts, cut{span: span{at, at}, with: `"` + name + `":` + value, kind: added})
}

// body gives the text with all changes made.
func (e *edit) body() []byte {
	if len(e.cuts) == 0 {
		return e.source
	}
	slices.SortStableFunc(e.cuts, func(a, b cut) int { return a.from - b.from })
	out := make([]byte, 0, len(e.text)+128)
	at := 0
	for i := range e.cuts {
		if c := &e.cuts[i]; c.from >= at { // malformed text can be read in two ways
			out, at = e.cut(append(out, e.text[at:c.from]...), c)
		}
	}
	return append(out, e.text[at:]...)
}

// cut makes one change behind what is written so far, and gives the place
// where the text goes on.
func (e *edit) cut(out []byte, c *cut) ([]byte, int) {
	at := c.to
	switch c.kind {
	case added:
		if !ends(out, '{') {
			out = append(out, ',')
		}
	case removed:
		out = bytes.TrimRight(out, space)
		if next := skipSpace(e.text, at); next < len(e.text) && e.text[next] == ',' {
			at = next + 1
		} else {
			out = bytes.TrimSuffix(out, []byte{','})
		}
	}
	return append(out, c.with...), at
}

// flush makes the changes, so that what follows sees them.
func (e *edit) flush() { *e = *newEdit(e.body()) }

// each calls f for every value at a path: names of members, and * for the
// elements of an array, as in messages.*.content; *:tool_use stands for those
// elements whose type, or role, is tool_use.
func (e *edit) each(path string, f func(cursor)) {
	name, rest, more := strings.Cut(path, ".")
	if strings.Contains(rest, "*") && !e.mentions(path[strings.LastIndexByte(path, '.')+1:]) {
		return
	}
	for i := range e.top {
		switch c := e.top[i]; {
		case c.key != name:
		case more:
			e.visit(c.value, rest, f)
		default:
			f(c)
		}
	}
}

// mentions saves looking through long lists for what is nowhere in the text.
// Names can be escaped, though nobody does it.
func (e *edit) mentions(name string) bool {
	return name == "*" || strings.Contains(e.text, name) || strings.Contains(e.text, `\u`)
}

func (e *edit) visit(s span, path string, f func(cursor)) {
	step, rest, more := strings.Cut(path, ".")
	kind, elements := strings.CutPrefix(step, "*")
	for c := e.walk(s); c.next(); {
		switch {
		case elements == c.object:
		case !elements && c.key != step:
		case elements && kind != "" && !isA(e.value(c.value), kind[1:]):
		case more:
			e.visit(c.value, rest, f)
		default:
			f(c)
		}
	}
}

func isA(v conv.Raw, kind string) bool {
	return v.Get("type").Str().String() == kind || v.Get("role").Str().String() == kind
}

// ends reports that text ends in a character, white space aside.
func ends(text []byte, c byte) bool {
	text = bytes.TrimRight(text, space)
	return len(text) > 0 && text[len(text)-1] == c
}
