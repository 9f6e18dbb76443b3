package chat

import (
	"strconv"
	"time"

	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/tidwall/gjson"
)

// ReadResponse reads a whole answer. A body that is no answer of this
// protocol is a *conv.FieldError.
func ReadResponse(body []byte) (*conv.Response, error) {
	root := conv.Path{}
	text := conv.View(body)
	if !gjson.Valid(text) {
		return nil, root.Fail("is not valid JSON")
	}
	v := conv.Body(text)
	choices := root.Field("choices")
	choice := v.Get("choices").Walk()
	if !choice.Next() {
		return nil, choices.Fail("must have an element")
	}
	first := choices.At(0)
	message := choice.Value.Get("message")
	if !message.IsObject() {
		p := first.Field("message")
		return nil, p.Fail("must be an object")
	}
	r := &conv.Response{ID: v.Get("id").Str(), Model: v.Get("model").Str(), Created: v.Get("created").Count()}
	reason := choice.Value.Get("finish_reason")
	if isBroken(reason) {
		p := first.Field("finish_reason")
		return nil, p.Fail("the provider gave up: " + reason.Str().Inner())
	}
	readMessage(r, message, reason)
	r.HasUsage = readUsage(&r.Usage, v.Get("usage"))
	return r, nil
}

func readMessage(r *conv.Response, message, reason conv.Raw) {
	refusal := message.Get("refusal").Str()
	r.Parts = readContent(nil, message.Get("content"))
	r.Parts = appendText(r.Parts, refusal)
	for c := message.Walk(); c.Next(); {
		if isLost(c.Key, c.Value) {
			r.Lost = append(r.Lost, conv.Quote(c.Key))
		}
	}
	texts := len(r.Parts)
	for c := message.Get("tool_calls").Walk(); c.Next(); {
		r.Parts = append(r.Parts, readCall(c.Value.Get("id").Str(), c.Value.Get("function")))
	}
	if call := message.Get("function_call"); call.IsObject() {
		r.Parts = append(r.Parts, readCall("", call))
	}
	r.Stop = readStop(reason, len(r.Parts) > texts, !refusal.Empty())
}

// readContent reads a string or, from some servers, an array of parts.
func readContent(parts []conv.Part, content conv.Raw) []conv.Part {
	if content.IsString() {
		return appendText(parts, content.Str())
	}
	for c := content.Walk(); c.Next(); {
		if c.Value.Get("type") == `"text"` {
			parts = appendText(parts, c.Value.Get("text").Str())
		}
	}
	return parts
}

func readCall(id conv.Str, function conv.Raw) conv.Part {
	return conv.Part{
		Kind: conv.ToolCall, ID: id, Name: function.Get("name").Str(),
		Args: conv.Arguments(argsText(function.Get("arguments"))),
	}
}

// argsText returns the text of arguments, which some servers give as an
// object.
func argsText(v conv.Raw) conv.Str {
	if v.IsObject() {
		return conv.Quote(string(v))
	}
	return v.Str()
}

// readStop reads a finish reason. Servers that say stop where the model called
// a tool are put right: callers go on only if they are told of the call.
func readStop(v conv.Raw, called, refused bool) conv.StopReason {
	stop := finishReason(v)
	switch {
	case refused && (stop == conv.StopEnd || stop == conv.StopNone):
		return conv.StopRefusal
	case called && (stop == conv.StopEnd || stop == conv.StopNone || stop == conv.StopUnknown):
		return conv.StopTool
	}
	return stop
}

func finishReason(v conv.Raw) conv.StopReason {
	switch v {
	case "", "null", `""`:
		return conv.StopNone
	case `"stop"`, `"end_turn"`, `"eos"`:
		return conv.StopEnd
	case `"length"`, `"max_tokens"`, `"model_context_window_exceeded"`, `"model_length"`:
		return conv.StopLength
	case `"tool_calls"`, `"function_call"`, `"tool_use"`:
		return conv.StopTool
	case `"content_filter"`, `"sensitive"`, `"refusal"`:
		return conv.StopRefusal
	}
	return conv.StopUnknown
}

// isBroken knows the reasons by which servers say that they did not finish.
func isBroken(v conv.Raw) bool {
	return v == `"error"` || v == `"network_error"` || v == `"insufficient_system_resource"`
}

func stopReason(s conv.StopReason) string {
	switch s {
	case conv.StopLength:
		return `"length"`
	case conv.StopTool:
		return `"tool_calls"`
	case conv.StopRefusal:
		return `"content_filter"`
	}
	return `"stop"`
}

// WriteResponse appends the answer in this protocol.
func WriteResponse(dst []byte, r *conv.Response) []byte {
	dst = appendHead(dst, "chat.completion", r.ID, r.Model, r.Created)
	dst = append(dst, `{"index":0,"message":{"role":"assistant","content":`...)
	texts, calls := 0, 0
	for i := range r.Parts {
		if r.Parts[i].Kind == conv.ToolCall {
			calls++
		} else {
			texts++
		}
	}
	if texts == 0 && calls > 0 {
		dst = append(dst, "null"...)
	} else {
		w := writer{buf: dst}
		w.joined(r.Parts, "", "")
		dst = w.buf
	}
	dst = append(dst, `,"refusal":null`...)
	if calls > 0 {
		dst = append(dst, `,"tool_calls":`...)
		dst = appendToolCalls(dst, r.Parts)
	}
	dst = append(dst, `},"logprobs":null,"finish_reason":`...)
	dst = append(append(dst, stopReason(r.Stop)...), `}]`...)
	if r.HasUsage {
		dst = append(dst, `,"usage":`...)
		dst = appendUsage(dst, &r.Usage)
	}
	return append(dst, '}')
}

// appendHead opens an answer or a chunk up to the bracket of its choices.
func appendHead(dst []byte, object string, id, model conv.Str, created int64) []byte {
	if created == 0 {
		created = time.Now().Unix()
	}
	if model == "" {
		model = `""`
	}
	dst = append(dst, `{"id":`...)
	dst = conv.AppendID(dst, "chatcmpl-", id)
	dst = append(append(dst, `,"object":"`...), object...)
	dst = append(dst, `","created":`...)
	dst = strconv.AppendInt(dst, created, 10)
	dst = append(dst, `,"model":`...)
	return append(append(dst, model...), `,"choices":[`...)
}
