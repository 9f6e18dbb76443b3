package transform_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform"
)

// many is how often the calls of these tests repeat a thing. The work for each
// must not grow with their number: the tests would take minutes.
const many = 50_000

func repeated(format string) string {
	parts := make([]string, many)
	for i := range parts {
		parts[i] = strings.ReplaceAll(format, "#", fmt.Sprintf("%06d", i))
	}
	return strings.Join(parts, ",")
}

func translated(t *testing.T, caller, channel transform.Dialect, model, body string) string {
	t.Helper()
	r := &transform.Request{
		Dialect: caller, Header: http.Header{}, Model: model, Body: []byte(body), Target: transform.Target{Provider: "p", Flavor: "openai"},
	}
	if err := transform.Translate(caller, channel).Request(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	return string(r.Body)
}

func TestAllowedToolsOfALargeCall(t *testing.T) {
	for caller, body := range map[transform.Dialect]string{
		transform.OpenAIChat: `{"model":"m","messages":[{"role":"user","content":"x"}],"tools":[` +
			repeated(`{"type":"function","function":{"name":"t#"}}`) + `],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[` +
			repeated(`{"type":"function","function":{"name":"u#"}}`) + `,{"type":"function","function":{"name":"t000007"}}]}}}`,
		transform.OpenAIResponses: `{"model":"m","input":"x","tools":[` +
			repeated(`{"type":"function","name":"t#"}`) + `],"tool_choice":{"type":"allowed_tools","mode":"auto","tools":[` +
			repeated(`{"type":"function","name":"u#"}`) + `,{"type":"function","name":"t000007"}]}}`,
		transform.Gemini: `{"contents":{"parts":{"text":"x"}},"tools":{"functionDeclarations":[` +
			repeated(`{"name":"t#"}`) + `]},"toolConfig":{"functionCallingConfig":{"mode":"AUTO","allowedFunctionNames":[` +
			repeated(`"u#"`) + `,"t000007"]}}}`,
	} {
		if got := gjson.Get(translated(t, caller, transform.Anthropic, "m", body), "tools.#.name").Raw; got != `["t000007"]` {
			t.Errorf("%s: %.100s", caller, got)
		}
	}
}

func TestResultsInTheOppositeOrderOfManyCalls(t *testing.T) {
	var results []string
	for i := range many {
		results = append(results, fmt.Sprintf(`{"type":"tool_result","tool_use_id":"c%06d","content":"r%06d"}`, many-1-i, many-1-i))
	}
	body := `{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[` +
		repeated(`{"type":"tool_use","id":"c#","name":"f","input":{}}`) + `]},{"role":"user","content":[` + strings.Join(results, ",") + `]}]}`
	got := translated(t, transform.Anthropic, transform.Gemini, "gemini-2.5-pro", body)
	last := gjson.Get(got, "contents.2.parts")
	if first := last.Get("0.functionResponse.response.output").Str; first != "r000000" || last.Get("#").Int() != many {
		t.Errorf("%q of %d", first, last.Get("#").Int())
	}
	for _, d := range []transform.Dialect{transform.Anthropic, transform.OpenAIChat, transform.OpenAIResponses} {
		if out := translated(t, transform.Gemini, d, "m", got); strings.Count(out, `"r0`) != many {
			t.Errorf("%s: %d results", d, strings.Count(out, `"r0`))
		}
	}
}

func TestReasoningInManyPieces(t *testing.T) {
	body := `{"model":"m","messages":[{"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f"}}],` +
		`"reasoning_details":[` + repeated(`{"type":"reasoning.text","index":0,"text":"#"}`) + `]},{"role":"tool","tool_call_id":"c","content":"x"}]}`
	r := translated(t, transform.OpenAIChat, transform.OpenAIResponses, "m", body)
	if n := gjson.Get(r, "input.#").Int(); n != 3 {
		t.Errorf("%d items", n)
	}
}

func TestPropertiesOfALargeSchema(t *testing.T) {
	body := `{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"x"}],"tools":[{"name":"f","input_schema":{"type":"object","properties":{` +
		repeated(`"p#":{"type":"string"}`) + `},"required":[` + repeated(`"p#"`) + `,"other"]}}]}`
	got := gjson.Get(translated(t, transform.Anthropic, transform.Gemini, "gemini-2.5-pro", body), "tools.0.functionDeclarations.0.parameters")
	if n := got.Get("required.#").Int(); n != many {
		t.Errorf("%d names are required", n)
	}
}

func TestSchemasOfManyToolsTogetherAreBounded(t *testing.T) {
	defs := ""
	for _, c := range "abcdefghijk" { // each stands for two of the next
		defs += fmt.Sprintf(`"%c":{"properties":{"x":{"$ref":"#/$defs/%c"},"y":{"$ref":"#/$defs/%c"}}},`, c, c+1, c+1)
	}
	schema := `{"type":"object","properties":{"v":{"$ref":"#/$defs/a"}},"$defs":{` + defs + `"l":{"type":"string"}}}`
	tools := make([]string, 2000)
	for i := range tools {
		tools[i] = fmt.Sprintf(`{"name":"t%d","input_schema":%s}`, i, schema)
	}
	body := `{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"x"}],"tools":[` + strings.Join(tools, ",") + `]}`
	if got := translated(t, transform.Anthropic, transform.Gemini, "gemini-2.5-pro", body); len(got) > 8<<20 {
		t.Errorf("%d bytes became %d", len(body), len(got))
	}
}
