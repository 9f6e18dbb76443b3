package anthropic

import (
	"strconv"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// An Encoder turns events into a stream of this protocol. The protocol has one
// open block at a time: what belongs to another block waits until the open one
// is complete. It is meant for one stream.
type Encoder struct {
	opts    conv.EncoderOptions
	buf     []byte
	started bool
	done    bool
	stop    conv.StopReason
	stopSeq conv.Str
	usage   conv.Usage

	open    *block // the last one that was started and not stopped
	index   int    // of the next block
	waiting []*block
}

// A block is one content block that is open or waits for its turn.
type block struct {
	tool    int      // the call's number, -1 for text
	id      conv.Str // of a call
	name    conv.Str
	held    []byte // inner literal text of the deltas that wait
	args    object // how far the call's arguments have come
	written bool   // some arguments were written
}

// NewEncoder returns an Encoder for a new stream.
func NewEncoder(o conv.EncoderOptions) *Encoder { return &Encoder{opts: o} }

// Event writes what one event tells. The data given to emit is valid during
// that call only.
func (e *Encoder) Event(ev *conv.Event, emit func(name string, data []byte)) {
	if e.done {
		return
	}
	switch ev.Kind {
	case conv.Ping:
		if e.started {
			emit("ping", append(e.buf[:0], `{"type":"ping"}`...))
		}
		return
	case conv.Failed:
		e.done = true
		emit("error", WriteError(e.buf[:0], ev.Err))
		return
	}
	if ev.HasUsage {
		e.usage = ev.Usage
	}
	e.start(ev, emit)
	switch ev.Kind {
	case conv.TextDelta:
		e.text(ev, emit)
	case conv.ToolStart:
		e.toolStart(ev, emit)
	case conv.ToolDelta:
		e.toolDelta(ev, emit)
	case conv.Finish:
		e.stop, e.stopSeq = ev.Stop, clone(ev.StopText)
	case conv.End:
		e.finish(emit)
	}
}

// Close writes what a stream that was finished still needs.
func (e *Encoder) Close(emit func(name string, data []byte)) {
	if e.started && !e.done {
		e.finish(emit)
	}
}

func (e *Encoder) start(ev *conv.Event, emit func(string, []byte)) {
	if e.started {
		return
	}
	e.started = true
	model := ev.Model
	if model.Empty() {
		model = conv.Quote(e.opts.Model)
	}
	e.buf = append(e.buf[:0], `{"type":"message_start","message":`...)
	e.buf = appendMessage(e.buf, ev.ID, model)
	e.buf = append(e.buf, `],"stop_reason":null,"stop_sequence":null,"usage":`...)
	e.buf = append(appendUsage(e.buf, &e.usage), `}}`...)
	emit("message_start", e.buf)
}

// finish closes the blocks and writes the end of the message, with the usage
// as it was last told.
func (e *Encoder) finish(emit func(string, []byte)) {
	for e.open != nil || len(e.waiting) > 0 {
		e.next(emit)
	}
	e.done = true
	e.buf = append(e.buf[:0], `{"type":"message_delta","delta":{"stop_reason":`...)
	e.buf = append(e.buf, stopReason(e.stop)...)
	e.buf = append(e.buf, `,"stop_sequence":`...)
	e.buf = appendNullable(e.buf, e.stopSeq)
	e.buf = append(e.buf, `},"usage":`...)
	e.buf = append(appendUsage(e.buf, &e.usage), '}')
	emit("message_delta", e.buf)
	emit("message_stop", append(e.buf[:0], `{"type":"message_stop"}`...))
}

func (e *Encoder) member(head string) {
	e.buf = append(append(e.buf[:0], `{"type":"`...), head...)
	e.buf = strconv.AppendInt(append(e.buf, `","index":`...), int64(e.index-1), 10)
}
