package gemini_test

import (
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform/internal/anthropic"
	"github.com/dctx-team/routex/transform/internal/chat"
	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/dctx-team/routex/transform/internal/gemini"
)

// A conversation goes from a Gemini channel to a caller and comes back with
// the next question: every signature stands where it stood, unchanged.
func TestSignaturesComeBackThroughOtherProtocols(t *testing.T) {
	answer := chunk(`{"text":"t","thought":true},{"text":"a","thoughtSignature":"dGV4dA+/"},{"functionCall":{"name":"f","args":{"x":1.50}},"thoughtSignature":"Y2Fs/+=="},{"functionCall":{"name":"g","args":{}}}`, stopped)
	for name, codec := range map[string]struct {
		write  func([]byte, *conv.Response) []byte
		read   func([]byte, conv.Lose) (*conv.Request, error)
		follow func(answer string) string
	}{
		"anthropic": {anthropic.WriteResponse, anthropic.ReadRequest, func(answer string) string {
			var results []string
			for _, id := range gjson.Get(answer, `content.#(type=="tool_use")#.id`).Array() {
				results = append(results, `{"type":"tool_result","tool_use_id":`+id.Raw+`,"content":"r"}`)
			}
			return `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"},{"role":"assistant","content":` + gjson.Get(answer, "content").Raw + `},{"role":"user","content":[` + strings.Join(results, ",") + `]}]}`
		}},
		"chat": {chat.WriteResponse, chat.ReadRequest, func(answer string) string {
			body := `{"model":"m","messages":[{"role":"user","content":"q"},` + gjson.Get(answer, "choices.0.message").Raw
			for _, id := range gjson.Get(answer, "choices.0.message.tool_calls.#.id").Array() {
				body += `,{"role":"tool","tool_call_id":` + id.Raw + `,"content":"r"}`
			}
			return body + `]}`
		}},
	} {
		t.Run(name, func(t *testing.T) {
			r, err := gemini.ReadResponse([]byte(answer))
			if err != nil {
				t.Fatal(err)
			}
			r.Options.Provider = provider
			next, err := codec.read([]byte(codec.follow(string(codec.write(nil, r)))), ignore)
			if err != nil {
				t.Fatal(err)
			}
			next.Model, next.Target.Provider = "gemini-3-pro", provider
			out, err := gemini.WriteRequest(nil, next, ignore)
			if err != nil {
				t.Fatal(err)
			}
			model := gjson.GetBytes(out, "contents.1.parts")
			if got := model.Get(`#(functionCall.name=="f").thoughtSignature`).String(); got != "Y2Fs/+==" {
				t.Errorf("the call's signature is %q in %s", got, out)
			}
			if got := model.Get(`#(functionCall.name=="f").functionCall.args`).Raw; got != `{"x":1.50}` {
				t.Errorf("the call's arguments are %s", got)
			}
			if n := len(gjson.GetBytes(out, `contents.2.parts.#.functionResponse.name`).Array()); n != 2 {
				t.Errorf("%d results in %s", n, out)
			}
			if !strings.Contains(string(out), `"dGV4dA+/"`) {
				t.Errorf("the text's signature is missing in %s", out)
			}
		})
	}
}

// A Gemini caller gets the signed thinking of an Anthropic channel and sends
// it back with the conversation.
func TestSignaturesOfOthersComeBackFromGeminiCallers(t *testing.T) {
	answer := `{"id":"msg_1","type":"message","role":"assistant","model":"claude","content":[{"type":"thinking","thinking":"hm","signature":"a+b/c=="},{"type":"redacted_thinking","data":"ZGF0YQ=="},{"type":"text","text":"hi"},{"type":"tool_use","id":"toolu_1","name":"f","input":{"x":1.50}}],"stop_reason":"tool_use","usage":{"input_tokens":1,"output_tokens":2}}`
	r, err := anthropic.ReadResponse([]byte(answer))
	if err != nil {
		t.Fatal(err)
	}
	r.Options.Provider = provider
	content := gjson.GetBytes(gemini.WriteResponse(nil, r), "candidates.0.content").Raw
	next, err := gemini.ReadRequest([]byte(`{"contents":[{"parts":[{"text":"q"}]},`+content+`,{"parts":[{"functionResponse":{"name":"f","response":{"output":"r"}}}]}],"generationConfig":{"thinkingConfig":{"thinkingBudget":2048}}}`), ignore)
	if err != nil {
		t.Fatal(err)
	}
	next.Model, next.Target.Provider = "claude-sonnet-4-5", provider
	out, err := anthropic.WriteRequest(nil, next, ignore)
	if err != nil {
		t.Fatal(err)
	}
	want := gjson.Get(answer, "content").Raw
	if got := gjson.GetBytes(out, "messages.1.content").Raw; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
