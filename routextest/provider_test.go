package routextest_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/routextest"
)

const (
	messages    = "/v1/messages"
	completions = "/v1/chat/completions"
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

// both runs a test for the two protocols, against a server on loopback.
func both(t *testing.T, o routextest.Options, f func(t *testing.T, p *routextest.Provider, url string)) {
	t.Helper()
	for _, path := range []string{messages, completions} {
		t.Run(path, func(t *testing.T) {
			p := routextest.NewProvider(o)
			s := p.Start()
			defer s.Close()
			f(t, p, s.URL+path)
		})
	}
}

func call(stream bool) string {
	return fmt.Sprintf(`{"model":"m","max_tokens":9,"stream":%v,"stream_options":{"include_usage":true},"messages":[{"role":"user","content":"Hi there"}]}`, stream)
}

func TestAnswers(t *testing.T) {
	o := routextest.Options{Answer: func(c *routextest.Call) routextest.Answer {
		return routextest.Answer{
			Text: "one two", Tools: []routextest.ToolCall{{ID: "t1", Name: "f", Arguments: `{"a":"déjà vu, twice"}`}, {ID: "t2", Name: "g"}},
			Usage: routextest.Usage{Input: 3, Output: 4, CacheRead: 5, CacheWrite: 6},
		}
	}}
	both(t, o, func(t *testing.T, p *routextest.Provider, url string) {
		resp, text, err := ask(t, http.DefaultTransport, url, call(false))
		if err != nil || resp.StatusCode != 200 || !gjson.Valid(text) {
			t.Fatalf("%v %s", err, text)
		}
		v := gjson.Parse(text)
		want := map[string]string{
			"content.0.text": "one two", "content.1.input.a": "déjà vu, twice", "content.2.name": "g", "content.2.input": "{}",
			"stop_reason": "tool_use", "usage.input_tokens": "3", "usage.cache_read_input_tokens": "5", "model": "m",
		}
		if strings.HasSuffix(url, completions) {
			want = map[string]string{
				"choices.0.message.content": "one two", "choices.0.message.tool_calls.0.function.arguments": `{"a":"déjà vu, twice"}`,
				"choices.0.message.tool_calls.1.function.arguments": "{}", "choices.0.finish_reason": "tool_calls",
				"usage.prompt_tokens": "14", "usage.prompt_tokens_details.cached_tokens": "5", "usage.total_tokens": "18",
			}
		}
		for path, value := range want {
			if got := v.Get(path).String(); got != value {
				t.Errorf("%s is %q, want %q", path, got, value)
			}
		}
		if got := p.LastCall(); got.Model != "m" || got.Stream || got.LastUserText != "Hi there" || got.HasTools {
			t.Errorf("recorded %+v", got)
		}
	})
}

func TestStreams(t *testing.T) {
	o := routextest.Options{Answer: func(*routextest.Call) routextest.Answer {
		return routextest.Answer{Chunks: []string{"a", "b\n", "\"c\""}, StopReason: "length", Usage: routextest.Usage{Input: 1, Output: 2}}
	}}
	both(t, o, func(t *testing.T, _ *routextest.Provider, url string) {
		resp, text, err := ask(t, http.DefaultTransport, url, call(true))
		if err != nil || !strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
			t.Fatalf("%v %v", err, resp.Header)
		}
		var got strings.Builder
		var last string
		for event := range strings.SplitSeq(strings.TrimSpace(text), "\n\n") {
			_, data, _ := strings.Cut(event, "data: ")
			if data != "[DONE]" && !gjson.Valid(data) {
				t.Errorf("no JSON: %s", data)
			}
			got.WriteString(gjson.Get(data, "delta.text").String() + gjson.Get(data, "choices.0.delta.content").String())
			last = data
		}
		if got.String() != "ab\n\"c\"" {
			t.Errorf("text %q", got.String())
		}
		if last != "[DONE]" && last != `{"type":"message_stop"}` {
			t.Errorf("it ends with %s", last)
		}
		if strings.HasSuffix(url, completions) != strings.Contains(text, `"total_tokens":3`) {
			t.Errorf("usage is where it should not be, or missing: %s", text)
		}
	})
}

