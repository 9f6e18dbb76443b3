package transform_test

import (
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform"
)

// minted is a signature that another provider gave, as callers get it.
const minted = "RtxStateT0a1b2c3c2lnbmF0dXJl"

func TestWhatOthersMintedLeavesSameProtocolCalls(t *testing.T) {
	for _, test := range []struct {
		name     string
		dialect  transform.Dialect
		in, want string
	}{
		{
			"thinking of another", transform.Anthropic,
			`{"model":"m", "messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"MINTED"},{"type":"text","text":"a"}]}],"n":1.50}`,
			`{"model":"m", "messages":[{"role":"assistant","content":[{"type":"text","text":"a"}]}],"n":1.50}`,
		},
		{
			"thinking of its own", transform.Anthropic,
			`{"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"MINTED","signature":"own"}]}]}`,
			`{"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"MINTED","signature":"own"}]}]}`,
		},
		{
			"nothing else in the message", transform.Anthropic,
			`{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"thinking","thinking":"","signature":"MINTED"}]},{"role":"user","content":"b"}]}`,
			`{"messages":[{"role":"user","content":"a"},{"role":"user","content":"b"}]}`,
		},
		{
			"ids of calls and results", transform.Anthropic,
			`{"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"call_1_RtxStateT0a1b2c3c2ln","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"call_1_RtxStateT0a1b2c3c2ln"}]}]}`,
			`{"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"call_1","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"call_1"}]}]}`,
		},
		{
			"details of reasoning", transform.OpenAIChat,
			`{"messages":[{"role":"assistant","content":"a","reasoning_details":[{"type":"reasoning.encrypted","data":"MINTED"}],"x":1},{"role":"user","content":"b"}]}`,
			`{"messages":[{"role":"assistant","content":"a","x":1},{"role":"user","content":"b"}]}`,
		},
		{
			"reasoning items", transform.OpenAIResponses,
			`{"input":[{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"MINTED"},{"type":"reasoning","id":"rs_2","encrypted_content":"own"},{"role":"user","content":"b"}]}`,
			`{"input":[{"type":"reasoning","id":"rs_2","encrypted_content":"own"},{"role":"user","content":"b"}]}`,
		},
		{
			"signatures of parts", transform.Gemini,
			`{"contents":[{"role":"model","parts":[{"thought":true,"text":"t","thoughtSignature":"MINTED"},{"functionCall":{"name":"f","args":{"a":1.0}},"thoughtSignature":"MINTED"},{"text":"x","thoughtSignature":"b3du"}]}]}`,
			`{"contents":[{"role":"model","parts":[{"functionCall":{"name":"f","args":{"a":1.0}}},{"text":"x","thoughtSignature":"b3du"}]}]}`,
		},
		{
			"reasoning that came without a signature", transform.OpenAIResponses,
			`{"input":[{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"RtxStateU0a1b2c3"},{"role":"user","content":"b"}]}`,
			`{"input":[{"role":"user","content":"b"}]}`,
		},
		{
			"thinking in a turn that another began", transform.Anthropic,
			`{"thinking":{"type":"enabled","budget_tokens":1024},"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"MINTED"},{"type":"tool_use","id":"call_c"}]},{"role":"user","content":[]}]}`,
			`{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"tool_use","id":"call_c"}]},{"role":"user","content":[]}]}`,
		},
		{
			"thinking in a turn that vLLM began", transform.Anthropic,
			`{"thinking":{"type":"enabled","budget_tokens":1024},"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"chatcmpl-tool-1"}]},{"role":"user","content":[]}]}`,
			`{"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"chatcmpl-tool-1"}]},{"role":"user","content":[]}]}`,
		},
		{
			"thinking in a turn of several messages", transform.Anthropic,
			`{"thinking":{"type":"enabled","budget_tokens":1024}, "messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"own"}]},{"role":"assistant","content":[{"type":"tool_use","id":"call_c"}]},{"role":"user","content":[]}]}`,
			`{"thinking":{"type":"enabled","budget_tokens":1024}, "messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"own"}]},{"role":"assistant","content":[{"type":"tool_use","id":"call_c"}]},{"role":"user","content":[]}]}`,
		},
		{
			"thinking in a turn of its own", transform.Anthropic,
			`{"thinking":{"type":"enabled","budget_tokens":1024}, "messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"own"},{"type":"tool_use","id":"call_c"}]}]}`,
			`{"thinking":{"type":"enabled","budget_tokens":1024}, "messages":[{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"own"},{"type":"tool_use","id":"call_c"}]}]}`,
		},
		{"text that only looks alike", transform.Anthropic, `{"messages":[{"role":"user","content":"what is RtxState?"}]}`, `{"messages":[{"role":"user","content":"what is RtxState?"}]}`},
		{"no JSON", transform.Anthropic, `{"RtxState`, `{"RtxState`},
	} {
		t.Run(test.name, func(t *testing.T) {
			in, want := strings.ReplaceAll(test.in, "MINTED", minted), strings.ReplaceAll(test.want, "MINTED", minted)
			if !transform.HasForeign([]byte(in), []byte(gjson.Get(in, "thinking").Raw)) {
				t.Error("is not suspected")
			}
			r := transform.Request{Body: []byte(in)}
			if err := transform.DropForeign(test.dialect).Request(t.Context(), &r); err != nil || string(r.Body) != want {
				t.Errorf("got  %s, %v\nwant %s", r.Body, err, want)
			}
		})
	}
	for _, body := range []string{`{"messages":[]}`, `{"messages":["my_call_1","call","_",{"call":"-"},"x-tool-1"]}`, `_`, `"call`, `call_`} {
		if transform.HasForeign([]byte(body), []byte(`{"budget_tokens":1}`)) {
			t.Errorf("an ordinary body is suspected: %s", body)
		}
	}
}

func FuzzDropForeign(f *testing.F) {
	f.Add(`{"messages":[{"content":[{"type":"thinking","signature":"` + minted + `"}]}],"input":[],"contents":[{"parts":[]}]}`)
	f.Fuzz(func(t *testing.T, body string) {
		for _, d := range transform.Dialects() {
			r := transform.Request{Body: []byte(body)}
			if err := transform.DropForeign(d).Request(t.Context(), &r); err != nil {
				t.Fatal(err)
			}
			if gjson.Valid(body) && !gjson.ValidBytes(r.Body) {
				t.Errorf("%s became %s", body, r.Body)
			}
		}
	})
}
