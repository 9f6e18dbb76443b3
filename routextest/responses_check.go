package routextest

import (
	"strings"

	"github.com/tidwall/gjson"
)

const responsesMembers = " model input background context_management conversation include instructions max_output_tokens max_tool_calls metadata parallel_tool_calls" +
	" previous_response_id prompt prompt_cache_key prompt_cache_retention reasoning safety_identifier service_tier store stream stream_options temperature" +
	" text tool_choice tools top_logprobs top_p truncation user "

// validate refuses what the real API refuses.
func (d responses) validate(c *Call) string {
	body := c.view()
	if name := stranger(body, responsesMembers); name != "" {
		return "Unknown parameter: '" + name + "'."
	}
	for _, problem := range []string{d.misplaced(c), responsesSettings(c, body), responsesTools(body)} {
		if problem != "" {
			return problem
		}
	}
	return d.input(body.Get("input"), body.Get("previous_response_id").Exists())
}

func responsesSettings(c *Call, body gjson.Result) string {
	own, reasons := openAIModel(c.Model)
	format := body.Get("text.format")
	switch {
	case c.Model == "":
		return "Missing required parameter: 'model'."
	case outside(body.Get("max_output_tokens"), 16, 1e9):
		return "Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16"
	case outside(body.Get("temperature"), 0, 2):
		return "Invalid 'temperature': expected a value between 0 and 2"
	case outside(body.Get("top_p"), 0, 1):
		return "Invalid 'top_p': expected a value between 0 and 1"
	case reasons && (given(body.Get("temperature")) || given(body.Get("top_p"))):
		return "Unsupported parameter: 'temperature' is not supported with this model."
	case own && !reasons && given(body.Get("reasoning.effort")):
		return "Unsupported parameter: 'reasoning.effort' is not supported with this model."
	case format.Get("type").String() == "json_schema" && !plainName(format.Get("name").String(), 64, ""):
		return "Missing required parameter: 'text.format.name'."
	case format.Get("type").String() == "json_schema" && !format.Get("schema").IsObject():
		return "Missing required parameter: 'text.format.schema'."
	case format.Get("strict").Bool() && !closed(format.Get("schema")):
		return "Invalid schema for response_format: 'additionalProperties' is required to be supplied and to be false."
	case format.Get("type").String() == "json_object" && !strings.Contains(strings.ToLower(body.Get("input").Raw), "json"):
		return "Response input messages must contain the word 'json' in some form to use 'text.format' of type 'json_object'."
	}
	return each(body.Get("include"), bracketed("include"), func(_ int, v gjson.Result) string {
		if !strings.Contains(v.String(), ".") {
			return "Invalid value: '" + v.String() + "'"
		}
		return ""
	})
}

func responsesTools(body gjson.Result) string {
	names := map[string]bool{}
	problem := each(body.Get("tools"), bracketed("tools"), func(_ int, t gjson.Result) string {
		kind, name := t.Get("type").String(), t.Get("name").String()
		names[name] = true
		switch {
		case kind == "":
			return "Missing required parameter: 'type'"
		case kind != "function" && kind != "custom":
			return "" // of the provider's own
		case !plainName(name, 64, ""):
			return "name: missing, or does not match the pattern '^[a-zA-Z0-9_-]{1,64}$'"
		case kind == "function" && given(t.Get("parameters")) && t.Get("parameters.type").String() != "object":
			return "Invalid schema for function: schema must be of 'type: \"object\"'"
		case t.Get("strict").Bool() && !closed(t.Get("parameters")):
			return "Invalid schema for function: 'additionalProperties' is required to be supplied and to be false."
		case kind == "function" && stranger(t, " type name description parameters strict defer_loading ") != "":
			return "Unknown parameter: '" + stranger(t, " type name description parameters strict defer_loading ") + "'."
		}
		return ""
	})
	choice := body.Get("tool_choice")
	switch name := choice.Get("name"); {
	case problem != "":
		return problem
	case given(choice) && choice.String() != "auto" && choice.String() != "none" && len(names) == 0:
		return "Tool choice must be 'auto' or 'none' when there are no tools."
	case name.Exists() && !names[name.String()]:
		return "Tool choice '" + name.String() + "' not found in 'tools' parameter."
	case choice.IsObject() && choice.Get("type").String() == "function" && !name.Exists():
		return "Missing required parameter: 'tool_choice.name'."
	}
	return ""
}
