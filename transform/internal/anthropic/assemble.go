package anthropic

import (
	"github.com/dctx-team/routex/internal/jsonscan"
	"github.com/dctx-team/routex/transform/internal/conv"
)

// An Assembly puts a message together from the events of a stream, which must
// be valid JSON and stay as they are. It leaves nothing out that it does not
// know. The zero value has seen no event.
type Assembly struct {
	message conv.Draft
	usage   conv.Draft
	blocks  []*blockDraft
	places  map[int64]*blockDraft // by index, the last one that has it
	err     conv.Raw
	begun   bool

	shape conv.Shape // of the delta before
	text  *[]byte    // that it was added to
	input *conv.Said // the same of the input of a tool
}

// A blockDraft is one of the message's content.
type blockDraft struct {
	draft     conv.Draft
	input     conv.Said // of a tool, as it came in pieces
	pieces    bool      // it did
	citations []conv.Raw
}

// Match takes the next event if it is like the one before, but for a text. It
// need not be known to be valid.
func (a *Assembly) Match(data []byte) bool {
	piece, ok := a.shape.Match(data)
	switch {
	case !ok:
		return false
	case a.input != nil:
		a.input.Add(piece)
	default:
		*a.text = append(*a.text, piece.Inner()...)
	}
	return true
}

// Event takes the next event.
func (a *Assembly) Event(_, data []byte) {
	a.shape.Forget()
	v := conv.Body(conv.View(data))
	switch v.Get("type") {
	case `"message_start"`:
		a.start(v.Get("message"))
	case `"content_block_start"`:
		b := a.block(v.Get("index").Count(), true)
		b.draft.SetAll(v.Get("content_block"))
	case `"content_block_delta"`:
		b, delta := a.block(v.Get("index").Count(), false), v.Get("delta")
		b.add(delta)
		a.learn(data, b, delta)
	case `"message_delta"`:
		a.begun = true
		a.message.SetAll(v.Get("delta"))
		a.message.SetAll(v, "type", "delta", "usage")
		a.usage.SetAll(v.Get("usage"))
	case `"error"`:
		a.err = v.Get("error")
	}
}

// learn looks whether the deltas that follow can be like this one.
func (a *Assembly) learn(data []byte, b *blockDraft, delta conv.Raw) {
	key, members := "", 0
	var piece conv.Str
	for c := delta.Walk(); c.Next(); members++ {
		if c.Key != "type" {
			key, piece = c.Key, c.Value.Str()
		}
	}
	if a.text, a.input = b.draft.Growing(key), nil; key == "partial_json" {
		a.input = &b.input
	}
	if members == 2 && (a.text != nil || a.input != nil) {
		a.shape.Learn(data, piece)
	}
}

// start takes the message as it began. A second one is that of a message which
// goes on with the first.
func (a *Assembly) start(message conv.Raw) {
	a.usage.SetAll(message.Get("usage"))
	if a.begun {
		return
	}
	a.begun = true
	a.message.SetAll(message, "usage")
}

// block returns the block with that index, which it makes if there is none, or
// if a new one begins.
func (a *Assembly) block(index int64, begins bool) *blockDraft {
	a.begun = true
	if b := a.places[index]; b != nil && !begins {
		return b
	}
	if a.places == nil {
		a.places = make(map[int64]*blockDraft)
	}
	b := new(blockDraft)
	a.places[index] = b
	a.blocks = append(a.blocks, b)
	return b
}

func (b *blockDraft) add(delta conv.Raw) {
	if !delta.IsObject() {
		return
	}
	for c := delta.Walk(); c.Next(); {
		switch {
		case c.Key == "type":
		case c.Key == "partial_json":
			b.pieces = true
			b.input.Add(c.Value.Str())
		case c.Key == "citation":
			b.citations = append(b.citations, c.Value)
		case c.Value.IsString():
			b.draft.Grow(c.Key, c.Value.Str())
		default:
			b.draft.Set(c.Key, c.Value)
		}
	}
	if !b.draft.Has("type") {
		b.draft.Set("type", blockType(delta.Get("type")))
	}
}

// blockType tells the type of a block that was not announced.
func blockType(delta conv.Raw) conv.Raw {
	switch delta {
	case `"thinking_delta"`, `"signature_delta"`:
		return `"thinking"`
	case `"input_json_delta"`:
		return `"tool_use"`
	}
	return `"text"`
}

// Append appends the message as far as it was told. It gives false when there
// is nothing of one.
func (a *Assembly) Append(dst []byte) ([]byte, bool) {
	if !a.begun {
		if a.err.IsNull() {
			return dst, false
		}
		return append(append(append(dst, `{"type":"error","error":`...), a.err...), '}'), true
	}
	content := []byte{'['}
	for i, b := range a.blocks {
		if i > 0 {
			content = append(content, ',')
		}
		content = b.append(content)
	}
	for _, member := range [...]struct {
		key      string
		standard conv.Raw
	}{{"type", `"message"`}, {"role", `"assistant"`}, {"stop_reason", "null"}, {"stop_sequence", "null"}} {
		if !a.message.Has(member.key) {
			a.message.Set(member.key, member.standard)
		}
	}
	if len(a.blocks) > 0 || !a.message.Has("content") {
		a.message.Set("content", conv.Raw(conv.View(append(content, ']'))))
	}
	if !a.usage.Empty() {
		a.message.Set("usage", conv.Raw(conv.View(a.usage.Append(nil))))
	}
	a.message.Set("error", a.err)
	return a.message.Append(dst), true
}

// append appends the block. The input of a tool that broke off is no value: it
// is written as the text that there is of it.
func (b *blockDraft) append(dst []byte) []byte {
	if b.pieces {
		input := b.input.Text()
		if input == "" {
			input = "{}"
		}
		if jsonscan.Valid(input) {
			b.draft.Set("input", conv.Raw(input))
		} else {
			b.draft.Set("input", conv.Raw(conv.Quote(input)))
		}
	}
	for _, c := range b.citations {
		b.draft.Add(`{"citations":[` + c + `]}`)
	}
	return b.draft.Append(dst)
}
