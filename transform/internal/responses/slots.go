package responses

import (
	"cmp"
	"slices"
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// A slot is an item of the answer while it is told. Items are known by their
// indexes: there are servers that give every event another id.
type slot struct {
	index int64
	id    string // of the call, else of the item; absent if none was told
	told  uint64 // a bit for each part of which some text was told
	tool  int    // the call's number, -1 if it is none
	named bool   // the call's start was told
	text  bool   // the call's tool takes text
	args  bool   // some of the call's arguments were told
	done  bool
}

// Parts of a summary and of what open models reason are told apart in told by
// this distance.
const textParts = 32

func bit(part int64) uint64 { return 1 << (uint64(part) & 63) }

// find returns the place of the slot with that index, -1 if there is none.
func (d *Decoder) find(index int64) int {
	for i := range slices.Backward(d.slots) {
		if d.slots[i].index == index {
			return i
		}
	}
	return -1
}

// free is an index behind those of all slots.
func (d *Decoder) free() (index int64) {
	for i := range d.slots {
		index = max(index, d.slots[i].index+1)
	}
	return index
}

// isCall reports an item that is a call of a tool of the caller's.
func isCall(item conv.Raw) bool {
	kind := item.Get("type")
	return kind == `"function_call"` || kind == `"custom_tool_call"`
}

// idOf is what tells an item from another one.
func idOf(item conv.Raw) string {
	return cmp.Or(item.Get("call_id").Str().Inner(), item.Get("id").Str().Inner())
}

// another reports that item is not the one with the id, as far as is known.
func another(id string, item conv.Raw) bool { return id == "" || id != idOf(item) }

// over reports that the slot's item is done, and item is another one.
func (s *slot) over(item conv.Raw) bool { return s.done && another(s.id, item) }

// slot returns the slot with that index. An event without an index belongs to
// the last one.
func (d *Decoder) slot(index int64) *slot {
	n := d.find(index)
	if index < 0 {
		n = len(d.slots) - 1
	}
	if n < 0 {
		d.slots = append(d.slots, slot{index: max(index, 0), tool: -1})
		n = len(d.slots) - 1
	}
	return &d.slots[n]
}

// said tells a piece of text.
func (d *Decoder) said(ev *event, kind conv.EventKind, text conv.Str, emit func(*conv.Event)) {
	if text.Empty() {
		return
	}
	d.begin("", emit)
	s := d.slot(ev.output)
	first := s.told&bit(ev.part) == 0
	s.told |= bit(ev.part)
	if kind == conv.ReasoningDelta && first && d.gap {
		d.emit(emit, conv.Event{Kind: kind, Text: `"` + blankLine + `"`})
	}
	d.gap = kind == conv.ReasoningDelta
	d.refused = d.refused || kind == conv.RefusalDelta
	d.emit(emit, conv.Event{Kind: kind, Text: text})
}

// rest tells a whole text of which no piece was told.
func (d *Decoder) rest(ev *event, kind conv.EventKind, emit func(*conv.Event)) {
	if d.slot(ev.output).told&bit(ev.part) == 0 {
		d.said(ev, kind, ev.whole, emit)
	}
}

func (d *Decoder) itemAdded(index int64, item conv.Raw, emit func(*conv.Event)) {
	if index < 0 { // it is the next one then
		index = int64(len(d.slots))
	}
	if n := d.find(index); n >= 0 && d.slots[n].over(item) { // another item with the same index
		d.slots = append(d.slots, slot{index: index, tool: -1})
	}
	s := d.slot(index)
	s.id = cmp.Or(s.id, strings.Clone(idOf(item)))
	switch kind := item.Get("type"); kind {
	case `"message"`, `"reasoning"`:
	case `"function_call"`, `"custom_tool_call"`:
		s.text = kind == `"custom_tool_call"`
		d.call(s, item, emit)
	default:
		s.done = true
		d.emit(emit, conv.Event{Kind: conv.Lost, Text: kind.Str()})
	}
}

// itemDone tells what of the item was not told before.
func (d *Decoder) itemDone(index int64, item conv.Raw, emit func(*conv.Event)) {
	if n := len(d.slots); index < 0 && n > 0 && d.slots[n-1].over(item) { // it was not told to begin
		index = int64(n)
	}
	s := d.slot(index)
	if s.done {
		return
	}
	s.id = cmp.Or(s.id, strings.Clone(idOf(item)))
	ev := event{output: s.index}
	switch kind := item.Get("type"); kind {
	case `"message"`:
		for c := item.Get("content").Walk(); c.Next(); {
			ev.part = int64(c.Index)
			d.partDone(&ev, c.Value, emit)
		}
	case `"reasoning"`:
		d.reasoningDone(&ev, item, emit)
	case `"function_call"`, `"custom_tool_call"`:
		s.text = kind == `"custom_tool_call"`
		d.call(s, item, emit)
		whole := item.Get("arguments")
		if s.text {
			whole = item.Get("input")
		}
		d.argsDone(s.index, argsText(whole), emit)
	default:
		d.itemAdded(index, item, emit)
	}
	d.slot(index).done = true
}

// argsText returns the text of arguments, which some servers give as an
// object.
func argsText(v conv.Raw) conv.Str {
	if v.IsObject() {
		return conv.Quote(string(v))
	}
	return v.Str()
}

func (d *Decoder) partDone(ev *event, part conv.Raw, emit func(*conv.Event)) {
	switch kind := part.Get("type"); kind {
	case `"output_text"`, `"text"`:
		ev.whole = part.Get("text").Str()
		d.rest(ev, conv.TextDelta, emit)
		if !part.Get("annotations").IsEmpty() {
			d.emit(emit, conv.Event{Kind: conv.Lost, Text: `"annotations"`})
		}
	case `"refusal"`:
		ev.whole = part.Get("refusal").Str()
		d.rest(ev, conv.RefusalDelta, emit)
	default:
		d.emit(emit, conv.Event{Kind: conv.Lost, Text: kind.Str()})
	}
}

// reasoningDone tells the rest of an item's reasoning and its state.
func (d *Decoder) reasoningDone(ev *event, item conv.Raw, emit func(*conv.Event)) {
	if d.slot(ev.output).told == 0 {
		ev.whole = itemReasoning(item)
		d.rest(ev, conv.ReasoningDelta, emit)
	}
	if state := itemState(item); state.Kind != conv.NoState {
		d.gap = false
		d.emit(emit, conv.Event{Kind: conv.ReasoningState, State: state})
	}
}

// call tells of a call once its name is known.
func (d *Decoder) call(s *slot, item conv.Raw, emit func(*conv.Event)) {
	name := callName(item)
	if s.named || name.Empty() {
		return
	}
	s.named, s.tool, d.gap = true, d.tools, false
	d.tools++
	d.emit(emit, conv.Event{Kind: conv.ToolStart, Tool: s.tool, ID: item.Get("call_id").Str(), Name: name})
}

// argsDelta tells a piece of a call's arguments. The text that a tool is given
// becomes the one member of an object.
func (d *Decoder) argsDelta(index int64, text conv.Str, emit func(*conv.Event)) {
	s := d.slot(index)
	if text.Empty() || s.tool < 0 || s.done {
		return
	}
	if s.text {
		if !s.args {
			d.emit(emit, conv.Event{Kind: conv.ToolDelta, Tool: s.tool, Text: `"{\"input\":\""`})
		}
		text = conv.Quote(text.Inner())
	}
	s.args = true
	d.emit(emit, conv.Event{Kind: conv.ToolDelta, Tool: s.tool, Text: text})
}

// argsDone tells the arguments of which no piece was told, and that those of a
// tool that takes text are complete.
func (d *Decoder) argsDone(index int64, whole conv.Str, emit func(*conv.Event)) {
	s := d.slot(index)
	if s.tool < 0 || s.done {
		return
	}
	if !s.args {
		d.argsDelta(index, whole, emit)
	}
	if s.text {
		if !s.args {
			d.emit(emit, conv.Event{Kind: conv.ToolDelta, Tool: s.tool, Text: `"{\"input\":\""`})
		}
		s.done = true
		d.emit(emit, conv.Event{Kind: conv.ToolDelta, Tool: s.tool, Text: `"\"}"`})
	}
}
