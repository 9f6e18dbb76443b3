package routex_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/dctx-team/routex"
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