func TestRefusals(t *testing.T) {
	o := routextest.Options{APIKey: "k", Models: []string{"m"}}
	both(t, o, func(t *testing.T, _ *routextest.Provider, url string) {
		resp, text, _ := ask(t, http.DefaultTransport, url, call(false))
		if resp.StatusCode != 401 || !gjson.Get(text, "error.message").Exists() {
			t.Errorf("without a key: %d %s", resp.StatusCode, text)
		}
		withKey := keyed("k")
		for body, status := range map[string]int{
			call(false): 200, `{`: 400, `{"max_tokens":1}`: 400, strings.Replace(call(false), `"m"`, `"other"`, 1): 404,
			`{"model":"m","max_tokens":1,"messages":[]}`:                                               400,
			`{"model":"m","max_tokens":1,"messages":[{"role":"user","content":"x"}],"tool_choice":{}}`: 400,
			`{"model":"m","max_tokens":1,"messages":[{"role":"robot","content":"x"}]}`:                 400,
			`{"model":"m","max_tokens":1,"messages":[{"role":"user"}]}`:                                400,
		} {
			resp, text, err := ask(t, withKey, url, body)
			if err != nil || resp.StatusCode != status || status != 200 && gjson.Get(text, "error.message").String() == "" {
				t.Errorf("%s: %d %s, want %d", body, resp.StatusCode, text, status)
			}
		}
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
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

func TestOnlyWellFormedConversationsAreTaken(t *testing.T) {
	p := routextest.NewProvider(routextest.Options{})
	s := p.Start()
	defer s.Close()
	for _, test := range []struct {
		path, messages string
		ok             bool
	}{
		{messages, `{"role":"assistant","content":"x"}`, false},
		{messages, `{"role":"user","content":""}`, false},
		{messages, `{"role":"user","content":[]}`, false},
		{messages, `{"role":"user","content":[{"type":"text","text":" "}]}`, false},
		{messages, `{"role":"user","content":[{"type":"image"}]}`, false},
		{messages, `{"role":"user","content":[{"type":"tool_result","tool_use_id":"a"}]}`, false},
		{messages, `{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"a","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a"}]}`, true},
		{messages, `{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"a","input":{}}]},{"role":"user","content":"y"}`, false},
		{messages, `{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"a","input":"{}"}]}`, false},
		{completions, `{"role":"tool","tool_call_id":"a","content":"x"}`, false},
		{completions, `{"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"a"}]},{"role":"tool","tool_call_id":"a","content":"x"}`, true},
		{completions, `{"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"a"}]},{"role":"user","content":"x"}`, false},
		{completions, `{"role":"system","content":"x"},{"role":"user","content":[{"type":"text","text":"hi"}]}`, true},
	} {
		resp, text, err := ask(t, http.DefaultTransport, s.URL+test.path, `{"model":"m","max_tokens":5,"messages":[`+test.messages+`]}`)
		if err != nil || (resp.StatusCode == 200) != test.ok {
			t.Errorf("%s %s: %d %s", test.path, test.messages, resp.StatusCode, text)
		}
	}
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+messages, strings.NewReader(call(false)))
	if resp, err := http.DefaultTransport.RoundTrip(req); err != nil || resp.StatusCode != 400 {
		t.Errorf("without anthropic-version: %v %v", resp, err)
	}
}

func TestModelsAndOtherPaths(t *testing.T) {
	p := routextest.NewProvider(routextest.Options{Models: []string{"a", "b"}})
	s := p.Start()
	defer s.Close()
	for version, path := range map[string]string{"": "data.1.object", "2023-06-01": "data.1.display_name"} {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL+"/v1/models", nil)
		if version != "" {
			req.Header.Set("Anthropic-Version", version)
		}
		resp, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if !gjson.GetBytes(body, path).Exists() || gjson.GetBytes(body, "data.1.id").String() != "b" {
			t.Errorf("models for version %q: %s", version, body)
		}
	}
	if resp, _, err := ask(t, http.DefaultTransport, s.URL+"/v1/other", "{}"); err != nil || resp.StatusCode != 404 {
		t.Errorf("another path: %v %v", resp, err)
	}
}

func TestFaults(t *testing.T) {
	o := routextest.Options{Answer: func(*routextest.Call) routextest.Answer { return routextest.Answer{Text: "one two three four"} }}
	for _, test := range []struct {
		name   string
		fault  routextest.Fault
		stream bool
		want   func(resp *http.Response, text string, err error) bool
	}{
		{"reset", routextest.Fault{Reset: true}, false, func(_ *http.Response, _ string, err error) bool { return err != nil }},
		{"status", routextest.Fault{Status: 429, Header: http.Header{"Retry-After": {"7"}}, Message: "slow down", Code: "c"}, false, func(resp *http.Response, text string, _ error) bool {
			return resp.StatusCode == 429 && resp.Header.Get("Retry-After") == "7" && gjson.Get(text, "error.message").String() == "slow down"
		}},
		{"status without words", routextest.Fault{Status: 503}, true, func(resp *http.Response, text string, _ error) bool {
			return resp.StatusCode == 503 && gjson.Get(text, "error.message").String() != ""
		}},
		{"HTML", routextest.Fault{Body: "<html>", ContentType: "text/html"}, false, func(resp *http.Response, text string, _ error) bool {
			return resp.StatusCode == 200 && text == "<html>" && resp.Header.Get("Content-Type") == "text/html"
		}},
		{"cut body", routextest.Fault{CutBody: true}, false, func(_ *http.Response, text string, err error) bool {
			return errors.Is(err, io.ErrUnexpectedEOF) && text != "" && !gjson.Valid(text)
		}},
		{"cut stream", routextest.Fault{CutAfter: 2}, true, func(_ *http.Response, text string, err error) bool {
			return err != nil && strings.Contains(text, "two") && !strings.Contains(text, "three")
		}},
		{"cut in good order", routextest.Fault{CutAfter: 2, CutCleanly: true}, true, func(_ *http.Response, text string, err error) bool {
			return err == nil && strings.Contains(text, "two") && !strings.Contains(text, "three")
		}},
		{"error event first", routextest.Fault{ErrorEvent: true, Message: "busy"}, true, func(_ *http.Response, text string, err error) bool {
			return err == nil && strings.Contains(text, "busy") && !strings.Contains(text, "one")
		}},
		{"error event later", routextest.Fault{ErrorEvent: true, ErrorAfter: 1, Message: "busy"}, true, func(_ *http.Response, text string, err error) bool {
			return err == nil && strings.Contains(text, "busy") && strings.Contains(text, "one") && !strings.Contains(text, "two")
		}},
		{"garbage", routextest.Fault{Garbage: 1}, true, func(_ *http.Response, text string, err error) bool {
			return err == nil && strings.Contains(text, "no JSON") && strings.Contains(text, "four")
		}},
		{"huge event", routextest.Fault{HugeEvent: 100_000}, true, func(_ *http.Response, text string, err error) bool {
			return err == nil && len(text) > 100_000 && strings.Contains(text, "four")
		}},
		{"no end mark", routextest.Fault{NoEndMark: true}, true, func(_ *http.Response, text string, err error) bool {
			return err == nil && strings.Contains(text, "four") && !strings.Contains(text, "message_stop") && !strings.Contains(text, "[DONE]")
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			both(t, o, func(t *testing.T, p *routextest.Provider, url string) {
				p.Fail(test.fault)
				if resp, text, err := ask(t, http.DefaultTransport, url, call(test.stream)); !test.want(resp, text, err) {
					t.Errorf("got %v %s %v", resp, text, err)
				}
				if _, text, err := ask(t, http.DefaultTransport, url, call(test.stream)); err != nil || !strings.Contains(text, "four") {
					t.Errorf("the next call met %s %v", text, err)
				}
			})
		})
	}
}

func TestScriptOfFaults(t *testing.T) {
	p := routextest.NewProvider(routextest.Options{})
	s := p.Start()
	defer s.Close()
	p.Always(routextest.Fault{Status: 500})
	p.Fail(routextest.Fault{Status: 429, Times: 2}, routextest.Fault{Status: 503})
	var got []int
	status := func() {
		resp, _, err := ask(t, http.DefaultTransport, s.URL+messages, call(false))
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, resp.StatusCode)
	}
	for range 5 {
		status()
	}
	p.Heal()
	status()
	p.Fail(routextest.Fault{Status: 418, Times: -1})
	status()
	status()
	p.Reset()
	if p.Count() != 0 || len(p.Calls()) != 0 || p.LastCall().Model != "" {
		t.Error("Reset did not forget the calls")
	}
	status()
	if fmt.Sprint(got) != "[429 429 503 500 500 200 418 418 200]" || p.Count() != 1 {
		t.Errorf("statuses %v", got)
	}
}

