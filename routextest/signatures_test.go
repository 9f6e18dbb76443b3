package routextest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/routextest"
)

// Each front is asked twice: the second call holds what the first one
// answered, with the reasoning and its signature.
func TestSignaturesComeBack(t *testing.T) {
	o := routextest.Options{Answer: func(*routextest.Call) routextest.Answer {
		return routextest.Answer{Reasoning: "first this, then that", Tools: []routextest.ToolCall{{ID: "a", Name: "f"}}, Usage: routextest.Usage{Output: 9, Reasoning: 4}}
	}}
	p := routextest.NewProvider(o)
	s := p.Start()
	defer s.Close()
	o.Name = "another"
	stranger := routextest.NewProvider(o).Start()
	defer stranger.Close()
	for _, test := range []struct{ path, head, turn, answer, rest string }{
		{
			messages, `{"model":"m","max_tokens":2000,"thinking":{"type":"enabled","budget_tokens":1024},"messages":[{"role":"user","content":"x"}`,
			`,{"role":"assistant","content":ANSWER}`, "content", `,{"role":"user","content":[{"type":"tool_result","tool_use_id":"a"}]}`,
		},
		{
			answers, `{"model":"m","store":false,"reasoning":{"summary":"auto"},"include":["reasoning.encrypted_content"],"input":[{"role":"user","content":"x"}`,
			`,ANSWER`, "output", `,{"type":"function_call_output","call_id":"a","output":"x"}`,
		},
		{
			"/v1beta/models/gemini-3-pro:generateContent", `{"generationConfig":{"thinkingConfig":{"includeThoughts":true}},"contents":[{"parts":[{"text":"x"}]}`,
			`,ANSWER`, "candidates.0.content", `,{"parts":[{"functionResponse":{"id":"a","name":"f","response":{}}}]}`,
		},
	} {
		_, text, err := ask(t, http.DefaultTransport, s.URL+test.path, test.head+"]}")
		if err != nil || !strings.Contains(text, "first this, then that") {
			t.Fatalf("%v %s", err, text)
		}
		answer := strings.TrimSpace(gjson.Get(text, test.answer).Raw)
		if test.answer == "output" {
			answer = answer[1 : len(answer)-1]
		}
		second := test.head + strings.Replace(test.turn, "ANSWER", answer, 1) + test.rest + "]}"
		if resp, text, err := ask(t, http.DefaultTransport, s.URL+test.path, second); err != nil || resp.StatusCode != 200 {
			t.Errorf("%s: %d %s to %s", test.path, resp.StatusCode, text, second)
		}
		if resp, text, err := ask(t, http.DefaultTransport, stranger.URL+test.path, second); err != nil || resp.StatusCode != 400 {
			t.Errorf("%s: another provider knows the signature: %d %s", test.path, resp.StatusCode, text)
		}
		if changed := strings.Replace(second, "first this", "first that", 1); test.path == messages {
			if resp, _, _ := ask(t, http.DefaultTransport, s.URL+test.path, changed); resp.StatusCode != 400 {
				t.Error("a signature holds for another text")
			}
		}
	}
}

func TestReasoningIsToldToThoseWhoAsk(t *testing.T) {
	for _, hidden := range []bool{false, true} {
		o := routextest.Options{Answer: func(*routextest.Call) routextest.Answer {
			return routextest.Answer{Reasoning: "thought over", Hidden: hidden, Text: "said"}
		}}
		fronts(t, o, func(t *testing.T, _ *routextest.Provider, f front) {
			wanted := strings.NewReplacer(
				`"max_tokens":9`, `"max_tokens":2000,"thinking":{"type":"enabled","budget_tokens":1024}`,
				`"maxOutputTokens":9`, `"thinkingConfig":{"includeThoughts":true}`,
				`"max_output_tokens":16`, `"reasoning":{"summary":"auto"}`,
			)
			always := f.name == "chat" // whose servers tell it to everybody
			for _, stream := range []bool{false, true} {
				plain := f
				if !always {
					f.body, f.streamedBody = wanted.Replace(f.body), wanted.Replace(f.streamedBody)
				}
				if _, text, err := plain.say(t, stream); err != nil || strings.Contains(text, "thought ") != (always && !hidden) || !strings.Contains(text, "said") {
					t.Errorf("hidden %v, stream %v: %s", hidden, stream, text)
				}
				if _, text, err := f.say(t, stream); err != nil || strings.Contains(text, "thought ") == hidden || !strings.Contains(text, "said") {
					t.Errorf("asked for, hidden %v, stream %v: %s", hidden, stream, text)
				}
				f = plain
			}
		})
	}
}
