package routextest

import (
	"strings"

	"github.com/tidwall/gjson"
)

// conversation checks the messages in their order. Own models are OpenAI's.
func (chat) conversation(body gjson.Result, own bool) string {
	open := map[string]bool{} // tool calls that have no answer yet
	problem := each(body.Get("messages"), bracketed("messages"), func(_ int, m gjson.Result) string {
		return chatMessage(m, open, own)
	})
	if problem == "" && len(open) > 0 {
		return unanswered
	}
	return problem
}

const unanswered = "an assistant message with tool_calls must be followed by tool messages responding to each tool_call_id"

// chatMessage checks one message; open has the calls that wait for an answer.
func chatMessage(m gjson.Result, open map[string]bool, own bool) string {
	role, content := m.Get("role").String(), m.Get("content")
	if role == "tool" {
		id := m.Get("tool_call_id").String()
		if !open[id] {
			return "messages with role tool must be a response to a preceding message with tool_calls: " + id
		}
		delete(open, id)
		return chatContent(content, " text ", own)
	}
	if len(open) > 0 {
		return unanswered
	}
	switch role {
	case "system", "developer":
		return chatContent(content, " text ", own)
	case "user":
		return chatContent(content, " text image_url input_audio file ", own)
	case "assistant":
		return chatAssistant(m, open, own)
	}
	return "invalid role " + role
}

func chatContent(content gjson.Result, kinds string, own bool) string {
	switch {
	case !given(content):
		return "content is required"
	case content.Type == gjson.String:
		return ""
	case !content.Get("0").Exists():
		return "content must not be an empty array"
	}
	return each(content, bracketed("content"), func(_ int, part gjson.Result) string {
		kind := part.Get("type").String()
		switch {
		case kind == "" || !strings.Contains(kinds, " "+kind+" "):
			return "Invalid value: '" + kind + "'. Supported values are:" + kinds
		case own && stranger(part, " type text image_url input_audio file refusal ") != "":
			return "Unknown parameter: '" + stranger(part, " type text image_url input_audio file refusal ") + "'."
		case kind == "image_url":
			return chatLink(part.Get("image_url.url").String())
		case kind == "file" && !part.Get("file.file_data").Exists() && !part.Get("file.file_id").Exists():
			return "Missing required parameter: 'file.file_id'."
		case kind == "file" && part.Get("file.file_data").Exists() && part.Get("file.filename").String() == "":
			return "Missing required parameter: 'file.filename'."
		}
		return ""
	})
}

// chatLink checks where an image is.
func chatLink(url string) string {
	if !strings.HasPrefix(url, "https://") && !strings.HasPrefix(url, "http://") && !strings.HasPrefix(url, "data:image/") {
		return "Invalid image_url: expected a URL or a data URL of an image"
	}
	return ""
}

func chatAssistant(m gjson.Result, open map[string]bool, own bool) string {
	if !m.Get("tool_calls.0").Exists() {
		if m.Get("tool_calls").IsArray() {
			return "tool_calls must not be an empty array"
		}
		if given(m.Get("refusal")) || given(m.Get("audio")) {
			return ""
		}
		return chatContent(m.Get("content"), " text refusal ", own)
	}
	return each(m.Get("tool_calls"), bracketed("tool_calls"), func(_ int, call gjson.Result) string {
		id := call.Get("id").String()
		f := call.Get("function")
		switch {
		case id == "" || open[id]:
			return "id must be there and unique"
		case own && len(id) > 40:
			return "Invalid 'id': string too long. Expected a string with maximum length 40"
		case call.Get("type").String() != "function" && call.Get("type").String() != "custom":
			return "type must be function or custom"
		case f.Exists() && (f.Get("name").String() == "" || f.Get("arguments").Type != gjson.String):
			return "function needs a name, and arguments as a string"
		}
		open[id] = true
		return ""
	})
}
