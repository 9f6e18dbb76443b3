package routex_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dctx-team/routex"
)

// roundTrip is a function as the base RoundTripper.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// respond makes an upstream's answer.
func respond(status int, contentType, body string) *http.Response {
	return &http.Response{
		StatusCode: status, ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{"Content-Type": {contentType}},
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
}

const (
	anthropicAnswer = `{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":2},"extra":{"kept":1.50}}`
	anthropicCall   = `{"max_tokens":10, "model" : "m","messages":[{"role":"user","content":"hi"}],"unknown":{"b":1.50,"a":2}}`
)

// closeCounter is a body that counts how often it is closed.
type closeCounter struct {
	io.Reader
	closed atomic.Int32
}

func (c *closeCounter) Close() error { c.closed.Add(1); return nil }

// newTransport fails the test when the configuration is not valid, or when a span
// is left open at its end.
func newTransport(t testing.TB, cfg routex.Config) *routex.Transport {
	t.Helper()
	audit(t, &cfg)
	tr, err := routex.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return tr
}

// newCall makes a caller's request. The body hides its kind, so that nothing
// but the contract can be relied on.
func newCall(t testing.TB, url, body string) (*http.Request, *closeCounter) {
	t.Helper()
	counted := &closeCounter{Reader: strings.NewReader(body)}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, counted)
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength = int64(len(body))
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Api-Key", "callers-own")
	req.Header.Set("Anthropic-Version", "2023-06-01")
	return req, counted
}

func anthropicChannel(name, url string) routex.Channel {
	return routex.Channel{Name: name, Type: routex.TypeAnthropic, BaseURL: url, APIKey: "key-" + name}
}

func openAIChannel(name, url string) routex.Channel {
	return routex.Channel{Name: name, Type: routex.TypeOpenAI, BaseURL: url, APIKey: "key-" + name}
}

func readBody(t testing.TB, resp *http.Response) string {
	t.Helper()
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Errorf("reading the answer: %v", err)
	}
	return string(b)
}

func TestCallersRequestIsNeverModified(t *testing.T) {
	tr := newTransport(t, routex.Config{
		Channels: []routex.Channel{openAIChannel("broken", "https://o.test"), anthropicChannel("good", "https://a.test")},
		Base: roundTrip(func(r *http.Request) (*http.Response, error) {
			_, _ = io.Copy(io.Discard, r.Body)
			_ = r.Body.Close()
			r.Header.Add("Anthropic-Beta", "scribbled") // a base may do what it likes with its own
			if r.URL.Host == "o.test" {
				return respond(500, "text/plain", "broken"), nil
			}
			return respond(200, "application/json", anthropicAnswer), nil
		}),
	})
	req, body := newCall(t, "https://caller.test/proxy/v1/messages?beta=true", anthropicCall)
	req.Header["Anthropic-Beta"] = append(make([]string, 0, 8), "a") // with room to append in place
	before := req.Clone(t.Context())
	resp, err := tr.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	if got := readBody(t, resp); got != anthropicAnswer {
		t.Errorf("answer %s", got)
	}
	if resp.Request != req {
		t.Error("the answer's Request is not the caller's")
	}
	if diff := cmp.Diff(before.Header, req.Header); diff != "" || req.URL.String() != before.URL.String() || req.Host != before.Host || req.Body != io.ReadCloser(body) || req.ContentLength != before.ContentLength {
		t.Errorf("the caller's request was modified: %v %s", req, diff)
	}
	if extra := req.Header["Anthropic-Beta"][:2][1]; extra != "" {
		t.Errorf("%q was written behind the end of the caller's header values", extra)
	}
	if n := body.closed.Load(); n != 1 {
		t.Errorf("the body was closed %d times", n)
	}
}

