package routextest_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/routextest"
)

const (
	messages    = "/v1/messages"
	completions = "/v1/chat/completions"
	answers     = "/v1/responses"
	generate    = "/v1beta/models/m:generateContent"

	askAnthropic = `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Hi there"}]}`
	askChat      = `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"Hi there"}]}`
	askResponses = `{"model":"m","max_output_tokens":16,"input":[{"role":"user","content":[{"type":"input_text","text":"Hi there"}]}]}`
	askGemini    = `{"generationConfig":{"maxOutputTokens":9},"contents":[{"role":"user","parts":[{"text":"Hi there"}]}]}`
)

// ask posts a body, and gives the answer's status and text.
func ask(t testing.TB, rt http.RoundTripper, url, body string) (*http.Response, string, error) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Anthropic-Version", "2023-06-01")
	resp, err := rt.RoundTrip(req)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	return resp, string(text), err
}

// streamed is a body of the three protocols that ask for a stream in it.
func streamed(body string) string { return `{"stream":true,` + body[1:] }

// A front is one protocol of a provider that is served.
type front struct {
	name, url, body           string
	streamedURL, streamedBody string
	text, arguments, stop     string // where an answer has them
	prompt, reasoning         string // of the usage, and of the reasoning
	delta                     string // where a piece of a stream has its text
}

func (f front) say(t testing.TB, stream bool) (*http.Response, string, error) {
	t.Helper()
	if stream {
		return ask(t, http.DefaultTransport, f.streamedURL, f.streamedBody)
	}
	return ask(t, http.DefaultTransport, f.url, f.body)
}

func frontsOf(url string) []front {
	const usage = `"stream_options":{"include_usage":true},`
	gemini := front{
		name: "gemini", url: url + generate, body: askGemini, streamedURL: url + "/v1beta/models/m:streamGenerateContent?alt=sse", streamedBody: askGemini,
		text: "candidates.0.content.parts.0.text", arguments: "candidates.0.content.parts.1.functionCall.args", stop: "candidates.0.finishReason",
		prompt: "usageMetadata.promptTokenCount", reasoning: "usageMetadata.thoughtsTokenCount", delta: "candidates.0.content.parts.0.text",
	}
	array := gemini
	array.name, array.streamedURL = "gemini in an array", url+"/v1beta/models/m:streamGenerateContent"
	return []front{
		{
			name: "anthropic", url: url + messages, body: askAnthropic, streamedURL: url + messages, streamedBody: streamed(askAnthropic),
			text: "content.0.text", arguments: "content.1.input", stop: "stop_reason",
			prompt: "usage.input_tokens", reasoning: "usage.output_tokens_details.thinking_tokens", delta: "delta.text",
		},
		{
			name: "chat", url: url + completions, body: askChat, streamedURL: url + completions, streamedBody: streamed("{" + usage + askChat[1:]),
			text: "choices.0.message.content", arguments: "choices.0.message.tool_calls.0.function.arguments", stop: "choices.0.finish_reason",
			prompt: "usage.prompt_tokens", reasoning: "usage.completion_tokens_details.reasoning_tokens", delta: "choices.0.delta.content",
		},
		{
			name: "responses", url: url + answers, body: askResponses, streamedURL: url + answers, streamedBody: streamed(askResponses),
			text: "output.0.content.0.text", arguments: "output.1.arguments", stop: "status",
			prompt: "usage.input_tokens", reasoning: "usage.output_tokens_details.reasoning_tokens", delta: "delta",
		},
		gemini, array,
	}
}

// fronts runs a test for every protocol, against a server on loopback.
func fronts(t *testing.T, o routextest.Options, f func(t *testing.T, p *routextest.Provider, f front)) {
	t.Helper()
	for _, one := range frontsOf("") {
		t.Run(one.name, func(t *testing.T) {
			p := routextest.NewProvider(o)
			s := p.Start()
			defer s.Close()
			one.url, one.streamedURL = s.URL+one.url, s.URL+one.streamedURL
			f(t, p, one)
		})
	}
}

