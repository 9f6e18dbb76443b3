package routex_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/router"
)

// arrived is a request as it reached a channel.
type arrived struct {
	method, url, body string
	header            http.Header
}

// recorder answers every request in the same way, by host if there is a script
// for it, and keeps what it got.
type recorder struct {
	answer func(r *http.Request, body string) *http.Response

	mu  sync.Mutex
	got []arrived // under mu
}

func (p *recorder) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		body, err = io.ReadAll(r.Body)
		_ = r.Body.Close()
		if err != nil {
			return nil, err
		}
	}
	p.mu.Lock()
	p.got = append(p.got, arrived{r.Method, r.URL.String(), string(body), r.Header})
	p.mu.Unlock()
	resp := p.answer(r, string(body))
	if resp == nil {
		return nil, errCut
	}
	return resp, nil
}

func (p *recorder) last() arrived {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.got) == 0 {
		return arrived{}
	}
	return p.got[len(p.got)-1]
}

func (p *recorder) count() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.got)
}

// always answers with that JSON.
func always(body string) *recorder {
	return &recorder{answer: func(*http.Request, string) *http.Response { return respond(200, "application/json", body) }}
}

// ask makes a request and gives the answer, its body and what was decided.
// Header names and values follow each other.
func ask(t testing.TB, tr http.RoundTripper, method, url, body string, header ...string) (*http.Response, string, *routex.Decision) {
	t.Helper()
	ctx, rec := routex.WithRecord(t.Context())
	req, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := tr.RoundTrip(req)
	if err != nil {
		t.Fatalf("%s %s: %v", method, url, err)
	}
	text := readBody(t, resp)
	return resp, text, rec.Decision()
}

func TestEveryEndpointReachesTheChannelOfItsProtocol(t *testing.T) {
	azure := routex.Channel{Name: "azure", Type: routex.TypeAzure, BaseURL: "https://az.test", APIKey: "k", APIVersion: "2024-10-21", Deployment: "dep"}
	for _, test := range []struct {
		channel            routex.Channel
		method, path, want string
	}{
		{openAIChannel("o", "https://o.test"), "POST", "/v1/completions?x=1", "https://o.test/v1/completions?x=1"},
		{openAIChannel("o", "https://o.test/v1/chat/completions"), "GET", "/v1/files", "https://o.test/v1/files"},
		{openAIChannel("o", "https://o.test/some/v1/"), "DELETE", "/v1/files/file-1", "https://o.test/some/v1/files/file-1"},
		{routex.Channel{Name: "r", Type: routex.TypeOpenAI, API: routex.APIResponses, BaseURL: "https://r.test"}, "GET", "/v1/responses/resp_1?stream=true", "https://r.test/v1/responses/resp_1?stream=true"},
		{openAIChannel("o", "https://o.test"), "POST", "/v1/images/generations", "https://o.test/v1/images/generations"},
		{openAIChannel("o", "https://o.test"), "POST", "/v1/chat/completions/chatcmpl-1", "https://o.test/v1/chat/completions/chatcmpl-1"},
		{openAIChannel("o", "https://o.test"), "POST", "/some/prefix/v1/moderations", "https://o.test/v1/moderations"},
		{anthropicChannel("a", "https://a.test"), "POST", "/v1/messages/batches?beta=true", "https://a.test/v1/messages/batches?beta=true"},
		{anthropicChannel("a", "https://a.test"), "GET", "/v1/files/file_1/content", "https://a.test/v1/files/file_1/content"},
		{routex.Channel{Name: "g", Type: routex.TypeGoogle, BaseURL: "https://g.test"}, "GET", "/v1beta/files/abc?key=secret&x=1", "https://g.test/v1beta/files/abc?x=1"},
		{routex.Channel{Name: "g", Type: routex.TypeGoogle, BaseURL: "https://g.test"}, "POST", "/upload/v1beta/files?uploadType=media", "https://g.test/upload/v1beta/files?uploadType=media"},
		{routex.Channel{Name: "z", Type: routex.TypeZhipu, BaseURL: "https://z.test/api/paas/v4"}, "POST", "/v1/images/generations", "https://z.test/api/paas/v4/images/generations"},
		{openAIChannel("o", "https://o.test"), "POST", "/openai/deployments/tts/audio/speech", "https://o.test/v1/audio/speech"},
		{openAIChannel("o", "https://o.test"), "GET", "/openai/files", "https://o.test/v1/files"},
		{azure, "POST", "/v1/completions", "https://az.test/openai/deployments/dep/completions?api-version=2024-10-21"},
		{azure, "POST", "/v1/realtime?model=m&x=1", "https://az.test/openai/realtime?api-version=2024-10-21&deployment=dep&x=1"},
		{azure, "GET", "/v1/files?limit=2", "https://az.test/openai/files?api-version=2024-10-21&limit=2"},
	} {
		up := always(`{"ok":true}`)
		tr := newTransport(t, routex.Config{Channels: []routex.Channel{test.channel}, Base: up})
		header := []string{"Authorization", "Bearer callers-own", "X-Custom", "kept"}
		if test.channel.Type == routex.TypeAnthropic {
			header = append(header, "Anthropic-Version", "2023-06-01")
		}
		body := ""
		if test.method == "POST" {
			body = `{ "n":1.50 }`
		}
		resp, text, d := ask(t, tr, test.method, "https://x.test"+test.path, body, header...)
		got := up.last()
		if resp.StatusCode != 200 || text != `{"ok":true}` || got.method != test.method || got.url != test.want || got.body != body {
			t.Errorf("%s %s: %d %s, sent %s %s %s, want %s", test.method, test.path, resp.StatusCode, text, got.method, got.url, got.body, test.want)
		}
		if got.header.Get("Authorization") == "Bearer callers-own" || got.header.Get("X-Custom") != "kept" {
			t.Errorf("%s: header %v", test.path, got.header)
		}
		if !d.Succeeded() || d.Channel != test.channel.Name || len(d.Attempts) != 1 {
			t.Errorf("%s: decision %+v", test.path, d)
		}
	}
}

