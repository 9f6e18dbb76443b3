package responses

import (
	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform/internal/conv"
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
	if e := failure(v); e != nil {
		p := root.Field("status")
		return nil, p.Fail("the answer failed: " + e.Message)
	}
	output := v.Get("output")
	if !output.IsArray() {
		p := root.Field("output")
		return nil, p.Fail("must be an array")
	}
	if s := v.Get("status"); s == `"queued"` || s == `"in_progress"` {
		p := root.Field("status")
		return nil, p.Fail("the answer is not finished")
	}
	r := &conv.Response{ID: v.Get("id").Str(), Model: v.Get("model").Str(), Created: v.Get("created_at").Count()}
	for c := output.Walk(); c.Next(); {
		readItem(r, c.Value)
	}
	r.Stop = readStop(v, r.Parts)
	r.HasUsage = readUsage(&r.Usage, v.Get("usage"))
	return r, nil
}

func readItem(r *conv.Response, item conv.Raw) {
	switch kind := item.Get("type"); kind {
	case `"message"`:
		for c := item.Get("content").Walk(); c.Next(); {
			readPart(r, c.Value)
		}
	case `"function_call"`, `"custom_tool_call"`:
		r.Parts = append(r.Parts, conv.Part{
			Kind: conv.ToolCall, ID: item.Get("call_id").Str(), Name: callName(item), Args: itemArgs(item),
		})
	case `"reasoning"`:
		if text, state := itemReasoning(item), itemState(item); text != "" || state.Kind != conv.NoState {
			r.Parts = append(r.Parts, conv.Part{Kind: conv.Reasoning, Text: text, State: state})
		}
	default:
		r.Lost = append(r.Lost, kind.Str())
	}
}

func readPart(r *conv.Response, part conv.Raw) {
	switch kind := part.Get("type"); kind {
	case `"output_text"`, `"text"`:
		r.Parts = appendText(r.Parts, part.Get("text").Str())
		if !part.Get("annotations").IsEmpty() {
			r.Lost = append(r.Lost, `"annotations"`)
		}
	case `"refusal"`:
		if text := part.Get("refusal").Str(); !text.Empty() {
			r.Parts = append(r.Parts, conv.Part{Kind: conv.Refusal, Text: text})
		}
	default:
		r.Lost = append(r.Lost, kind.Str())
	}
}

// itemArgs returns the arguments of a call.
func itemArgs(item conv.Raw) string {
	if input := item.Get("input").Str(); input != "" {
		return inputArgs(input)
	}
	args := item.Get("arguments")
	if args.IsObject() {
		return string(args)
	}
	return conv.Arguments(args.Str())
}

// itemReasoning returns the text of an item of reasoning: the summary, or what
// open models tell in its place.
func itemReasoning(item conv.Raw) conv.Str {
	if text := joinTexts(item.Get("summary")); text != "" {
		return text
	}
	return joinTexts(item.Get("content"))
}

func readStop(v conv.Raw, parts []conv.Part) conv.StopReason {
	var called, refused bool
	for i := range parts {
		called = called || parts[i].Kind == conv.ToolCall
		refused = refused || parts[i].Kind == conv.Refusal
	}
	return stopOf(v, called, refused)
}

// stopOf tells why the answer v ended. Calls of tools have no status of their
// own.
func stopOf(v conv.Raw, called, refused bool) conv.StopReason {
	reason := v.Get("incomplete_details").Get("reason")
	switch {
	case reason == `"max_output_tokens"`:
		return conv.StopLength
	case reason == `"content_filter"`, refused:
		return conv.StopRefusal
	case reason != "", v.Get("status") == `"incomplete"`:
		return conv.StopUnknown
	case called:
		return conv.StopTool
	}
	return conv.StopEnd
}
