package chat

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/dctx-team/routex/internal/jsonscan"
	"github.com/dctx-team/routex/transform/internal/conv"
)

// An Assembly puts a completion together from the chunks of a stream, which
// must be valid JSON and stay as they are. It leaves nothing out that it does
// not know. The zero value has seen no chunk.
type Assembly struct {
	top     conv.Draft
	choices []*choiceDraft // by index
	places  map[int64]*choiceDraft
	err     conv.Raw
	begun   bool

	shape conv.Shape // of the chunk before
	text  *[]byte    // that its text was added to
}

type choiceDraft struct {
	index   int64
	top     conv.Draft
	message conv.Draft
	calls   calls // which call a piece belongs to
	drafts  []*callDraft
}

// A callDraft is a tool call whose function, or tool that takes text, is put
// together.
type callDraft struct{ top, function conv.Draft }

// Match takes the next chunk if it is like the one before, but for a text. It
// need not be known to be valid.
func (a *Assembly) Match(data []byte) bool {
	piece, ok := a.shape.Match(data)
	if ok {
		*a.text = append(*a.text, piece.Inner()...)
	}
	return ok
}

// Event takes the next chunk.
func (a *Assembly) Event(name, data []byte) {
	a.shape.Forget()
	v := conv.Body(conv.View(data))
	choices := v.Get("choices")
	switch err := v.Get("error"); {
	case !err.IsNull():
		a.err = err
	case string(name) == "error":
		a.err = v
		return
	}
	if !choices.IsArray() {
		return
	}
	a.begun = true
	a.top.SetAll(v, "choices", "error", "obfuscation") // the last is noise that belongs to one chunk
	a.top.Set("choices", "[]")                         // in this place
	for c := choices.Walk(); c.Next(); {
		if c.Value.IsObject() {
			choice := a.choice(c.Value.Get("index").Count())
			choice.add(c.Value)
			if c.Index == 0 && isLast(c) {
				a.learn(data, choice, c.Value)
			}
		}
	}
}

// learn looks whether the chunks that follow can be like this one, whose only
// choice brings a piece of one text and nothing else that adds up.
func (a *Assembly) learn(data []byte, c *choiceDraft, v conv.Raw) {
	delta := v.Get("delta")
	if calls := delta.Get("tool_calls"); !calls.IsNull() || !v.Get("logprobs").IsNull() {
		return
	}
	key, pieces := "", 0
	var piece conv.Str
	for m := delta.Walk(); m.Next(); {
		switch {
		case m.Key == "role", m.Value == `""`:
		default:
			key, piece = m.Key, m.Value.Str()
			pieces++
		}
	}
	if a.text = c.message.Growing(key); a.text != nil && pieces == 1 {
		a.shape.Learn(data, piece)
	}
}

func (a *Assembly) choice(index int64) *choiceDraft {
	if c := a.places[index]; c != nil {
		return c
	}
	if a.places == nil {
		a.places = make(map[int64]*choiceDraft)
	}
	c := &choiceDraft{index: index}
	c.top.Set("index", conv.Raw(strconv.FormatInt(index, 10)))
	c.top.Set("message", "null") // in this place
	a.places[index] = c
	a.choices = append(a.choices, c)
	return c
}

func (c *choiceDraft) add(v conv.Raw) {
	delta := v.Get("delta")
	c.message.Add(delta, "tool_calls")
	for t := delta.Get("tool_calls").Walk(); t.Next(); {
		c.call(t.Value)
	}
	c.top.SetAll(v, "index", "delta", "logprobs")
	if logprobs := v.Get("logprobs"); logprobs.IsObject() {
		c.top.Add(`{"logprobs":` + logprobs + `}`)
	}
}

// call adds a piece of a tool call.
func (c *choiceDraft) call(v conv.Raw) {
	p := readPart(v)
	n := c.calls.find(&p)
	if n < 0 {
		n = len(c.calls)
		c.calls = append(c.calls, call{index: p.index})
		c.drafts = append(c.drafts, new(callDraft))
	}
	known, draft := &c.calls[n], c.drafts[n]
	if known.id == "" {
		known.id = string(p.id)
	}
	if !p.args.Empty() {
		known.whole = !known.begun && jsonscan.Valid(p.args.String())
		known.begun = true
	}
	known.named = known.named || !p.name.Empty() || !p.args.Empty()
	draft.add(v)
}

// add adds a piece. The name and the id are told once, or the same each time.
func (d *callDraft) add(v conv.Raw) {
	if !v.IsObject() {
		return
	}
	for c := v.Walk(); c.Next(); {
		switch c.Key {
		case "index":
		case "function", "custom":
			d.top.Set(c.Key, "{}") // in this place; see append
			d.called(c.Value)
		default:
			if c.Value != `""` && !d.top.Has(c.Key) {
				d.top.Set(c.Key, c.Value)
			}
		}
	}
}

func (d *callDraft) called(v conv.Raw) {
	if !v.IsObject() {
		return
	}
	for c := v.Walk(); c.Next(); {
		switch c.Key {
		case "arguments", "input":
			d.function.Grow(c.Key, argsText(c.Value))
		default:
			if c.Value != `""` && !d.function.Has(c.Key) {
				d.function.Set(c.Key, c.Value)
			}
		}
	}
}

func (d *callDraft) append(dst []byte) []byte {
	key := "function"
	if d.top.Has("custom") {
		key = "custom"
	}
	if !d.top.Has("type") {
		d.top.Set("type", conv.Raw(conv.Quote(key)))
	}
	d.top.Set(key, conv.Raw(conv.View(d.function.Append(nil))))
	return d.top.Append(dst)
}

// Append appends the completion as far as it was told. It gives false when
// there is nothing of one.
func (a *Assembly) Append(dst []byte) ([]byte, bool) {
	if !a.begun {
		if a.err.IsNull() {
			return dst, false
		}
		return append(append(append(dst, `{"error":`...), a.err...), '}'), true
	}
	a.top.Set("error", a.err)
	slices.SortStableFunc(a.choices, func(a, b *choiceDraft) int { return cmp.Compare(a.index, b.index) })
	list := []byte{'['}
	for i, c := range a.choices {
		if i > 0 {
			list = append(list, ',')
		}
		list = c.append(list)
	}
	a.top.Set("object", `"chat.completion"`)
	a.top.Set("choices", conv.Raw(conv.View(append(list, ']'))))
	return a.top.Append(dst), true
}

func (c *choiceDraft) append(dst []byte) []byte {
	if len(c.drafts) > 0 {
		list := []byte{'['}
		for i, d := range c.drafts {
			if i > 0 {
				list = append(list, ',')
			}
			list = d.append(list)
		}
		c.message.Set("tool_calls", conv.Raw(conv.View(append(list, ']'))))
	}
	if !c.message.Has("role") {
		c.message.Set("role", `"assistant"`)
	}
	if !c.message.Has("content") {
		c.message.Set("content", "null")
	}
	c.top.Set("message", conv.Raw(conv.View(c.message.Append(nil))))
	if !c.top.Has("finish_reason") {
		c.top.Set("finish_reason", "null")
	}
	return c.top.Append(dst)
}
