package gemini

import (
	"bytes"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// A Decoder turns a stream of this protocol into events. It is meant for one
// stream.
type Decoder struct {
	ev       conv.Event // the one that is being emitted
	started  bool
	finished bool            // a finish reason was given
	stop     conv.StopReason // the last one
	done     bool            // nothing is told any more
	calls    int
	open     *partial // arguments of the last call, while more follow
	usage    conv.Usage
	hasUsage bool
}

// NewDecoder returns a Decoder for a new stream.
func NewDecoder() *Decoder { return &Decoder{} }

// Event reads one event and emits what it tells. What is no event of this
// protocol is passed over.
func (d *Decoder) Event(_, data []byte, emit func(*conv.Event)) error {
	if d.done {
		return nil
	}
	if isDone(data) {
		if d.finished {
			d.end(emit)
		}
		return nil
	}
	if text := conv.View(data); gjson.Valid(text) {
		d.value(data, conv.Body(text), emit)
	}
	return nil
}

// isDone knows the mark by which some servers of this protocol end a stream,
// as those of OpenAI's do.
func isDone(data []byte) bool { return string(bytes.TrimSpace(data)) == "[DONE]" }

// value reads a chunk, or a list of them.
func (d *Decoder) value(data []byte, v conv.Raw, emit func(*conv.Event)) {
	if !v.IsArray() {
		d.chunk(data, v, emit)
		return
	}
	for c := v.Walk(); c.Next() && !d.done; {
		d.chunk([]byte(c.Value), c.Value, emit)
	}
}

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

func (d *Decoder) emit(emit func(*conv.Event), ev conv.Event) {
	d.ev = ev
	emit(&d.ev)
}

func (d *Decoder) end(emit func(*conv.Event)) {
	d.done = true
	d.close(emit)
	d.emit(emit, conv.Event{Kind: conv.End})
}

func (d *Decoder) fail(err *conv.Error, emit func(*conv.Event)) {
	d.done = true
	d.emit(emit, conv.Event{Kind: conv.Failed, Err: err})
}

func (d *Decoder) chunk(data []byte, v conv.Raw, emit func(*conv.Event)) {
	k := parseChunk(v)
	if err := k.failure(data); err != nil {
		d.fail(err, emit)
		return
	}
	told := readUsage(&d.usage, k.usage)
	d.hasUsage = d.hasUsage || told
	if !k.found && !k.blocked() {
		if told && d.started {
			d.emit(emit, conv.Event{Kind: conv.UsageOnly, Usage: d.usage, HasUsage: true})
		}
		return
	}
	d.begin(&k, emit)
	for c := k.parts.Walk(); k.parts.IsArray() && c.Next(); {
		d.part(c.Value, emit)
	}
	if k.lost != "" {
		d.emit(emit, conv.Event{Kind: conv.Lost, Text: k.lost.Str()})
	}
	d.finish(&k, told, emit)
}

func (d *Decoder) begin(k *chunk, emit func(*conv.Event)) {
	if d.started {
		return
	}
	d.started = true
	d.emit(emit, conv.Event{
		Kind: conv.Start, ID: k.id.Str(), Model: k.model.Str(), Usage: d.usage, HasUsage: d.hasUsage,
	})
}

// finish tells why the answer ended, if it did.
func (d *Decoder) finish(k *chunk, told bool, emit func(*conv.Event)) {
	stop := readStop(k.stop, d.calls > 0)
	if k.blocked() {
		stop = conv.StopRefusal
	}
	if err := k.broken(); err != nil {
		d.close(emit)
		d.fail(err, emit)
		return
	}
	switch {
	case stop != conv.StopNone && (!d.finished || d.stop.Ordinary()):
		d.finished, d.stop = true, stop
		d.emit(emit, conv.Event{Kind: conv.Finish, Stop: stop, Usage: d.usage, HasUsage: d.hasUsage})
	case told && d.finished:
		d.emit(emit, conv.Event{Kind: conv.UsageOnly, Usage: d.usage, HasUsage: true})
	}
}

func (d *Decoder) part(v conv.Raw, emit func(*conv.Event)) {
	p := parsePiece(v)
	state := p.state()
	switch {
	case p.call.IsObject():
		d.call(p.call, state, emit)
		return
	case p.lost != "":
		d.emit(emit, conv.Event{Kind: conv.Lost, Text: conv.Quote(p.lost)})
	}
	if !p.text.Empty() {
		kind := conv.TextDelta
		if p.thought {
			kind = conv.ReasoningDelta
		}
		d.emit(emit, conv.Event{Kind: kind, Text: p.text})
	}
	if state.Kind != conv.NoState {
		d.emit(emit, conv.Event{Kind: conv.ReasoningState, State: state})
	}
}

// call tells what a functionCall brings. One that continues the call before
// has no name; an empty one ends it.
func (d *Decoder) call(v conv.Raw, state conv.State, emit func(*conv.Event)) {
	name := v.Get("name").Str()
	if !name.Empty() {
		d.close(emit)
		d.calls++
		d.open = new(partial)
		id := v.Get("id").Str()
		if id.Empty() {
			id = conv.NewToolID("call_")
		}
		d.emit(emit, conv.Event{Kind: conv.ToolStart, Tool: d.calls - 1, ID: id, Name: name, State: state})
	}
	if d.open == nil {
		return
	}
	if name.Empty() && state.Kind != conv.NoState { // the call was told of before
		d.emit(emit, conv.Event{Kind: conv.Lost, Text: `"thoughtSignature"`})
	}
	if args := v.Get("args"); args.IsObject() && !args.IsEmpty() {
		d.open.args = string(args)
	}
	d.open.add(v.Get("partialArgs"))
	if v.Get("willContinue") != "true" {
		d.close(emit)
		return
	}
	d.open.args = string(append([]byte(nil), d.open.args...)) // it outlives the event
}

// close tells the arguments of the call that is open.
func (d *Decoder) close(emit func(*conv.Event)) {
	if d.open == nil {
		return
	}
	args := d.open.object()
	d.open = nil
	if args == "" {
		args = "{}" // so that it is known that no more will come
	}
	d.emit(emit, conv.Event{Kind: conv.ToolDelta, Tool: d.calls - 1, Text: conv.Quote(args)})
}
