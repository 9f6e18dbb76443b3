package tee

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

type roundTripFunc func(*http.Request) (*http.Response, error)

func (f roundTripFunc) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }

func answer(status int, header ...string) *http.Response {
	h := http.Header{}
	for i := 0; i < len(header); i += 2 {
		h.Set(header[i], header[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader("{}"))}
}

func newWebhook(t *testing.T, c WebhookConfig) *Webhook {
	t.Helper()
	w, err := NewWebhook(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = w.Close() })
	return w
}

func batchOf(models ...string) []*Record {
	var all []*Record
	for _, m := range models {
		all = append(all, &Record{TraceID: m, Model: m, Status: 200, Time: time.Unix(1, 0)})
	}
	return all
}

func TestWebhookSendsABatch(t *testing.T) {
	for _, method := range []string{"", "POST", "PUT"} {
		var body []byte
		var got *http.Request
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got = r
			body, _ = io.ReadAll(r.Body)
			w.WriteHeader(http.StatusNoContent)
		}))
		w := newWebhook(t, WebhookConfig{
			URL: server.URL + "/events?key=value", Method: method, Secret: testSecret, Guard: Guard{AllowPrivate: true},
			Header: http.Header{"authorization": {"Bearer token"}, "X-Two": {"a", "b"}},
		})
		if err := w.WriteBatch(t.Context(), batchOf("one", "two")); err != nil {
			t.Fatal(err)
		}
		server.Close()
		want := method
		if want == "" {
			want = "POST"
		}
		if got.Method != want || got.URL.String() != "/events?key=value" {
			t.Errorf("%q: it was %s %s", method, got.Method, got.URL)
		}
		h := got.Header
		if h.Get("Authorization") != "Bearer token" || h.Get("Content-Type") != "application/json" || fmt.Sprint(h["X-Two"]) != "[a b]" || h.Get("User-Agent") != "Routex" {
			t.Errorf("the headers are %v", h)
		}
		if err := Verify(testSecret, h, body); err != nil {
			t.Error(err)
		}
		var doc struct{ Records []Record }
		if err := json.Unmarshal(body, &doc); err != nil || len(doc.Records) != 2 || doc.Records[1].Model != "two" {
			t.Errorf("%v: the body is %s", err, body)
		}
	}
}

func TestWebhookSignsOnlyWithASecret(t *testing.T) {
	var got http.Header
	w := newWebhook(t, WebhookConfig{URL: "http://user:pass%20word@hook.test", Transport: roundTripFunc(func(req *http.Request) (*http.Response, error) {
		got = req.Header
		if req.URL.User != nil {
			t.Error("the user is in the URL")
		}
		return answer(200), nil
	})})
	if err := w.WriteBatch(t.Context(), batchOf("a")); err != nil {
		t.Fatal(err)
	}
	if got.Get(HeaderSignature) != "" || got.Get(HeaderTimestamp) != "" || !strings.HasPrefix(got.Get(HeaderID), "msg_") {
		t.Errorf("the headers are %v", got)
	}
	if got.Get("Authorization") != "Basic dXNlcjpwYXNzIHdvcmQ=" {
		t.Errorf("Authorization is %q", got.Get("Authorization"))
	}
}

