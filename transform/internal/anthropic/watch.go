package anthropic

import (
	"cmp"

	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/tidwall/gjson"
)

// A Watch looks at the events of a stream of this protocol that passes
// through untouched. Its zero value is ready.
type Watch struct {
	Usage    conv.Usage
	HasUsage bool
	Err      *conv.Error // of an error event

	text conv.Shape
}

// Text is the shape of the events that bring text and tell nothing else.
func (w *Watch) Text() *conv.Shape { return &w.text }

// Look tells what one event says about the answer and keeps its usage.
func (w *Watch) Look(_, data []byte) conv.Mark {
	if _, ok := w.text.Match(data); ok {
		return conv.MarkContent
	}
	text := conv.View(data)
	if !gjson.Valid(text) {
		return conv.MarkInvalid
	}
	v := conv.Body(text)
	switch v.Get("type") {
	case `"content_block_delta"`:
		return w.delta(data, v.Get("delta"))
	case `"content_block_start"`:
		return startMark(v.Get("content_block"))
	case `"message_start"`:
		w.usage(v.Get("message").Get("usage"))
	case `"message_delta"`:
		w.usage(v.Get("usage"))
		if !v.Get("delta").Get("stop_reason").IsEmpty() {
			return conv.MarkFinish
		}
	case `"message_stop"`:
		return conv.MarkEnd
	case `"error"`:
		w.Err = ReadError(0, data)
		return conv.MarkError
	}
	return 0
}

func (w *Watch) usage(v conv.Raw) {
	if readUsage(&w.Usage, v) {
		w.HasUsage = true
	}
}

// delta: what the three kinds of deltas that come by the hundred look like is
// learned. All others tell something, too.
func (w *Watch) delta(data []byte, delta conv.Raw) conv.Mark {
	var text conv.Str
	switch delta.Get("type") {
	case `"text_delta"`:
		text = delta.Get("text").Str()
	case `"thinking_delta"`:
		text = delta.Get("thinking").Str()
	case `"input_json_delta"`:
		w.text.Learn(data, delta.Get("partial_json").Str())
		return conv.MarkContent
	default:
		return conv.MarkContent
	}
	if text.Empty() {
		return 0
	}
	w.text.Learn(data, text)
	return conv.MarkContent
}

// startMark: text and thinking begin empty, all other blocks tell something
// with their start.
func startMark(block conv.Raw) conv.Mark {
	switch block.Get("type") {
	case `"text"`:
		if block.Get("text").Str().Empty() {
			return 0
		}
	case `"thinking"`:
		if block.Get("thinking").Str().Empty() {
			return 0
		}
	}
	return conv.MarkContent
}

// LookBody tells the usage of a whole answer, and the error of a body that is
// none although its status was good.
func LookBody(body []byte) (u conv.Usage, ok bool, err *conv.Error) {
	text := conv.View(body)
	if !gjson.Valid(text) {
		return u, false, nil
	}
	var kind, failure, usage conv.Raw
	for c := conv.Body(text).Walk(); c.Next(); {
		switch c.Key {
		case "type":
			kind = cmp.Or(kind, c.Value) // the first, as everywhere
		case "error":
			failure = cmp.Or(failure, c.Value)
		case "usage":
			usage = cmp.Or(usage, c.Value)
		}
	}
	if kind == `"error"` || !failure.IsEmpty() {
		return u, false, ReadError(0, body)
	}
	ok = readUsage(&u, usage)
	return u, ok, nil
}

// Seen gives the usage so far, whether there was any, and the error that came
// in place of an event.
func (w *Watch) Seen() (u conv.Usage, ok bool, failure *conv.Error) {
	return w.Usage, w.HasUsage, w.Err
}
