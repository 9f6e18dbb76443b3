package routextest

import (
	"strings"

	"github.com/tidwall/gjson"
)

// input checks the items in their order. A continued conversation may answer
// calls that are not in it.
func (d responses) input(input gjson.Result, continued bool) string {
	switch {
	case input.Type == gjson.String && input.String() != "":
		return ""
	case !input.Get("0").Exists():
		return "Missing required parameter: 'input'."
	}
	open := map[string]bool{} // tool calls that have no output yet
	var before gjson.Result
	problem := each(input, bracketed("input"), func(_ int, item gjson.Result) string {
		if problem := followsReasoning(before, item); problem != "" {
			return problem
		}
		before = item
		return d.item(item, open, continued)
	})
	if problem == "" {
		problem = followsReasoning(before, gjson.Result{})
	}
	if problem == "" {
		for id := range open {
			return "No tool output found for function call " + id + "."
		}
	}
	return problem
}

// followsReasoning checks that what comes after reasoning is the assistant's.
func followsReasoning(before, item gjson.Result) string {
	kind := item.Get("type").String()
	switch {
	case before.Get("type").String() != "reasoning", item.Get("role").String() == "assistant":
		return ""
	case kind == "", kind == "message", strings.HasSuffix(kind, "_output"):
		return "Item '" + before.Get("id").String() + "' of type 'reasoning' was provided without its required following item."
	}
	return ""
}

func (d responses) item(item gjson.Result, open map[string]bool, continued bool) string {
	call := item.Get("call_id").String()
	switch kind := item.Get("type").String(); kind {
	case "", "message":
		return responsesMessage(item)
	case "function_call", "custom_tool_call":
		return responsesCall(item, kind, open)
	case "function_call_output", "custom_tool_call_output":
		if !open[call] && !continued {
			return "No tool call found for function call output with call_id " + call + "."
		}
		delete(open, call)
		return responsesContent(item.Get("output"), " input_text input_image input_file ", true)
	case "reasoning":
		return d.thought(item)
	case "item_reference":
		return "Item with id '" + item.Get("id").String() + "' not found."
	default:
		if !strings.Contains(kind, "_call") && !strings.HasPrefix(kind, "mcp_") && kind != "compaction" {
			return "Invalid value: '" + kind + "'."
		}
		return ""
	}
}

// wrongID checks the prefix of an item's own id, which may be absent.
func wrongID(item gjson.Result, prefix string) string {
	if id := item.Get("id"); given(id) && !strings.HasPrefix(id.String(), prefix) {
		return "Invalid 'id': '" + id.String() + "'. Expected an ID that begins with '" + prefix + "'."
	}
	return ""
}

func responsesMessage(item gjson.Result) string {
	role := item.Get("role").String()
	if stranger(item, " type role content id status phase ") != "" {
		return "Unknown parameter: '" + stranger(item, " type role content id status phase ") + "'."
	}
	switch role {
	case "user", "system", "developer":
		return responsesContent(item.Get("content"), " input_text input_image input_file input_audio ", false)
	case "assistant":
		return firstOf(wrongID(item, "msg"), responsesContent(item.Get("content"), " output_text refusal ", false))
	}
	return "Invalid value: '" + role + "'. Supported values are: 'assistant', 'system', 'developer', and 'user'."
}

func responsesContent(content gjson.Result, kinds string, mayBeEmpty bool) string {
	switch {
	case content.Type == gjson.String:
		return ""
	case !content.IsArray(), !mayBeEmpty && !content.Get("0").Exists():
		return "content is required"
	}
	return each(content, bracketed("content"), func(_ int, part gjson.Result) string {
		kind := part.Get("type").String()
		switch {
		case kind == "" || !strings.Contains(kinds, " "+kind+" "):
			return "Invalid value: '" + kind + "'. Supported values are:" + kinds
		case strings.HasSuffix(kind, "_text") && part.Get("text").Type != gjson.String, kind == "refusal" && part.Get("refusal").Type != gjson.String:
			return "Missing required parameter: 'text'."
		case kind == "input_image" && !part.Get("file_id").Exists():
			return chatLink(part.Get("image_url").String())
		case kind == "input_file" && part.Get("file_data").Exists() && part.Get("filename").String() == "":
			return "Missing required parameter: 'filename'."
		case kind == "input_file" && !part.Get("file_data").Exists() && !part.Get("file_id").Exists() && !part.Get("file_url").Exists():
			return "Missing required parameter: 'file_id'."
		}
		return ""
	})
}

func responsesCall(item gjson.Result, kind string, open map[string]bool) string {
	id, prefix, member := item.Get("call_id").String(), "fc", "arguments"
	if kind == "custom_tool_call" {
		prefix, member = "ctc", "input"
	}
	switch {
	case id == "" || len(id) > 64 || open[id]:
		return "call_id must be there, unique, and not longer than 64"
	case item.Get("name").String() == "" || item.Get(member).Type != gjson.String:
		return "Missing required parameter: 'name' or '" + member + "'."
	}
	open[id] = true
	return wrongID(item, prefix)
}

// thought checks an item of reasoning.
func (d responses) thought(item gjson.Result) string {
	id, encrypted := item.Get("id").String(), item.Get("encrypted_content")
	switch {
	case !strings.HasPrefix(id, "rs_"):
		return "Invalid 'id': '" + id + "'. Expected an ID that begins with 'rs'."
	case !item.Get("summary").IsArray():
		return "Missing required parameter: 'summary'."
	case given(encrypted) && encrypted.String() != d.coin(id):
		return "The encrypted content for item " + id + " could not be verified."
	case !given(encrypted) && !strings.HasPrefix(id, "rs_"+string(d.mint)):
		return "Item with id '" + id + "' not found. Items are not persisted when `store` is set to false."
	}
	return each(item.Get("summary"), bracketed("summary"), func(_ int, part gjson.Result) string {
		if part.Get("type").String() != "summary_text" || part.Get("text").Type != gjson.String {
			return "Invalid value: 'summary'."
		}
		return ""
	})
}
