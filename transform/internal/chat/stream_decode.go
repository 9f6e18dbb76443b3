package chat

import (
	"bytes"

	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/tidwall/gjson"
)

// A Decoder turns a stream of this protocol, in any of its dialects, into
// events. It is meant for one stream.
type Decoder struct {
	ev       conv.Event // the one that is being emitted
	started  bool
	finished bool // a finish reason was given
	refused  bool
	done     bool // nothing is told any more
	calls    calls
	text     conv.Shape
}

// NewDecoder returns a Decoder for a new stream.
func NewDecoder() *Decoder { return &Decoder{} }

// Event reads one event and emits what it tells. What is no event of this
// protocol is passed over.
func (d *Decoder) Event(_, data []byte, emit func(*conv.Event)) error {
	if d.done {
		return nil
	}
	if text, ok := d.text.Match(data); ok {
		d.emit(emit, conv.Event{Kind: conv.TextDelta, Text: text})
		return nil
	}
	if isDone(data) {
		d.doneMark(emit)
		return nil
	}
	if text := conv.View(data); gjson.Valid(text) {
		d.chunk(data, conv.Body(text), emit)
	}
	return nil
}

func isDone(data []byte) bool { return string(bytes.TrimSpace(data)) == "[DONE]" }

// Close ends the stream. It returns conv.ErrTruncated if the answer was not
// finished.
func (d *Decoder) Close(emit func(*conv.Event)) error {
	switch {
	case d.done:
		return nil
	case !d.finished:
		d.done = true
		return conv.ErrTruncated
	}
	d.end(emit)
	return nil
}

// doneMark ends the stream. A server that says that it is done, but gave no
// reason, is believed if it said anything else before.
func (d *Decoder) doneMark(emit func(*conv.Event)) {
	if !d.started {
		return
	}
	if !d.finished {
		d.finish(conv.Event{Stop: readStop("", d.calls.any(), d.refused)}, emit)
	}
	d.end(emit)
}

func (d *Decoder) emit(emit func(*conv.Event), ev conv.Event) {
	d.ev = ev
	emit(&d.ev)
}

func (d *Decoder) end(emit func(*conv.Event)) {
	d.done = true
	d.emit(emit, conv.Event{Kind: conv.End})
}

func (d *Decoder) finish(ev conv.Event, emit func(*conv.Event)) {
	d.finished = true
	ev.Kind = conv.Finish
	d.emit(emit, ev)
}

func (d *Decoder) chunk(data []byte, v conv.Raw, emit func(*conv.Event)) {
	choice := firstChoice(v)
	if err := chunkError(data, v, choice); err != nil {
		d.done = true
		d.emit(emit, conv.Event{Kind: conv.Failed, Err: err})
		return
	}
	var end conv.Event
	end.HasUsage = readUsage(&end.Usage, chunkUsage(v))
	if choice != "" {
		d.begin(v, emit)
		d.choice(data, choice, &end, emit)
	}
	switch {
	case end.Stop != conv.StopNone && !d.finished:
		d.finish(end, emit)
	case end.HasUsage && d.started:
		end.Kind = conv.UsageOnly
		d.emit(emit, end)
	}
}

// firstChoice returns the choice with index 0, absent if the chunk has none.
func firstChoice(v conv.Raw) conv.Raw {
	for c := v.Get("choices").Walk(); c.Next(); {
		if c.Value.Get("index").Count() == 0 {
			return c.Value
		}
	}
	return ""
}

// chunkUsage returns the usage of a chunk, or where one server puts it.
func chunkUsage(v conv.Raw) conv.Raw {
	if usage := v.Get("usage"); usage.IsObject() {
		return usage
	}
	return v.Get("x_groq").Get("usage")
}

// chunkError returns the error that came in place of the rest of the answer.
func chunkError(data []byte, v, choice conv.Raw) *conv.Error {
	switch {
	case !v.Get("error").IsEmpty(), v.Get("object") == `"error"`:
		return ReadError(0, data)
	case !choice.Get("error").IsEmpty():
		return ReadError(0, []byte(choice))
	case isBroken(choice.Get("finish_reason")):
		reason := choice.Get("finish_reason").Str().String()
		return &conv.Error{Status: 502, Code: reason, Message: "the provider gave up: " + reason}
	}
	return nil
}

// begin tells of the answer, with the first chunk that has a choice: chunks
// before it may lack the id and the model.
func (d *Decoder) begin(v conv.Raw, emit func(*conv.Event)) {
	if d.started {
		return
	}
	d.started = true
	d.emit(emit, conv.Event{
		Kind: conv.Start, ID: v.Get("id").Str(), Model: v.Get("model").Str(), Created: v.Get("created").Count(),
	})
}

// choice tells what the delta brings and notes in end why the answer ended.
func (d *Decoder) choice(data []byte, choice conv.Raw, end *conv.Event, emit func(*conv.Event)) {
	delta := choice.Get("delta")
	if !delta.IsObject() {
		delta = choice.Get("message")
	}
	reason := choice.Get("finish_reason")
	for c := delta.Walk(); c.Next(); {
		switch c.Key {
		case "content":
			d.content(c.Value, emit)
			if reason.IsEmpty() && !end.HasUsage && onlyText(delta) {
				d.text.Learn(data, c.Value.Str())
			}
		case "refusal":
			d.refused = d.refused || !c.Value.IsEmpty()
			d.content(c.Value, emit)
		case "tool_calls":
			for t := c.Value.Walk(); t.Next(); {
				d.toolCall(t.Value, emit)
			}
		case "function_call":
			d.call(part{index: 0, function: c.Value}, emit)
		}
	}
	if !reason.IsEmpty() {
		end.Stop = readStop(reason, d.calls.any(), d.refused)
	}
}

// onlyText reports that a delta has nothing besides its content that makes an
// event.
func onlyText(delta conv.Raw) bool {
	for c := delta.Walk(); c.Next(); {
		switch c.Key {
		case "refusal", "tool_calls", "function_call":
			return false
		}
	}
	return true
}

func (d *Decoder) content(v conv.Raw, emit func(*conv.Event)) {
	if v.IsString() {
		d.textDelta(v.Str(), emit)
		return
	}
	for c := v.Walk(); c.Next(); {
		if c.Value.Get("type") == `"text"` {
			d.textDelta(c.Value.Get("text").Str(), emit)
		}
	}
}

func (d *Decoder) textDelta(text conv.Str, emit func(*conv.Event)) {
	if !text.Empty() {
		d.emit(emit, conv.Event{Kind: conv.TextDelta, Text: text})
	}
}
