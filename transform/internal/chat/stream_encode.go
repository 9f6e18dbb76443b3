package chat

import (
	"strconv"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// An Encoder turns events into a stream of this protocol. It is meant for one
// stream.
type Encoder struct {
	opts     conv.EncoderOptions
	head     []byte // of every chunk
	buf      []byte
	done     bool
	stop     conv.StopReason
	usage    conv.Usage
	hasUsage bool
	args     []bool // per call: some arguments were written
}

// NewEncoder returns an Encoder for a new stream.
func NewEncoder(o conv.EncoderOptions) *Encoder { return &Encoder{opts: o} }

// Event writes what one event tells. The data given to emit is valid during
// that call only.
func (e *Encoder) Event(ev *conv.Event, emit func(name string, data []byte)) {
	if e.done || ev.Kind == conv.Ping {
		return
	}
	if ev.Kind == conv.Failed {
		e.done = true
		emit("", WriteError(e.buf[:0], ev.Err))
		return
	}
	if ev.HasUsage {
		e.usage, e.hasUsage = ev.Usage, true
	}
	e.start(ev, emit)
	switch ev.Kind {
	case conv.TextDelta:
		e.delta(`"content":`, ev.Text, emit)
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
	if e.head != nil && !e.done {
		e.end(emit)
	}
}

func (e *Encoder) start(ev *conv.Event, emit func(string, []byte)) {
	if e.head != nil {
		return
	}
	model := ev.Model
	if model.Empty() {
		model = conv.Quote(e.opts.Model)
	}
	e.head = append(appendHead(nil, "chat.completion.chunk", ev.ID, model, ev.Created), `{"index":0,"delta":{`...)
	e.delta(`"role":"assistant","content":`, `""`, emit)
}

func (e *Encoder) delta(member string, text conv.Str, emit func(string, []byte)) {
	e.buf = append(append(e.buf[:0], e.head...), member...)
	e.buf = append(e.buf, text...)
	e.send("null", emit)
}

// send ends the delta in the buffer and emits the chunk.
func (e *Encoder) send(reason string, emit func(string, []byte)) {
	e.buf = append(e.buf, `},"logprobs":null,"finish_reason":`...)
	e.buf = append(append(e.buf, reason...), `}]`...)
	if e.opts.IncludeUsage {
		e.buf = append(e.buf, `,"usage":null`...)
	}
	e.buf = append(e.buf, '}')
	emit("", e.buf)
}

func (e *Encoder) call(tool int) {
	e.buf = append(append(e.buf[:0], e.head...), `"tool_calls":[{"index":`...)
	e.buf = strconv.AppendInt(e.buf, int64(tool), 10)
}

func (e *Encoder) toolStart(ev *conv.Event, emit func(string, []byte)) {
	for len(e.args) <= ev.Tool {
		e.args = append(e.args, false)
	}
	id, name := ev.ID, ev.Name
	if id.Empty() {
		id = conv.NewToolID("call_")
	}
	if name == "" {
		name = `""`
	}
	e.call(ev.Tool)
	e.buf = append(append(e.buf, `,"id":`...), id...)
	e.buf = append(append(e.buf, `,"type":"function","function":{"name":`...), name...)
	e.buf = append(e.buf, `,"arguments":""}}]`...)
	e.send("null", emit)
}

func (e *Encoder) toolDelta(tool int, args conv.Str, emit func(string, []byte)) {
	if tool >= len(e.args) {
		return
	}
	e.args[tool] = true
	e.call(tool)
	e.buf = append(append(e.buf, `,"function":{"arguments":`...), args...)
	e.buf = append(e.buf, `}}]`...)
	e.send("null", emit)
}

// end gives calls without arguments an empty object, tells why the answer
// ended and, to callers who asked, the usage.
func (e *Encoder) end(emit func(string, []byte)) {
	for tool, written := range e.args {
		if !written {
			e.toolDelta(tool, `"{}"`, emit)
		}
	}
	e.done = true
	e.buf = append(e.buf[:0], e.head...)
	e.send(stopReason(e.stop), emit)
	if e.opts.IncludeUsage && e.hasUsage {
		head := e.head[:len(e.head)-len(`{"index":0,"delta":{`)]
		e.buf = append(append(e.buf[:0], head...), `],"usage":`...)
		e.buf = append(appendUsage(e.buf, &e.usage), '}')
		emit("", e.buf)
	}
	emit("", append(e.buf[:0], "[DONE]"...))
}
