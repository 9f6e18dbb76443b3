package gemini

import (
	"strings"

	"github.com/dctx-team/routex/internal/jsonscan"
	"github.com/dctx-team/routex/transform/internal/conv"
)

// An Encoder turns events into a stream of this protocol, in which calls of
// tools are told whole: their arguments wait until they are complete. It is
// meant for one stream.
type Encoder struct {
	opts     conv.EncoderOptions
	tail     []byte // of every chunk, with the name of the answer
	buf      []byte
	done     bool
	stop     conv.StopReason
	usage    conv.Usage
	hasUsage bool
	waiting  []call
	grown    bool // arguments have come since the calls were last looked at
}

// A call is one whose arguments are not known to be complete.
type call struct {
	tool     int
	id, name conv.Str
	args     []byte // inner literal text

	signature conv.Str
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
	e.start(ev)
	switch ev.Kind {
	case conv.TextDelta, conv.RefusalDelta:
		e.flush(emit)
		e.open()
		e.buf = appendText(e.buf, ev.Text)
		e.send(emit)
	case conv.ReasoningDelta, conv.ReasoningState:
		e.flush(emit)
		e.open()
		e.buf = appendThought(e.buf, ev.Text, &ev.State, &e.opts)
		e.send(emit)
	case conv.ToolStart:
		e.flush(emit)
		e.toolStart(ev)
	case conv.ToolDelta:
		e.toolDelta(ev)
	case conv.Finish:
		// Written at the end: the usage may follow, and content too.
		e.stop = ev.Stop
	case conv.End:
		e.finish(emit)
	}
}

// Close writes what a stream that was finished still needs.
func (e *Encoder) Close(emit func(name string, data []byte)) {
	if e.tail != nil && !e.done {
		e.finish(emit)
	}
}

func (e *Encoder) start(ev *conv.Event) {
	if e.tail == nil {
		e.tail = append(appendTail(nil, ev.ID, ev.Model, e.opts.Model), '}')
	}
}

// open begins a chunk up to its parts.
func (e *Encoder) open() { e.buf = append(e.buf[:0], `{"candidates":[{"content":{"parts":[`...) }

// send ends a chunk that has more after it.
func (e *Encoder) send(emit func(string, []byte)) {
	e.buf = append(e.buf, `],"role":"model"},"index":0}]`...)
	e.buf = append(e.buf, e.tail...)
	emit("", e.buf)
}

func (e *Encoder) toolStart(ev *conv.Event) {
	id := ev.ID
	if id.Empty() {
		id = conv.NewToolID("call_")
	}
	c := call{tool: ev.Tool, name: clone(ev.Name), signature: ownSignature}
	if e.opts.Own && ev.State.Kind == conv.Thought {
		c.id, c.signature = clone(id), clone(ev.State.Value)
	} else {
		c.id = clone(conv.WithState(id, &ev.State, e.opts.Provider))
	}
	e.waiting = append(e.waiting, c)
}

func clone(s conv.Str) conv.Str { return conv.Str(strings.Clone(string(s))) }

func (e *Encoder) toolDelta(ev *conv.Event) {
	for i := range e.waiting {
		if c := &e.waiting[i]; c.tool == ev.Tool {
			c.args = append(c.args, ev.Text.Inner()...)
			e.grown = true
			return
		}
	}
}

// text returns the arguments as the text that the model wrote.
func (c *call) text() conv.Str { return conv.Concat(string(c.args)) }

// object returns the arguments as an object on one line: clients read an event
// line by line.
func (c *call) object() string {
	args := conv.Arguments(c.text())
	if strings.ContainsAny(args, "\r\n") {
		args = strings.NewReplacer("\r", " ", "\n", " ").Replace(args)
	}
	return args
}

// flush writes the calls that are complete, in their order. One without
// arguments may still get some.
func (e *Encoder) flush(emit func(string, []byte)) {
	if !e.grown {
		return
	}
	e.grown = false
	for len(e.waiting) > 0 {
		c := &e.waiting[0]
		if len(c.args) == 0 || !jsonscan.Valid(c.text().String()) {
			return
		}
		e.open()
		e.buf = appendCall(e.buf, c.id, c.name, c.object(), c.signature)
		e.send(emit)
		e.waiting = e.waiting[1:]
	}
}

// finish writes the calls that wait, and why the answer ended, with the usage
// as it was last told.
func (e *Encoder) finish(emit func(string, []byte)) {
	e.done = true
	e.open()
	for i := range e.waiting {
		c := &e.waiting[i]
		e.buf = append(appendCall(e.buf, c.id, c.name, c.object(), c.signature), ',')
	}
	if len(e.waiting) == 0 {
		e.buf = append(e.buf, `{"text":""},`...)
	}
	e.buf = append(closeList(e.buf, ']'), `,"role":"model"},"finishReason":`...)
	e.buf = append(append(e.buf, finishReason(e.stop)...), `,"index":0}]`...)
	if e.hasUsage {
		e.buf = appendUsage(append(e.buf, `,"usageMetadata":`...), &e.usage)
	}
	e.buf = append(e.buf, e.tail...)
	emit("", e.buf)
}
