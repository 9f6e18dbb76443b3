package routex_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex"
)

// Whatever is asked at whatever path, there is an answer, and an error is JSON.
func FuzzPathsAndBodies(f *testing.F) {
	for path, body := range map[string]string{
		"/v1/messages/count_tokens": `{"model":"m","messages":[{"role":"user","content":"x"}]}`, "/v1beta/models/m:countTokens": `{"contents":[{"parts":[{"text":"x"}]}]}`,
		"/v1/responses/input_tokens": `{"input":[{"type":"input_file","file_id":"f"}]}`, "/v1/embeddings": `{"model":"m","input":["a"]}`,
		"/v1beta/models/m:batchEmbedContents": `{"requests":[{"content":{"parts":[{"text":"x"}]}}]}`, "/v1/files/file-1/content": "", "/v1/batches": `{"input_file_id":"f"}`,
		"/v1/models/a/b": "", "/v1beta/models": "", "/upload/v1beta/files": "x", "/v1/v1/v1beta": "[", "/v1/responses/": `{"previous_response_id":"r","conversation":{"id":7}}`,
	} {
		f.Add("POST", path, body, uint8(0))
		f.Add("GET", path, body, uint8(7))
	}
	up := &recorder{answer: func(r *http.Request, body string) *http.Response {
		return respond(200, "application/json", `{"id":"`+strings.Repeat("i", len(body)%9)+`","data":[{"id":7},{"embedding":[1],"index":0}],"input_tokens":1,"embedding":{"values":[1]}}`)
	}}
	list := append(three(responsesChannel), anthropicChannel("x", "https://x.test"), googleChannel("g", "https://g.test"))
	tr, err := routex.New(routex.Config{Channels: list, Base: up, MaxBody: 1 << 10, MaxUpload: 1 << 10})
	if err != nil {
		f.Fatal(err)
	}
	h := tr.Handler()
	f.Fuzz(func(t *testing.T, method, path, body string, flags uint8) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(body))
		if r.URL, err = url.Parse("/" + strings.TrimLeft(path, "/")); err != nil || strings.ContainsAny(method, " \r\n") || method == "" {
			return
		}
		r.Method = method
		for i, set := range [...][2]string{{"Anthropic-Version", "1"}, {"X-Goog-Api-Key", "k"}, {"X-Routex-Channel", "b"}, {"Content-Type", "audio/mp3"}, {"Content-Type", "application/json"}} {
			if flags&(1<<i) != 0 {
				r.Header.Set(set[0], set[1])
			}
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code < 200 || w.Code >= 400 && !gjson.ValidBytes(w.Body.Bytes()) || w.Header().Get("X-Request-Id") == "" {
			t.Errorf("%s %s: %d %s %v", method, path, w.Code, w.Body, w.Header())
		}
		for _, s := range tr.Status() {
			if s.InFlight != 0 {
				t.Errorf("%s %s leaves a call open at %s", method, path, s.Name)
			}
		}
	})
}