func TestBodyIsClosedOnEveryPath(t *testing.T) {
	gone, leave := context.WithCancel(t.Context())
	leave()
	ok := roundTrip(func(*http.Request) (*http.Response, error) {
		return respond(200, "application/json", anthropicAnswer), nil
	})
	for _, test := range []struct {
		name   string
		base   roundTrip
		change func(*http.Request)
		cfg    func(*routex.Config)
		body   string
	}{
		{name: "answered"},
		{name: "malformed", body: "{"},
		{name: "no model", body: "{}"},
		{name: "unknown model", cfg: func(c *routex.Config) { c.Channels[0].Models = []string{"x"} }},
		{name: "too large", cfg: func(c *routex.Config) { c.MaxBody = 10 }},
		{name: "too large, length unknown", cfg: func(c *routex.Config) { c.MaxBody = 10 }, change: func(r *http.Request) { r.ContentLength = -1 }},
		{name: "wrong method", change: func(r *http.Request) { r.Method = http.MethodPut }},
		{name: "disabled", cfg: func(c *routex.Config) { c.Channels[0].Disabled = true }},
		{name: "network error", base: func(*http.Request) (*http.Response, error) { return nil, errors.New("refused") }},
		{name: "server error", base: func(*http.Request) (*http.Response, error) { return respond(500, "", "x"), nil }},
		{name: "nothing at all", base: func(*http.Request) (*http.Response, error) { return nil, nil }},
		{name: "not routed", change: func(r *http.Request) { r.URL.Path = "/other" }, base: func(r *http.Request) (*http.Response, error) { _ = r.Body.Close(); return nil, errors.New("passed") }},
		{name: "caller gone", change: func(r *http.Request) { *r = *r.WithContext(gone) }, base: func(r *http.Request) (*http.Response, error) { return nil, r.Context().Err() }},
	} {
		runInBubble(t, test.name, func(t *testing.T) {
			cfg := routex.Config{Channels: []routex.Channel{anthropicChannel("a", "https://a.test")}, Base: ok}
			if test.base != nil {
				cfg.Base = test.base
			}
			if test.cfg != nil {
				test.cfg(&cfg)
			}
			tr := newTransport(t, cfg)
			if test.body == "" {
				test.body = anthropicCall
			}
			req, body := newCall(t, "https://x.test/v1/messages", test.body)
			if test.change != nil {
				test.change(req)
			}
			resp, err := tr.RoundTrip(req)
			if err == nil {
				readBody(t, resp)
			}
			if body.closed.Load() != 1 {
				t.Errorf("the body was closed %d times", body.closed.Load())
			}
			if err := tr.Close(t.Context()); err != nil {
				t.Errorf("something is left open: %v", err)
			}
		})
	}
}

func TestBodyIsClosedAfterClose(t *testing.T) {
	tr := newTransport(t, routex.Config{Channels: []routex.Channel{anthropicChannel("a", "https://a.test")}})
	if err := tr.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	req, body := newCall(t, "https://x.test/v1/messages", anthropicCall)
	resp, err := tr.RoundTrip(req)
	if err != nil || resp.StatusCode != 503 {
		t.Fatalf("%v, %v", resp, err)
	}
	if n := body.closed.Load(); n != 1 {
		t.Errorf("the body was closed %d times", n)
	}
}

func TestEveryAttemptCanSendTheBodyAgain(t *testing.T) {
	type seen struct {
		length       int64
		body, replay string
	}
	var got []seen
	channels := []routex.Channel{anthropicChannel("a", "https://a.test"), anthropicChannel("b", "https://b.test"), openAIChannel("c", "https://c.test")}
	channels[1].ModelMap = map[string]string{"m": `model "b"`}
	channels[2].Priority = 9
	tr := newTransport(t, routex.Config{Channels: channels, Base: roundTrip(func(r *http.Request) (*http.Response, error) {
		replay, err := r.GetBody()
		if err != nil {
			t.Fatal(err)
		}
		first, _ := io.ReadAll(r.Body)
		_ = r.Body.Close()
		second, _ := io.ReadAll(replay)
		_ = replay.Close()
		got = append(got, seen{r.ContentLength, string(first), string(second)})
		return respond(503, "", ""), nil
	})})
	req, _ := newCall(t, "https://x.test/v1/messages", anthropicCall)
	resp, err := tr.RoundTrip(req)
	if err != nil || resp.StatusCode != 503 {
		t.Fatalf("%v, %v", resp, err)
	}
	if len(got) != 3 {
		t.Fatalf("%d attempts", len(got))
	}
	for i, s := range got {
		if s.length != int64(len(s.body)) || s.body != s.replay {
			t.Errorf("attempt %d: ContentLength %d, body of %d, replayed %d", i, s.length, len(s.body), len(s.replay))
		}
	}
	plain, mapped := got[0].body, got[1].body
	if strings.Contains(plain, `model \"b\"`) { // priority is equal, order is random
		plain, mapped = mapped, plain
	}
	if plain != anthropicCall {
		t.Errorf("same protocol, same model, other bytes: %s", plain)
	}
	if want := strings.Replace(anthropicCall, `"m"`, `"model \"b\""`, 1); mapped != want {
		t.Errorf("only the model's name may differ: %s", mapped)
	}
}

