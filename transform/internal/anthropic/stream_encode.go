package anthropic

import (
	"strconv"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// An Encoder turns events into a stream of this protocol. The protocol has one
// open block at a time: what belongs to another block waits until the open one
// is complete. It is meant for one stream.
type Encoder struct {
	opts     conv.EncoderOptions
	buf      []byte
	started  bool
	done     bool
	refused  bool
	called   bool
	stop     conv.StopReason
	stopSeq  conv.Str
	usage    conv.Usage
	hasUsage bool

	open    *block // the last one that was started and not stopped
	index   int    // of the next block
	waiting []*block
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
		e.usage, e.hasUsage = ev.Usage, true
	}
	e.start(ev, emit)
	switch ev.Kind {
	case conv.TextDelta:
		e.text(textBlock, ev.Text, emit)
	case conv.RefusalDelta:
		e.refused = true
		e.text(textBlock, ev.Text, emit)
	case conv.ReasoningDelta:
		e.text(thinkingBlock, ev.Text, emit)
	case conv.ReasoningState:
		e.state(&ev.State, emit)
	case conv.ToolStart:
		e.called = true
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

// start writes the beginning of the message. Callers watch how full the
// context is by its usage: what the provider does not tell yet is estimated.
func (e *Encoder) start(ev *conv.Event, emit func(string, []byte)) {
	if e.started {
		return
	}
	e.started = true
	e.buf = append(e.buf[:0], `{"type":"message_start","message":`...)
	e.buf = appendMessage(e.buf, ev.ID, orElse(ev.Model, e.opts.Model))
	e.buf = append(e.buf, `],"stop_reason":null,"stop_sequence":null,"usage":`...)
	if e.hasUsage {
		e.buf = appendUsage(e.buf, &e.usage)
	} else {
		e.buf = appendGuess(e.buf, e.opts.Input)
	}
	emit("message_start", append(e.buf, `}}`...))
}

// finish closes the blocks and writes the end of the message, with the usage
// as it was last told.
func (e *Encoder) finish(emit func(string, []byte)) {
	for e.open != nil || len(e.waiting) > 0 {
		e.next(emit)
	}
	e.done = true
	if e.refused {
		e.stop = conv.StopRefusal
	}
	e.buf = append(e.buf[:0], `{"type":"message_delta","delta":{"stop_reason":`...)
	e.buf = append(e.buf, stopReason(e.stop, e.called)...)
	e.buf = append(e.buf, `,"stop_sequence":`...)
	e.buf = appendNullable(e.buf, e.stopSeq)
	e.buf = append(e.buf, `},"usage":`...)
	if e.hasUsage {
		e.buf = appendUsage(e.buf, &e.usage)
	} else {
		e.buf = append(e.buf, `{"output_tokens":0}`...)
	}
	emit("message_delta", append(e.buf, '}'))
	emit("message_stop", append(e.buf[:0], `{"type":"message_stop"}`...))
}

// member begins an event of the block that is open.
func (e *Encoder) member(head string) {
	e.buf = append(append(e.buf[:0], `{"type":"`...), head...)
	e.buf = strconv.AppendInt(append(e.buf, `","index":`...), int64(e.index-1), 10)
}

// delta writes a delta of the block that is open.
func (e *Encoder) delta(head string, text conv.Str, emit func(string, []byte)) {
	e.member("content_block_delta")
	e.buf = append(append(append(e.buf, head...), text...), `}}`...)
	emit("content_block_delta", e.buf)
}
