package responses

import (
	"strings"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// A Decoder turns a stream of this protocol into events. It is meant for one
// stream.
type Decoder struct {
	ev      conv.Event // the one that is being emitted
	started bool
	done    bool // nothing is told any more
	slots   []slot
	tools   int
	refused bool
	gap     bool // reasoning was told last, and no state that ends it
	ending  ending
}

// NewDecoder returns a Decoder for a new stream.
func NewDecoder() *Decoder { return &Decoder{} }

// Event reads one event and emits what it tells. What is no event of this
// protocol is passed over.
func (d *Decoder) Event(name, data []byte, emit func(*conv.Event)) error {
	text := conv.View(data)
	if d.done || !gjson.Valid(text) {
		d.ending.broken = strings.TrimSpace(text) != "[DONE]"
		return nil
	}
	ev := parseEvent(name, conv.Body(text))
	if err := ev.failure(data); err != nil {
		d.done = true
		d.emit(emit, conv.Event{Kind: conv.Failed, Err: err})
		return nil
	}
	d.ending.note(&ev)
	switch ev.kind {
	case "response.created", "response.queued", "response.in_progress":
		d.begin(ev.response, emit)
	case "response.completed", "response.incomplete":
		d.end(&ev, emit)
	case "keepalive", "ping":
		d.emit(emit, conv.Event{Kind: conv.Ping})
	default:
		d.progress(&ev, emit)
	}
	return nil
}

// Close ends the stream. It returns conv.ErrTruncated if the answer was not
// finished: a last event says so, or that all of its items are done.
func (d *Decoder) Close(emit func(*conv.Event)) error {
	if d.done {
		return nil
	}
	d.done = true
	if !d.ending.complete() {
		return conv.ErrTruncated
	}
	d.emit(emit, conv.Event{Kind: conv.Finish, Stop: stopOf("", d.tools > 0, d.refused)})
	d.emit(emit, conv.Event{Kind: conv.End})
	return nil
}

func (d *Decoder) emit(emit func(*conv.Event), ev conv.Event) {
	d.ev = ev
	emit(&d.ev)
}

func (d *Decoder) begin(response conv.Raw, emit func(*conv.Event)) {
	if d.started {
		return
	}
	d.started = true
	d.emit(emit, conv.Event{
		Kind: conv.Start, ID: response.Get("id").Str(), Model: response.Get("model").Str(), Created: response.Get("created_at").Count(),
	})
}

// end tells what the whole answer holds that was not told before, and that it
// is complete.
func (d *Decoder) end(ev *event, emit func(*conv.Event)) {
	d.begin(ev.response, emit)
	told, free := len(d.slots) > 0, d.free()
	called := d.tools > 0
	for c := ev.response.Get("output").Walk(); c.Next(); {
		index := int64(c.Index)
		switch {
		case told && !called && isCall(c.Value): // what stands at its index may be another item
			d.itemDone(free+index, c.Value, emit)
		case !told || d.find(index) >= 0:
			d.itemDone(index, c.Value, emit)
		}
	}
	end := conv.Event{Kind: conv.Finish, Stop: stopOf(ev.response, d.tools > 0, d.refused)}
	if ev.kind == "response.incomplete" && (end.Stop == conv.StopEnd || end.Stop == conv.StopTool) {
		end.Stop = conv.StopUnknown
	}
	end.HasUsage = readUsage(&end.Usage, ev.response.Get("usage"))
	d.emit(emit, end)
	d.done = true
	d.emit(emit, conv.Event{Kind: conv.End})
}

// progress reads an event of one item.
func (d *Decoder) progress(ev *event, emit func(*conv.Event)) {
	switch ev.kind {
	case "response.output_text.delta":
		d.said(ev, conv.TextDelta, ev.delta, emit)
	case "response.output_text.done":
		d.rest(ev, conv.TextDelta, emit)
	case "response.refusal.delta":
		d.said(ev, conv.RefusalDelta, ev.delta, emit)
	case "response.refusal.done":
		d.rest(ev, conv.RefusalDelta, emit)
	case "response.reasoning_summary_text.delta":
		d.said(ev, conv.ReasoningDelta, ev.delta, emit)
	case "response.reasoning_summary_text.done":
		d.rest(ev, conv.ReasoningDelta, emit)
	case "response.reasoning_text.delta":
		ev.part += textParts
		d.said(ev, conv.ReasoningDelta, ev.delta, emit)
	case "response.reasoning_text.done":
		ev.part += textParts
		d.rest(ev, conv.ReasoningDelta, emit)
	case "response.function_call_arguments.delta", "response.custom_tool_call_input.delta":
		d.argsDelta(ev.output, ev.delta, emit)
	case "response.function_call_arguments.done", "response.custom_tool_call_input.done":
		d.argsDone(ev.output, ev.whole, emit)
	case "response.output_item.added":
		d.begin("", emit)
		d.itemAdded(ev.output, ev.item, emit)
	case "response.output_item.done":
		d.begin("", emit)
		d.itemDone(ev.output, ev.item, emit)
	case "response.output_text.annotation.added":
		d.emit(emit, conv.Event{Kind: conv.Lost, Text: `"annotations"`})
	}
}