// A webhook tries again what can be mended by waiting, and nothing else.
func TestWebhookRetries(t *testing.T) {
	for status, again := range map[int]bool{
		0: true, 408: true, 425: true, 429: true, 500: true, 501: true, 502: true, 503: true, 504: true, 599: true,
		101: false, 301: false, 302: false, 304: false, 307: false, 400: false, 401: false, 403: false, 404: false, 405: false, 409: false,
		410: false, 413: false, 422: false, 431: false,
	} {
		synctest.Test(t, func(t *testing.T) {
			var ids []string
			var sent []time.Time
			w := newWebhook(t, WebhookConfig{URL: "http://hook.test/", Retries: 4, Transport: roundTripFunc(func(req *http.Request) (*http.Response, error) {
				ids, sent = append(ids, req.Header.Get(HeaderID)), append(sent, time.Now())
				if len(ids) == 4 {
					return answer(202), nil
				}
				if status == 0 {
					return nil, errors.New("connection refused")
				}
				return answer(status, "Location", "http://other.test/"), nil
			})})
			err := w.WriteBatch(t.Context(), batchOf("a"))
			if again {
				if err != nil || len(ids) != 4 {
					t.Fatalf("%d: %d attempts, %v", status, len(ids), err)
				}
				for i := 1; i < 4; i++ {
					most := time.Second / 2 << (i - 1)
					if d := sent[i].Sub(sent[i-1]); d < most/2 || d > most {
						t.Errorf("%d: pause %d is %v, want %v less up to a half", status, i, d, most)
					}
					if ids[i] != ids[0] {
						t.Errorf("%d: the ids are %v", status, ids)
					}
				}
				return
			}
			failed, ok := errors.AsType[*WebhookError](err)
			partial, final := errors.AsType[*PartialError](err)
			if !ok || !final || !partial.Final || partial.Taken != 0 || failed.Status != status || failed.Attempts != 1 || len(ids) != 1 {
				t.Errorf("%d: %d attempts, %#v", status, len(ids), err)
			}
			if !strings.Contains(err.Error(), fmt.Sprint(status)) || !strings.Contains(err.Error(), "hook.test") {
				t.Errorf("%d: %v", status, err)
			}
		})
	}
}

func TestWebhookGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for retries, want := range map[int]int{-1: 1, 0: 4, 1: 2, 5: 6} {
			attempts := 0
			w := newWebhook(t, WebhookConfig{URL: "http://hook.test", Retries: retries, Transport: roundTripFunc(func(*http.Request) (*http.Response, error) {
				attempts++
				return answer(503), nil
			})})
			err := w.WriteBatch(t.Context(), batchOf("a"))
			failed, _ := errors.AsType[*WebhookError](err)
			if attempts != want || failed == nil || failed.Attempts != want || !failed.Temporary() {
				t.Errorf("Retries %d: %d attempts, %v", retries, attempts, err)
			}
			if partial, ok := errors.AsType[*PartialError](err); !ok || !partial.Final {
				t.Errorf("Retries %d: the queue would offer the batch once more after %v", retries, err)
			}
		}
	})
}

func TestWebhookHeedsRetryAfter(t *testing.T) {
	in := func(d time.Duration) func() string {
		return func() string { return time.Now().Add(d).UTC().Format(http.TimeFormat) }
	}
	seconds := func(s string) func() string { return func() string { return s } }
	const unasked = 0 // the pause is the webhook's own
	for _, c := range []struct {
		value func() string
		want  time.Duration
	}{
		{seconds("7"), 7 * time.Second},
		{seconds("99999"), 30 * time.Second},
		{seconds("0"), unasked},
		{seconds("soon"), unasked},
		{in(20 * time.Second), 20 * time.Second},
		{in(time.Hour), 30 * time.Second},
		{in(-time.Hour), unasked},
	} {
		synctest.Test(t, func(t *testing.T) {
			var sent []time.Time
			w := newWebhook(t, WebhookConfig{URL: "http://hook.test", Transport: roundTripFunc(func(*http.Request) (*http.Response, error) {
				sent = append(sent, time.Now())
				if len(sent) == 2 {
					return answer(200), nil
				}
				return answer(429, "Retry-After", c.value()), nil
			})})
			if err := w.WriteBatch(t.Context(), batchOf("a")); err != nil {
				t.Fatal(err)
			}
			d := sent[1].Sub(sent[0])
			if c.want == unasked && (d < 250*time.Millisecond || d > 500*time.Millisecond) || c.want != unasked && d != c.want {
				t.Errorf("Retry-After %s: the pause is %v, want %v", c.value(), d, c.want)
			}
		})
	}
}

