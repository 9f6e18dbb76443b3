package transform_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform"
)

func TestContentOfEveryDialect(t *testing.T) {
	tests := map[transform.Dialect]struct{ request, answer string }{
		transform.Anthropic: {
			`{"model":"m","max_tokens":9,"system":"be brief","tools":[{"name":"f","description":"d","input_schema":{"type":"object"}}],"messages":[{"role":"user","content":"hi \"you\""},{"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"f","input":{"a":1}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"42"}]}]}`,
			`{"id":"x","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"done"}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1}}`,
		},
		transform.OpenAIChat: {
			`{"model":"m","tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object"}}}],"messages":[{"role":"system","content":"be brief"},{"role":"user","content":"hi \"you\""},{"role":"assistant","content":null,"tool_calls":[{"id":"t1","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},{"role":"tool","tool_call_id":"t1","content":"42"}]}`,
			`{"id":"x","choices":[{"index":0,"message":{"role":"assistant","content":"done"},"finish_reason":"stop"}]}`,
		},
		transform.OpenAIResponses: {
			`{"model":"m","instructions":"be brief","tools":[{"type":"function","name":"f","description":"d","parameters":{"type":"object"}}],"input":[{"role":"user","content":"hi \"you\""},{"type":"function_call","call_id":"t1","name":"f","arguments":"{\"a\":1}"},{"type":"function_call_output","call_id":"t1","output":"42"}]}`,
			`{"id":"resp_x","object":"response","model":"m","status":"completed","output":[{"id":"msg","type":"message","role":"assistant","status":"completed","content":[{"type":"output_text","text":"done"}]}]}`,
		},
		transform.Gemini: {
			`{"systemInstruction":{"parts":[{"text":"be brief"}]},"tools":[{"functionDeclarations":[{"name":"f","description":"d","parametersJsonSchema":{"type":"object"}}]}],"contents":[{"role":"user","parts":[{"text":"hi \"you\""}]},{"role":"model","parts":[{"functionCall":{"id":"t1","name":"f","args":{"a":1}}}]},{"role":"user","parts":[{"functionResponse":{"id":"t1","name":"f","response":{"output":"42"}}}]}]}`,
			`{"candidates":[{"content":{"role":"model","parts":[{"text":"done"}]},"finishReason":"STOP","index":0}]}`,
		},
	}
	for d, tt := range tests {
		c := transform.ReadContent(d, []byte(tt.request), []byte(tt.answer), 10_000)
		for _, text := range []string{c.Input, c.Instructions, c.Tools, c.Output} {
			if !gjson.Valid(text) {
				t.Errorf("%s: no JSON: %s", d, text)
			}
		}
		for path, want := range map[string]string{
			`#.role`:                    `["user","assistant","tool"]`,
			`0.parts.0`:                 `{"type":"text","content":"hi \"you\""}`,
			`1.parts.0.type`:            "tool_call",
			`1.parts.0.name`:            "f",
			`1.parts.0.arguments.a`:     "1",
			`2.parts.0.type`:            "tool_call_response",
			`2.parts.0.response.0.type`: "text",
		} {
			if got := gjson.Get(c.Input, path).String(); got != want {
				t.Errorf("%s: %s is %s in %s", d, path, got, c.Input)
			}
		}
		if !strings.Contains(gjson.Get(c.Input, "2.parts.0.response.0.content").String(), "42") {
			t.Errorf("%s: the result of the tool is missing in %s", d, c.Input)
		}
		if c.Instructions != `[{"type":"text","content":"be brief"}]` {
			t.Errorf("%s: instructions %s", d, c.Instructions)
		}
		if gjson.Get(c.Tools, "0.name").String() != "f" || gjson.Get(c.Tools, "0.description").String() != "d" || gjson.Get(c.Tools, "0.parameters.type").String() != "object" {
			t.Errorf("%s: tools %s", d, c.Tools)
		}
		if c.Output != `[{"role":"assistant","parts":[{"type":"text","content":"done"}],"finish_reason":"stop"}]` {
			t.Errorf("%s: output %s", d, c.Output)
		}
	}
}

// The last messages are there, whatever came before.
func TestContentIsBounded(t *testing.T) {
	long := strings.Repeat("é", 5000)
	messages := `{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"` + strings.Repeat("A", 40_000) + `"}},{"type":"text","text":"first"}]}`
	for range 200 {
		messages += `,{"role":"assistant","content":"` + long + `"},{"role":"user","content":"` + long + `"}`
	}
	tools := strings.Repeat(`{"name":"f","description":"`+long+`","input_schema":{"type":"object","title":"`+long+`"}},`, 100)
	request := `{"model":"m","max_tokens":9,"system":"` + long + `","tools":[` + strings.TrimSuffix(tools, ",") + `],"messages":[` + messages + `,{"role":"user","content":"last"}]}`
	answer := `{"id":"x","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"` + long + `"},{"type":"tool_use","id":"t","name":"f","input":{"a":"` + long + `"}}],"stop_reason":"max_tokens","usage":{"input_tokens":1,"output_tokens":1}}`
	for _, limit := range []int{0, 1, 100, 1000, 30_000} {
		c := transform.ReadContent(transform.Anthropic, []byte(request), []byte(answer), limit)
		for name, text := range map[string]string{"input": c.Input, "instructions": c.Instructions, "tools": c.Tools, "output": c.Output} {
			if text != "" && !gjson.Valid(text) || len(text) > limit+300 {
				t.Errorf("%s of at most %d has %d bytes: %.300s", name, limit, len(text), text)
			}
		}
		if limit >= 100 && !strings.Contains(c.Input, `"last"`) || strings.Contains(c.Input, "AAAA") {
			t.Errorf("of at most %d there is %.300s", limit, c.Input)
		}
	}
	c := transform.ReadContent(transform.Anthropic, []byte(request), nil, 1<<30)
	if !strings.HasPrefix(c.Input, `[{"role":"user","parts":[{"type":"blob","content":"","size":30000,"mime_type":"image/png","modality":"image"},{"type":"text","content":"first"}]}`) || c.Output != "" {
		t.Errorf("unbounded there is %.300s", c.Input)
	}
	if c := transform.ReadContent(transform.OpenAIChat, []byte(`[1]`), []byte(`<html>`), 100); c != (transform.Content{}) {
		t.Errorf("nonsense gives %+v", c)
	}
}

func ExampleReadContent() {
	request := `{"model":"gpt-4o","messages":[{"role":"system","content":"be brief"},{"role":"user","content":"hello"}]}`
	answer := `{"id":"1","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}`
	c := transform.ReadContent(transform.OpenAIChat, []byte(request), []byte(answer), 1000)
	fmt.Println(c.Input)
	fmt.Println(c.Instructions)
	fmt.Println(c.Output)
	// Output:
	// [{"role":"user","parts":[{"type":"text","content":"hello"}]}]
	// [{"type":"text","content":"be brief"}]
	// [{"role":"assistant","parts":[{"type":"text","content":"hi"}],"finish_reason":"stop"}]
}
