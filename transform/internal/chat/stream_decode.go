package chat

import (
	"bytes"

	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/tidwall/gjson"
)

// A Decoder turns a stream of this protocol, in any of its dialects, into
// events. It is meant for one stream.
type Decoder struct {
	// Own says that the stream is one that callers get: what providers want
	// back stands in it as tokens.
	Own bool

	ev       conv.Event // the one that is being emitted
	started  bool
	finished bool            // a finish reason was given
	stop     conv.StopReason // the last one
	refused  bool
	done     bool // nothing is told any more
	calls    calls
	tools    int // how many of them were told of
	text     conv.Shape
	thought  conv.Shape
	args     conv.Shape
	argsOf   int // the number of the call whose arguments args knows

	early    conv.Usage // told before the answer began
	hasEarly bool
}

// NewDecoder returns a Decoder for a new stream.
func NewDecoder() *Decoder { return &Decoder{} }

// Event reads one event and emits what it tells. What is no event of this
// protocol is passed over.
func (d *Decoder) Event(name, data []byte, emit func(*conv.Event)) error {
	if d.done {
		return nil
	}
	if text, ok := d.text.Match(data); ok {
		d.emit(emit, conv.Event{Kind: conv.TextDelta, Text: text})
		return nil
	}
	if text, ok := d.thought.Match(data); ok {
		d.emit(emit, conv.Event{Kind: conv.ReasoningDelta, Text: text})
		return nil
	}
	if text, ok := d.args.Match(data); ok {
		d.emit(emit, conv.Event{Kind: conv.ToolDelta, Tool: d.argsOf, Text: text})
		return nil
	}
	if isDone(data) {
		d.doneMark(emit)
		return nil
	}
	if string(name) == "error" {
		d.fail(ReadError(0, data), emit)
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

func (d *Decoder) fail(err *conv.Error, emit func(*conv.Event)) {
	d.done = true
	d.emit(emit, conv.Event{Kind: conv.Failed, Err: err})
}

func (d *Decoder) end(emit func(*conv.Event)) {
	d.done = true
	d.endCalls(emit) // of those that came after the reason
	for _, c := range d.calls {
		if !c.named && len(c.early) > 0 {
			d.lose("tool_calls", emit) // whom it is for nobody knows
		}
	}
	d.emit(emit, conv.Event{Kind: conv.End})
}

func (d *Decoder) finish(ev conv.Event, emit func(*conv.Event)) {
	d.finished, d.stop = true, ev.Stop
	ev.Kind = conv.Finish
	d.emit(emit, ev)
}

func (d *Decoder) chunk(data []byte, v conv.Raw, emit func(*conv.Event)) {
	k := parseChunk(v)
	if err := k.failure(data); err != nil {
		d.fail(err, emit)
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
	case end.Stop != conv.StopNone && (!d.finished || d.stop.Ordinary()):
		end.Stop = readStop(k.choice.stop, d.calls.any(), d.refused)
		d.finish(end, emit)
	case end.HasUsage && !d.started:
		d.early, d.hasEarly = end.Usage, true
	case end.HasUsage:
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
	d.emit(emit, conv.Event{Kind: conv.Start, ID: k.id.Str(), Model: k.model.Str(), Created: k.created.Count(), Usage: d.early, HasUsage: d.hasEarly})
}

// delta tells what the delta brings. Reasoning goes first: the answer comes
// after it, also in a chunk that has both.
func (d *Decoder) delta(data []byte, k *chunk, emit func(*conv.Event)) {
	m := parseMessage(k.choice.delta)
	words := m.thought.words()
	d.tell(conv.Reasoning, words, emit)
	for c := m.thought.details.Walk(); d.Own && c.Next(); {
		if p := readDetail(c.Value); p.State.Kind != conv.NoState {
			d.emit(emit, conv.Event{Kind: conv.ReasoningState, State: p.State})
		}
	}
	d.content(m.content, emit)
	d.tell(conv.Refusal, m.refusal, emit)
	alone := k.choice.stop.IsEmpty() && k.usage == ""
	only := alone && words.Empty() && m.content.IsEmpty() && m.refusal == "" && m.legacy == "" && m.lost == nil
	d.toolCalls(data, m.calls, only, emit)
	if m.legacy.IsObject() {
		p := part{index: 0}
		p.function(m.legacy)
		d.call(&p, emit)
	}
	for _, name := range m.lost {
		d.lose(name, emit)
	}
	if !alone || !m.plain() {
		return
	}
	if words.Empty() {
		d.text.Learn(data, m.content.Str())
	} else if m.content.IsEmpty() {
		d.thought.Learn(data, words)
	}
}

func (d *Decoder) content(v conv.Raw, emit func(*conv.Event)) {
	if v.IsString() {
		d.tell(conv.Text, v.Str(), emit)
		return
	}
	eachPart(v,
		func(kind conv.PartKind, text conv.Str) { d.tell(kind, text, emit) },
		func(name string) { d.lose(name, emit) })
}

// tell tells of text of a kind.
func (d *Decoder) tell(kind conv.PartKind, text conv.Str, emit func(*conv.Event)) {
	if text.Empty() {
		return
	}
	ev := conv.Event{Kind: conv.TextDelta, Text: text}
	switch kind {
	case conv.Reasoning:
		ev.Kind = conv.ReasoningDelta
	case conv.Refusal:
		ev.Kind = conv.RefusalDelta
		d.refused = true
	}
	d.emit(emit, ev)
}

func (d *Decoder) lose(name string, emit func(*conv.Event)) {
	d.emit(emit, conv.Event{Kind: conv.Lost, Text: conv.Quote(name)})
}
