package routex_test

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/dctx-team/routex"
)

const (
	geminiCall   = `{"contents":[{"role":"user","parts":[{"text":"hi"}]}], "unknown":1.50}`
	geminiAnswer = `{"candidates":[{"content":{"role":"model","parts":[{"text":"hello"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2,"totalTokenCount":5},"modelVersion":"g"}`
)

// seen is a base that notes the latest request and plays an answer.
type seen struct {
	req    *http.Request
	body   string
	kind   string
	answer []any
}

func (s *seen) RoundTrip(r *http.Request) (*http.Response, error) {
	body, _ := io.ReadAll(r.Body)
	_ = r.Body.Close()
	s.req, s.body = r, string(body)
	return &http.Response{
		StatusCode: 200, Header: http.Header{"Content-Type": {s.kind}}, ContentLength: -1, Body: play(r.Context(), s.answer...),
	}, nil
}

func geminiChannel(models map[string]string) routex.Channel {
	return routex.Channel{Name: "g", Type: routex.TypeGoogle, BaseURL: "https://g.test", APIKey: "the-channel's", ModelMap: models}
}

func TestGeminiNamesModelAndMethodInThePath(t *testing.T) {
	base := &seen{kind: "application/json", answer: []any{geminiAnswer}}
	tr := newTransport(t, routex.Config{Channels: []routex.Channel{geminiChannel(map[string]string{"fast": "gemini-2.5-flash"})}, Base: base})
	req, _ := newCall(t, "https://any.test/prefix/v1beta/models/fast:generateContent?key=callers&x=1", geminiCall)
	req.Header.Set("X-Goog-Api-Key", "callers")
	resp, err := tr.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	if got := readBody(t, resp); resp.StatusCode != 200 || got != geminiAnswer {
		t.Errorf("status %d, body %s", resp.StatusCode, got)
	}
	if got := base.req.URL.String(); got != "https://g.test/v1beta/models/gemini-2.5-flash:generateContent?x=1" {
		t.Errorf("sent to %s", got)
	}
	if base.body != geminiCall {
		t.Errorf("the body changed: %s", base.body)
	}
	if got := base.req.Header["X-Goog-Api-Key"]; len(got) != 1 || got[0] != "the-channel's" {
		t.Errorf("credentials %q", got)
	}
}

func TestGeminiStreamAsEventsAndAsOneArray(t *testing.T) {
	first := strings.Replace(geminiAnswer, `,"finishReason":"STOP"`, "", 1)
	events := "data: " + first + "\n\ndata: " + geminiAnswer + "\n\n"
	for _, test := range []struct {
		name, query, kind, want string
		answer                  []any
		truncated               bool
	}{
		{"events", "?alt=sse", "text/event-stream", events, []any{events}, false},
		{"array", "", "application/json; charset=UTF-8", "[" + first + ",\r\n" + geminiAnswer + "]", []any{events}, false},
		{"events cut", "?alt=sse", "text/event-stream", "", []any{"data: " + first + "\n\n", errCut}, true},
		{"array cut", "", "application/json; charset=UTF-8", "", []any{"data: " + first + "\n\n", errCut}, true},
		{"array ended too early", "", "application/json; charset=UTF-8", "", []any{"data: " + first + "\n\n"}, true},
	} {
		runInBubble(t, test.name, func(t *testing.T) {
			base := &seen{kind: "text/event-stream", answer: test.answer}
			tr := newTransport(t, routex.Config{Channels: []routex.Channel{geminiChannel(nil)}, Base: base})
			req, _ := newCall(t, "https://any.test/v1beta/models/gemini-3-pro:streamGenerateContent"+test.query, geminiCall)
			ctx, rec := routex.WithRecord(req.Context())
			resp, err := tr.RoundTrip(req.WithContext(ctx))
			if err != nil {
				t.Fatal(err)
			}
			got := readBody(t, resp)
			if base.req.URL.RawQuery != "alt=sse" || !strings.HasSuffix(base.req.URL.Path, ":streamGenerateContent") {
				t.Errorf("sent to %s", base.req.URL)
			}
			if resp.Header.Get("Content-Type") != test.kind {
				t.Errorf("content type %q", resp.Header.Get("Content-Type"))
			}
			d := rec.Decision()
			if test.truncated {
				if !strings.Contains(got, `"error"`) || d.Succeeded() {
					t.Errorf("a truncated answer looks complete: %s", got)
				}
				return
			}
			if got != test.want || !d.Succeeded() || d.Usage.Input != 3 || d.Usage.Output != 2 {
				t.Errorf("got  %q\nwant %q, %+v", got, test.want, d.Usage)
			}
		})
	}
}

func TestGeminiCallWithoutAModelInItsPath(t *testing.T) {
	tr := newTransport(t, routex.Config{Channels: []routex.Channel{geminiChannel(nil)}, Base: &seen{}})
	req, _ := newCall(t, "https://any.test/v1beta/models/:generateContent", geminiCall)
	resp, err := tr.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	if got := readBody(t, resp); resp.StatusCode != 400 || !strings.Contains(got, "INVALID_ARGUMENT") || !strings.Contains(got, "model") {
		t.Errorf("status %d, %s", resp.StatusCode, got)
	}
}
