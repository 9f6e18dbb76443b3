package chat

import (
	"slices"
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
	refused  bool
	calls    []encodedCall
	thought  []byte // text of the reasoning that is open, as it stands in a literal
	thoughts int    // how many of reasoning_details were written
}

// An encodedCall is what must be known of a call that was begun.
type encodedCall struct {
	written  bool // some of its arguments were
	freeform bool // its tool takes text
	args     []byte
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
		e.thought = e.thought[:0]
		e.delta(`"content":`, ev.Text, emit)
	case conv.RefusalDelta:
		e.refused = true
		e.delta(`"refusal":`, ev.Text, emit)
	case conv.ReasoningDelta:
		e.thought = append(e.thought, ev.Text.Inner()...)
		e.delta(`"reasoning_content":`, ev.Text, emit)
	case conv.ReasoningState:
		e.reasoningState(ev, emit)
	case conv.ToolStart:
		e.thought = e.thought[:0]
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
	e.head = appendHead(nil, "chat.completion.chunk", ev.ID, ev.Model, ev.Created, &e.opts)
	e.head = append(e.head, `{"index":0,"delta":{`...)
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

// reasoningState gives the caller what the provider wants back, together with
// the text that it belongs to: a caller keeps the two together.
func (e *Encoder) reasoningState(ev *conv.Event, emit func(string, []byte)) {
	text := conv.View(e.thought)
	if ev.State.Kind == conv.Redacted {
		text = "" // it holds all there is
	}
	e.buf = append(append(e.buf[:0], e.head...), `"reasoning_details":[`...)
	e.buf = appendDetail(e.buf, text, &ev.State, &e.opts, e.thoughts)
	e.buf = append(e.buf, ']')
	e.thoughts++
	e.thought = e.thought[:0]
	e.send("null", emit)
}

func (e *Encoder) call(tool int) {
	e.buf = append(append(e.buf[:0], e.head...), `"tool_calls":[{"index":`...)
	e.buf = strconv.AppendInt(e.buf, int64(tool), 10)
}

func (e *Encoder) toolStart(ev *conv.Event, emit func(string, []byte)) {
	for len(e.calls) <= ev.Tool {
		e.calls = append(e.calls, encodedCall{})
	}
	state, extra := ev.State, conv.Str("")
	if e.opts.Own && state.Kind == conv.Thought { // as Google's models send it by this protocol
		state, extra = conv.State{}, state.Value
	}
	id, name := answerID(ev.ID, &state, e.opts.Provider), ev.Name
	if name == "" {
		name = `""`
	}
	e.call(ev.Tool)
	e.buf = append(append(e.buf, `,"id":`...), id...)
	if len(e.opts.Freeform) > 0 && slices.Contains(e.opts.Freeform, name.String()) {
		e.calls[ev.Tool].freeform = true
		e.buf = append(append(e.buf, `,"type":"custom","custom":{"name":`...), name...)
		e.buf = append(e.buf, `,"input":""}}]`...)
	} else {
		e.buf = append(append(e.buf, `,"type":"function","function":{"name":`...), name...)
		e.buf = append(e.buf, `,"arguments":""}`...)
		if extra != "" {
			e.buf = append(append(append(e.buf, `,"extra_content":{"google":{"thought_signature":`...), extra...), `}}`...)
		}
		e.buf = append(e.buf, `}]`...)
	}
	e.send("null", emit)
}

// toolDelta passes a piece of the arguments on. Where the tool takes text,
// they are kept until the text can be read out of them.
func (e *Encoder) toolDelta(tool int, args conv.Str, emit func(string, []byte)) {
	if tool >= len(e.calls) {
		return
	}
	c := &e.calls[tool]
	c.written = true
	if c.freeform {
		c.args = append(c.args, args.String()...)
		return
	}
	e.call(tool)
	e.buf = append(append(e.buf, `,"function":{"arguments":`...), args...)
	e.buf = append(e.buf, `}}]`...)
	e.send("null", emit)
}

// endCall completes the arguments of a call: those of one without any are an
// empty object.
func (e *Encoder) endCall(tool int, emit func(string, []byte)) {
	switch c := &e.calls[tool]; {
	case !c.freeform && !c.written:
		e.toolDelta(tool, `"{}"`, emit)
	case c.freeform && c.written:
		e.call(tool)
		e.buf = append(e.buf, `,"custom":{"input":`...)
		e.buf = append(e.buf, conv.FreeformInput(string(c.args))...)
		e.buf = append(e.buf, `}}]`...)
		e.send("null", emit)
	}
}

// end completes the calls, tells why the answer ended and, to callers who
// asked, the usage.
func (e *Encoder) end(emit func(string, []byte)) {
	for tool := range e.calls {
		e.endCall(tool, emit)
	}
	e.done = true
	e.buf = append(e.buf[:0], e.head...)
	e.send(stopReason(e.stop, e.refused), emit)
	if e.opts.IncludeUsage && e.hasUsage {
		head := e.head[:len(e.head)-len(`{"index":0,"delta":{`)]
		e.buf = append(append(e.buf[:0], head...), `],"usage":`...)
		e.buf = append(appendUsage(e.buf, &e.usage), '}')
		emit("", e.buf)
	}
	emit("", append(e.buf[:0], "[DONE]"...))
}