// A batch that is too large for its receiver is sent in parts, and what is too
// large alone is all that is lost.
func TestWebhookHalvesWhatIsTooLarge(t *testing.T) {
	var got []string
	requests, broken := 0, false
	w := newWebhook(t, WebhookConfig{URL: "http://hook.test", Retries: -1, Transport: roundTripFunc(func(req *http.Request) (*http.Response, error) {
		requests++
		if req.ContentLength > 2500 {
			return answer(413), nil
		}
		body, _ := io.ReadAll(req.Body)
		var doc struct{ Records []Record }
		if err := json.Unmarshal(body, &doc); err != nil {
			t.Fatal(err)
		}
		for _, r := range doc.Records {
			if broken && r.Model == "f" {
				return answer(503), nil
			}
			got = append(got, r.Model)
		}
		return answer(200), nil
	})})
	batch := batchOf("a", "b", "c", "d", "e", "f", "g", "h", "i", "j")
	if err := w.WriteBatch(t.Context(), batch); err != nil || strings.Join(got, "") != "abcdefghij" || requests > 7 {
		t.Errorf("%v, %d requests, %s", err, requests, got)
	}
	got, batch[3].Request = nil, []byte(`"`+strings.Repeat("x", 5000)+`"`)
	err := w.WriteBatch(t.Context(), batch)
	partial, ok := errors.AsType[*PartialError](err)
	if !ok || partial.Taken != 9 || !partial.Final || strings.Join(got, "") != "abcefghij" || !strings.Contains(err.Error(), "413") {
		t.Errorf("with one too large: %#v, %s", err, got)
	}
	got, batch[3].Request, broken = nil, nil, true
	err = w.WriteBatch(t.Context(), batch)
	if taken, _ := result(err, 10); taken != len(got) || len(got) < 2 || strings.Join(got, "") != "abcdefghij"[:taken] {
		t.Errorf("with a failure in the midst: %v, %d taken, %s", err, taken, got)
	}
}

// An attempt that gets no answer, or only half of one, ends in time.
func TestWebhookTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		attempts := 0
		w := newWebhook(t, WebhookConfig{URL: "http://hook.test", Timeout: 3 * time.Second, Retries: 1, Transport: roundTripFunc(func(req *http.Request) (*http.Response, error) {
			if attempts++; attempts == 1 {
				<-req.Context().Done()
				return nil, req.Context().Err()
			}
			resp := answer(200)
			resp.Body = endless{req.Context()}
			return resp, nil
		})})
		start := time.Now()
		if err := w.WriteBatch(t.Context(), batchOf("a")); err != nil || attempts != 2 {
			t.Errorf("%d attempts, %v", attempts, err)
		}
		if took := time.Since(start); took < 6*time.Second || took > 7*time.Second {
			t.Errorf("it took %v", took)
		}
	})
}

// endless is a body that never comes to its end.
type endless struct{ ctx context.Context }

func (e endless) Read([]byte) (int, error) { <-e.ctx.Done(); return 0, e.ctx.Err() }
func (e endless) Close() error             { return nil }

func TestWebhookEndsWithItsContext(t *testing.T) {
	for name, rt := range map[string]roundTripFunc{
		"while it waits to try again": func(*http.Request) (*http.Response, error) { return answer(503, "Retry-After", "20"), nil },
		"while it waits for an answer": func(req *http.Request) (*http.Response, error) {
			<-req.Context().Done()
			return nil, req.Context().Err()
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			w := newWebhook(t, WebhookConfig{URL: "http://hook.test", Transport: rt})
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			defer cancel()
			start := time.Now()
			err := w.WriteBatch(ctx, batchOf("a"))
			if time.Since(start) != 2*time.Second || err == nil {
				t.Errorf("%s: it took %v, %v", name, time.Since(start), err)
			}
			if _, final := errors.AsType[*PartialError](err); final {
				t.Errorf("%s: what was not finished is refused for good: %v", name, err)
			}
		})
	}
}