func TestTimePassesInABubble(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		net := routextest.NewNetwork()
		defer net.Close()
		slow := routextest.NewProvider(routextest.Options{Delay: time.Minute, Pace: 10 * time.Second, Answer: func(*routextest.Call) routextest.Answer {
			return routextest.Answer{Text: "one two three"}
		}})
		quick := routextest.NewProvider(routextest.Options{})
		slowURL, quickURL := net.Add("slow.test", slow), net.Add("quick.test", quick)
		rt := net.Transport()
		start := time.Now()
		if _, text, err := ask(t, rt, slowURL+messages, call(true)); err != nil || !strings.Contains(text, "three") {
			t.Errorf("%s %v", text, err)
		}
		if took := time.Since(start); took != 90*time.Second {
			t.Errorf("it took %v, want a minute and three times ten seconds", took)
		}
		if _, _, err := ask(t, rt, quickURL+completions, call(false)); err != nil || quick.Count() != 1 || slow.Count() != 1 {
			t.Errorf("%v, %d and %d calls", err, slow.Count(), quick.Count())
		}
		if _, _, err := ask(t, rt, "http://nobody.test"+messages, "{}"); err == nil {
			t.Error("a host that is not there answered")
		}
	})
}

func TestAStallEndsWithTheCaller(t *testing.T) {
	for _, after := range []int{0, 1} {
		synctest.Test(t, func(t *testing.T) {
			net := routextest.NewNetwork()
			p := routextest.NewProvider(routextest.Options{})
			url := net.Add("a.test", p)
			p.Fail(routextest.Fault{Stall: 1000 * time.Hour, StallAfter: after})
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			req, _ := http.NewRequestWithContext(ctx, http.MethodPost, url+completions, bytes.NewBufferString(call(true)))
			resp, err := net.Transport().RoundTrip(req)
			if after > 0 {
				if err != nil {
					t.Fatal(err)
				}
				_, err = io.ReadAll(resp.Body)
				_ = resp.Body.Close()
			}
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("the call ended with %v", err)
			}
			net.Close() // hangs, and so fails the test, if the handler is still asleep
		})
	}
}

func ExampleProvider() {
	provider := routextest.NewProvider(routextest.Options{Answer: func(c *routextest.Call) routextest.Answer {
		return routextest.Answer{Text: "You said " + c.LastUserText}
	}})
	server := provider.Start()
	defer server.Close()
	provider.Fail(routextest.Fault{Status: http.StatusTooManyRequests})
	for range 2 {
		resp, err := http.Post(server.URL+"/v1/chat/completions", "application/json",
			strings.NewReader(`{"model":"m","messages":[{"role":"user","content":"hi"}]}`))
		if err != nil {
			fmt.Println(err)
			return
		}
		body, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		fmt.Printf("%d %q\n", resp.StatusCode, gjson.GetBytes(body, "choices.0.message.content"))
	}
	// Output:
	// 429 ""
	// 200 "You said hi"
}