func TestOtherEndpointsOfProvidersThatNobodySpeaksPassBy(t *testing.T) {
	up := always("{}")
	tr := newTransport(t, routex.Config{Channels: []routex.Channel{anthropicChannel("a", "https://a.test")}, Base: up})
	for _, url := range []string{"https://x.test/v1/audio/speech", "https://x.test/v1/customers", "https://x.test/v1beta/files", "https://x.test/v2/files", "https://x.test/v1", "https://x.test/v1/embeddings", "https://x.test/openai/whatever"} {
		ask(t, tr, "POST", url, "{}")
		if up.last().url != url {
			t.Errorf("%s went to %s", url, up.last().url)
		}
	}
}

func TestWhoGetsAnEndpoint(t *testing.T) {
	o1, o2, a := openAIChannel("o1", "https://o1.test"), openAIChannel("o2", "https://o2.test"), anthropicChannel("a", "https://a.test")
	o1.Models, o2.Models, o2.ID = []string{"gpt-*"}, []string{"tts"}, "id2"
	o1.ModelMap = map[string]string{"gpt-old": "davinci"}
	o3 := openAIChannel("ö2", "https://o3.test")
	o3.Models, o3.Priority = []string{"none"}, 9
	up := always("{}")
	tr := newTransport(t, routex.Config{
		Channels: []routex.Channel{a, o1, o2, o3}, Base: up,
		Rules: []router.Rule{
			{Name: "special", TargetChannel: "o2", Condition: router.Condition{ModelPattern: "^gpt-special$"}},
			{Name: "rest", Type: router.Default, TargetChannel: "a"}, // which speaks another protocol
		},
	})
	for _, test := range []struct {
		name, path, body string
		header           []string
		want, sent       string
	}{
		{"the first of the protocol", "/v1/files", "", nil, "o1.test", ""},
		{"the one that serves the model", "/v1/audio/speech", `{"model":"tts"}`, nil, "o2.test", `{"model":"tts"}`},
		{"the provider's name of the model", "/v1/completions", `{"a":1, "model":"gpt-old"}`, nil, "o1.test", `{"a":1, "model":"davinci"}`},
		{"by rule", "/v1/completions", `{"model":"gpt-special"}`, nil, "o2.test", `{"model":"gpt-special"}`},
		{"by name", "/v1/files", "", []string{"X-Routex-Channel", "o2"}, "o2.test", ""},
		{"by ID", "/v1/files", "", []string{"X-Routex-Channel", "id2"}, "o2.test", ""},
		{"by name as answers have it", "/v1/files", "", []string{"X-Routex-Channel", "%C3%B62"}, "o3.test", ""},
		{"by name, of another protocol", "/v1/whatever", "", []string{"X-Routex-Channel", "a"}, "", ""},
		{"no JSON at all", "/v1/moderations", "plain", nil, "o1.test", "plain"},
		{"a list", "/v1/moderations", "[1]", nil, "o1.test", "[1]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.want == "" { // only served by the handler
				return
			}
			resp, text, _ := ask(t, tr, "POST", "https://x.test"+test.path, test.body, test.header...)
			if got := up.last(); resp.StatusCode != 200 || !strings.Contains(got.url, test.want) || got.body != test.sent || got.header.Get("X-Routex-Channel") != "" {
				t.Errorf("%d %s: went to %s with %s", resp.StatusCode, text, got.url, got.body)
			}
		})
	}
	n := up.count()
	resp, text, _ := ask(t, tr, "GET", "https://x.test/v1/files", "", "X-Routex-Channel", "nobody")
	if resp.StatusCode != 400 || !strings.Contains(text, "nobody") || !strings.Contains(text, `"error":{"message"`) || up.count() != n {
		t.Errorf("an unknown channel: %d %s", resp.StatusCode, text)
	}
	resp, text, _ = ask(t, tr, "POST", "https://x.test/v1/completions", `{"model":"unheard-of"}`)
	if resp.StatusCode != 404 || !strings.Contains(text, "unheard-of") {
		t.Errorf("an unknown model: %d %s", resp.StatusCode, text)
	}
}

