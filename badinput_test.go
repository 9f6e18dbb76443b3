package routex_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/router"
)

// envelope is the part of an error that both protocols share.
type envelope struct {
	Type  string `json:"type"` // Anthropic only
	Error struct {
		Type    string  `json:"type"`
		Message string  `json:"message"`
		Code    *string `json:"code"`
	} `json:"error"`
}

func readError(t *testing.T, resp *http.Response) envelope {
	t.Helper()
	body := readBody(t, resp)
	var e envelope
	if err := json.Unmarshal([]byte(body), &e); err != nil || e.Error.Message == "" {
		t.Fatalf("not an error envelope: %s", body)
	}
	if ct := resp.Header.Get("Content-Type"); ct != "application/json" {
		t.Errorf("content type %q", ct)
	}
	return e
}

func TestBadInputIsAnsweredInTheCallersProtocol(t *testing.T) {
	base := roundTrip(func(*http.Request) (*http.Response, error) {
		t.Error("an upstream was called")
		return nil, errors.New("no")
	})
	off := anthropicChannel("off", "https://off.test")
	off.Models, off.Disabled = []string{"resting"}, true
	only := anthropicChannel("only", "https://only.test")
	only.Models = []string{"m"}
	tr := newTransport(t, routex.Config{Channels: []routex.Channel{off, only}, Base: base, MaxBody: 1000, Router: router.Func(refuseForbidden)})
	for _, test := range []struct {
		name, method, body string
		status             int
		anthropic, openai  string // types of the error
		message            string
	}{
		{"malformed", "POST", `{"model":"m"`, 400, "invalid_request_error", "invalid_request_error", "before the object does"},
		{"trailing data", "POST", `{"model":"m"}{}`, 400, "invalid_request_error", "invalid_request_error", "after the object"},
		{"empty", "POST", ``, 400, "invalid_request_error", "invalid_request_error", "invalid request body"},
		{"no model", "POST", `{"messages":[]}`, 400, "invalid_request_error", "invalid_request_error", "model: required"},
		{"wrong method", "GET", ``, 405, "invalid_request_error", "invalid_request_error", "use POST"},
		{"too large", "POST", `{"model":"m","x":"` + strings.Repeat("x", 1000) + `"}`, 413, "request_too_large", "invalid_request_error", "limit of 1000 bytes"},
		{"unknown model", "POST", `{"model":"nobody's"}`, 404, "not_found_error", "invalid_request_error", `"nobody's"`},
		{"no channel available", "POST", `{"model":"resting"}`, 503, "overloaded_error", "", `"resting"`},
		{"refused by the router", "POST", `{"model":"m","user":"mallory"}`, 400, "invalid_request_error", "invalid_request_error", "not for mallory"},
	} {
		for path, kind := range map[string]string{"/v1/messages": test.anthropic, "/v1/chat/completions": test.openai} {
			t.Run(test.name+path, func(t *testing.T) {
				req, _ := newCall(t, "https://x.test"+path, test.body)
				req.Method = test.method
				resp, err := tr.RoundTrip(req)
				if err != nil {
					t.Fatal(err)
				}
				e := readError(t, resp)
				if resp.StatusCode != test.status || !strings.Contains(e.Error.Message, test.message) {
					t.Errorf("%d %q, want %d %q", resp.StatusCode, e.Error.Message, test.status, test.message)
				}
				if kind != "" && e.Error.Type != kind {
					t.Errorf("type %q, want %q", e.Error.Type, kind)
				}
				if want := strings.TrimPrefix(map[string]string{"/v1/messages": "error"}[path], ""); e.Type != want {
					t.Errorf("the envelope's type is %q, want %q", e.Type, want)
				}
				if allow := resp.Header.Get("Allow"); test.status == 405 && allow != "POST" {
					t.Errorf("Allow: %q", allow)
				}
				if test.status == 404 && path == "/v1/chat/completions" && (e.Error.Code == nil || *e.Error.Code != "model_not_found") {
					t.Errorf("code %v", e.Error.Code)
				}
			})
		}
	}
}

func refuseForbidden(_ context.Context, r *router.Request) (router.Choice, error) {
	if r.Get("user", "").String() == "mallory" {
		return router.Choice{}, errors.New("this is not for mallory")
	}
	return router.Choice{}, router.ErrNoRoute
}

