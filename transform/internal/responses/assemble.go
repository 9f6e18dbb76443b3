package responses

import (
	"cmp"
	"slices"
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// An Assembly puts a response together from the events of a stream, which must
// be valid JSON and stay as they are. The last event of an answer has the whole
// of it; of one that broke off there are its items as far as they were told.
// The zero value has seen no event.
type Assembly struct {
	response conv.Raw // as it was told last
	over     bool     // it was told to be
	items    []*draftItem
	places   map[int64]*draftItem // by index
	err      conv.Raw             // the event
}

// Event takes the next event.
func (a *Assembly) Event(name, data []byte) {
	v := conv.Body(conv.View(data))
	ev := parseEvent(name, v)
	switch ev.kind {
	case "response.created", "response.queued", "response.in_progress":
		if ev.response.IsObject() && !a.over {
			a.response = ev.response
		}
	case "response.completed", "response.incomplete", "response.failed", "response.cancelled":
		if ev.response.IsObject() {
			a.response, a.over = ev.response, true
		}
	case "response.output_item.added":
		a.item(ev.output, true).top.SetAll(ev.item)
	case "response.output_item.done":
		a.whole(ev.output, ev.item)
	case "error":
		a.err = v
	default:
		if kind, ok := strings.CutPrefix(ev.kind, "response."); ok {
			a.progress(kind, &ev, v)
		} else if ev.err {
			a.err = v.Get("error")
		}
	}
}

// Whole returns the answer in an event that ends one and has its items in it;
// absent for any other event.
func Whole(data []byte) conv.Raw {
	ev := parseEvent(nil, conv.Body(conv.View(data)))
	if isEnd(ev.kind) && !ev.response.Get("output").IsEmpty() {
		return ev.response
	}
	return ""
}

func isEnd(kind string) bool {
	switch kind {
	case "response.completed", "response.incomplete", "response.failed", "response.cancelled":
		return true
	}
	return false
}

// progress reads an event of one item.
func (a *Assembly) progress(kind string, ev *event, v conv.Raw) {
	switch kind {
	case "content_part.added", "content_part.done":
		a.part(ev, inContent).tell(v.Get("part"))
	case "reasoning_summary_part.added", "reasoning_summary_part.done":
		a.part(ev, inSummary).tell(v.Get("part"))
	case "output_text.delta", "output_text.done":
		a.part(ev, inContent).text("output_text", "text", ev)
	case "refusal.delta", "refusal.done":
		a.part(ev, inContent).text("refusal", "refusal", ev)
	case "reasoning_text.delta", "reasoning_text.done":
		a.part(ev, inContent).text("reasoning_text", "text", ev)
	case "reasoning_summary_text.delta", "reasoning_summary_text.done":
		a.part(ev, inSummary).text("summary_text", "text", ev)
	case "output_text.annotation.added":
		if note := v.Get("annotation"); !note.IsNull() {
			p := a.part(ev, inContent)
			p.notes = append(p.notes, note)
		}
	case "function_call_arguments.delta", "function_call_arguments.done",
		"mcp_call_arguments.delta", "mcp_call_arguments.done":
		grow(&a.item(ev.output, false).top, "arguments", ev)
	case "custom_tool_call_input.delta", "custom_tool_call_input.done":
		grow(&a.item(ev.output, false).top, "input", ev)
	case "code_interpreter_call_code.delta":
		grow(&a.item(ev.output, false).top, "code", ev)
	}
}

// item returns the item with that index, which it makes if there is none. An
// event without an index belongs to the last one, or begins the next; so does
// one with the index of an item that is done.
func (a *Assembly) item(index int64, begins bool) *draftItem {
	if index < 0 {
		if index = int64(len(a.items)); !begins && index > 0 {
			return a.items[len(a.items)-1]
		}
	}
	if it := a.places[index]; it != nil && (!begins || !it.done) {
		return it
	}
	if a.places == nil {
		a.places = make(map[int64]*draftItem)
	}
	it := &draftItem{index: index}
	a.places[index] = it
	a.items = append(a.items, it)
	return it
}

// whole takes an item that is complete.
func (a *Assembly) whole(index int64, item conv.Raw) {
	if !item.IsObject() {
		return
	}
	n := len(a.items)
	it := a.item(index, index < 0 && n > 0 && a.items[n-1].done)
	*it = draftItem{index: it.index, done: true}
	it.top.SetAll(item)
}

func (a *Assembly) part(ev *event, list int) *draftPart {
	l := &a.item(ev.output, false).lists[list]
	if p := l.places[ev.part]; p != nil {
		return p
	}
	if l.places == nil {
		l.places = make(map[int64]*draftPart)
	}
	p := &draftPart{index: ev.part}
	l.places[ev.part] = p
	l.parts = append(l.parts, p)
	return p
}

// Append appends the response as far as it was told. It gives false when there
// is nothing of one.
func (a *Assembly) Append(dst []byte) ([]byte, bool) {
	if a.response == "" && len(a.items) == 0 {
		if a.err.IsNull() {
			return dst, false
		}
		return WriteError(dst, ReadError(0, []byte(a.err))), true
	}
	if a.over && (len(a.items) == 0 || !a.response.Get("output").IsEmpty()) {
		return append(dst, a.response...), true
	}
	var d conv.Draft
	d.SetAll(a.response)
	if !d.Has("object") {
		d.Set("object", `"response"`)
	}
	if !d.Has("status") {
		d.Set("status", `"in_progress"`)
	}
	slices.SortStableFunc(a.items, func(a, b *draftItem) int { return cmp.Compare(a.index, b.index) })
	output := []byte{'['}
	for i, it := range a.items {
		if i > 0 {
			output = append(output, ',')
		}
		output = it.append(output)
	}
	d.Set("output", conv.Raw(conv.View(append(output, ']'))))
	if !a.err.IsNull() {
		d.Set("error", errorOf(a.err))
	}
	return d.Append(dst), true
}

// errorOf gives the error of an event as responses have it.
func errorOf(event conv.Raw) conv.Raw {
	if inner := event.Get("error"); inner.IsObject() {
		return inner
	}
	var d conv.Draft
	d.SetAll(event, "type", "sequence_number")
	return conv.Raw(conv.View(d.Append(nil)))
}
