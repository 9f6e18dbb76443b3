package responses

import (
	"slices"
	"strconv"
	"strings"

	"github.com/dctx-team/routex/internal/jsonscan"
	"github.com/dctx-team/routex/transform/internal/conv"
)

// An item is one of the answer's items while it is told.
type item struct {
	kind  itemKind
	index int
	id    string
	call  call   // of a tool call
	state []byte // literal of a reasoning's token
	parts []byte // of a message or of a summary, those that are complete
	part  int    // index of the part that is open
	open  bool   // a part of a message or of a summary is
	says  bool   // that part is a refusal
	told  bool   // that its text is complete was told, by the stream that is gone on with
	text  []byte // of the open part, or of the arguments, inside of a literal
	final []byte // the whole item, once it is complete

	looked int // how long text was when it was last looked at
}

// partRoom is for what stands around the text of an item.
const partRoom = 128

type itemKind uint8

const (
	messageItem itemKind = iota
	reasoningItem
	callItem
)

func clone(s conv.Str) conv.Str { return conv.Str(strings.Clone(string(s))) }

// literal returns the text of the open part.
func (it *item) literal() conv.Str {
	text := append(make([]byte, 0, len(it.text)+2), '"')
	return conv.Str(conv.View(append(append(text, it.text...), '"')))
}

// say adds to the text. It doubles its room: append takes smaller steps for long
// texts, and so more memory on the way.
func (it *item) say(text conv.Str) {
	inner := text.Inner()
	if cap(it.text)-len(it.text) < len(inner) {
		it.text = slices.Grow(it.text, max(len(inner), len(it.text)))
	}
	it.text = append(it.text, inner...)
}

// add begins an item. What is complete before it is told to be.
func (e *Encoder) add(kind itemKind, prefix string, emit func(string, []byte)) *item {
	for _, it := range e.items {
		if it.final == nil && (it.kind != callItem || it.isWhole()) {
			e.close(it, emit)
		}
	}
	it := &item{kind: kind, index: len(e.items), id: e.head.itemID(prefix, len(e.items))}
	e.items = append(e.items, it)
	return it
}

// isWhole reports that the arguments of a call are a whole object, so that
// nothing can follow.
func (it *item) isWhole() bool {
	if len(it.text) == it.looked {
		return false // as it was found before
	}
	it.looked = len(it.text)
	args := it.literal().String()
	return strings.HasPrefix(strings.TrimSpace(args), "{") && jsonscan.Valid(args)
}

// added tells that an item has begun, as far as it is known then.
func (e *Encoder) added(it *item, head func(dst []byte) []byte, emit func(string, []byte)) {
	e.begin("response.output_item.added")
	e.buf = strconv.AppendInt(append(e.buf, `,"output_index":`...), int64(it.index), 10)
	e.buf = append(head(append(e.buf, `,"item":`...)), '}')
	emit("response.output_item.added", e.buf)
}

// of opens the data of an event that belongs to an item.
func (e *Encoder) of(it *item, name string) {
	e.begin(name)
	e.buf = append(append(e.buf, `,"item_id":"`...), it.id...)
	e.buf = strconv.AppendInt(append(e.buf, `","output_index":`...), int64(it.index), 10)
}

// ofPart opens the data of an event that belongs to a part of an item.
func (e *Encoder) ofPart(it *item, name string) {
	e.of(it, name)
	if it.kind == reasoningItem {
		e.buf = append(e.buf, `,"summary_index":`...)
	} else {
		e.buf = append(e.buf, `,"content_index":`...)
	}
	e.buf = strconv.AppendInt(e.buf, int64(it.part), 10)
}

// send adds the last member and emits the event.
func (e *Encoder) send(name, member string, value conv.Str, tail string, emit func(string, []byte)) {
	e.buf = append(append(append(e.buf, member...), value...), tail...)
	emit(name, e.buf)
}

// said tells a piece of text or of a refusal: each is a part of its own.
func (e *Encoder) said(text conv.Str, refusal bool, emit func(string, []byte)) {
	it := e.open
	if it == nil || it.kind != messageItem || it.final != nil {
		it = e.add(messageItem, "msg_", emit)
		e.open = it
		e.added(it, func(dst []byte) []byte {
			dst = append(append(dst, `{"id":"`...), it.id...)
			return append(dst, `","type":"message","status":"in_progress","role":"assistant","content":[]}`...)
		}, emit)
	}
	if it.open && (it.says != refusal || it.told) {
		e.closePart(it, emit)
		it.part++
	}
	if !it.open {
		it.open, it.says = true, refusal
		e.partEvent(it, "response.content_part.added", `""`, emit)
	}
	it.say(text)
	if refusal {
		e.ofPart(it, "response.refusal.delta")
		e.send("response.refusal.delta", `,"delta":`, text, `}`, emit)
		return
	}
	e.ofPart(it, "response.output_text.delta")
	e.send("response.output_text.delta", `,"delta":`, text, `,"logprobs":[]}`, emit)
}