func TestPathsThatLeadUpReachNoChannel(t *testing.T) {
	up := always("{}")
	tr := newTransport(t, routex.Config{Channels: []routex.Channel{openAIChannel("o", "https://o.test/tenant-a/v1")}, Base: up})
	for _, path := range []string{"/v1/files/../../../tenant-b/v1/files", "/v1/files/%2e%2e/%2E%2E/secret", "/v1/files/.."} {
		ask(t, tr, "GET", "https://x.test"+path, "")
		if got := up.last(); !strings.HasPrefix(got.url, "https://x.test/") || got.header.Get("Authorization") != "" {
			t.Errorf("%s went to %s with %v", path, got.url, got.header)
		}
		n := up.count()
		w := httptest.NewRecorder()
		tr.Handler().ServeHTTP(w, httptest.NewRequest("GET", path, nil))
		if w.Code != 404 || up.count() != n {
			t.Errorf("the handler's answer to %s: %d, went to %s", path, w.Code, up.last().url)
		}
	}
}

func TestOtherEndpointsFailOver(t *testing.T) {
	up := &recorder{answer: func(r *http.Request, _ string) *http.Response {
		switch r.URL.Host {
		case "a.test":
			return nil
		case "b.test":
			return respond(503, "text/html", "<title>busy</title>")
		}
		return respond(201, "image/png", "\x89PNG")
	}}
	list := []routex.Channel{openAIChannel("a", "https://a.test"), openAIChannel("b", "https://b.test"), openAIChannel("c", "https://c.test")}
	for i := range list {
		list[i].Priority = i
	}
	resp, text, d := ask(t, newTransport(t, routex.Config{Channels: list, Base: up}), "POST", "https://x.test/v1/images/generations", `{"prompt":"x"}`)
	if resp.StatusCode != 201 || text != "\x89PNG" || resp.Header.Get("Content-Type") != "image/png" || tried(d) != "a b c" {
		t.Errorf("%d %q %v, tried %s", resp.StatusCode, text, resp.Header, tried(d))
	}
	resp, text, _ = ask(t, newTransport(t, routex.Config{Channels: list[:2], Base: up}), "POST", "https://x.test/v1/images/generations", `{"prompt":"x"}`)
	if resp.StatusCode != 503 || text != "<title>busy</title>" || resp.Header.Get("X-Should-Retry") != "false" {
		t.Errorf("the provider's own error: %d %q", resp.StatusCode, text)
	}
}

