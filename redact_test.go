package routex_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/tee"
)

// Some providers repeat the key that they refuse. It is not the caller's, and
// belongs in no log.
func TestAKeyThatAProviderRepeatsGoesNoFurther(t *testing.T) {
	const key, asked, stream = "sk-channel-0123456789-key", "what-was-asked", "text/event-stream"
	said := `{"error":{"message":"Incorrect API key provided: ` + key + ` for ` + asked + `","type":"server_error","code":"broken"}}`
	chunk := `data: {"id":"1","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":"x"}}]}` + "\n\n"
	for name, answer := range map[string]struct {
		status     int
		kind, body string
	}{
		"a status":                     {401, "application/json", said},
		"a status and a page":          {401, "text/html", "<p>" + key + "</p>"},
		"an error under a success":     {200, "application/json", said},
		"a stream that does not begin": {200, stream, "data: " + said + "\n\n"},
		"a stream that has begun":      {200, stream, chunk + "data: " + said + "\n\n"},
	} {
		for _, path := range []string{"/v1/chat/completions", "/v1/messages"} {
			t.Run(name+path, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var log bytes.Buffer
					ch := openAIChannel("o", "https://o.test")
					ch.APIKey = key
					tr := newTransport(t, routex.Config{
						Channels: []routex.Channel{ch}, Logger: slog.New(slog.NewJSONHandler(&log, nil)),
						Base: roundTrip(func(r *http.Request) (*http.Response, error) {
							_ = r.Body.Close()
							return respond(answer.status, answer.kind, answer.body), nil
						}),
					})
					body := `{"model":"m","max_tokens":5,"stream":false,"messages":[{"role":"user","content":"x"}]}`
					if answer.kind == stream {
						body = strings.Replace(body, "false", "true", 1)
					}
					_, got, d := ask(t, tr, http.MethodPost, "https://x.test"+path, body)
					if strings.Contains(got, key) || got == "" {
						t.Errorf("the caller gets %s", got)
					}
					if strings.Contains(d.Error, key) || d.Succeeded() {
						t.Errorf("the decision says %q", d.Error)
					}
					for _, a := range d.Attempts {
						if strings.Contains(a.Error, key) {
							t.Errorf("an attempt says %s", a.Error)
						}
					}
					if text := log.String(); !strings.Contains(text, "attempt failed") || strings.Contains(text, key) || strings.Contains(text, asked) {
						t.Errorf("the log is %s", text)
					}
				})
			})
		}
	}
}

// An error event that is not held, as nobody would save the answer, is masked
// where it passes, and all else passes as it is.
func TestAKeyInTheErrorOfAStreamThatIsNotRescued(t *testing.T) {
	const key, shown = "sk-channel-0123456789-key", "sk-c****-key"
	begin := ": hello\n\ndata: " + `{"id":"1","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":"sk-"}}]}` + "\r\n\r\n"
	end := `data:  {"error" : {"message":"Incorrect API key: ` + key + `, or not ` + key + `","type":"server_error"}}` + "\n\ndata: [DONE]\n\n"
	for _, path := range []string{"/v1/chat/completions", "/v1/messages"} {
		inBubble(t, func(t *testing.T) {
			sink := &listener{wish: 1 << 20}
			ch := openAIChannel("o", "https://o.test")
			ch.APIKey = key
			tr := newTransport(t, routex.Config{
				Channels: []routex.Channel{ch}, Rescue: routex.RescueOff, Sinks: []tee.Sink{sink},
				Base: roundTrip(func(r *http.Request) (*http.Response, error) {
					_ = r.Body.Close()
					return respond(200, "text/event-stream", begin+end), nil
				}),
			})
			_, got, d := ask(t, tr, http.MethodPost, "https://x.test"+path, `{"model":"m","max_tokens":5,"stream":true,"messages":[{"role":"user","content":"x"}]}`)
			if strings.Contains(got, key) || !strings.Contains(got, shown) || d.Succeeded() {
				t.Errorf("%s: the caller gets %s", path, got)
			}
			if want := begin + strings.ReplaceAll(end, key, shown); path == "/v1/chat/completions" && got != want {
				t.Errorf("the caller gets\n%q, want\n%q", got, want)
			}
			if line := string(sink.take(t).AppendJSON(nil)); strings.Contains(line, key) || !strings.Contains(line, `"response"`) {
				t.Errorf("%s: the record is %s", path, line)
			}
		})
	}
}