func TestABodyThatCannotBeReadIsABadRequest(t *testing.T) {
	tr := newTransport(t, routex.Config{Channels: []routex.Channel{anthropicChannel("a", "https://a.test")}})
	req, _ := newCall(t, "https://x.test/v1/messages", anthropicCall)
	req.ContentLength++ // announces more than there is
	resp, err := tr.RoundTrip(req)
	if err != nil || resp.StatusCode != 400 || !strings.Contains(readError(t, resp).Error.Message, "unexpected EOF") {
		t.Errorf("%v, %v", resp, err)
	}
}

// What an upstream may send instead of an answer, to a caller that does not
// stream and to one that does.
func TestBadAnswersNeverLookComplete(t *testing.T) {
	long := `{"id":"x","content":[{"type":"text","text":"` + strings.Repeat("x", 300) + `"}]}`
	for _, test := range []struct {
		name   string
		answer func() *http.Response
		says   string
	}{
		{"HTML", func() *http.Response { return respond(200, "text/html", "<html>Sign in</html>") }, "text/html"},
		{"HTML without a type", func() *http.Response { return respond(200, "", "<html>Sign in</html>") }, ""},
		{"truncated JSON", func() *http.Response { return respond(200, "application/json", long[:200]) }, ""},
		{"nothing", func() *http.Response { return respond(200, "application/json", "") }, ""},
		{"cut", func() *http.Response {
			resp := respond(200, "application/json", long)
			resp.Body = io.NopCloser(io.MultiReader(strings.NewReader(long[:100]), failing{}))
			return resp
		}, ""},
		{"an encoding that nobody asked for", func() *http.Response {
			resp := respond(200, "application/json", long)
			resp.Header.Set("Content-Encoding", "br")
			return resp
		}, `"br"`},
		{"broken gzip", func() *http.Response {
			resp := respond(200, "application/json", long)
			resp.Header.Set("Content-Encoding", "gzip")
			return resp
		}, "gzip"},
		{"an empty stream", func() *http.Response { return respond(200, "text/event-stream", "") }, ""},
		{"a stream of comments", func() *http.Response { return respond(200, "text/event-stream", ": wait\n\n: wait\n\n") }, ""},
		{"a huge event", func() *http.Response {
			return respond(200, "text/event-stream", "data: "+strings.Repeat("x", 9<<20)+"\n\n")
		}, ""},
	} {
		for _, stream := range []bool{false, true} {
			for _, ch := range []routex.Channel{anthropicChannel("a", "https://a.test"), openAIChannel("o", "https://o.test")} {
				name := test.name + "/unary/" + ch.Name
				body := anthropicCall
				if stream {
					name = test.name + "/stream/" + ch.Name
					body = strings.Replace(body, `"max_tokens"`, `"stream":true,"max_tokens"`, 1)
				}
				runInBubble(t, name, func(t *testing.T) {
					tr := newTransport(t, routex.Config{Channels: []routex.Channel{ch}, Base: roundTrip(func(r *http.Request) (*http.Response, error) {
						_ = r.Body.Close()
						return test.answer(), nil
					})})
					req, _ := newCall(t, "https://x.test/v1/messages", body)
					resp, err := tr.RoundTrip(req)
					if err != nil {
						t.Fatal(err)
					}
					e := readError(t, resp)
					if resp.StatusCode != 502 || !strings.Contains(e.Error.Message, test.says) || !strings.Contains(e.Error.Message, ch.Name) {
						t.Errorf("%d %q; want 502, the channel and %q", resp.StatusCode, e.Error.Message, test.says)
					}
					if s := tr.Status()[0]; s.Failures < 1 || s.Failures > 2 || s.InFlight != 0 {
						t.Errorf("status %+v", s)
					}
				})
			}
		}
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("connection reset") }

// The body of a 101 is the connection itself: no context ends a Read from it.
func TestSwitchOfProtocolsIsNotWaitedFor(t *testing.T) {
	for _, body := range []string{anthropicCall, streamCall} {
		synctest.Test(t, func(t *testing.T) {
			connection, far := io.Pipe()
			tr := newTransport(t, routex.Config{Channels: []routex.Channel{anthropicChannel("a", "https://a.test")}, Base: roundTrip(func(r *http.Request) (*http.Response, error) {
				_ = r.Body.Close()
				return &http.Response{StatusCode: 101, Header: http.Header{"Upgrade": {"x"}}, Body: connection}, nil
			})})
			req, _ := newCall(t, "https://x.test/v1/messages", body)
			resp, err := tr.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			if e := readError(t, resp); resp.StatusCode != 502 || !strings.Contains(e.Error.Message, "status 101") {
				t.Errorf("%d %s", resp.StatusCode, e.Error.Message)
			}
			if _, err := far.Write([]byte("x")); err == nil {
				t.Error("the connection is still open")
			}
		})
	}
}

func TestGzipIsUndone(t *testing.T) {
	tr := newTransport(t, routex.Config{
		Channels: []routex.Channel{anthropicChannel("a", "https://a.test")},
		Base: roundTrip(func(*http.Request) (*http.Response, error) {
			var b strings.Builder
			z := gzip.NewWriter(&b)
			_, _ = z.Write([]byte(anthropicAnswer))
			_ = z.Close()
			resp := respond(200, "application/json", b.String())
			resp.Header.Set("Content-Encoding", "gzip")
			return resp, nil
		}),
	})
	req, _ := newCall(t, "https://x.test/v1/messages", anthropicCall)
	resp, err := tr.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	if got := readBody(t, resp); got != anthropicAnswer || resp.Header.Get("Content-Encoding") != "" || resp.ContentLength != int64(len(got)) {
		t.Errorf("%v %s", resp.Header, got)
	}
}

// What is no JSON under a status of failure: SDKs would report that they cannot
// read it, and not what happened.
func TestErrorAnswerThatIsNoneIsMadeOne(t *testing.T) {
	half := `{"type":"error","error":{"type":"invalid_request_error","message":"messages.1: ` // and no more
	for name, body := range map[string]io.Reader{
		"HTML":     strings.NewReader("<html><title>502 Bad Gateway</title></html>"),
		"nothing":  strings.NewReader(""),
		"half":     strings.NewReader(half),
		"cut":      io.MultiReader(strings.NewReader(half), failing{}),
		"too long": strings.NewReader(half + strings.Repeat("x", 2<<20) + `"}}`),
	} {
		tr := newTransport(t, routex.Config{Channels: []routex.Channel{anthropicChannel("a", "https://a.test")}, Base: roundTrip(func(r *http.Request) (*http.Response, error) {
			_ = r.Body.Close()
			return &http.Response{StatusCode: 503, Header: http.Header{"Content-Type": {"text/html"}}, Body: io.NopCloser(body), ContentLength: -1}, nil
		})})
		req, _ := newCall(t, "https://x.test/v1/messages", anthropicCall)
		resp, err := tr.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		if e := readError(t, resp); resp.StatusCode != 503 || e.Type != "error" || e.Error.Type == "" {
			t.Errorf("%s: %d %+v", name, resp.StatusCode, e)
		} else if name == "HTML" && e.Error.Message != "502 Bad Gateway" {
			t.Errorf("the page's title became %q", e.Error.Message)
		}
	}
}

// net/http's Client takes an answer without a body or header for an empty one.
func TestBaseMayLeaveOutBodyAndHeader(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		for _, body := range []string{anthropicCall, streamCall} {
			for status, want := range map[int]int{200: 502, 302: 302, 500: 500} {
				tr := newTransport(t, routex.Config{Channels: []routex.Channel{anthropicChannel("a", "https://a.test")}, Base: roundTrip(func(r *http.Request) (*http.Response, error) {
					_ = r.Body.Close()
					return &http.Response{StatusCode: status}, nil
				})})
				req, _ := newCall(t, "https://x.test/v1/messages", body)
				resp, err := tr.RoundTrip(req)
				if err != nil || resp.StatusCode != want {
					t.Errorf("%v, %v for a bare %d", resp, err, status)
					continue
				}
				readBody(t, resp)
			}
		}
	})
}

func TestProvidersOwnErrorBodyIsUntouched(t *testing.T) {
	const body = `{"type":"error","error":{"type":"invalid_request_error","message":"messages.1: thinking blocks cannot be modified","details":{"x":1.0}},"request_id":"req_9"}`
	tr := newTransport(t, routex.Config{
		Channels: []routex.Channel{anthropicChannel("a", "https://a.test"), anthropicChannel("b", "https://b.test")},
		Base:     roundTrip(func(*http.Request) (*http.Response, error) { return respond(400, "application/json", body), nil }),
	})
	req, _ := newCall(t, "https://x.test/v1/messages", anthropicCall)
	ctx, rec := routex.WithRecord(t.Context())
	resp, err := tr.RoundTrip(req.WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	if got := readBody(t, resp); got != body || resp.StatusCode != 400 {
		t.Errorf("%d %s", resp.StatusCode, got)
	}
	if d := rec.Decision(); len(d.Attempts) != 1 || d.Class != "caller" {
		t.Errorf("a caller's mistake was taken to %d channels, class %s", len(d.Attempts), d.Class)
	}
}