// partEvent tells of a part of a message or of a summary.
func (e *Encoder) partEvent(it *item, name string, text conv.Str, emit func(string, []byte)) {
	e.ofPart(it, name)
	e.buf = append(e.buf, `,"part":`...)
	if it.kind == reasoningItem {
		e.buf = appendSummary(e.buf, text)
	} else {
		e.buf = appendPart(e.buf, it.says, text)
	}
	e.buf = append(e.buf, '}')
	emit(name, e.buf)
}

// closePart tells that the open part is complete.
func (e *Encoder) closePart(it *item, emit func(string, []byte)) {
	text, told, name := it.literal(), it.told, "response.content_part.done"
	if it.kind == reasoningItem {
		name = "response.reasoning_summary_part.done"
	}
	switch {
	case told:
	case it.kind == reasoningItem:
		e.ofPart(it, "response.reasoning_summary_text.done")
		e.send("response.reasoning_summary_text.done", `,"text":`, text, `}`, emit)
	case it.says:
		e.ofPart(it, "response.refusal.done")
		e.send("response.refusal.done", `,"refusal":`, text, `}`, emit)
	default:
		e.ofPart(it, "response.output_text.done")
		e.send("response.output_text.done", `,"text":`, text, `,"logprobs":[]}`, emit)
	}
	e.partEvent(it, name, text, emit)
	if len(it.parts) > 0 {
		it.parts = append(it.parts, ',')
	}
	it.parts = slices.Grow(it.parts, len(text)+partRoom)
	if it.kind == reasoningItem {
		it.parts = appendSummary(it.parts, text)
	} else {
		it.parts = appendPart(it.parts, it.says, text)
	}
	it.open, it.told, it.text = false, false, it.text[:0]
}

// reasoned tells a piece of reasoning, as the only part of a summary.
func (e *Encoder) reasoned(text conv.Str, emit func(string, []byte)) {
	it := e.reasoning(emit)
	if !it.open {
		it.open = true
		e.partEvent(it, "response.reasoning_summary_part.added", `""`, emit)
	}
	it.say(text)
	e.ofPart(it, "response.reasoning_summary_text.delta")
	e.send("response.reasoning_summary_text.delta", `,"delta":`, text, `}`, emit)
}

// reasoning returns the item of reasoning that is open, or a new one.
func (e *Encoder) reasoning(emit func(string, []byte)) *item {
	if it := e.open; it != nil && it.kind == reasoningItem && it.final == nil {
		return it
	}
	it := e.add(reasoningItem, "rs_", emit)
	e.open = it
	e.added(it, func(dst []byte) []byte { return appendReasoning(dst, it.id, nil, "") }, emit)
	return it
}

// sealed ends an item of reasoning with its state.
func (e *Encoder) sealed(s *conv.State, emit func(string, []byte)) {
	it := e.reasoning(emit)
	it.state = []byte(token(s, &e.opts))
	e.close(it, emit)
}

// close tells that an item is complete.
func (e *Encoder) close(it *item, emit func(string, []byte)) {
	if it.final != nil {
		return
	}
	if it.open {
		e.closePart(it, emit)
	}
	switch it.kind {
	case messageItem:
		head := appendMessageHead(make([]byte, 0, len(it.parts)+partRoom+len(it.id)), it.id)
		it.final = append(append(head, it.parts...), `]}`...)
	case reasoningItem:
		if it.state == nil {
			it.state = []byte(token(&conv.State{}, &e.opts))
		}
		it.final = appendReasoning(nil, it.id, it.parts, conv.Str(it.state))
	case callItem:
		it.final = it.call.append(nil, it.id, "completed", e.closeCall(it, emit))
	}
	it.text, it.parts = nil, nil
	e.begin("response.output_item.done")
	e.buf = strconv.AppendInt(append(e.buf, `,"output_index":`...), int64(it.index), 10)
	e.buf = append(append(append(e.buf, `,"item":`...), it.final...), '}')
	emit("response.output_item.done", e.buf)
}
