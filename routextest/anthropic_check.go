package routextest

import (
	"strings"

	"github.com/tidwall/gjson"
)

// The versions of the Anthropic API.
const (
	version2023 = "2023-06-01"
	version2026 = "2026-10-21"
)

const anthropicMembers = " model messages max_tokens metadata service_tier stop_sequences stream system temperature thinking tool_choice tools" +
	" top_k top_p output_config container context_management mcp_servers inference_geo cache_control speed diagnostics "

// validate refuses what the real API refuses.
func (d anthropic) validate(c *Call) string {
	body := c.view()
	if problem := anthropicVersion(c, body); problem != "" {
		return problem
	}
	if name := stranger(body, anthropicMembers); name != "" {
		return name + ": Extra inputs are not permitted"
	}
	if problem := anthropicSettings(c, body); problem != "" {
		return problem
	}
	if problem := anthropicThinking(body); problem != "" {
		return problem
	}
	if problem := anthropicTools(body); problem != "" {
		return problem
	}
	return d.conversation(c, body)
}

func anthropicVersion(c *Call, body gjson.Result) string {
	switch version := c.Header.Get("Anthropic-Version"); version {
	case "":
		return "anthropic-version: header is required"
	case version2023:
		return ""
	case version2026:
		for _, name := range []string{"temperature", "top_p", "top_k"} {
			if body.Get(name).Exists() {
				return name + ": Extra inputs are not permitted"
			}
		}
		return ""
	default:
		return "anthropic-version: " + version + " is not a valid version"
	}
}

func anthropicSettings(c *Call, body gjson.Result) string {
	format := body.Get("output_config.format")
	switch {
	case c.Model == "":
		return "model: Field required"
	case body.Get("max_tokens").Int() < 1:
		return "max_tokens: must be at least 1"
	case outside(body.Get("temperature"), 0, 1):
		return "temperature: range: 0..1"
	case outside(body.Get("top_p"), 0, 1):
		return "top_p: range: 0..1"
	case stranger(body.Get("metadata"), " user_id ") != "":
		return "metadata." + stranger(body.Get("metadata"), " user_id ") + ": Extra inputs are not permitted"
	case format.Exists() && (format.Get("type").String() != "json_schema" || !closed(format.Get("schema"))):
		return "output_config.format.schema: For 'object' type, 'additionalProperties' must be explicitly set to false"
	case strings.Count(body.Raw, `"cache_control":{`) > 4:
		return "A maximum of 4 blocks with cache_control may be provided"
	}
	return each(body.Get("stop_sequences"), dotted("stop_sequences"), func(_ int, s gjson.Result) string {
		if strings.TrimSpace(s.String()) == "" {
			return "each stop sequence must contain non-whitespace"
		}
		return ""
	})
}

func anthropicThinking(body gjson.Result) string {
	t := body.Get("thinking")
	forced := body.Get("tool_choice.type").String()
	switch kind := t.Get("type").String(); {
	case !t.Exists(), kind == "disabled":
		return ""
	case kind != "enabled" && kind != "adaptive":
		return "thinking.type: must be enabled, adaptive or disabled"
	case kind == "enabled" && t.Get("budget_tokens").Int() < 1024:
		return "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024"
	case kind == "enabled" && t.Get("budget_tokens").Int() >= body.Get("max_tokens").Int():
		return "`max_tokens` must be greater than `thinking.budget_tokens`"
	case forced == "any" || forced == "tool":
		return "Thinking may not be enabled when tool_choice forces tool use."
	case body.Get("temperature").Exists() && body.Get("temperature").Num != 1:
		return "`temperature` may only be set to 1 when thinking is enabled"
	case body.Get("top_k").Exists():
		return "`top_k` must be unset when thinking is enabled"
	case outside(body.Get("top_p"), 0.95, 1):
		return "`top_p` must be greater than or equal to 0.95 or unset when thinking is enabled"
	}
	return ""
}

func anthropicTools(body gjson.Result) string {
	tools, choice := body.Get("tools"), body.Get("tool_choice")
	if choice.Exists() && !tools.Get("0").Exists() {
		return "tool_choice: tools are required"
	}
	if choice.Get("type").String() == "none" && choice.Get("disable_parallel_tool_use").Exists() {
		return "tool_choice.none.disable_parallel_tool_use: Extra inputs are not permitted"
	}
	seen := map[string]bool{}
	problem := each(tools, dotted("tools"), func(_ int, t gjson.Result) string {
		name := t.Get("name").String()
		if kind := t.Get("type").String(); kind != "" && kind != "custom" {
			return "" // of the provider's own
		}
		switch {
		case !plainName(name, 128, ""):
			return "name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'"
		case seen[name]:
			return "Tool names must be unique."
		case t.Get("input_schema.type").String() != "object":
			return "input_schema.type: Field required"
		case stranger(t, " name description input_schema strict type cache_control defer_loading allowed_callers input_examples eager_input_streaming ") != "":
			return "Extra inputs are not permitted"
		}
		seen[name] = true
		return ""
	})
	if problem == "" && choice.Get("type").String() == "tool" && !seen[choice.Get("name").String()] {
		return "Tool '" + choice.Get("name").String() + "' not found in provided tools"
	}
	return problem
}
