package anthropic

import (
	"strconv"

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
		Stop:     readStop(v.Get("stop_reason")),
		StopText: v.Get("stop_sequence").Str(),
	}
	r.HasUsage = readUsage(&r.Usage, v.Get("usage"))
	readBlocks(r, content)
	return r, nil
}

// readBlocks reads the text and the tool calls of an answer. Other blocks tell
// how the answer came about and have no place in the model.
func readBlocks(r *conv.Response, content conv.Raw) {
	for c := content.Walk(); c.Next(); {
		switch c.Value.Get("type") {
		case `"text"`:
			r.Parts = appendText(r.Parts, c.Value.Get("text").Str())
			if !c.Value.Get("citations").IsEmpty() {
				r.Lost = append(r.Lost, `"citations"`)
			}
		case `"tool_use"`:
			p := conv.Part{Kind: conv.ToolCall, ID: c.Value.Get("id").Str(), Name: c.Value.Get("name").Str(), Args: "{}"}
			if input := c.Value.Get("input"); input.IsObject() {
				p.Args = string(input)
			}
			r.Parts = append(r.Parts, p)
		default:
			r.Lost = append(r.Lost, c.Value.Get("type").Str())
		}
	}
}

func readStop(v conv.Raw) conv.StopReason {
	switch v {
	case "", "null":
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

func stopReason(s conv.StopReason) string {
	switch s {
	case conv.StopLength:
		return `"max_tokens"`
	case conv.StopSequence:
		return `"stop_sequence"`
	case conv.StopTool:
		return `"tool_use"`
	case conv.StopRefusal:
		return `"refusal"`
	case conv.StopPause:
		return `"pause_turn"`
	}
	return `"end_turn"`
}

// readUsage puts the counts that v has into u and reports that v has some.
// Counts that v leaves out stay: a later usage supersedes what it names.
func readUsage(u *conv.Usage, v conv.Raw) bool {
	if !v.IsObject() {
		return false
	}
	for c := v.Walk(); c.Next(); {
		switch c.Key {
		case "input_tokens":
			u.Input = c.Value.Count()
		case "output_tokens":
			u.Output = c.Value.Count()
		case "cache_read_input_tokens":
			u.CacheRead = c.Value.Count()
		case "cache_creation_input_tokens":
			u.CacheWrite = c.Value.Count()
		case "output_tokens_details":
			u.Reasoning = c.Value.Get("thinking_tokens").Count()
		}
	}
	return true
}

// WriteResponse appends the answer in this protocol.
func WriteResponse(dst []byte, r *conv.Response) []byte {
	dst = appendMessage(dst, r.ID, r.Model)
	for i := range r.Parts {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendBlock(dst, &r.Parts[i])
	}
	dst = append(dst, `],"stop_reason":`...)
	dst = append(dst, stopReason(r.Stop)...)
	dst = append(dst, `,"stop_sequence":`...)
	dst = appendNullable(dst, r.StopText)
	dst = append(dst, `,"usage":`...)
	return append(appendUsage(dst, &r.Usage), '}')
}

// appendMessage opens a message up to the bracket of its content.
func appendMessage(dst []byte, id, model conv.Str) []byte {
	dst = append(dst, `{"id":`...)
	dst = conv.AppendID(dst, "msg_", id)
	dst = append(dst, `,"type":"message","role":"assistant","model":`...)
	if model == "" {
		model = `""`
	}
	dst = append(dst, model...)
	return append(dst, `,"content":[`...)
}

func appendBlock(dst []byte, p *conv.Part) []byte {
	if p.Kind != conv.ToolCall {
		dst = append(dst, `{"type":"text","text":`...)
		if p.Text == "" {
			dst = append(dst, `""`...)
		}
		return append(append(dst, p.Text...), '}')
	}
	call := *p
	if call.ID.Empty() {
		call.ID = conv.NewToolID("toolu_")
	}
	return append(appendToolUse(dst, &call), '}')
}

func appendNullable(dst []byte, s conv.Str) []byte {
	if s == "" {
		s = "null"
	}
	return append(dst, s...)
}

func appendUsage(dst []byte, u *conv.Usage) []byte {
	dst = append(dst, `{"input_tokens":`...)
	dst = strconv.AppendInt(dst, u.Input, 10)
	dst = append(dst, `,"cache_creation_input_tokens":`...)
	dst = strconv.AppendInt(dst, u.CacheWrite, 10)
	dst = append(dst, `,"cache_read_input_tokens":`...)
	dst = strconv.AppendInt(dst, u.CacheRead, 10)
	dst = append(dst, `,"output_tokens":`...)
	dst = strconv.AppendInt(dst, u.Output, 10)
	return append(dst, '}')
}
