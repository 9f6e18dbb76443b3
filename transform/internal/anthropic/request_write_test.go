package anthropic

import (
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform/internal/conv"
)

func TestWriteChoice(t *testing.T) {
	for _, c := range []struct {
		name, model string
		choice      conv.ToolChoice
		single      bool
		thinking    conv.ThinkingMode
		want, lost  string
	}{
		{"none said", "claude-sonnet-4-5", conv.ToolChoice{}, false, 0, ``, ""},
		{"one call at a time needs a choice", "claude-sonnet-4-5", conv.ToolChoice{}, true, 0, `{"type":"auto","disable_parallel_tool_use":true}`, ""},
		{"no call at all", "claude-sonnet-4-5", conv.ToolChoice{Mode: conv.ChoiceNone}, true, 0, `{"type":"none"}`, ""},
		{"any", "claude-sonnet-4-5", conv.ToolChoice{Mode: conv.ChoiceAny}, true, 0, `{"type":"any","disable_parallel_tool_use":true}`, ""},
		{"one", "claude-sonnet-4-5", conv.ToolChoice{Mode: conv.ChoiceTool, Name: `"f"`}, false, 0, `{"type":"tool","name":"f"}`, ""},
		{"forced beside reasoning", "claude-sonnet-4-5", conv.ToolChoice{Mode: conv.ChoiceTool, Name: `"f"`}, true, conv.ThinkingOn, `{"type":"auto","disable_parallel_tool_use":true}`, "choice"},
		{"forced beside adaptive reasoning", "claude-opus-4-6", conv.ToolChoice{Mode: conv.ChoiceAny}, false, conv.ThinkingOn, `{"type":"auto"}`, "choice"},
		{"a model that cannot be forced", "claude-sonnet-5-5", conv.ToolChoice{Mode: conv.ChoiceAny}, false, 0, `{"type":"auto"}`, "choice"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := request(c.model, user(text("hi")))
			r.Tools = []conv.Tool{{Name: `"f"`}}
			r.Choice, r.NoParallel, r.Thinking.Mode = c.choice, c.single, c.thinking
			out, l := writeRequest(t, r)
			if got := get(out, "tool_choice"); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			l.want(c.lost)
		})
	}
	r := request("claude-sonnet-4-5", user(text("hi")))
	r.Choice = conv.ToolChoice{Mode: conv.ChoiceAny}
	out, l := writeRequest(t, r)
	if get(out, "tool_choice") != "" {
		t.Errorf("a choice without tools: %s", out)
	}
	l.want("choice")
}

func TestWriteTools(t *testing.T) {
	for _, c := range []struct {
		name, model string
		tool        conv.Tool
		want, lost  string
	}{
		{"without parameters", "claude-sonnet-4-5", conv.Tool{Name: `"f"`}, `{"name":"f","input_schema":{"type":"object","properties":{}}}`, ""},
		{"free form", "claude-sonnet-4-5", conv.Tool{Name: `"f"`, Description: `"d"`, Freeform: true}, `{"name":"f","description":"d","input_schema":` + conv.FreeformSchema + `}`, ""},
		{"without a type", "claude-sonnet-4-5", conv.Tool{Name: `"f"`, Schema: `{"properties":{"x":{"type":"string"}}}`}, `{"name":"f","input_schema":{"type":"object","properties":{"x":{"type":"string"}}}}`, ""},
		{"kept as it is", "claude-sonnet-4-5", conv.Tool{Name: `"f"`, Schema: `{ "$schema":"s", "type":"object", "minProperties":1 }`, Strict: "false"}, `{"name":"f","input_schema":{ "$schema":"s", "type":"object", "minProperties":1 }}`, ""},
		{"strict", "claude-sonnet-4-5", conv.Tool{Name: `"f"`, Schema: `{"type":"object","properties":{"x":{"type":"object"}}}`, Strict: "true"}, `{"name":"f","input_schema":{"type":"object","properties":{"x":{"type":"object","additionalProperties":false}},"additionalProperties":false},"strict":true}`, ""},
		{"strict in a way that is not known", "claude-sonnet-4-5", conv.Tool{Name: `"f"`, Schema: `{"type":"object","minProperties":1}`, Strict: "true"}, `{"name":"f","input_schema":{"type":"object","minProperties":1}}`, "tools"},
		{"a choice at the top", "claude-sonnet-4-5", conv.Tool{Name: `"f"`, Schema: `{"type":"object","anyOf":[{"required":["a"]}],"properties":{"a":{"anyOf":[{}]}}}`}, `{"name":"f","input_schema":{"type":"object","properties":{"a":{"anyOf":[{}]}}}}`, "tools"},
		{"strict for an old model", "claude-opus-4-1", conv.Tool{Name: `"f"`, Schema: `{"type":"object"}`, Strict: "true"}, `{"name":"f","input_schema":{"type":"object"}}`, "tools"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := request(c.model, user(text("hi")))
			r.Tools = []conv.Tool{c.tool}
			out, l := writeRequest(t, r)
			if got := get(out, "tools.0"); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			l.want(c.lost)
		})
	}
}

