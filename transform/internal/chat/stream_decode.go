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
	k := parseChunk(v)
	if err := k.failure(data); err != nil {
		d.done = true
		d.emit(emit, conv.Event{Kind: conv.Failed, Err: err})
		return
	}
	if k.choice.found {
		d.begin(&k, emit)
		d.delta(data, &k, emit)
	}
	var end conv.Event
	end.HasUsage = readUsage(&end.Usage, k.usage)
	end.Stop = finishReason(k.choice.stop)
	switch {
	case end.Stop != conv.StopNone && !d.finished:
		end.Stop = readStop(k.choice.stop, d.calls.any(), d.refused)
		d.finish(end, emit)
	case end.HasUsage && d.started:
		end.Kind = conv.UsageOnly
		d.emit(emit, end)
	}
}

// begin tells of the answer, with the first chunk that has a choice: chunks
// before it may lack the id and the model.
func (d *Decoder) begin(k *chunk, emit func(*conv.Event)) {
	if d.started {
		return
	}
	d.started = true
	d.emit(emit, conv.Event{Kind: conv.Start, ID: k.id.Str(), Model: k.model.Str(), Created: k.created.Count()})
}

// delta tells what the delta brings.
func (d *Decoder) delta(data []byte, k *chunk, emit func(*conv.Event)) {
	var text conv.Str
	alone := k.choice.stop.IsEmpty() && k.usage == ""
	for c := k.choice.delta.Walk(); c.Next(); {
		switch c.Key {
		case "content":
			text = c.Value.Str()
			d.content(c.Value, emit)
		case "refusal":
			d.refused = d.refused || !c.Value.IsEmpty()
			d.content(c.Value, emit)
			alone = false
		case "tool_calls":
			for t := c.Value.Walk(); t.Next(); {
				d.toolCall(t.Value, emit)
			}
			alone = false
		case "function_call":
			d.call(part{index: 0, function: c.Value}, emit)
			alone = false
		default:
			if isLost(c.Key, c.Value) {
				d.emit(emit, conv.Event{Kind: conv.Lost, Text: conv.Quote(c.Key)})
				alone = false
			}
		}
	}
	if alone {
		d.text.Learn(data, text)
	}
}

// isLost reports a member of a message that has content of a kind which the
// neutral model has no place for.
func isLost(key string, v conv.Raw) bool {
	switch key {
	case "reasoning_content", "reasoning", "annotations", "audio", "images":
		return !v.IsEmpty()
	}
	return false
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
