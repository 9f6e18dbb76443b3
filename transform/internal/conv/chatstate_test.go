package conv_test

import (
	"testing"

	"github.com/dctx-team/routex/transform/internal/anthropic"
	"github.com/dctx-team/routex/transform/internal/chat"
	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/dctx-team/routex/transform/internal/gemini"
	"github.com/dctx-team/routex/transform/internal/responses"
	"github.com/tidwall/gjson"
)

// What a provider minted goes through a caller of Chat and comes back to it as
// it was, and to no other.
func TestStateSurvivesAChatCaller(t *testing.T) {
	type codec struct {
		read  func([]byte) (*conv.Response, error)
		write func([]byte, *conv.Request, conv.Lose) ([]byte, error)
	}
	claude := codec{anthropic.ReadResponse, anthropic.WriteRequest}
	google := codec{gemini.ReadResponse, gemini.WriteRequest}
	openai := codec{responses.ReadResponse, responses.WriteRequest}
	for _, c := range []struct {
		name   string
		codec  codec
		model  string
		answer string
		path   string // of what must come back
		want   string
	}{
		{
			"Anthropic", claude, "claude-sonnet-4-5",
			`{"type":"message","role":"assistant","content":[{"type":"thinking","thinking":"h\nm","signature":"sig+/="},{"type":"redacted_thinking","data":"red"},{"type":"text","text":"ok"},{"type":"tool_use","id":"toolu_1","name":"f","input":{"x":1.10}}],"stop_reason":"tool_use"}`,
			"messages.1.content",
			`[{"type":"thinking","thinking":"h\nm","signature":"sig+/="},{"type":"redacted_thinking","data":"red"},{"type":"text","text":"ok"},{"type":"tool_use","id":"toolu_1","name":"f","input":{"x":1.10}}]`,
		},
		{
			"Gemini", google, "gemini-3-pro",
			`{"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"name":"f","args":{"x":1.10}},"thoughtSignature":"th+/="}]},"finishReason":"STOP"}]}`,
			"contents.1.parts.0.thoughtSignature", `"th+/="`,
		},
		{
			"OpenAI Responses", openai, "gpt-5",
			`{"object":"response","status":"completed","output":[{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"hm"}],"encrypted_content":"enc+/="},{"type":"function_call","id":"fc_1","call_id":"call_1","name":"f","arguments":"{\"x\":1.10}","status":"completed"}]}`,
			`input.#(type=="reasoning").encrypted_content`, `"enc+/="`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			const minter, other = "0abcdef", "1234567"
			answer, err := c.codec.read([]byte(c.answer))
			if err != nil {
				t.Fatal(err)
			}
			answer.Options.Provider = minter
			message := gjson.GetBytes(chat.WriteResponse(nil, answer), "choices.0.message")
			body := `{"model":"` + c.model + `","max_tokens":2000,"messages":[{"role":"user","content":"hi"},` + message.Raw +
				`,{"role":"tool","tool_call_id":"` + message.Get("tool_calls.0.id").Str + `","content":"r"}],"tools":[{"type":"function","function":{"name":"f"}}],"reasoning_effort":"low"}`
			back := func(provider string) (string, int) {
				lost := 0
				lose := func(_, why string) {
					if lost++; why == "" {
						t.Error("a loss has no reason")
					}
				}
				r, err := chat.ReadRequest([]byte(body), lose)
				if err != nil {
					t.Fatal(err)
				}
				r.Target.Provider = provider
				out, err := c.codec.write(nil, r, lose)
				if err != nil || !gjson.ValidBytes(out) {
					t.Fatalf("%v: %s", err, out)
				}
				return gjson.GetBytes(out, c.path).Raw, lost
			}
			if got, lost := back(minter); got != c.want || lost != 0 {
				t.Errorf("got  %s, lost %d\nwant %s", got, lost, c.want)
			}
			if got, _ := back(other); got == c.want {
				t.Errorf("another provider gets it too: %s", got)
			}
		})
	}
}
