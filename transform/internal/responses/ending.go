package responses

import (
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// maxKept bounds what is kept of an answer for its last event, in bytes.
const maxKept = 4 << 20

// An ending follows the items of an answer, so that one whose last event the
// provider left out is known to be complete, and the event can be supplied. Its
// zero value is ready.
type ending struct {
	keep   bool   // what is needed for the event
	told   []byte // the answer as it was told at its start
	size   int    // of what is kept
	lost   bool   // something was not kept
	broken bool   // the latest event was none: it may be the last one, cut off
	events int    // that have come
	next   int64  // number of the next event, if they have numbers
	items  []outputItem
}

// An outputItem is how far an item of the answer has come.
type outputItem struct {
	index int64
	id    string // once it is done
	done  bool
	cut   bool // the model was cut off in it
	final bool // an answer may end with it
	whole []byte
}

// note looks at one event.
func (e *ending) note(ev *event) {
	e.events++
	e.broken = false
	e.next = max(e.next, ev.sequence+1)
	switch ev.kind {
	case "response.created", "response.queued", "response.in_progress":
		if e.told == nil && ev.response.IsObject() {
			e.told = e.copy(ev.response)
		}
	case "response.output_item.added":
		index := ev.output
		if index < 0 { // it is the next one then
			index = int64(len(e.items))
		}
		it := e.item(index)
		if it.done && another(it.id, ev.item) && len(e.items) < maxItems { // another with the same index
			e.items = append(e.items, outputItem{index: max(index, 0)})
		}
	case "response.output_item.done":
		e.done(ev)
	default:
		if ev.output >= 0 || !ev.delta.Empty() {
			e.item(ev.output)
		}
	}
}

// item returns the item with that index. An event without an index belongs to
// the last one.
func (e *ending) item(index int64) *outputItem {
	n := len(e.items) - 1
	if index >= 0 {
		for n >= 0 && e.items[n].index != index {
			n--
		}
	}
	if n >= 0 {
		return &e.items[n]
	}
	if len(e.items) == maxItems {
		e.lost = true
		return &e.items[0]
	}
	e.items = append(e.items, outputItem{index: max(index, 0)})
	return &e.items[len(e.items)-1]
}

func (e *ending) done(ev *event) {
	it := e.item(ev.output)
	it.id = strings.Clone(idOf(ev.item))
	it.done, it.cut, it.final = true, ev.item.Get("status") == `"incomplete"`, isFinal(ev.item)
	if it.whole = e.copy(ev.item); !ev.item.IsObject() {
		e.lost = true
	}
}

// copy keeps a value, unless that is not wanted or too much.
func (e *ending) copy(v conv.Raw) []byte {
	if !e.keep || e.lost {
		return nil
	}
	if e.size += len(v); e.size > maxKept {
		e.lost, e.told, e.items = true, nil, nil
		return nil
	}
	return []byte(v)
}

// isFinal reports that an answer may end with the item: the model has spoken,
// or waits for what its caller does. What the provider's own tools do, and what
// the model says of what it is going to do, are followed by more.
func isFinal(item conv.Raw) bool {
	switch item.Get("type") {
	case `"message"`:
		return !item.Get("content").IsEmpty() && item.Get("phase") != `"commentary"`
	case `"function_call"`:
		args := argsText(item.Get("arguments"))
		return args.Empty() || gjson.Valid(args.String())
	case `"custom_tool_call"`, `"local_shell_call"`, `"shell_call"`, `"apply_patch_call"`, `"computer_call"`, `"mcp_approval_request"`:
		return true
	}
	return false
}

// complete reports that nothing of the answer is missing but that it says so:
// every item is done, and the last is one that an answer ends with.
func (e *ending) complete() bool {
	if e.lost || e.broken || len(e.items) == 0 {
		return false
	}
	last := &e.items[0]
	for i := range e.items {
		it := &e.items[i]
		if !it.done || it.cut {
			return false
		}
		if it.index >= last.index {
			last = it
		}
	}
	return last.final
}

// event returns the event that ends the answer. What the answer cost was to be
// told in the one that is missing: an estimate, if there is one, is marked as
// such.
func (e *ending) event(estimate *conv.Usage) []byte {
	slices.SortStableFunc(e.items, func(a, b outputItem) int { return int(a.index - b.index) })
	var output []byte
	for i := range e.items {
		if i > 0 {
			output = append(output, ',')
		}
		output = append(output, e.items[i].whole...)
	}
	number := e.next
	if number == 0 { // they have none
		number = int64(e.events)
	}
	whole := conv.Raw(e.told)
	h := newHead(whole.Get("id").Str(), whole.Get("model").Str(), whole.Get("created_at").Count(), &conv.EncoderOptions{})
	h.told = e.told
	dst := strconv.AppendInt([]byte(`{"type":"response.completed","sequence_number":`), number, 10)
	dst = append(dst, `,"response":`...)
	return append(h.append(dst, outcome{status: "completed", usage: estimate, estimated: true}, output), '}')
}
