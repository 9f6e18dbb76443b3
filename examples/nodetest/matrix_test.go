package nodetest

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/routextest"
)

// sdks are the SDKs of Node that ask, by the protocol that they speak.
func sdks() map[string][]string {
	return map[string][]string{
		"anthropic": {"anthropic", "ai:anthropic"}, "openai-chat": {"chat", "ai:chat"},
		"openai-responses": {"responses", "ai:responses"}, "gemini": {"genai", "ai:gemini"},
	}
}

// asked is the model that callers name. The AI SDK asks for reasoning only if the
// name looks like one of OpenAI's that reason.
const asked = "gpt-5-asked-for"

// A kind is a channel of one of the protocols, with a model of its provider's
// that reasons.
type kind struct {
	protocol, model string
	ch              routex.Channel
}

func kinds() []kind {
	return []kind{
		{"anthropic", "claude-sonnet-4-5", routex.Channel{Type: routex.TypeAnthropic}},
		{"openai-chat", "gpt-5", routex.Channel{Type: routex.TypeOpenAI}},
		{"openai-responses", "gpt-5", routex.Channel{Type: routex.TypeOpenAI, API: routex.APIResponses}},
		{"gemini", "gemini-3-pro-preview", routex.Channel{Type: routex.TypeGoogle}},
	}
}

// A setting is Routex over one channel of one provider.
type setting struct {
	provider *routextest.Provider
	url      string
	last     *routex.Decision
}

func newSetting(t *testing.T, k kind, answer func(*routextest.Call) routextest.Answer) *setting {
	t.Helper()
	s := &setting{provider: routextest.NewProvider(routextest.Options{APIKey: "the-channel's", Answer: answer})}
	upstream := s.provider.Start()
	t.Cleanup(upstream.Close)
	ch := k.ch
	ch.Name, ch.BaseURL, ch.APIKey = "up", upstream.URL, "the-channel's"
	ch.ModelMap = map[string]string{asked: k.model}
	transport, err := routex.New(routex.Config{Channels: []routex.Channel{ch}, OnDecision: func(d *routex.Decision) { s.last = d }})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(transport.Handler())
	t.Cleanup(server.Close)
	s.url = server.URL
	return s
}

// everyPair asks with each SDK over each kind of channel, unary and streaming.
func everyPair(t *testing.T, q question, answer func(*routextest.Call) routextest.Answer, check func(t *testing.T, s *setting, r reading)) {
	n := start(t)
	for _, k := range kinds() {
		for caller, names := range sdks() {
			for _, sdk := range names {
				for _, stream := range []bool{false, true} {
					name := sdk + " over " + k.protocol
					if stream {
						name += ", streaming"
					}
					t.Run(name, func(t *testing.T) {
						s := newSetting(t, k, answer)
						q := q
						q.SDK, q.URL, q.Model, q.Stream = sdk, s.url, asked, stream
						r := n.ask(t, q)
						check(t, s, r)
						if caller == k.protocol && s.last != nil && len(s.last.Losses) != 0 {
							t.Errorf("the same protocol lost %v", s.last.Losses)
						}
					})
				}
			}
		}
	}
}

func TestText(t *testing.T) {
	const text = "Grüße, 世界! \"quoted\" \\ and\n a new line, <b>&amp;</b> 🎉"
	answer := func(*routextest.Call) routextest.Answer {
		return routextest.Answer{Text: text, Usage: routextest.Usage{Input: 11, Output: 7, CacheRead: 5}}
	}
	everyPair(t, question{System: "Be brief.", Text: "hi", Image: true}, answer, func(t *testing.T, s *setting, r reading) {
		if r.Status != 0 || r.Text != text || r.Stop != "end" {
			t.Errorf("read %+v", r)
		}
		if r.In != 11 || r.Cached != 5 || r.Out != 7 {
			t.Errorf("usage %d + %d, %d; want 11 + 5, 7", r.In, r.Cached, r.Out)
		}
		body := string(s.provider.LastCall().Body)
		for _, part := range []string{"Be brief.", "iVBORw0KGgo"} {
			if !strings.Contains(body, part) {
				t.Errorf("the provider did not get %q: %s", part, body)
			}
		}
	})
}

// calling calls tools in parallel, with reasoning before, until their results
// are there.
func calling(c *routextest.Call) routextest.Answer {
	body := string(c.Body)
	if strings.Contains(body, "sunny") && strings.Contains(body, "noon") {
		return routextest.Answer{Text: "It is noon and sunny.", Usage: routextest.Usage{Input: 20, Output: 6}}
	}
	return routextest.Answer{
		Reasoning: "Two tools will do.",
		Tools: []routextest.ToolCall{
			{ID: "call_1", Name: "weather", Arguments: `{"city":"Zürich"}`}, {ID: "call_2", Name: "now"},
		},
		Interleaved: true, Usage: routextest.Usage{Input: 10, Output: 9, Reasoning: 4},
	}
}

