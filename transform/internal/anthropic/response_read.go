package anthropic

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
	v := conv.Body(text)
	content := v.Get("content")
	if !content.IsArray() {
		p := root.Field("content")
		return nil, p.Fail("must be an array of blocks")
	}
	r := &conv.Response{
		ID:       v.Get("id").Str(),
		Model:    v.Get("model").Str(),
		StopText: v.Get("stop_sequence").Str(),
	}
	r.HasUsage = readUsage(&r.Usage, v.Get("usage"))
	calls := false
	for c := content.Walk(); c.Next(); {
		calls = readBlock(r, c.Value) || calls
	}
	r.Stop = calling(readStop(v.Get("stop_reason")), calls)
	return r, nil
}

// readBlock reads one block of an answer and reports that it is a call which
// waits for its result.
// Blocks that tell how the answer came about have no place in the model.
func readBlock(r *conv.Response, v conv.Raw) (call bool) {
	switch v.Get("type") {
	case `"text"`:
		r.Parts = appendText(r.Parts, v.Get("text").Str())
		if !v.Get("citations").IsEmpty() {
			r.Lost = append(r.Lost, `"citations"`)
		}
	case `"thinking"`:
		p := conv.Part{Kind: conv.Reasoning, Text: v.Get("thinking").Str()}
		if s := v.Get("signature").Str(); !s.Empty() {
			p.State = conv.State{Kind: conv.Signature, Value: s}
		}
		if !p.Text.Empty() || p.State.Kind != conv.NoState {
			r.Parts = append(r.Parts, p)
		}
	case `"redacted_thinking"`:
		state := conv.State{Kind: conv.Redacted, Value: v.Get("data").Str()}
		r.Parts = append(r.Parts, conv.Part{Kind: conv.Reasoning, State: state})
	case `"tool_use"`:
		p := conv.Part{Kind: conv.ToolCall, ID: v.Get("id").Str(), Name: v.Get("name").Str(), Args: "{}"}
		if input := v.Get("input"); input.IsObject() {
			p.Args = string(input)
		}
		r.Parts = append(r.Parts, p)
		return pending(v)
	default:
		r.Lost = append(r.Lost, v.Get("type").Str())
	}
	return false
}

// pending reports that the caller must answer a call. Those made by code which
// runs on the server have been answered when the answer ends.
func pending(block conv.Raw) bool {
	kind := block.Get("caller").Get("type")
	return kind == "" || kind == `"direct"`
}

// calling mends the stop reason of an answer with calls: some servers call it
// an ordinary end, and an agent would stop there.
func calling(stop conv.StopReason, calls bool) conv.StopReason {
	if calls && (stop == conv.StopEnd || stop == conv.StopUnknown) {
		return conv.StopTool
	}
	return stop
}

func readStop(v conv.Raw) conv.StopReason {
	switch v {
	case "", "null", `""`:
		return conv.StopNone
	case `"end_turn"`:
		return conv.StopEnd
	case `"max_tokens"`, `"model_context_window_exceeded"`:
		return conv.StopLength
	case `"stop_sequence"`:
		return conv.StopSequence
	case `"tool_use"`:
		return conv.StopTool
	case `"refusal"`:
		return conv.StopRefusal
	case `"pause_turn"`:
		return conv.StopPause
	}
	return conv.StopUnknown
}

// readUsage puts the counts that v has into u and reports that v has some.
// Counts that v leaves out stay: a later usage supersedes what it names.
func readUsage(u *conv.Usage, v conv.Raw) bool {
	if !v.IsObject() {
		return false
	}
	for c := v.Walk(); c.Next(); {
		if !c.Value.IsNumber() && !c.Value.IsObject() { // null tells nothing new
			continue
		}
		switch c.Key {
		case "input_tokens":
			u.Input = c.Value.Count()
		case "output_tokens":
			u.Output = c.Value.Count()
		case "cache_read_input_tokens":
			u.CacheRead = c.Value.Count()
		case "cache_creation_input_tokens":
			u.CacheWrite = c.Value.Count()
		case "cache_creation":
			u.CacheWriteHour = c.Value.Get("ephemeral_1h_input_tokens").Count()
			if !v.Get("cache_creation_input_tokens").IsNumber() {
				u.CacheWrite = c.Value.Get("ephemeral_5m_input_tokens").Count() + u.CacheWriteHour
			}
		case "output_tokens_details":
			u.Reasoning = c.Value.Get("thinking_tokens").Count()
		}
	}
	return true
}