// endless gives so many bytes, and notes how many were read at once before the
// other side took them.
type endless struct{ left int64 }

func (e *endless) Read(p []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n := min(int64(len(p)), e.left)
	e.left -= n
	return int(n), nil
}

func (*endless) Close() error { return nil }

func upload(t testing.TB, tr http.RoundTripper, body io.ReadCloser, length int64) (*http.Response, *routex.Decision, error) {
	t.Helper()
	ctx, rec := routex.WithRecord(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://x.test/v1/files", body)
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength = length
	req.Header.Set("Content-Type", "multipart/form-data; boundary=x")
	req.Header.Set("Content-Encoding", "zstd")
	resp, err := tr.RoundTrip(req)
	return resp, rec.Decision(), err
}

func TestUploadsStreamThroughWithoutTheLimitOfOtherBodies(t *testing.T) {
	const size = 3 << 20
	var got int64
	var header http.Header
	list := []routex.Channel{openAIChannel("a", "https://a.test"), openAIChannel("b", "https://b.test")}
	tr := newTransport(t, routex.Config{Channels: list, MaxBody: 1 << 10, Base: roundTrip(func(r *http.Request) (*http.Response, error) {
		if r.GetBody != nil {
			t.Error("it can be sent again")
		}
		header = r.Header
		got, _ = io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
		return respond(200, "application/json", `{"id":"file-1"}`), nil
	})})
	for _, length := range []int64{size, -1} {
		resp, d, err := upload(t, tr, &endless{size}, length)
		if err != nil || resp.StatusCode != 200 || got != size || header.Get("Content-Encoding") != "zstd" {
			t.Fatalf("%v: %d bytes arrived, header %v", err, got, header)
		}
		readBody(t, resp)
		if len(d.Attempts) != 1 {
			t.Errorf("decision %+v", d)
		}
	}
}

func TestUploadsHaveOneAttempt(t *testing.T) {
	list := []routex.Channel{openAIChannel("a", "https://a.test"), openAIChannel("b", "https://b.test")}
	tr := newTransport(t, routex.Config{Channels: list, Base: roundTrip(func(r *http.Request) (*http.Response, error) {
		_ = r.Body.Close()
		return respond(500, "application/json", `{"error":{"message":"no"}}`), nil
	})})
	resp, _, err := upload(t, tr, &endless{5}, 5)
	if err != nil {
		t.Fatal(err)
	}
	if text := readBody(t, resp); resp.StatusCode != 500 || text != `{"error":{"message":"no"}}` || tr.Status()[0].Requests+tr.Status()[1].Requests != 1 {
		t.Errorf("%d %s", resp.StatusCode, text)
	}
}

func TestUploadsHaveTheirOwnLimit(t *testing.T) {
	base := roundTrip(func(r *http.Request) (*http.Response, error) {
		defer func() { _ = r.Body.Close() }()
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			return nil, err
		}
		return respond(200, "application/json", "{}"), nil
	})
	tr := newTransport(t, routex.Config{Channels: []routex.Channel{openAIChannel("a", "https://a.test")}, MaxUpload: 100, Base: base})
	for _, length := range []int64{101, -1} {
		resp, d, err := upload(t, tr, &endless{101}, length)
		if err != nil {
			t.Fatal(err)
		}
		if text := readBody(t, resp); resp.StatusCode != 413 || !strings.Contains(text, "100 bytes") || d.Class != breaker.Caller {
			t.Errorf("length %d: %d %s, class %q", length, resp.StatusCode, text, d.Class)
		}
	}
	if s := tr.Status()[0]; s.Failures != 0 || s.InFlight != 0 {
		t.Errorf("the channel is blamed: %+v", s)
	}
}

