package gemini

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// An Assembly puts an answer together from the chunks of a stream, which must
// be valid JSON and stay as they are. It leaves nothing out that it does not
// know. The zero value has seen no chunk.
type Assembly struct {
	top        conv.Draft
	candidates []*candidate // by index
	places     map[int64]*candidate
}

type candidate struct {
	index   int64
	top     conv.Draft
	content conv.Draft
	parts   []*draftPart
	call    *draftPart // the call of which more follows; nil for none
}

// A draftPart is a part of the content: a text that goes on, a call whose
// arguments come in pieces, or any other as it came.
type draftPart struct {
	top     conv.Draft
	text    bool // nothing but text, and perhaps that it is a thought
	thought bool
	call    *conv.Draft // nil unless it came in pieces
	args    partial
}

// Event takes the next chunk.
func (a *Assembly) Event(_, data []byte) {
	v := conv.Body(conv.View(data))
	a.top.SetAll(v, "candidates")
	list := v.Get("candidates")
	if !list.IsArray() {
		return
	}
	a.top.Set("candidates", "[]") // in this place
	for c := list.Walk(); c.Next(); {
		if c.Value.IsObject() {
			a.candidate(c.Value.Get("index").Count()).add(c.Value)
		}
	}
}

func (a *Assembly) candidate(index int64) *candidate {
	if c := a.places[index]; c != nil {
		return c
	}
	if a.places == nil {
		a.places = make(map[int64]*candidate)
	}
	c := &candidate{index: index}
	c.top.Set("content", "null") // in this place
	a.places[index] = c
	a.candidates = append(a.candidates, c)
	return c
}

func (c *candidate) add(v conv.Raw) {
	c.top.SetAll(v, "content", "index")
	content := v.Get("content")
	c.content.SetAll(content, "parts")
	for p := content.Get("parts").Walk(); p.Next(); {
		c.part(p.Value)
	}
}

// part adds a part: to the one before it, where that goes on.
func (c *candidate) part(v conv.Raw) {
	if !v.IsObject() {
		return
	}
	if call := v.Get("functionCall"); call.IsObject() {
		c.called(v, call)
		return
	}
	text := v.Get("text")
	if text.IsString() && len(c.parts) > 0 {
		if last := c.parts[len(c.parts)-1]; last.takes(v) {
			last.top.Grow("text", text.Str())
			last.top.SetAll(v, "text")
			last.text = isPlain(v)
			return
		}
	}
	p := &draftPart{text: isPlain(v), thought: v.Get("thought") == "true"}
	p.top.SetAll(v)
	c.parts = append(c.parts, p)
}

// isPlain reports a part that has nothing which belongs to a piece of its text.
func isPlain(v conv.Raw) bool {
	for c := v.Walk(); c.Next(); {
		switch {
		case c.Key == "thought", c.Key == "text" && c.Value.IsString():
		default:
			return false
		}
	}
	return !v.Get("text").IsNull()
}

// takes reports that a text goes on with the part.
func (p *draftPart) takes(v conv.Raw) bool {
	return p.text && p.thought == (v.Get("thought") == "true")
}

// called adds a call, or more of the arguments of one: a piece that goes on has
// no name, and the last one may be empty.
func (c *candidate) called(v, call conv.Raw) {
	name, more := call.Get("name"), call.Get("willContinue") == "true"
	pieces := more || call.Get("partialArgs").IsArray()
	if !name.IsEmpty() || c.call == nil {
		p := new(draftPart)
		p.top.SetAll(v)
		c.parts = append(c.parts, p)
		if c.call = nil; !pieces {
			return
		}
		p.call, c.call = new(conv.Draft), p
	}
	c.call.add(call)
	if !more {
		c.call = nil
	}
}

func (p *draftPart) add(call conv.Raw) {
	p.call.SetAll(call, "name", "partialArgs", "willContinue")
	if name := call.Get("name"); !name.IsEmpty() {
		p.call.Set("name", name)
	}
	p.args.add(call.Get("partialArgs"))
}

// Append appends the answer as far as it was told. It gives false when there is
// nothing of one.
func (a *Assembly) Append(dst []byte) ([]byte, bool) {
	if a.top.Empty() {
		return dst, false
	}
	slices.SortStableFunc(a.candidates, func(a, b *candidate) int { return cmp.Compare(a.index, b.index) })
	list := []byte{'['}
	for i, c := range a.candidates {
		if i > 0 {
			list = append(list, ',')
		}
		list = c.append(list)
	}
	if len(a.candidates) > 0 {
		a.top.Set("candidates", conv.Raw(conv.View(append(list, ']'))))
	}
	return a.top.Append(dst), true
}

func (c *candidate) append(dst []byte) []byte {
	list := []byte{'['}
	for i, p := range c.parts {
		if i > 0 {
			list = append(list, ',')
		}
		list = p.append(list)
	}
	if len(c.parts) > 0 {
		c.content.Set("parts", conv.Raw(conv.View(append(list, ']'))))
	}
	if !c.content.Empty() {
		c.top.Set("content", conv.Raw(conv.View(c.content.Append(nil))))
	}
	c.top.Set("index", conv.Raw(strconv.FormatInt(c.index, 10)))
	return c.top.Append(dst)
}

func (p *draftPart) append(dst []byte) []byte {
	if p.call != nil {
		if args := p.args.object(); args != "" {
			p.call.Set("args", conv.Raw(args))
		}
		p.top.Set("functionCall", conv.Raw(conv.View(p.call.Append(nil))))
	}
	return p.top.Append(dst)
}