// events parts a stream into its pieces.
func events(t *testing.T, text string) (out []string) {
	t.Helper()
	if strings.HasPrefix(text, "[") {
		for _, v := range gjson.Parse(text).Array() {
			out = append(out, v.Raw)
		}
		return out
	}
	for event := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
		_, data, _ := strings.Cut(event, "data: ")
		out = append(out, data)
	}
	return out
}

// ended reports that a stream has what makes it complete.
func ended(text string) bool {
	for _, mark := range []string{"message_stop", "[DONE]", "response.completed", "finishReason"} {
		if strings.Contains(text, mark) {
			return true
		}
	}
	return false
}

func TestAnswers(t *testing.T) {
	o := routextest.Options{Answer: func(*routextest.Call) routextest.Answer {
		return routextest.Answer{
			Text: "one two", Tools: []routextest.ToolCall{{ID: "t1", Name: "f", Arguments: `{"a":"déjà vu, twice"}`}, {ID: "t2", Name: "g"}},
			Usage: routextest.Usage{Input: 3, Output: 9, CacheRead: 5, CacheWrite: 6, Reasoning: 5},
		}
	}}
	fronts(t, o, func(t *testing.T, p *routextest.Provider, f front) {
		resp, text, err := f.say(t, false)
		if err != nil || resp.StatusCode != 200 || !gjson.Valid(text) {
			t.Fatalf("%v %s", err, text)
		}
		want := map[string]string{f.text: "one two", f.arguments: `{"a":"déjà vu, twice"}`, f.prompt: "14", f.reasoning: "5"}
		if f.name == "anthropic" {
			want[f.prompt] = "3" // the cache is counted by itself
		}
		for path, value := range want {
			if got := gjson.Get(text, path).String(); got != value {
				t.Errorf("%s is %q, want %q", path, got, value)
			}
		}
		if stop := gjson.Get(text, f.stop).String(); stop != "tool_use" && stop != "tool_calls" && stop != "completed" && stop != "STOP" {
			t.Errorf("it stopped for %q", stop)
		}
		if got := p.LastCall(); got.Model != "m" || got.Stream || got.LastUserText != "Hi there" || got.HasTools {
			t.Errorf("recorded %+v", got)
		}
	})
}

func TestStreams(t *testing.T) {
	o := routextest.Options{Answer: func(*routextest.Call) routextest.Answer {
		return routextest.Answer{Chunks: []string{"a", "b\n", "\"c\""}, Usage: routextest.Usage{Input: 1, Output: 2}}
	}}
	fronts(t, o, func(t *testing.T, p *routextest.Provider, f front) {
		resp, text, err := f.say(t, true)
		if err != nil || strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") == strings.HasPrefix(text, "[") {
			t.Fatalf("%v %v", err, resp.Header)
		}
		var got, all strings.Builder
		for _, data := range events(t, text) {
			if data != "[DONE]" && !gjson.Valid(data) {
				t.Errorf("no JSON: %s", data)
			}
			got.WriteString(gjson.Get(data, f.delta).String())
			all.WriteString(data)
		}
		if got.String() != "ab\n\"c\"" {
			t.Errorf("text %q", got.String())
		}
		if !ended(text) || !strings.Contains(all.String(), `:2`) {
			t.Errorf("the end or the usage is missing: %s", text)
		}
		if got := p.LastCall(); got.Model != "m" || !got.Stream {
			t.Errorf("recorded %+v", got)
		}
	})
}

func TestEverythingThatCanBeSaid(t *testing.T) {
	o := routextest.Options{Answer: func(*routextest.Call) routextest.Answer {
		return routextest.Answer{
			Text: "some text", Refusal: "not that", Interleaved: true,
			Tools: []routextest.ToolCall{{ID: "t1", Name: "f", Arguments: `{"one":"argument"}`}, {ID: "t2", Name: "g", Arguments: `{"two":"argument"}`}},
		}
	}}
	fronts(t, o, func(t *testing.T, _ *routextest.Provider, f front) {
		for _, stream := range []bool{false, true} {
			resp, text, err := f.say(t, stream)
			if err != nil || resp.StatusCode != 200 {
				t.Fatal(err)
			}
			for _, word := range []string{"some", "not ", "one", "two"} {
				if !strings.Contains(text, word) {
					t.Errorf("%q is missing: %s", word, text)
				}
			}
		}
	})
}

