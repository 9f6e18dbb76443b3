package routex_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/dctx-team/routex"
)

// A host may write names of headers as it likes: http.Header keeps them, and
// so does the wire.
func TestCredentialsNeverPassHoweverTheyAreSpelled(t *testing.T) {
	const secret = "callers-own"
	calls := map[string]string{
		"/v1/messages":                     `{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"x"}]}`,
		"/v1/chat/completions":             `{"model":"m","messages":[{"role":"user","content":"x"}]}`,
		"/v1beta/models/m:generateContent": `{"contents":[{"role":"user","parts":[{"text":"x"}]}]}`,
		"/v1/messages/count_tokens":        `{"model":"m","messages":[{"role":"user","content":"x"}]}`,
		"/v1/embeddings":                   `{"model":"m","input":"x"}`,
		"/v1/files":                        ``,
		"/v1beta/files":                    ``,
	}
	for _, ch := range []routex.Channel{anthropicChannel("a", "https://a.test"), openAIChannel("o", "https://o.test"), googleChannel("g", "https://g.test")} {
		ch.APIKey = ""
		for path, body := range calls {
			for _, query := range []string{"key", "access_token", "api-key", "%6bey"} {
				up := always(`{}`)
				tr := newTransport(t, routex.Config{Channels: []routex.Channel{ch}, Base: up})
				req, err := http.NewRequest(http.MethodPost, "https://x.test"+path+"?a=1&"+query+"="+secret, strings.NewReader(body))
				if err != nil {
					t.Fatal(err)
				}
				req.Header = http.Header{
					"authorization": {secret}, "x-api-key": {secret}, "X-API-KEY": {secret}, "api-key": {secret}, "x-goog-api-key": {secret},
					"cookie": {secret}, "proxy-authorization": {secret}, "sec-websocket-protocol": {"openai-insecure-api-key." + secret},
					"Content-Type": {"application/json"}, "x-custom": {"kept"}, "X-Custom": {"kept"},
				}
				resp, err := tr.RoundTrip(req)
				if err != nil {
					t.Fatal(err)
				}
				_ = resp.Body.Close()
				for _, got := range up.got {
					if strings.HasPrefix(got.url, "https://x.test") { // no channel has such a thing
						continue
					}
					var sent strings.Builder
					_ = got.header.Write(&sent)
					if strings.Contains(got.url+sent.String(), secret) || len(got.header["X-Custom"]) != 2 {
						t.Errorf("%s with %s at %s: sent to %s with\n%s", path, query, ch.Name, got.url, &sent)
					}
				}
			}
		}
	}
}