func TestWebhookDoesNotReadAnEndlessAnswer(t *testing.T) {
	read := 0
	w := newWebhook(t, WebhookConfig{URL: "http://hook.test", Retries: -1, Transport: roundTripFunc(func(*http.Request) (*http.Response, error) {
		resp := answer(200)
		resp.Body = io.NopCloser(readFunc(func(p []byte) (int, error) { read += len(p); return len(p), nil }))
		return resp, nil
	})})
	if err := w.WriteBatch(t.Context(), batchOf("a")); err != nil {
		t.Fatal(err)
	}
	if read == 0 || read > 128<<10 {
		t.Errorf("%d bytes of the answer were read", read)
	}
}

type readFunc func([]byte) (int, error)

func (f readFunc) Read(p []byte) (int, error) { return f(p) }

// The same batch has the same id even for another webhook, as after a restart,
// and another batch another one.
func TestWebhookIDs(t *testing.T) {
	var ids []string
	send := func(records []*Record) {
		w := newWebhook(t, WebhookConfig{URL: "http://hook.test", Transport: roundTripFunc(func(req *http.Request) (*http.Response, error) {
			ids = append(ids, req.Header.Get(HeaderID))
			return answer(200), nil
		})})
		if err := w.WriteBatch(t.Context(), records); err != nil {
			t.Fatal(err)
		}
	}
	send(batchOf("a", "b"))
	send(batchOf("a", "b"))
	send(batchOf("b", "a"))
	if ids[0] != ids[1] || ids[0] == ids[2] || len(ids[0]) != len("msg_")+24 {
		t.Errorf("the ids are %v", ids)
	}
	send(nil)
	if len(ids) != 3 {
		t.Error("an empty batch was sent")
	}
}

func TestWebhookKeepsToTheGuard(t *testing.T) {
	calls := 0
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls++ }))
	defer server.Close()
	t.Setenv("HTTP_PROXY", server.URL) // which would connect for the webhook
	t.Setenv("http_proxy", server.URL)
	port := server.URL[strings.LastIndex(server.URL, ":"):]
	w := newWebhook(t, WebhookConfig{URL: "http://localhost" + port + "/"})
	err := w.WriteBatch(t.Context(), batchOf("a"))
	refused, ok := errors.AsType[*AddressError](err)
	failed, _ := errors.AsType[*WebhookError](err)
	if !ok || refused.Host != "localhost" || calls != 0 || failed.Attempts != 1 || !failed.Temporary() {
		t.Errorf("%d calls, %v", calls, err)
	}
	if _, err := NewWebhook(WebhookConfig{URL: server.URL}); err == nil || !strings.Contains(err.Error(), "url: 127.0.0.1 is not a public address (loopback)") {
		t.Errorf("an address that the guard refuses gives %v", err)
	}
}

// A redirect would lead somewhere else, with the records and the credentials.
func TestWebhookFollowsNoRedirect(t *testing.T) {
	calls := 0
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls++ }))
	defer other.Close()
	server := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	defer server.Close()
	w := newWebhook(t, WebhookConfig{URL: server.URL, Guard: Guard{AllowPrivate: true}})
	err := w.WriteBatch(t.Context(), batchOf("a"))
	if err == nil || calls != 0 || !strings.Contains(err.Error(), "307 Temporary Redirect, and redirects are not followed") {
		t.Errorf("%d calls, %v", calls, err)
	}
}

