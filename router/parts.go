package router

import (
	"strings"

	"github.com/tidwall/gjson"
)

// eachPart calls f for every part of every message, those inside a tool's
// result included, until it gives false. Text content counts as one part.
func (r *Request) eachPart(f func(role string, part gjson.Result) bool) {
	for _, list := range [...]string{"messages", "input", "contents"} {
		v := r.Get(list, "")
		if v.Type == gjson.String { // an input that is one text
			f("user", v)
		} else {
			v.ForEach(func(_, msg gjson.Result) bool { return eachOfMessage(msg, f) })
		}
	}
}

// eachOfMessage knows the messages of each protocol: content as text or parts,
// Gemini's parts, and the items of Responses that are no messages.
func eachOfMessage(msg gjson.Result, f func(string, gjson.Result) bool) bool {
	role := msg.Get("role").Str
	if parts := msg.Get("parts"); parts.Exists() {
		if role == "" {
			role = "user"
		}
		return eachOf(role, parts, f)
	}
	if output := msg.Get("output"); output.Exists() {
		return eachOf("tool", output, f)
	}
	return eachOf(role, msg.Get("content"), f)
}

// eachOf does not look for results in results: there are none, and each level
// would read again all that is below it.
func eachOf(role string, content gjson.Result, f func(string, gjson.Result) bool) bool {
	if content.Type == gjson.String {
		return f(role, content)
	}
	on := true
	content.ForEach(func(_, part gjson.Result) bool {
		if on = f(role, part); on && role != "tool" && part.Get("type").Str == "tool_result" {
			on = eachOf("tool", part.Get("content"), f)
		}
		return on
	})
	return on
}

func isImage(part gjson.Result) bool {
	switch part.Get("type").Str {
	case "image", "image_url", "input_image":
		return true
	case "":
		for _, path := range [...]string{"inlineData.mimeType", "inline_data.mime_type", "fileData.mimeType", "file_data.mime_type"} {
			if strings.HasPrefix(part.Get(path).Str, "image/") {
				return true
			}
		}
	}
	return false
}