func TestAnUploadMayTakeItsTimeWhileItMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ch := openAIChannel("a", "https://a.test")
		ch.Timeouts.Unary = time.Minute
		tr := newTransport(t, routex.Config{Channels: []routex.Channel{ch}, Base: roundTrip(func(r *http.Request) (*http.Response, error) {
			_, err := io.Copy(io.Discard, r.Body)
			if err == nil {
				err = r.Context().Err()
			}
			_ = r.Body.Close()
			return respond(200, "application/json", "{}"), err
		})})
		var steps []any
		for range 10 {
			steps = append(steps, "piece", 40*time.Second)
		}
		resp, _, err := upload(t, tr, play(t.Context(), steps...), -1)
		if err != nil || resp.StatusCode != 200 {
			t.Fatalf("%v %v", resp, err)
		}
		readBody(t, resp)
		resp, d, err := upload(t, tr, play(t.Context(), "piece", 2*time.Minute, "piece"), -1)
		if err != nil || resp.StatusCode != 504 {
			t.Errorf("one that stalls: %v %v %+v", resp, err, d)
		}
	})
}

func TestACallersBrokenUploadIsNotTheChannelsFault(t *testing.T) {
	tr := newTransport(t, routex.Config{Channels: []routex.Channel{openAIChannel("a", "https://a.test")}, Base: roundTrip(func(r *http.Request) (*http.Response, error) {
		_, err := io.Copy(io.Discard, r.Body)
		_ = r.Body.Close()
		return nil, errors.Join(errors.New("net/http: request failed"), err)
	})})
	resp, _, err := upload(t, tr, play(t.Context(), "piece", errCut), -1)
	if err != nil || resp.StatusCode != 400 {
		t.Fatalf("%v %v", resp, err)
	}
	if s := tr.Status()[0]; s.Failures != 0 {
		t.Errorf("the channel is blamed: %+v", s)
	}
}

func TestAnswersOfOtherEndpointsStreamThrough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tr := newTransport(t, routex.Config{
			Channels: []routex.Channel{openAIChannel("a", "https://a.test")},
			Base:     upstreams{"a.test": {"one", 10 * time.Second, "two", time.Minute, "three"}},
		})
		start := time.Now()
		resp, rec := post(t, tr, "https://x.test/v1/completions", `{"model":"m","stream":true}`)
		for i, want := range []struct {
			text  string
			after time.Duration
		}{{"one", 0}, {"two", 10 * time.Second}, {"three", 70 * time.Second}} {
			buf := make([]byte, 100)
			n, err := resp.Body.Read(buf)
			if string(buf[:n]) != want.text || err != nil || time.Since(start) != want.after {
				t.Errorf("%d: %q, %v, after %v", i, buf[:n], err, time.Since(start))
			}
		}
		if rec.Decision().Duration != 0 {
			t.Error("it is over before its end")
		}
		readBody(t, resp)
		if d := rec.Decision(); !d.Succeeded() || d.Attempts[0].Duration < time.Minute {
			t.Errorf("decision %+v", d)
		}
	})
}