func TestWebhookNamesEveryMistake(t *testing.T) {
	for _, c := range []struct {
		config WebhookConfig
		want   string // fields
	}{
		{WebhookConfig{}, "url"},
		{WebhookConfig{URL: "ftp://hook.test"}, "url"},
		{WebhookConfig{URL: "//hook.test"}, "url"},
		{WebhookConfig{URL: "http://:80/"}, "url"},
		{WebhookConfig{URL: "http://hook.test:secret/"}, "url"},
		{WebhookConfig{URL: "http://hook.test:65536/"}, "url"},
		{WebhookConfig{URL: "http://hook.test:0/"}, "url"},
		{WebhookConfig{URL: "http://169.254.169.254/latest", Guard: Guard{AllowPrivate: true}}, "url"},
		{WebhookConfig{URL: "http://[::ffff:127.0.0.1]/"}, "url"},
		{WebhookConfig{
			URL: "https://hook.test", Method: "GET", Secret: "short", Timeout: -1, Backoff: -1, MaxBackoff: -1,
			Header: http.Header{"Host": {"a"}, "webhook-id": {"a"}, "a b": {"c"}, "X": {"a\r\nb"}},
		}, "backoff headers headers.Host headers.Webhook-Id headers.X maxBackoff method secret timeout"},
		{WebhookConfig{URL: "https://hook.test", Header: http.Header{"": {"a"}, "Content-Length": {"1"}, "Té": {"1"}}}, "headers headers headers.Content-Length"},
	} {
		_, err := NewWebhook(c.config)
		mistakes, ok := errors.AsType[Mistakes](err)
		var fields []string
		for _, m := range mistakes {
			fields = append(fields, m.Field)
		}
		if got := strings.Join(fields, " "); !ok || got != c.want {
			t.Errorf("%v: the mistakes are in %s, want %s", err, got, c.want)
		}
		if ok && strings.Contains(err.Error(), "secret/") {
			t.Errorf("the error shows the URL: %v", err)
		}
	}
	for _, good := range []WebhookConfig{
		{URL: "https://hook.test"},
		{URL: "http://93.184.216.34:8080/x"},
		{URL: "http://10.0.0.1", Guard: Guard{AllowPrivate: true}},
		{URL: "HTTPS://hook.test", Method: "PUT", Header: http.Header{"Content-Type": {"application/json; charset=utf-8"}, "X-Empty": {""}}},
	} {
		if _, err := NewWebhook(good); err != nil {
			t.Errorf("%v: %v", good, err)
		}
	}
}

func logged(v any) string {
	var b strings.Builder
	slog.New(slog.NewJSONHandler(&b, nil)).Info("x", "v", v)
	slog.New(slog.NewTextHandler(&b, nil)).Info("x", "v", v)
	return b.String()
}

// Neither errors nor what prints a webhook shows what is secret in it.
func TestWebhookHidesCredentials(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const planted = "planted"
		c := WebhookConfig{
			URL: "https://me:planted-password@hook.test/planted-path?key=planted-query", Secret: "planted-secret-of-mine",
			Header: http.Header{"Authorization": {"Bearer planted-token"}},
			Transport: roundTripFunc(func(req *http.Request) (*http.Response, error) {
				return nil, fmt.Errorf("Post %q: %v %s: malformed answer planted-secret-of-mine", req.URL, req.Header, strings.Repeat("x", 1000))
			}),
		}
		w := newWebhook(t, c)
		err := w.WriteBatch(t.Context(), batchOf("a"))
		for what, text := range map[string]string{
			"the error": err.Error(), "its detail": fmt.Sprintf("%+v %#v", errors.Unwrap(err), errors.Unwrap(err)),
			"the configuration": fmt.Sprintf("%v %+v %#v %s", c, &c, c, c), "the webhook": fmt.Sprintf("%v %+v %#v %s", w, w, w, w),
			"the log": logged(c) + logged(w) + logged(err),
		} {
			if strings.Contains(text, planted) {
				t.Errorf("%s shows a credential: %s", what, text)
			}
			if len(text) > 2000 || !strings.Contains(text, "hook.test") {
				t.Errorf("%s is %s", what, text)
			}
		}
	})
}
