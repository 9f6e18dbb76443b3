package routextest

import (
	"strings"

	"github.com/tidwall/gjson"
)

const chatMembers = " model messages audio frequency_penalty function_call functions logit_bias logprobs max_completion_tokens max_tokens metadata modalities n" +
	" parallel_tool_calls prediction presence_penalty prompt_cache_key prompt_cache_retention reasoning_effort response_format safety_identifier seed" +
	" service_tier stop store stream stream_options temperature tool_choice tools top_logprobs top_p user verbosity web_search_options "

// validate refuses what the real API refuses. What only some servers know is
// refused for models of OpenAI alone.
func (d chat) validate(c *Call) string {
	body := c.view()
	own, reasons := openAIModel(c.Model)
	own = own || d.flavor == azure
	for _, problem := range []string{d.misplaced(c), chatSettings(c, body), chatTools(body), d.quirks(c, body)} {
		if problem != "" {
			return problem
		}
	}
	if name := stranger(body, chatMembers); own && name != "" {
		return "Unrecognized request argument supplied: " + name
	}
	if own && !reasons && given(body.Get("reasoning_effort")) {
		return "Unrecognized request argument supplied: reasoning_effort"
	}
	if reasons {
		if problem := chatReasoner(body); problem != "" {
			return problem
		}
	}
	return d.conversation(body, own)
}

func chatSettings(c *Call, body gjson.Result) string {
	stop, format := body.Get("stop"), body.Get("response_format")
	switch {
	case c.Model == "":
		return "you must provide a model parameter"
	case !body.Get("messages.0").Exists():
		return "messages must not be empty"
	case outside(body.Get("temperature"), 0, 2):
		return "temperature must be between 0 and 2"
	case outside(body.Get("top_p"), 0, 1):
		return "top_p must be between 0 and 1"
	case given(body.Get("max_tokens")) && given(body.Get("max_completion_tokens")):
		return "Setting 'max_tokens' and 'max_completion_tokens' at the same time is not supported."
	case outside(body.Get("max_tokens"), 1, 1e9), outside(body.Get("max_completion_tokens"), 1, 1e9):
		return "max_tokens must be at least 1"
	case stop.IsArray() && len(stop.Array()) > 4:
		return "Invalid 'stop': array too long. Expected an array with maximum length 4"
	case given(body.Get("stream_options")) && !body.Get("stream").Bool():
		return "The 'stream_options' parameter is only allowed when 'stream' is enabled."
	case format.Get("type").String() == "json_schema" && !plainName(format.Get("json_schema.name").String(), 64, ""):
		return "Missing required parameter: 'response_format.json_schema.name'."
	case format.Get("json_schema.strict").Bool() && !closed(format.Get("json_schema.schema")):
		return "Invalid schema for response_format: 'additionalProperties' is required to be supplied and to be false."
	case format.Get("type").String() == "json_object" && !strings.Contains(strings.ToLower(body.Get("messages").Raw), "json"):
		return "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'."
	}
	return ""
}

// chatReasoner checks what models that reason do not take.
func chatReasoner(body gjson.Result) string {
	switch {
	case given(body.Get("max_tokens")):
		return "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
	case outside(body.Get("temperature"), 1, 1), outside(body.Get("top_p"), 1, 1):
		return "Unsupported value: 'temperature' does not support this value with this model. Only the default (1) value is supported."
	case given(body.Get("stop")):
		return "Unsupported parameter: 'stop' is not supported with this model."
	}
	return ""
}

func chatTools(body gjson.Result) string {
	if !body.Get("tools.0").Exists() {
		switch {
		case given(body.Get("tool_choice")):
			return "tool_choice is only allowed when tools are specified"
		case given(body.Get("parallel_tool_calls")):
			return "parallel_tool_calls is only allowed when tools are specified"
		case body.Get("tools").IsArray():
			return "Invalid 'tools': empty array. Expected an array with minimum length 1"
		}
		return ""
	}
	names := map[string]bool{}
	problem := each(body.Get("tools"), bracketed("tools"), func(_ int, t gjson.Result) string {
		f := t.Get("function")
		switch {
		case t.Get("type").String() == "custom":
			f = t.Get("custom")
		case t.Get("type").String() != "function":
			return "type must be function or custom"
		case f.Get("strict").Bool() && !closed(f.Get("parameters")):
			return "Invalid schema for function: 'additionalProperties' is required to be supplied and to be false."
		case given(f.Get("parameters")) && f.Get("parameters.type").String() != "object":
			return "Invalid schema for function: schema must be of 'type: \"object\"'"
		}
		if !plainName(f.Get("name").String(), 64, "") {
			return "function.name: does not match the pattern '^[a-zA-Z0-9_-]{1,64}$'"
		}
		names[f.Get("name").String()] = true
		return ""
	})
	if wanted := body.Get("tool_choice.function.name"); problem == "" && wanted.Exists() && !names[wanted.String()] {
		return "Tool choice '" + wanted.String() + "' not found in 'tools' parameter."
	}
	return problem
}

// quirks are what single providers refuse.
func (d chat) quirks(c *Call, body gjson.Result) string {
	switch {
	case d.flavor == zhipu && body.Get("tools").Exists() && given(body.Get("tool_choice")) && body.Get("tool_choice").String() != "auto":
		return "tool_choice: only auto is supported"
	case d.flavor == zhipu && len(body.Get("stop").Array()) > 1:
		return "stop: only one is supported"
	case d.flavor == zhipu && body.Get(`messages.#(role=="developer")`).Exists():
		return "messages: role developer is unknown"
	case strings.HasPrefix(c.Model, "kimi-") && body.Get("thinking.type").String() != "disabled":
		return each(body.Get("messages"), bracketed("messages"), func(_ int, m gjson.Result) string {
			if m.Get("tool_calls.0").Exists() && m.Get("reasoning_content").Type != gjson.String {
				return "thinking is enabled but reasoning_content is missing in assistant tool call message"
			}
			return ""
		})
	}
	return ""
}