func TestParallelTools(t *testing.T) {
	everyPair(t, question{Text: "weather?", Tools: true}, calling, func(t *testing.T, _ *setting, r reading) {
		if r.Status != 0 || r.Stop != "tool" || len(r.Calls) != 2 {
			t.Fatalf("read %+v", r)
		}
		// Of calls that are told at the same time, the SDKs list first what ends first.
		slices.SortFunc(r.Calls, func(a, b call) int { return strings.Compare(b.Name, a.Name) })
		if r.Calls[0].Name != "weather" || !sameJSON(r.Calls[0].Args, `{"city":"Zürich"}`) || r.Calls[1].Name != "now" || !sameJSON(r.Calls[1].Args, "{}") {
			t.Errorf("calls %+v", r.Calls)
		}
		if r.In != 10 || r.Out != 9 {
			t.Errorf("usage %d, %d; want 10, 9", r.In, r.Out)
		}
	})
}

// The second turn brings back what the SDK kept of the first: calls, results,
// reasoning and the state that its provider wants to see again. The provider
// refuses what it did not mint, and calls whose state is missing.
func TestResultsAndReasoningComeBack(t *testing.T) {
	everyPair(t, question{Text: "weather?", Tools: true, Thinking: true, Echo: true}, calling, func(t *testing.T, s *setting, r reading) {
		if r.Status != 0 || r.Text != "It is noon and sunny." || r.Stop != "end" {
			t.Errorf("read %+v after %s", r, s.provider.LastCall().Body)
		}
		if n := s.provider.Count(); n != 2 {
			t.Errorf("%d calls reached the provider", n)
		}
	})
}

func TestReasoningCanBeRead(t *testing.T) {
	answer := func(*routextest.Call) routextest.Answer {
		return routextest.Answer{Reasoning: "Let me see.", Text: "42", Usage: routextest.Usage{Input: 3, Output: 9, Reasoning: 5}}
	}
	everyPair(t, question{Text: "think", Thinking: true}, answer, func(t *testing.T, s *setting, r reading) {
		if r.Status != 0 || r.Text != "42" || r.Out != 9 {
			t.Errorf("read %+v", r)
		}
		// Chat Completions of OpenAI tells no reasoning: the AI SDK reads none,
		// and OpenAI's own keeps the last piece of a member that it does not know.
		told, reads := s.provider.LastCall().Protocol != "openai-chat", !strings.Contains(t.Name(), "chat over") && !strings.Contains(t.Name(), "chat_over")
		if told && reads && r.Reasoning != "Let me see." {
			t.Errorf("reasoning %q", r.Reasoning)
		}
	})
}

func TestStructuredOutput(t *testing.T) {
	answer := func(*routextest.Call) routextest.Answer { return routextest.Answer{Text: `{"city":"Zürich"}`} }
	everyPair(t, question{Text: "where?", Format: true}, answer, func(t *testing.T, s *setting, r reading) {
		if r.Status != 0 || r.Text != `{"city":"Zürich"}` {
			t.Errorf("read %+v", r)
		}
		body := string(s.provider.LastCall().Body)
		if !strings.Contains(body, `"city"`) || !strings.Contains(body, "json") {
			t.Errorf("the provider was not asked for a form: %s", body)
		}
	})
}

func TestErrorsAreTyped(t *testing.T) {
	n := start(t)
	for _, k := range kinds() {
		for _, names := range sdks() {
			for _, sdk := range names {
				for status, message := range map[int]string{http.StatusBadRequest: "that is wrong", http.StatusTooManyRequests: "slow down"} {
					t.Run(sdk+" over "+k.protocol+"/"+http.StatusText(status), func(t *testing.T) {
						s := newSetting(t, k, nil)
						// Nobody waits for so long here.
						s.provider.Always(routextest.Fault{Times: -1, Status: status, Message: message, RetryAfter: time.Minute})
						r := n.ask(t, question{SDK: sdk, URL: s.url, Model: asked, Text: "hi", Stream: true})
						if r.Status != status || !strings.Contains(r.Problem, message) {
							t.Errorf("read %+v", r)
						}
					})
				}
			}
		}
	}
}

func TestCutStreamsAreErrors(t *testing.T) {
	n := start(t)
	for _, k := range kinds() {
		for _, names := range sdks() {
			for _, sdk := range names {
				for name, fault := range map[string]routextest.Fault{
					"cut": {CutAfter: 2}, "ended early": {CutAfter: 2, CutCleanly: true}, "error event": {ErrorEvent: true, ErrorAfter: 2, Message: "overloaded"},
				} {
					t.Run(sdk+" over "+k.protocol+"/"+name, func(t *testing.T) {
						s := newSetting(t, k, nil)
						s.provider.Always(fault) // or another attempt would go on with the answer
						r := n.ask(t, question{SDK: sdk, URL: s.url, Model: asked, Text: "hi", Stream: true})
						if r.Status == 0 {
							t.Errorf("a truncated answer looks complete: %+v", r)
						}
					})
				}
			}
		}
	}
}
