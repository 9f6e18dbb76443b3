package routextest

import (
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// conversation checks the messages in their order.
func (d anthropic) conversation(c *Call, body gjson.Result) string {
	messages := body.Get("messages").Array()
	switch {
	case len(messages) == 0:
		return "messages: at least one message is required"
	case messages[0].Get("role").String() != "user":
		return "messages: first message must use the \"user\" role"
	}
	latest := c.Header.Get("Anthropic-Version") == version2026
	open := map[string]bool{} // tool calls that have no result yet
	for i, m := range messages {
		if problem := d.turn(m, open, latest); problem != "" {
			return "messages." + number(i) + ": " + problem
		}
	}
	if len(open) > 0 {
		return "tool_use ids were found without tool_result blocks immediately after"
	}
	return anthropicLast(messages, body.Get("thinking.type").String() == "enabled")
}

// anthropicLast checks what holds for the last message of the assistant.
func anthropicLast(messages []gjson.Result, thinking bool) string {
	for i, m := range slices.Backward(messages) {
		if m.Get("role").String() != "assistant" {
			continue
		}
		content := m.Get("content")
		first := firstOf(content.Get("0.type").String(), "text")
		prefilled := i == len(messages)-1
		switch {
		case thinking && (prefilled || content.Get(`#(type=="tool_use")`).Exists()) && first != "thinking" && first != "redacted_thinking":
			return "messages." + number(i) + ".content.0.type: Expected `thinking` or `redacted_thinking`, but found `" + first +
				"`. When `thinking` is enabled, a final `assistant` message must start with a thinking block"
		case prefilled && endsInSpace(content):
			return "messages: final assistant content cannot end with trailing whitespace"
		}
		return ""
	}
	return ""
}

func endsInSpace(content gjson.Result) bool {
	s := content.String()
	if blocks := content.Array(); content.IsArray() && len(blocks) > 0 {
		s = blocks[len(blocks)-1].Get("text").String()
	}
	return s != strings.TrimRight(s, " \t\n")
}

// turn checks one message; open has the calls of the one before.
func (d anthropic) turn(m gjson.Result, open map[string]bool, latest bool) string {
	role, content := m.Get("role").String(), m.Get("content")
	switch {
	case role != "user" && role != "assistant" && (role != "system" || !latest):
		return "role must be user or assistant"
	case content.Type == gjson.String && content.String() == "", content.Type != gjson.String && !content.Get("0").Exists():
		return "content must be non-empty"
	case stranger(m, " role content ") != "":
		return stranger(m, " role content ") + ": Extra inputs are not permitted"
	}
	if content.Type == gjson.String {
		content = gjson.Result{}
	}
	results := true // so far there were only results of tools
	problem := each(content, dotted("content"), func(_ int, block gjson.Result) string {
		isResult := block.Get("type").String() == "tool_result"
		if isResult && !results {
			return "tool_result blocks must come first in the content"
		}
		results = isResult
		return d.block(role, block, open, latest)
	})
	if problem == "" && role == "user" && len(open) > 0 {
		return "tool_use ids were found without tool_result blocks immediately after"
	}
	return problem
}

// anthropicBlockMembers are those of a block, "" for one that is not checked.
func anthropicBlockMembers(kind string) string {
	switch kind {
	case "text":
		return " type text cache_control citations "
	case "image":
		return " type source cache_control "
	case "document":
		return " type source cache_control citations context title "
	case "tool_use":
		return " type id name input cache_control caller "
	case "tool_result":
		return " type tool_use_id content is_error cache_control "
	case "thinking":
		return " type thinking signature "
	case "redacted_thinking":
		return " type data "
	}
	return ""
}

func (d anthropic) block(role string, block gjson.Result, open map[string]bool, latest bool) string {
	kind := block.Get("type").String()
	if known := anthropicBlockMembers(kind); known != "" && stranger(block, known) != "" {
		return kind + "." + stranger(block, known) + ": Extra inputs are not permitted"
	}
	switch kind {
	case "":
		return "type: Field required"
	case "text":
		return anthropicText(role, block, latest)
	case "tool_use":
		return anthropicCall(role, block, open)
	case "tool_result":
		return d.result(role, block, open, latest)
	case "image", "document":
		return anthropicMedia(role, kind, block.Get("source"), latest)
	case "thinking":
		if role != "assistant" || block.Get("signature").String() != d.coin(block.Get("thinking").String()) {
			return "Invalid `signature` in `thinking` block"
		}
	case "redacted_thinking":
		if role != "assistant" || !d.made(block.Get("data").String()) {
			return "Invalid `data` in `redacted_thinking` block"
		}
	}
	return ""
}

func anthropicText(role string, block gjson.Result, latest bool) string {
	switch {
	case strings.TrimSpace(block.Get("text").String()) == "":
		return "text content blocks must be non-empty"
	case latest && role == "user" && block.Get("citations.0").Exists():
		return "citations: not allowed in user messages"
	}
	return ""
}

func anthropicCall(role string, block gjson.Result, open map[string]bool) string {
	id := block.Get("id").String()
	switch {
	case role != "assistant" || !block.Get("input").IsObject():
		return "tool_use needs the assistant role and an input object"
	case !plainName(id, 1<<20, ""):
		return "tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'"
	case open[id]:
		return "`tool_use` ids must be unique"
	}
	open[id] = true
	return ""
}

func (d anthropic) result(role string, block gjson.Result, open map[string]bool, latest bool) string {
	id := block.Get("tool_use_id").String()
	if role != "user" || !open[id] {
		return "unexpected tool_use_id found in tool_result blocks: " + id
	}
	delete(open, id)
	content := block.Get("content")
	if content.Type == gjson.String {
		return ""
	}
	return each(content, dotted("content"), func(_ int, part gjson.Result) string {
		switch kind := part.Get("type").String(); kind {
		case "text", "image", "document", "search_result", "tool_reference":
			return d.block(role, part, open, latest)
		default:
			return "Input tag '" + kind + "' found using 'type' does not match any of the expected tags"
		}
	})
}

func anthropicMedia(role, kind string, source gjson.Result, latest bool) string {
	switch from := source.Get("type").String(); {
	case from == "":
		return kind + ".source: Field required"
	case role == "assistant" && (kind == "image" || latest):
		return kind + " blocks are not allowed in assistant messages"
	case from == "base64" && kind == "image" && !strings.Contains(" image/jpeg image/png image/gif image/webp ", " "+source.Get("media_type").String()+" "):
		return "image.source.base64.media_type: Input should be 'image/jpeg', 'image/png', 'image/gif' or 'image/webp'"
	case from == "base64" && kind == "document" && source.Get("media_type").String() != "application/pdf":
		return "document.source.base64.media_type: Input should be 'application/pdf'"
	case from == "base64" && source.Get("data").String() == "":
		return kind + ".source.base64.data: Field required"
	}
	return ""
}