func TestOtherRequestsPassUntouched(t *testing.T) {
	var got *http.Request
	base := roundTrip(func(r *http.Request) (*http.Response, error) { got = r; return nil, errors.New("seen") })
	tr := newTransport(t, routex.Config{Base: base, Match: func(r *http.Request) bool { return r.Host != "keep.test" }})
	for _, url := range []string{"https://x.test/v1/files", "https://keep.test/v1/messages", "https://x.test/v1/threads/1/messages", "https://x.test/v1/messages/batches"} {
		req, _ := newCall(t, url, "whatever")
		if _, err := tr.RoundTrip(req); err == nil || got != req {
			t.Errorf("%s did not reach the base as it was", url)
		}
	}
}

func TestContextReachesTheUpstream(t *testing.T) {
	started := make(chan struct{})
	tr := newTransport(t, routex.Config{
		Channels: []routex.Channel{anthropicChannel("a", "https://a.test"), anthropicChannel("b", "https://b.test")},
		Base: roundTrip(func(r *http.Request) (*http.Response, error) {
			if _, ok := r.Context().Deadline(); !ok {
				t.Error("the deadline did not reach the upstream")
			}
			close(started) // a second attempt would panic
			<-r.Context().Done()
			return nil, r.Context().Err()
		}),
	})
	ctx, cancel := context.WithTimeout(t.Context(), 1<<40)
	defer cancel()
	ctx, rec := routex.WithRecord(ctx)
	req, _ := newCall(t, "https://x.test/v1/messages", anthropicCall)
	go func() { <-started; cancel() }()
	if _, err := tr.RoundTrip(req.WithContext(ctx)); !errors.Is(err, context.Canceled) {
		t.Errorf("the caller's own cancellation gave %v", err)
	}
	if d := rec.Decision(); d == nil || d.Class != "hang-up" || d.Status != 0 || len(d.Attempts) != 1 {
		t.Errorf("decision %+v", d)
	}
	for _, s := range tr.Status() {
		if s.Failures != 0 || s.InFlight != 0 {
			t.Errorf("the caller's leaving counts against %s: %+v", s.Name, s)
		}
	}
}

func TestQueryOfTheBaseURLIsSent(t *testing.T) {
	for query, want := range map[string]string{"?beta=true": "api-version=1&beta=true", "": "api-version=1"} {
		var got string
		tr := newTransport(t, routex.Config{
			Channels: []routex.Channel{anthropicChannel("a", "https://a.test/v1?api-version=1")},
			Base: roundTrip(func(r *http.Request) (*http.Response, error) {
				_ = r.Body.Close()
				got = r.URL.RawQuery
				return respond(200, "application/json", anthropicAnswer), nil
			}),
		})
		req, _ := newCall(t, "https://x.test/v1/messages"+query, anthropicCall)
		if _, err := tr.RoundTrip(req); err != nil || got != want {
			t.Errorf("%q becomes %q, %v", query, got, err)
		}
	}
}

