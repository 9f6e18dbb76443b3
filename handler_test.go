package routex_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dctx-team/routex"
)

// hurried gives every call so much time, as a host's middleware may.
func hurried(h http.Handler, d time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), d)
		defer cancel()
		h.ServeHTTP(w, r.WithContext(ctx))
	})
}

func postTo(t *testing.T, h http.Handler, body string) (*http.Response, string, error) {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	resp, err := http.Post(server.URL+"/v1/messages", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	got, err := io.ReadAll(resp.Body)
	return resp, string(got), err
}

func TestStreamThatAHostsDeadlineCutsDoesNotLookWhole(t *testing.T) {
	d := anthropicDialect()
	tr := newTransport(t, routex.Config{
		Channels: []routex.Channel{d.channel("a", "https://a.test")},
		Base:     upstreams{"a.test": {d.begin, d.words[0], forEver}},
	})
	if resp, got, err := postTo(t, hurried(tr.Handler(), 50*time.Millisecond), streamCall); err == nil {
		t.Errorf("%d, a proper end after %s", resp.StatusCode, got)
	}
}

func TestHostsDeadlineBeforeTheAnswerIsATimeout(t *testing.T) {
	tr := newTransport(t, routex.Config{
		Channels: []routex.Channel{anthropicChannel("a", "https://a.test")},
		Base:     upstreams{"a.test": {forEver}},
	})
	resp, got, err := postTo(t, hurried(tr.Handler(), 20*time.Millisecond), anthropicCall)
	var e envelope
	if json.Unmarshal([]byte(got), &e) != nil || err != nil || resp.StatusCode != 504 || e.Error.Type != "timeout_error" {
		t.Errorf("%d %q, %v", resp.StatusCode, got, err)
	}
	if resp.Header.Get("X-Trace-Id") == "" || resp.Header.Get("X-Channel-Name") != "a" {
		t.Errorf("header %v", resp.Header)
	}
}

func TestCallThatIsGivenUpIsNotAnsweredAsGood(t *testing.T) {
	tr := newTransport(t, routex.Config{
		Channels: []routex.Channel{anthropicChannel("a", "https://a.test")},
		Base:     upstreams{"a.test": {forEver}},
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	defer func() {
		if recover() != http.ErrAbortHandler { //nolint:errorlint // net/http compares so
			t.Error("the handler returned, which answers 200")
		}
	}()
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/v1/messages", strings.NewReader(anthropicCall))
	tr.Handler().ServeHTTP(httptest.NewRecorder(), r)
}

func TestHeadersTellOfThisRoutexOnly(t *testing.T) {
	tr := newTransport(t, routex.Config{
		Channels: []routex.Channel{anthropicChannel("a", "https://a.test")},
		Base: roundTrip(func(r *http.Request) (*http.Response, error) {
			_ = r.Body.Close()
			resp := respond(200, "application/json", anthropicAnswer)
			for _, name := range []string{"X-Routing-Rule", "X-Channel-Name", "X-Trace-Id"} {
				resp.Header.Set(name, "upstreams")
			}
			return resp, nil
		}),
	})
	resp, _, _ := postTo(t, tr.Handler(), anthropicCall)
	if h := resp.Header; h.Get("X-Channel-Name") != "a" || h.Get("X-Trace-Id") == "upstreams" || h["X-Routing-Rule"] != nil {
		t.Errorf("header %v", h)
	}
}

func TestRedirectIsHandedOverLikeAnyAnswer(t *testing.T) {
	for _, body := range []string{anthropicCall, streamCall} {
		synctest.Test(t, func(t *testing.T) {
			tr := newTransport(t, routex.Config{
				Channels: []routex.Channel{anthropicChannel("a", "https://a.test")},
				Base: roundTrip(func(r *http.Request) (*http.Response, error) {
					_ = r.Body.Close()
					return &http.Response{StatusCode: 302, Header: http.Header{"Location": {"/x"}}, ContentLength: -1, Body: play(r.Context(), "moved\n\n", forEver)}, nil
				}),
			})
			start, w := time.Now(), httptest.NewRecorder()
			func() {
				defer func() { _ = recover() }() // the body stalls and is broken off
				tr.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/v1/messages", strings.NewReader(body)))
			}()
			if w.Body.String() != "moved\n\n" {
				t.Errorf("the body became %q", w.Body)
			}
			if h := w.Header(); w.Code != 302 || h.Get("Location") != "/x" || h.Get("X-Trace-Id") == "" || h.Get("X-Channel-Name") != "a" {
				t.Errorf("%d %v", w.Code, h)
			}
			if took := time.Since(start); took > routex.DefaultIdleTimeout+time.Second {
				t.Errorf("a body that stalls was waited for %v", took)
			}
			if s := tr.Status()[0]; s.InFlight != 0 {
				t.Errorf("status %+v", s)
			}
		})
	}
}

func TestUnknownPathIsNoUnknownModel(t *testing.T) {
	w := httptest.NewRecorder()
	newTransport(t, routex.Config{}).Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/v1/nothing", http.NoBody))
	if w.Code != 404 || !strings.Contains(w.Body.String(), `"code":"unknown_url"`) {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// A host that counts what each of its callers uses asks for the Decision too.
func TestAHostAroundTheHandlerGetsTheRecord(t *testing.T) {
	transport := bounded(t)
	r := httptest.NewRequest("POST", "/v1/chat/completions", strings.NewReader(`{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}`))
	ctx, rec := routex.WithRecord(r.Context())
	transport.Handler().ServeHTTP(httptest.NewRecorder(), r.WithContext(ctx))
	if d := rec.Decision(); d == nil || d.Channel != "best" || d.Duration == 0 || d.Usage.Output == 0 {
		t.Errorf("the record is %+v", d)
	}
}
