package responses

import (
	"bytes"
	"slices"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// A Trail follows a stream of this protocol that was handed out, so that an
// Encoder can go on where it stopped. Its zero value is ready.
type Trail struct {
	whole    []byte // the answer as it was told at the start
	sequence int    // number of the next event
	items    []*item
	called   bool
	at       *item // that the last event belongs to
	shape    deltaShape
	shaped   *item // that events of the shape belong to
}

// maxItems bounds how many items of an answer are followed.
const maxItems = 1 << 10

// Look notes where one event leaves the stream.
func (t *Trail) Look(name, data []byte) {
	v := conv.Body(conv.View(data))
	ev := parseEvent(name, v)
	if ev.sequence >= int64(t.sequence) {
		t.sequence = int(ev.sequence) + 1
	}
	switch ev.kind {
	case "response.created", "response.queued", "response.in_progress":
		if t.whole == nil {
			t.whole = []byte(ev.response)
		}
	case "response.output_item.added", "response.output_item.done":
		t.item(&ev, ev.kind == "response.output_item.done")
	case "response.content_part.added", "response.output_text.delta", "response.output_text.done", "response.content_part.done",
		"response.reasoning_summary_part.added", "response.reasoning_summary_text.delta", "response.reasoning_summary_text.done", "response.reasoning_summary_part.done":
		if t.at = t.find(&ev); t.at != nil {
			t.at.follow(&ev, v)
		}
	}
}

// Learn remembers how an event looks that brings a piece of text.
func (t *Trail) Learn(data []byte, text conv.Str) {
	if t.at != nil && bytes.Contains(data, []byte(`"response.output_text.delta"`)) {
		t.shape.learn(conv.View(data), string(text))
		t.shaped = t.at
	}
}

// Match looks at an event that brings another piece of the same text.
func (t *Trail) Match(data []byte) (text conv.Str, ok bool) {
	text, sequence, ok := t.shape.match(conv.View(data))
	if !ok || t.shaped == nil || t.shaped.told || !t.shaped.open {
		return "", false
	}
	t.sequence = max(t.sequence, sequence+1)
	t.shaped.say(text)
	return text, true
}

// Called reports that an item was begun that is neither a message nor
// reasoning.
func (t *Trail) Called() bool { return t.called }

// item notes the beginning or the end of an item.
func (t *Trail) item(ev *event, done bool) {
	it := t.find(ev)
	if it == nil {
		return
	}
	switch ev.item.Get("type") {
	case `"message"`:
		it.kind = messageItem
	case `"reasoning"`:
		it.kind = reasoningItem
	default:
		t.called = true
	}
	if id := ev.item.Get("id").Str().Inner(); id != "" {
		it.id = string([]byte(id))
	}
	if done {
		it.final = []byte(ev.item)
	}
}

// find returns the item that an event belongs to. What stands before it and
// was never told has nothing to say at the end.
func (t *Trail) find(ev *event) *item {
	if ev.output < 0 && ev.item == "" && ev.delta == "" && ev.whole == "" {
		return nil // of the answer as a whole
	}
	n := int(ev.output)
	switch {
	case ev.output < 0 && ev.kind == "response.output_item.added":
		n = len(t.items)
	case ev.output < 0:
		n = max(0, len(t.items)-1)
	}
	if n >= maxItems {
		return nil
	}
	for len(t.items) <= n {
		t.items = append(t.items, &item{index: len(t.items), final: []byte{}})
	}
	it := t.items[n]
	if len(it.final) == 0 {
		it.final = nil
	}
	return it
}

// follow notes what an event tells of a part of the item.
func (it *item) follow(ev *event, v conv.Raw) {
	if it.id == "" {
		it.id = string([]byte(v.Get("item_id").Str().Inner()))
	}
	it.part = max(it.part, int(ev.part))
	switch ev.kind {
	case "response.content_part.added", "response.reasoning_summary_part.added":
		it.open, it.told = true, false
	case "response.output_text.delta", "response.reasoning_summary_text.delta":
		it.open = true
		it.say(ev.delta)
	case "response.output_text.done", "response.reasoning_summary_text.done":
		if len(it.text) == 0 {
			it.open = true
			it.say(ev.whole)
		}
		it.told = true
	case "response.content_part.done", "response.reasoning_summary_part.done":
		if len(it.parts) > 0 {
			it.parts = append(it.parts, ',')
		}
		it.parts = append(it.parts, v.Get("part")...)
		it.open, it.told, it.text = false, false, it.text[:0]
		it.part++
	}
}

// Encoder returns an Encoder that goes on with the stream.
func (t *Trail) Encoder(o conv.EncoderOptions) *Encoder {
	e := NewEncoder(o)
	e.sequence = t.sequence
	if t.whole != nil {
		e.started = true
		whole := conv.Raw(t.whole)
		e.head = newHead(whole.Get("id").Str(), clone(whole.Get("model").Str()), whole.Get("created_at").Count(), &e.opts)
		e.head.told = t.whole
	}
	for _, it := range t.items {
		copied := *it
		copied.text, copied.parts = slices.Clone(it.text), slices.Clone(it.parts)
		e.items = append(e.items, &copied)
		if e.open = nil; it.kind == messageItem { // others' reasoning is an item of its own
			e.open = &copied
		}
	}
	return e
}
