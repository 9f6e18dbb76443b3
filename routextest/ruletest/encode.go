package ruletest

import (
	"fmt"
	"strings"
)

// pixel is a PNG of one pixel.
const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

const pixelURL = "data:image/png;base64," + pixel

// callID names the call of a tool, the same in its result.
func callID(prefix string, i int) string { return fmt.Sprintf("%s%08d", prefix, i+1) }

// anthropic joins what one side says in several turns, as callers do.
func (r Request) anthropic() string {
	var messages, parts []string
	calls := 0
	for i, t := range r.turns {
		switch {
		case t.call == "":
			parts = append(parts, anthropicParts(t)...)
		case t.role == assistant:
			parts = append(parts, object("type", quoted("tool_use"), "id", quoted(callID("toolu_", calls)), "name", quoted(t.call), "input", t.input))
		default:
			parts = append(parts, object("type", quoted("tool_result"), "tool_use_id", quoted(callID("toolu_", calls)), "content", quoted(t.text)))
			calls++
		}
		if i+1 == len(r.turns) || (r.turns[i+1].role == assistant) != (t.role == assistant) {
			said := "user"
			if t.role == assistant {
				said = "assistant"
			}
			messages, parts = append(messages, object("role", quoted(said), "content", array(parts...))), nil
		}
	}
	var tools []string
	for _, t := range r.tools {
		tools = append(tools, object("name", quoted(t.name), "description", quoted(t.about), "input_schema", t.schema))
	}
	if r.search {
		tools = append(tools, `{"type":"web_search_20250305","name":"web_search","max_uses":5}`)
	}
	thinking := ""
	if r.thinks {
		thinking = `{"type":"enabled","budget_tokens":8000}`
	}
	return object("model", quoted(r.model), "max_tokens", "16000", "system", some(r.system), "messages", array(messages...),
		"tools", list(tools), "thinking", thinking, "stream", flag(r.streams))
}

func anthropicParts(t turn) []string {
	var parts []string
	for range t.images {
		parts = append(parts, `{"type":"image","source":{"type":"base64","media_type":"image/png","data":"`+pixel+`"}}`)
	}
	return append(parts, object("type", quoted("text"), "text", quoted(t.text)))
}

func (r Request) chat() string {
	var messages []string
	if r.system != "" {
		messages = append(messages, object("role", quoted("system"), "content", quoted(r.system)))
	}
	calls := 0
	for _, t := range r.turns {
		switch {
		case t.call == "" && t.role == assistant:
			messages = append(messages, object("role", quoted("assistant"), "content", quoted(t.text)))
		case t.call == "":
			messages = append(messages, object("role", quoted("user"), "content", chatContent(t)))
		case t.role == assistant:
			function := object("name", quoted(t.call), "arguments", quoted(t.input))
			call := object("id", quoted(callID("call_", calls)), "type", quoted("function"), "function", function)
			messages = append(messages, object("role", quoted("assistant"), "content", "null", "tool_calls", array(call)))
		default:
			messages = append(messages, object("role", quoted("tool"), "tool_call_id", quoted(callID("call_", calls)), "content", quoted(t.text)))
			calls++
		}
	}
	var tools []string
	for _, t := range r.tools {
		function := object("name", quoted(t.name), "description", quoted(t.about), "parameters", t.schema)
		tools = append(tools, object("type", quoted("function"), "function", function))
	}
	search, effort := "", ""
	if r.search {
		search = "{}"
	}
	if r.thinks {
		effort = quoted("high")
	}
	return object("model", quoted(r.model), "messages", array(messages...), "tools", list(tools),
		"web_search_options", search, "reasoning_effort", effort, "stream", flag(r.streams))
}

func chatContent(t turn) string {
	if t.images == 0 {
		return quoted(t.text)
	}
	parts := []string{object("type", quoted("text"), "text", quoted(t.text))}
	for range t.images {
		parts = append(parts, object("type", quoted("image_url"), "image_url", object("url", quoted(pixelURL))))
	}
	return array(parts...)
}

func (r Request) responses() string {
	var input []string
	calls := 0
	for _, t := range r.turns {
		switch {
		case t.call == "":
			input = append(input, responsesMessage(t))
		case t.role == assistant:
			input = append(input, object("type", quoted("function_call"), "call_id", quoted(callID("call_", calls)), "name", quoted(t.call), "arguments", quoted(t.input)))
		default:
			input = append(input, object("type", quoted("function_call_output"), "call_id", quoted(callID("call_", calls)), "output", quoted(t.text)))
			calls++
		}
	}
	var tools []string
	for _, t := range r.tools {
		tools = append(tools, object("type", quoted("function"), "name", quoted(t.name), "description", quoted(t.about), "parameters", t.schema, "strict", "false"))
	}
	if r.search {
		tools = append(tools, `{"type":"web_search"}`)
	}
	reasoning := ""
	if r.thinks {
		reasoning = `{"effort":"high","summary":"auto"}`
	}
	return object("model", quoted(r.model), "instructions", some(r.system), "input", array(input...), "tools", list(tools),
		"reasoning", reasoning, "store", "false", "stream", flag(r.streams))
}

func responsesMessage(t turn) string {
	said, kind := "user", "input_text"
	if t.role == assistant {
		said, kind = "assistant", "output_text"
	}
	parts := []string{object("type", quoted(kind), "text", quoted(t.text))}
	for range t.images {
		parts = append(parts, object("type", quoted("input_image"), "image_url", quoted(pixelURL)))
	}
	return object("type", quoted("message"), "role", quoted(said), "content", array(parts...))
}

func (r Request) gemini() string {
	var contents []string
	for _, t := range r.turns {
		var parts []string
		said := "user"
		if t.role == assistant {
			said = "model"
		}
		switch {
		case t.call == "":
			parts = append(parts, object("text", quoted(t.text)))
			for range t.images {
				parts = append(parts, object("inlineData", object("mimeType", quoted("image/png"), "data", quoted(pixel))))
			}
		case t.role == assistant:
			parts = append(parts, object("functionCall", object("name", quoted(t.call), "args", t.input)))
		default:
			parts = append(parts, object("functionResponse", object("name", quoted(t.call), "response", object("output", quoted(t.text)))))
		}
		contents = append(contents, object("role", quoted(said), "parts", array(parts...)))
	}
	system, config := "", ""
	if r.system != "" {
		system = object("parts", array(object("text", quoted(r.system))))
	}
	if r.thinks {
		config = `{"thinkingConfig":{"includeThoughts":true,"thinkingBudget":8192}}`
	}
	return object("systemInstruction", system, "contents", array(contents...), "tools", list(r.geminiTools()), "generationConfig", config)
}

func (r Request) geminiTools() []string {
	var tools, functions []string
	for _, t := range r.tools {
		functions = append(functions, object("name", quoted(t.name), "description", quoted(t.about), "parametersJsonSchema", t.schema))
	}
	if functions != nil {
		tools = append(tools, object("functionDeclarations", array(functions...)))
	}
	if r.search {
		tools = append(tools, `{"googleSearch":{}}`)
	}
	return tools
}

// prose is text of about so many tokens.
func prose(tokens int) string {
	const line = "The harbour master noted each ship that came in, what it carried, who had sent it and how long it meant to stay. "
	return strings.Repeat(line, max(tokens*10/256, 1)) // each has 25.6 tokens
}
