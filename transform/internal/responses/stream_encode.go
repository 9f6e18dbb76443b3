package responses

import (
	"strconv"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// An Encoder turns events into a stream of this protocol. Its last event holds
// the whole answer once more, so that what the encoder keeps grows with the
// answer's text. It is meant for one stream.
type Encoder struct {
	opts     conv.EncoderOptions
	head     head
	buf      []byte
	sequence int
	started  bool
	done     bool
	refused  bool
	stop     conv.StopReason
	usage    conv.Usage
	hasUsage bool

	items []*item
	open  *item   // the message or the reasoning that is being told
	calls []*item // by the number of the call
}

// NewEncoder returns an Encoder for a new stream.
func NewEncoder(o conv.EncoderOptions) *Encoder { return &Encoder{opts: o} }

// Event writes what one event tells. The data given to emit is valid during
// that call only.
func (e *Encoder) Event(ev *conv.Event, emit func(name string, data []byte)) {
	if e.done || ev.Kind == conv.Ping {
		return
	}
	if ev.HasUsage {
		e.usage, e.hasUsage = ev.Usage, true
	}
	if ev.Kind == conv.Failed {
		e.fail(ev.Err, emit)
		return
	}
	e.start(ev, emit)
	switch ev.Kind {
	case conv.TextDelta:
		e.said(ev.Text, false, emit)
	case conv.RefusalDelta:
		e.refused = true
		e.said(ev.Text, true, emit)
	case conv.ReasoningDelta:
		e.reasoned(ev.Text, emit)
	case conv.ReasoningState:
		e.sealed(&ev.State, emit)
	case conv.ToolStart:
		e.toolStart(ev, emit)
	case conv.ToolDelta:
		e.toolDelta(ev.Tool, ev.Text, emit)
	case conv.Finish:
		// Written at the end: some servers send content after it.
		e.stop = ev.Stop
	case conv.End:
		e.end(emit)
	}
}

// Close writes what a stream that was finished still needs.
func (e *Encoder) Close(emit func(name string, data []byte)) {
	if e.started && !e.done {
		e.end(emit)
	}
}

func (e *Encoder) start(ev *conv.Event, emit func(string, []byte)) {
	if e.started {
		return
	}
	e.started = true
	e.head = newHead(ev.ID, clone(ev.Model), ev.Created, &e.opts)
	for _, name := range [...]string{"response.created", "response.in_progress"} {
		e.response(name, outcome{status: "in_progress"}, emit)
	}
}

// begin opens the data of an event.
func (e *Encoder) begin(name string) {
	e.buf = append(append(e.buf[:0], `{"type":"`...), name...)
	e.buf = strconv.AppendInt(append(e.buf, `","sequence_number":`...), int64(e.sequence), 10)
	e.sequence++
}

// response tells the whole answer as far as its items are complete.
func (e *Encoder) response(name string, o outcome, emit func(string, []byte)) {
	e.begin(name)
	e.buf = append(e.buf, `,"response":`...)
	e.buf = append(e.head.append(e.buf, o, e.output()), '}')
	emit(name, e.buf)
}

// output returns the items that are complete, as they were told.
func (e *Encoder) output() []byte {
	size := 0
	for _, it := range e.items {
		size += len(it.final) + 1
	}
	out := make([]byte, 0, size)
	for _, it := range e.items {
		if len(it.final) == 0 {
			continue
		}
		if len(out) > 0 {
			out = append(out, ',')
		}
		out = append(out, it.final...)
	}
	return out
}

// end completes the items and tells the outcome.
func (e *Encoder) end(emit func(string, []byte)) {
	for _, it := range e.items {
		e.close(it, emit)
	}
	e.done = true
	o := outcomeOf(e.stop, e.refused)
	if e.hasUsage {
		o.usage = &e.usage
	}
	e.response("response."+o.status, o, emit)
}

// fail tells an error, and then that the answer failed by it: some clients
// look for the one and some for the other.
func (e *Encoder) fail(err *conv.Error, emit func(string, []byte)) {
	e.done = true
	if !e.started {
		e.head = newHead("", "", 0, &e.opts)
	}
	e.buf = AppendErrorEvent(e.buf[:0], err, e.sequence)
	e.sequence++
	emit("error", e.buf)
	o := outcome{status: "failed", err: err}
	if e.hasUsage {
		o.usage = &e.usage
	}
	e.response("response.failed", o, emit)
}
