package anthropic

import (
	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/tidwall/gjson"
)

// A Decoder turns a stream of this protocol into events. It is meant for one
// stream.
type Decoder struct {
	ev       conv.Event // the one that is being emitted
	started  bool
	finished bool // a stop reason was given
	done     bool // nothing is told any more
	usage    conv.Usage
	hasUsage bool

	calls     []int64    // indexes of the blocks of the calls that have begun; noBlock for one whose index another block has
	pending   bool       // one of them waits for its result
	input     conv.Str   // of the last call, as its start told it; pieces take its place
	signature []byte     // inner text of the one that the open block has
	shape     conv.Shape // of the latest deltas, by what they tell
	shaped    conv.EventKind
	shapedOf  int // number of the call, if it is of one
}

const noBlock = -1

// NewDecoder returns a Decoder for a new stream.
func NewDecoder() *Decoder { return new(Decoder) }

// Event reads one event and emits what it tells. What is no event of this
// protocol is passed over.
func (d *Decoder) Event(_, data []byte, emit func(*conv.Event)) error {
	if d.done {
		return nil
	}
	if text, ok := d.shape.Match(data); ok {
		d.emit(emit, conv.Event{Kind: d.shaped, Text: text, Tool: d.shapedOf})
		return nil
	}
	if text := conv.View(data); gjson.Valid(text) {
		d.event(data, conv.Body(text), emit)
	}
	return nil
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

func (d *Decoder) event(data []byte, v conv.Raw, emit func(*conv.Event)) {
	switch v.Get("type") {
	case `"message_start"`:
		d.start(v.Get("message"), emit)
	case `"content_block_start"`:
		d.blockStart(v, emit)
	case `"content_block_delta"`:
		d.delta(data, v, emit)
	case `"content_block_stop"`:
		d.blockStop(emit)
	case `"message_delta"`:
		d.messageDelta(v, emit)
	case `"message_stop"`:
		d.begin(emit)
		if !d.finished {
			d.finish(conv.StopUnknown, "", emit)
		}
		d.end(emit)
	case `"ping"`:
		d.emit(emit, conv.Event{Kind: conv.Ping})
	case `"error"`:
		d.done = true
		d.emit(emit, conv.Event{Kind: conv.Failed, Err: ReadError(0, data)})
	}
}

// start tells of the message. A second message_start in one stream repeats
// the first, or is that of a message which goes on with it; its usage holds.
func (d *Decoder) start(message conv.Raw, emit func(*conv.Event)) {
	d.hasUsage = readUsage(&d.usage, message.Get("usage")) || d.hasUsage
	if d.started {
		return
	}
	d.started = true
	d.emit(emit, conv.Event{
		Kind: conv.Start, ID: message.Get("id").Str(), Model: message.Get("model").Str(),
		Usage: d.usage, HasUsage: d.hasUsage,
	})
}

// begin makes up for a message_start that did not come.
func (d *Decoder) begin(emit func(*conv.Event)) {
	if !d.started {
		d.start("", emit)
	}
}

func (d *Decoder) blockStart(v conv.Raw, emit func(*conv.Event)) {
	d.begin(emit)
	d.blockStop(emit)
	index := v.Get("index").Count()
	if n := d.callAt(index); n >= 0 {
		d.calls[n] = noBlock
	}
	block := v.Get("content_block")
	switch block.Get("type") {
	case `"text"`:
		d.text(conv.TextDelta, 0, block.Get("text").Str(), emit)
	case `"thinking"`:
		d.text(conv.ReasoningDelta, 0, block.Get("thinking").Str(), emit)
		d.signature = append(d.signature, block.Get("signature").Str().Inner()...)
	case `"redacted_thinking"`:
		d.state(conv.Redacted, block.Get("data").Str(), emit)
	case `"tool_use"`:
		d.toolStart(index, block, emit)
	default:
		d.emit(emit, conv.Event{Kind: conv.Lost, Text: block.Get("type").Str()})
	}
}

// callAt gives the number of the call whose block has the index, -1 for none.
// Blocks may take turns.
func (d *Decoder) callAt(index int64) int {
	n := len(d.calls) - 1
	for n >= 0 && d.calls[n] != index {
		n--
	}
	return n
}

func (d *Decoder) toolStart(index int64, block conv.Raw, emit func(*conv.Event)) {
	n := len(d.calls)
	d.calls = append(d.calls, index)
	d.pending = d.pending || pending(block)
	d.emit(emit, conv.Event{Kind: conv.ToolStart, Tool: n, ID: block.Get("id").Str(), Name: block.Get("name").Str()})
	if input := block.Get("input"); input.IsObject() && !input.IsEmpty() {
		d.input = conv.Quote(string(input))
	}
}

// blockStop ends the block that is open, if one is. The signature of reasoning
// is told as a whole, and so is the input of a call of which no piece came.
func (d *Decoder) blockStop(emit func(*conv.Event)) {
	d.shape.Forget()
	if d.input != "" {
		input := d.input
		d.input = ""
		d.text(conv.ToolDelta, len(d.calls)-1, input, emit)
		d.calls[len(d.calls)-1] = noBlock // pieces would come too late
	}
	if len(d.signature) > 0 {
		signature := conv.Concat(conv.View(d.signature))
		d.signature = nil
		d.state(conv.Signature, signature, emit)
	}
}

func (d *Decoder) state(kind conv.StateKind, value conv.Str, emit func(*conv.Event)) {
	d.emit(emit, conv.Event{Kind: conv.ReasoningState, State: conv.State{Kind: kind, Value: value}})
}

// text tells a piece of text, reasoning or the arguments of a call, and reports
// that there was one.
func (d *Decoder) text(kind conv.EventKind, call int, text conv.Str, emit func(*conv.Event)) bool {
	if text.Empty() {
		return false
	}
	d.emit(emit, conv.Event{Kind: kind, Text: text, Tool: call})
	return true
}

func (d *Decoder) delta(data []byte, v conv.Raw, emit func(*conv.Event)) {
	d.begin(emit)
	delta := v.Get("delta")
	switch delta.Get("type") {
	case `"text_delta"`:
		d.piece(conv.TextDelta, 0, data, delta.Get("text").Str(), emit)
	case `"thinking_delta"`:
		d.piece(conv.ReasoningDelta, 0, data, delta.Get("thinking").Str(), emit)
	case `"signature_delta"`:
		d.signature = append(d.signature, delta.Get("signature").Str().Inner()...)
	case `"input_json_delta"`:
		// Input of a block that is not a tool_use belongs to a server's tool.
		if n := d.callAt(v.Get("index").Count()); n >= 0 {
			d.args(n, data, delta.Get("partial_json").Str(), emit)
		}
	case `"citations_delta"`:
		d.emit(emit, conv.Event{Kind: conv.Lost, Text: `"citations"`})
	}
}

// args tells a piece of the arguments of a call.
func (d *Decoder) args(call int, data []byte, text conv.Str, emit func(*conv.Event)) {
	if !text.Empty() && call == len(d.calls)-1 {
		d.input = ""
	}
	d.piece(conv.ToolDelta, call, data, text, emit)
}

// piece tells the text of a delta, and learns how those that follow will look.
func (d *Decoder) piece(kind conv.EventKind, call int, data []byte, text conv.Str, emit func(*conv.Event)) {
	if d.text(kind, call, text, emit) {
		d.shape.Forget()
		d.shaped, d.shapedOf = kind, call
		d.shape.Learn(data, text)
	}
}

// messageDelta reads the stop reason and the usage, whose counts supersede
// those of the start.
func (d *Decoder) messageDelta(v conv.Raw, emit func(*conv.Event)) {
	d.begin(emit)
	told := readUsage(&d.usage, v.Get("usage"))
	d.hasUsage = d.hasUsage || told
	delta := v.Get("delta")
	switch stop := readStop(delta.Get("stop_reason")); {
	case stop != conv.StopNone && !d.finished:
		d.blockStop(emit)
		d.finish(stop, delta.Get("stop_sequence").Str(), emit)
	case told:
		d.emit(emit, conv.Event{Kind: conv.UsageOnly, Usage: d.usage, HasUsage: true})
	}
}

func (d *Decoder) finish(stop conv.StopReason, text conv.Str, emit func(*conv.Event)) {
	d.finished = true
	stop = calling(stop, d.pending)
	d.emit(emit, conv.Event{Kind: conv.Finish, Stop: stop, StopText: text, Usage: d.usage, HasUsage: d.hasUsage})
}

func (d *Decoder) end(emit func(*conv.Event)) {
	d.blockStop(emit)
	d.done = true
	d.emit(emit, conv.Event{Kind: conv.End})
}