func TestCallerWhoLeavesAmidTheRequestGetsItsOwnError(t *testing.T) {
	tr := newTransport(t, routex.Config{Channels: []routex.Channel{anthropicChannel("a", "https://a.test")}})
	ctx, leave := context.WithCancel(t.Context())
	ctx, rec := routex.WithRecord(ctx)
	req, body := newCall(t, "https://x.test/v1/messages", anthropicCall)
	body.Reader = io.MultiReader(strings.NewReader(anthropicCall[:20]), leaving(leave))
	if resp, err := tr.RoundTrip(req.WithContext(ctx)); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %v", resp, err)
	}
	if d := rec.Decision(); d.Class != "hang-up" || d.Status != 0 {
		t.Errorf("decision %+v", d)
	}
	if body.closed.Load() != 1 || tr.Close(t.Context()) != nil {
		t.Errorf("closed %d times", body.closed.Load())
	}
}

// leaving is a body whose reader leaves instead.
type leaving context.CancelFunc

func (l leaving) Read([]byte) (int, error) { l(); return 0, context.Canceled }

type closing struct {
	roundTrip
	closed int
}

func (c *closing) CloseIdleConnections() { c.closed++ }

func TestCloseIdleConnectionsIsForwarded(t *testing.T) {
	base := &closing{}
	client := &http.Client{Transport: newTransport(t, routex.Config{Base: base})}
	client.CloseIdleConnections()
	if base.closed != 1 {
		t.Errorf("forwarded %d times", base.closed)
	}
}

func TestCredentialsAreReplaced(t *testing.T) {
	var got http.Header
	base := roundTrip(func(r *http.Request) (*http.Response, error) {
		got = r.Header
		resp := respond(200, "application/json", anthropicAnswer)
		resp.Header.Set("Set-Cookie", "account=1")
		resp.Header.Set("Request-Id", "req_1")
		return resp, nil
	})
	for _, key := range []string{"channels-own", ""} {
		ch := anthropicChannel("a", "https://a.test")
		ch.APIKey, ch.Headers = key, map[string]string{"X-Team": "t"}
		req, _ := newCall(t, "https://x.test/v1/messages", anthropicCall)
		for _, name := range []string{"Authorization", "Cookie", "Api-Key", "X-Goog-Api-Key"} {
			req.Header.Set(name, "callers-own")
		}
		req.Header.Set("Anthropic-Beta", "new-thing-2027-01-01")
		resp, err := newTransport(t, routex.Config{Channels: []routex.Channel{ch}, Base: base}).RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		for name, values := range got {
			if strings.Contains(strings.Join(values, ""), "callers-own") {
				t.Errorf("%s carries the caller's credentials", name)
			}
		}
		if got.Get("X-Api-Key") != key || got.Get("Anthropic-Beta") != "new-thing-2027-01-01" || got.Get("X-Team") != "t" || got.Get("Accept-Encoding") != "identity" {
			t.Errorf("sent with %v", got)
		}
		if resp.Header.Get("Set-Cookie") != "" || resp.Header.Get("Request-Id") != "req_1" {
			t.Errorf("answered with %v", resp.Header)
		}
	}
}

func TestBodiesAreNotMixedUp(t *testing.T) {
	// The memory of bodies is used again: many calls at once must still send
	// their own, also when the base reads on after it has answered.
	tr := newTransport(t, routex.Config{
		Channels: []routex.Channel{anthropicChannel("a", "https://a.test")},
		Base: roundTrip(func(r *http.Request) (*http.Response, error) {
			want := r.Header.Get("X-Want")
			go func() {
				defer func() { _ = r.Body.Close() }()
				b, err := io.ReadAll(r.Body)
				if err != nil || !bytes.Contains(b, []byte(want)) {
					t.Errorf("a body without %q was sent (%v)", want, err)
				}
			}()
			return respond(200, "application/json", anthropicAnswer), nil
		}),
	})
	done := make(chan struct{})
	for i := range 8 {
		go func() {
			defer func() { done <- struct{}{} }()
			for j := range 100 {
				want := strings.Repeat(string(rune('a'+i)), 50+j)
				req, _ := newCall(t, "https://x.test/v1/messages", strings.Replace(anthropicCall, "hi", want, 1))
				req.Header.Set("X-Want", `"`+want+`"`)
				if resp, err := tr.RoundTrip(req); err != nil || resp.StatusCode != 200 {
					t.Errorf("%v, %v", resp, err)
				}
			}
		}()
	}
	for range 8 {
		<-done
	}
}
