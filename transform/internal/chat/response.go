package chat

import (
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
	k := parseChunk(conv.Body(text))
	choices := root.Field("choices")
	if !k.choice.found {
		return nil, choices.Fail("must have an element with index 0")
	}
	first := choices.At(0)
	if !k.choice.delta.IsObject() {
		p := first.Field("message")
		return nil, p.Fail("must be an object")
	}
	if isBroken(k.choice.stop) {
		p := first.Field("finish_reason")
		return nil, p.Fail("the provider gave up: " + k.choice.stop.Str().Inner())
	}
	r := &conv.Response{ID: k.id.Str(), Model: k.model.Str(), Created: k.created.Count()}
	readMessage(r, parseMessage(k.choice.delta), k.choice.stop)
	r.HasUsage = readUsage(&r.Usage, k.usage)
	return r, nil
}

func readMessage(r *conv.Response, m message, reason conv.Raw) {
	lose := func(name string) { r.Lost = append(r.Lost, conv.Quote(name)) }
	r.Parts = appendText(r.Parts, conv.Reasoning, m.thought.words())
	eachPart(m.content, func(kind conv.PartKind, text conv.Str) { r.Parts = appendText(r.Parts, kind, text) }, lose)
	r.Parts = appendText(r.Parts, conv.Refusal, m.refusal)
	refused := len(r.Parts) > 0 && r.Parts[len(r.Parts)-1].Kind == conv.Refusal
	for _, name := range m.lost {
		lose(name)
	}
	texts := len(r.Parts)
	for c := m.calls.Walk(); c.Next(); {
		r.Parts = append(r.Parts, readCall(c.Value))
	}
	if m.legacy.IsObject() {
		r.Parts = append(r.Parts, readFunction("", m.legacy))
	}
	r.Stop = readStop(reason, len(r.Parts) > texts, refused)
}

func readCall(v conv.Raw) conv.Part {
	id := v.Get("id").Str()
	if custom := v.Get("custom"); custom.IsObject() {
		return conv.Part{
			Kind: conv.ToolCall, ID: id, Name: custom.Get("name").Str(),
			Args: conv.FreeformArgs(custom.Get("input").Str()),
		}
	}
	p := readFunction(id, v.Get("function"))
	p.State = signature(v.Get("extra_content"))
	return p
}

func readFunction(id conv.Str, function conv.Raw) conv.Part {
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
