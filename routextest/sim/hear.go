package sim

import (
	"bytes"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform"
)

// What is heard is an answer as a client of the caller's protocol understands
// it.
type heard struct {
	text  string
	fault string // the error that it tells; "" for none
	ended bool   // in the way in which a whole answer ends
	after bool   // something came after its end
}

// hear reads an answer with a status of success.
func hear(d transform.Dialect, body []byte, stream bool) heard {
	if !stream {
		return hearWhole(d, body)
	}
	var h heard
	var text bytes.Buffer
	for len(body) > 0 {
		line, rest, _ := bytes.Cut(body, []byte("\n"))
		body = rest
		if data, ok := bytes.CutPrefix(line, []byte("data:")); ok {
			h.after = h.after || h.ended
			h.event(d, bytes.TrimSpace(data), &text)
		}
	}
	h.text = text.String()
	return h
}

func hearWhole(d transform.Dialect, body []byte) (h heard) {
	v := gjson.ParseBytes(body)
	h.fault = v.Get("error.message").String()
	switch d {
	case transform.Anthropic:
		h.text, h.ended = v.Get("content.0.text").String(), v.Get("stop_reason").String() == "end_turn"
	case transform.OpenAIChat:
		h.text, h.ended = v.Get("choices.0.message.content").String(), v.Get("choices.0.finish_reason").String() == "stop"
	case transform.OpenAIResponses:
		h.text = v.Get(`output.#(type=="message").content.0.text`).String()
		h.ended = v.Get("status").String() == "completed"
	case transform.Gemini:
		h.text = v.Get("candidates.0.content.parts.0.text").String()
		h.ended = v.Get("candidates.0.finishReason").String() == "STOP"
	}
	h.ended = h.ended && gjson.ValidBytes(body)
	return h
}

// event understands one event of a stream.
func (h *heard) event(d transform.Dialect, data []byte, text *bytes.Buffer) {
	if d == transform.OpenAIChat && string(data) == "[DONE]" {
		h.ended = true
		return
	}
	v := gjson.ParseBytes(data)
	switch d {
	case transform.Anthropic:
		switch v.Get("type").String() {
		case "content_block_delta":
			text.WriteString(v.Get("delta.text").String())
		case "message_stop":
			h.ended = true
		case "error":
			h.fault = v.Get("error.message").String()
		}
	case transform.OpenAIChat:
		text.WriteString(v.Get("choices.0.delta.content").String())
		h.fault += v.Get("error.message").String()
	case transform.OpenAIResponses:
		switch v.Get("type").String() {
		case "response.output_text.delta":
			text.WriteString(v.Get("delta").String())
		case "response.completed":
			h.ended = v.Get(`response.output.#(type=="message").content.0.text`).String() == text.String()
		case "response.failed":
			h.fault += v.Get("response.error.message").String()
		case "error":
			h.fault += v.Get("message").String()
		}
	case transform.Gemini:
		for _, part := range v.Get("candidates.0.content.parts").Array() {
			text.WriteString(part.Get("text").String())
		}
		h.ended = h.ended || v.Get("candidates.0.finishReason").String() == "STOP"
		h.fault += v.Get("error.message").String()
	}
}
