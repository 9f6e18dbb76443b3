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
	tools    int   // how many calls have begun
	block    int64 // index of the block whose call is the last
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
// the first.
func (d *Decoder) start(message conv.Raw, emit func(*conv.Event)) {
	if d.started {
		return
	}
	d.started = true
	d.hasUsage = readUsage(&d.usage, message.Get("usage"))
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
	block := v.Get("content_block")
	switch block.Get("type") {
	case `"text"`:
		d.textDelta(block.Get("text").Str(), emit)
	case `"tool_use"`:
		d.block = v.Get("index").Count()
		d.tools++
		d.emit(emit, conv.Event{
			Kind: conv.ToolStart, Tool: d.tools - 1,
			ID: block.Get("id").Str(), Name: block.Get("name").Str(),
		})
		if input := block.Get("input"); input.IsObject() && !input.IsEmpty() {
			d.emit(emit, conv.Event{Kind: conv.ToolDelta, Tool: d.tools - 1, Text: conv.Quote(string(input))})
		}
	default:
		d.block = -1
		d.emit(emit, conv.Event{Kind: conv.Lost, Text: block.Get("type").Str()})
	}
}

func (d *Decoder) textDelta(text conv.Str, emit func(*conv.Event)) {
	if !text.Empty() {
		d.emit(emit, conv.Event{Kind: conv.TextDelta, Text: text})
	}
}

func (d *Decoder) delta(data []byte, v conv.Raw, emit func(*conv.Event)) {
	d.begin(emit)
	delta := v.Get("delta")
	switch delta.Get("type") {
	case `"text_delta"`:
		text := delta.Get("text").Str()
		d.textDelta(text, emit)
		d.text.Learn(data, text)
	case `"input_json_delta"`:
		// Input of a block that is not a tool_use belongs to a server's tool.
		part := delta.Get("partial_json").Str()
		if d.tools > 0 && !part.Empty() && d.block == v.Get("index").Count() {
			d.emit(emit, conv.Event{Kind: conv.ToolDelta, Tool: d.tools - 1, Text: part})
		}
	case `"citations_delta"`:
		d.emit(emit, conv.Event{Kind: conv.Lost, Text: `"citations"`})
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
		d.finish(stop, delta.Get("stop_sequence").Str(), emit)
	case told:
		d.emit(emit, conv.Event{Kind: conv.UsageOnly, Usage: d.usage, HasUsage: true})
	}
}

func (d *Decoder) finish(stop conv.StopReason, text conv.Str, emit func(*conv.Event)) {
	d.finished = true
	d.emit(emit, conv.Event{Kind: conv.Finish, Stop: stop, StopText: text, Usage: d.usage, HasUsage: d.hasUsage})
}

func (d *Decoder) end(emit func(*conv.Event)) {
	d.done = true
	d.emit(emit, conv.Event{Kind: conv.End})
}