func TestHowAnAnswerEnds(t *testing.T) {
	for reason, want := range map[string][]string{
		"length": {"max_tokens", "length", "max_output_tokens", "MAX_TOKENS"},
		"filter": {"refusal", "content_filter", "content_filter", "PROHIBITED_CONTENT"},
	} {
		o := routextest.Options{Answer: func(*routextest.Call) routextest.Answer { return routextest.Answer{StopReason: reason} }}
		fronts(t, o, func(t *testing.T, _ *routextest.Provider, f front) {
			for _, stream := range []bool{false, true} {
				_, text, _ := f.say(t, stream)
				found := false
				for _, word := range want {
					found = found || strings.Contains(text, `"`+word+`"`)
				}
				if !found {
					t.Errorf("%s is not told: %s", reason, text)
				}
			}
		})
	}
}

func TestKeysAndModels(t *testing.T) {
	o := routextest.Options{APIKey: "k", Models: []string{"m"}}
	fronts(t, o, func(t *testing.T, _ *routextest.Provider, f front) {
		resp, text, _ := f.say(t, false)
		if resp.StatusCode < 401 || resp.StatusCode > 403 || !gjson.Get(text, "error.message").Exists() {
			t.Errorf("without a key: %d %s", resp.StatusCode, text)
		}
		withKey := keyed("k")
		if resp, text, _ := ask(t, withKey, f.url, f.body); resp.StatusCode != 200 {
			t.Errorf("with the key: %d %s", resp.StatusCode, text)
		}
		other := strings.Replace(f.body, `"m"`, `"other"`, 1)
		if resp, text, _ := ask(t, withKey, strings.Replace(f.url, "/m:", "/other:", 1), other); resp.StatusCode != 404 || gjson.Get(text, "error.message").String() == "" {
			t.Errorf("another model: %d %s", resp.StatusCode, text)
		}
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, f.url, nil)
		if resp, err := http.DefaultTransport.RoundTrip(req); err != nil || resp.StatusCode != 405 {
			t.Errorf("GET: %v %v", resp, err)
		}
	})
}

// keyed sends a key with every request.
type keyed string

func (k keyed) RoundTrip(r *http.Request) (*http.Response, error) {
	r.Header.Set("Authorization", "Bearer "+string(k))
	return http.DefaultTransport.RoundTrip(r)
}

func TestEveryPlaceForAKey(t *testing.T) {
	p := routextest.NewProvider(routextest.Options{APIKey: "k"})
	s := p.Start()
	defer s.Close()
	for _, test := range []struct {
		path, body, header string
		status             int
	}{
		{messages, askAnthropic, "X-Api-Key", 200},
		{completions, askChat, "Api-Key", 401},
		{"/openai/deployments/m/chat/completions?api-version=2024-10-21", askChat, "Api-Key", 200},
		{"/openai/deployments/m/chat/completions", askChat, "Api-Key", 400},
		{"/openai/v1/responses", askResponses, "Api-Key", 200},
		{"/api/paas/v4/chat/completions", askChat, "Authorization", 200},
		{generate, askGemini, "X-Goog-Api-Key", 200},
		{generate + "?key=k", askGemini, "Accept", 200},
		{generate + "?key=wrong", askGemini, "Accept", 400},
	} {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+test.path, strings.NewReader(test.body))
		req.Header.Set("Anthropic-Version", "2026-10-21")
		req.Header.Set(test.header, "k")
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil || resp.StatusCode != test.status {
			t.Errorf("%s with %s: %v %v", test.path, test.header, resp, err)
		}
	}
	if p.LastCall().Model != "m" {
		t.Errorf("the path's model is missing: %+v", p.LastCall())
	}
}
