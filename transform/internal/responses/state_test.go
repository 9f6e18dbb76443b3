package responses_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform/internal/anthropic"
	"github.com/dctx-team/routex/transform/internal/chat"
	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/dctx-team/routex/transform/internal/gemini"
	"github.com/dctx-team/routex/transform/internal/responses"
)

// A caller sends an answer back with the result of its call.
type caller struct {
	name   string
	write  func([]byte, *conv.Response) []byte
	read   func([]byte, conv.Lose) (*conv.Request, error)
	answer string // where the answer's message is
	format string // of the next request, with that message and the call's id
	id     string // where the call's id is in the message
}

func callers() []caller {
	return []caller{
		{
			"Anthropic", anthropic.WriteResponse, anthropic.ReadRequest, "content",
			`{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"},{"role":"assistant","content":%s},{"role":"user","content":[{"type":"tool_result","tool_use_id":%q,"content":"o"}]}]}`,
			`#(type=="tool_use").id`,
		},
		{
			"Chat", chat.WriteResponse, chat.ReadRequest, "choices.0.message",
			`{"model":"m","messages":[{"role":"user","content":"q"},%s,{"role":"tool","tool_call_id":%q,"content":"o"}]}`,
			"tool_calls.0.id",
		},
		{
			"Gemini", gemini.WriteResponse, gemini.ReadRequest, "candidates.0.content",
			`{"contents":[{"role":"user","parts":[{"text":"q"}]},%s,{"role":"user","parts":[{"functionResponse":{"id":%q,"name":"f","response":{"output":"o"}}}]}]}`,
			"parts.#(functionCall).functionCall.id",
		},
	}
}

func TestEncryptedReasoningComesBackThroughEveryCaller(t *testing.T) {
	const answer = `{"id":"resp_1","model":"gpt-5","status":"completed","output":[{"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"why"}],"encrypted_content":"gAAA+/=_-"},{"type":"function_call","call_id":"c1","name":"f","arguments":"{}"}]}`
	for _, c := range callers() {
		for provider, kept := range map[string]bool{"0abcdef": true, "1234567": false} {
			t.Run(fmt.Sprint(c.name, " ", kept), func(t *testing.T) {
				r, err := responses.ReadResponse([]byte(answer))
				if err != nil {
					t.Fatal(err)
				}
				r.Options.Provider = "0abcdef"
				message := gjson.GetBytes(c.write(nil, r), c.answer)
				next := fmt.Sprintf(c.format, message.Raw, message.Get(c.id).Str)
				var lost []string
				lose := func(field, why string) { lost = append(lost, why) }
				req, err := c.read([]byte(next), lose)
				if err != nil {
					t.Fatal(err, next)
				}
				req.Model, req.Target.Provider = "gpt-5", provider
				out, err := responses.WriteRequest(nil, req, lose)
				if err != nil {
					t.Fatal(err)
				}
				const item = `{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"why"}],"encrypted_content":"gAAA+/=_-"},{"type":"function_call","call_id":"c1"`
				if strings.Contains(string(out), item) != kept || strings.Contains(string(out), "gAAA") != kept {
					t.Errorf("%s\nbecame %s", next, out)
				}
				if known := strings.Contains(strings.Join(lost, ","), conv.WhyReasoning); known == kept {
					t.Errorf("lost %q", lost)
				}
			})
		}
	}
}

func TestOtherProvidersStatesComeBackThroughThisCaller(t *testing.T) {
	for _, c := range []struct {
		name   string
		read   func([]byte) (*conv.Response, error)
		write  func([]byte, *conv.Request, conv.Lose) ([]byte, error)
		answer string
		want   string // in the next request
	}{
		{
			"Anthropic", anthropic.ReadResponse, anthropic.WriteRequest,
			`{"type":"message","role":"assistant","model":"m","content":[{"type":"thinking","thinking":"a\n\nb","signature":"sig+/="},{"type":"tool_use","id":"c1","name":"f","input":{}}],"stop_reason":"tool_use"}`,
			`{"type":"thinking","thinking":"a\n\nb","signature":"sig+/="}`,
		},
		{
			"Anthropic, hidden", anthropic.ReadResponse, anthropic.WriteRequest,
			`{"type":"message","role":"assistant","model":"m","content":[{"type":"redacted_thinking","data":"data+/="},{"type":"tool_use","id":"c1","name":"f","input":{}}],"stop_reason":"tool_use"}`,
			`{"type":"redacted_thinking","data":"data+/="}`,
		},
		{
			"Gemini", gemini.ReadResponse, gemini.WriteRequest,
			`{"candidates":[{"content":{"role":"model","parts":[{"functionCall":{"id":"c1","name":"f","args":{}},"thoughtSignature":"th+/="}]},"finishReason":"STOP"}]}`,
			`"thoughtSignature":"th+/="`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, err := c.read([]byte(c.answer))
			if err != nil {
				t.Fatal(err)
			}
			r.Options.Provider = "0abcdef"
			output := gjson.GetBytes(responses.WriteResponse(nil, r), "output")
			items := strings.Trim(output.Raw, "[]")
			next := fmt.Sprintf(`{"model":"m","input":[{"role":"user","content":"q"},%s,{"type":"function_call_output","call_id":%q,"output":"o"}],"reasoning":{"effort":"high"}}`, items, output.Get(`#(type=="function_call").call_id`).Str)
			req, err := responses.ReadRequest([]byte(next), func(string, string) {})
			if err != nil {
				t.Fatal(err, next)
			}
			req.Model, req.Target.Provider = "claude-sonnet-4-5", "0abcdef"
			out, err := c.write(nil, req, func(field, why string) { t.Logf("lost %s: %s", field, why) })
			if err != nil || !strings.Contains(string(out), c.want) {
				t.Errorf("%v: %s\nbecame %s", err, next, out)
			}
		})
	}
}