func post(t testing.TB, tr http.RoundTripper, url, body string) (*http.Response, *routex.Record) {
	t.Helper()
	ctx, rec := routex.WithRecord(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	resp, err := tr.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	return resp, rec
}

func TestHowAnswersOfOtherEndpointsEnd(t *testing.T) {
	for name, test := range map[string]struct {
		steps []any
		close bool
		class breaker.Class
	}{
		"whole":   {steps: []any{"one"}},
		"cut":     {steps: []any{"one", errCut}, class: breaker.Network},
		"stalled": {steps: []any{"one", forEver}, class: breaker.Timeout},
		"hang-up": {steps: []any{"one", forEver}, close: true, class: breaker.HangUp},
		"at once": {steps: []any{}, class: breaker.OK},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				tr := newTransport(t, routex.Config{Channels: []routex.Channel{openAIChannel("a", "https://a.test")}, Base: upstreams{"a.test": test.steps}})
				resp, rec := post(t, tr, "https://x.test/v1/audio/speech", `{}`)
				if !test.close {
					_, err := io.ReadAll(resp.Body)
					if (err != nil) != (test.class != breaker.OK) {
						t.Errorf("reading gives %v", err)
					}
				}
				_ = resp.Body.Close()
				if d := rec.Decision(); d.Duration == 0 || d.Class != test.class {
					t.Errorf("decision %+v", d)
				}
				if s := tr.Status()[0]; s.InFlight != 0 {
					t.Errorf("status %+v", s)
				}
				if err := tr.Close(context.Background()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestAnUploadThatIsNotSentIsClosed(t *testing.T) {
	for name, change := range map[string]func(*routex.Config, *http.Request){
		"disabled":             func(c *routex.Config, _ *http.Request) { c.Channels[0].Disabled = true },
		"unknown channel":      func(_ *routex.Config, r *http.Request) { r.Header.Set("X-Routex-Channel", "nobody") },
		"too large":            func(c *routex.Config, _ *http.Request) { c.MaxUpload = 3 },
		"sent":                 func(*routex.Config, *http.Request) {},
		"sent, length unknown": func(_ *routex.Config, r *http.Request) { r.ContentLength = -1 },
	} {
		t.Run(name, func(t *testing.T) {
			req, body := newCall(t, "https://x.test/v1/files", "--x--")
			req.Header = http.Header{"Content-Type": {"multipart/form-data; boundary=x"}}
			cfg := routex.Config{Channels: []routex.Channel{openAIChannel("a", "https://a.test")}, Base: always("{}")}
			change(&cfg, req)
			resp, err := newTransport(t, cfg).RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			readBody(t, resp)
			if n := body.closed.Load(); n != 1 {
				t.Errorf("status %d, the body was closed %d times", resp.StatusCode, n)
			}
		})
	}
}

// chatter is a body that says something at every Read until it is closed.
type chatter struct{ closed atomic.Bool }

func (c *chatter) Read(p []byte) (int, error) {
	if c.closed.Load() {
		return 0, errCut
	}
	p[0] = 'x'
	return 1, nil
}

func (c *chatter) Close() error {
	c.closed.Store(true)
	return nil
}

// Whoever closes an answer need not be who reads it. The race detector tells.
func TestAnswerThatIsHandedOnMayBeClosedWhileItIsRead(t *testing.T) {
	base := roundTrip(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 200, Header: http.Header{}, Body: new(chatter), ContentLength: 1 << 40}, nil
	})
	tr := newTransport(t, routex.Config{Channels: []routex.Channel{openAIChannel("a", "https://a.test")}, Base: base})
	resp, rec := post(t, tr, "https://x.test/v1/completions", `{"model":"m","stream":true}`)
	reading, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(over)
		b := make([]byte, 16)
		_, err := resp.Body.Read(b)
		for close(reading); err == nil; {
			_, err = resp.Body.Read(b)
		}
	}()
	<-reading
	_ = resp.Body.Close()
	<-over
	if d := rec.Decision(); d.Class != breaker.HangUp {
		t.Errorf("class %q", d.Class)
	}
}