func TestWriteFormat(t *testing.T) {
	const person = `{"type":"object","properties":{"name":{"type":"string"}},"required":["name"],"additionalProperties":false}`
	for _, c := range []struct {
		name, model string
		format      conv.Format
		schema      string // "" when it is asked for in words
		lost        string
	}{
		{"a schema", "claude-sonnet-4-5", conv.Format{Kind: conv.FormatSchema, Schema: person, Name: `"n"`, Strict: "true"}, person, ""},
		{
			"a schema that is not closed", "claude-opus-4-6",
			conv.Format{Kind: conv.FormatSchema, Description: `"what"`, Schema: `{"$schema":"s","type":"object","properties":{"a":{"type":"array","items":{"properties":{}},"minItems":1},"b":{"oneOf":[{"type":"string","format":"uri"},{"$ref":"#/$defs/c"}]}},"$defs":{"c":{"enum":[1]}}}`},
			`{"description":"what","type":"object","properties":{"a":{"type":"array","items":{"properties":{},"additionalProperties":false},"minItems":1},"b":{"anyOf":[{"type":"string","format":"uri"},{"$ref":"#/$defs/c"}]}},"$defs":{"c":{"enum":[1]}},"additionalProperties":false}`, "",
		},
		{
			"keywords that are not known", "claude-sonnet-5",
			conv.Format{Kind: conv.FormatSchema, Schema: `{"type":"object","properties":{"a":{"type":"integer","minimum":1,"maximum":3},"b":{"type":"string","format":"zip"}}}`},
			`{"type":"object","properties":{"a":{"type":"integer"},"b":{"type":"string"}},"additionalProperties":false}`, "form",
		},
		{"a map", "claude-sonnet-4-5", conv.Format{Kind: conv.FormatSchema, Schema: `{"type":"object","additionalProperties":{"type":"string"}}`}, "", "form"},
		{"true for a schema", "claude-sonnet-4-5", conv.Format{Kind: conv.FormatSchema, Schema: `{"type":"array","items":true}`}, "", "form"},
		{"an old model", "claude-opus-4-1", conv.Format{Kind: conv.FormatSchema, Schema: person}, "", "form"},
		{"an unknown model", "glm-4.6", conv.Format{Kind: conv.FormatSchema, Schema: person}, "", "form"},
		{"any object", "claude-sonnet-4-5", conv.Format{Kind: conv.FormatJSON}, "", "form"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := request(c.model, user(text("hi")))
			r.System = []conv.Part{text("be nice")}
			r.Format = c.format
			out, l := writeRequest(t, r)
			if got := get(out, "output_config.format.schema"); got != c.schema {
				t.Errorf("got  %s\nwant %s", got, c.schema)
			}
			if words := get(out, "system.1.text"); strings.Contains(words, "JSON") != (c.schema == "") {
				t.Errorf("asked for in the words %s", words)
			}
			l.want(c.lost)
		})
	}
	r := request("claude-sonnet-4-5", user(text("hi")))
	r.Format = conv.Format{Kind: conv.FormatSchema, Schema: strings.Repeat(`{"items":`, 100) + `{}` + strings.Repeat(`}`, 100)}
	if out, _ := writeRequest(t, r); get(out, "output_config") != "" {
		t.Errorf("a schema without end: %s", out)
	}
}

func TestWriteSettings(t *testing.T) {
	r := request("claude-sonnet-4-5", user(text("hi")))
	r.Stream = true
	r.Stop = []conv.Str{`"\n"`, `"a"`, `"b"`}
	r.Settings = []conv.Setting{
		{Key: conv.Seed, Field: "seed", Value: "7", Why: "w"},
		{Key: conv.SafetyIdentifier, Field: "safety", Value: `"u"`, Why: "w"},
		{Key: "new", Field: "new", Value: "{}", Why: "w"},
	}
	out, l := writeRequest(t, r)
	l.want("stops seed new")
	if get(out, "stop_sequences") != `["a","b"]` || get(out, "metadata") != `{"user_id":"u"}` || get(out, "stream") != "true" {
		t.Error(out)
	}
	r.User = `"me"`
	out, l = writeRequest(t, r)
	l.want("stops seed safety new")
	if get(out, "metadata") != `{"user_id":"me"}` {
		t.Error(out)
	}
}

func TestWriteUser(t *testing.T) {
	for id, lost := range map[string]string{
		"user_x_session_y": "", strings.Repeat("ä", 256): "", strings.Repeat("a", 257): "who", "me@example.org": "who", "+49 1234": "who",
	} {
		r := request("claude-sonnet-4-5", user(text("hi")))
		r.User = conv.Quote(id)
		out, l := writeRequest(t, r)
		l.want(lost)
		if got := get(out, "metadata") != ""; got != (lost == "") {
			t.Errorf("%s: %s", id, out)
		}
	}
}
