package routex_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex"
)

// serve makes a request of the handler. Header names and values follow each
// other.
func serve(t testing.TB, h http.Handler, method, path, body string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func modelChannels() []routex.Channel {
	a, o, off := anthropicChannel("a", "https://a.test"), openAIChannel("o", "https://o.test"), googleChannel("g", "https://g.test")
	a.Models = []string{"claude-opus-4", "claude-*", "shared"}
	o.Models, o.ModelMap = []string{"shared", "meta/llama"}, map[string]string{"fast": "gpt-5-nano", "gpt-*": "gpt-5"}
	off.Models, off.Disabled = []string{"gemini"}, true
	return []routex.Channel{a, o, off}
}

func TestModelsInTheAskersShape(t *testing.T) {
	up := always("{}")
	h := newTransport(t, routex.Config{Channels: modelChannels(), Base: up}).Handler()
	for _, test := range []struct {
		name, path, header, ids, want string
	}{
		{"OpenAI", "/v1/models", "", "data.#.id", `{"object":"list","data":[{"id":"claude-opus-4","object":"model","created":0,"owned_by":"anthropic"},`},
		{"OpenAI, behind a prefix", "/openai/v1/models", "", "data.#.id", `{"object":"list","data":[`},
		{"Anthropic", "/v1/models?limit=1000", "Anthropic-Version", "data.#.id", `{"data":[{"type":"model","id":"claude-opus-4","display_name":"claude-opus-4","created_at":"1970-01-01T00:00:00Z"},`},
		{"Gemini", "/v1beta/models", "", "models.#.displayName", `{"models":[{"name":"models/claude-opus-4","displayName":"claude-opus-4","supportedGenerationMethods":["generateContent","countTokens"]},`},
		{"Gemini by its key", "/v1/models", "X-Goog-Api-Key", "models.#.displayName", `{"models":[{"name":"models/claude-opus-4"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			w := serve(t, h, "GET", test.path, "", test.header, "2023-06-01")
			if w.Code != 200 || !gjson.ValidBytes(w.Body.Bytes()) || !strings.HasPrefix(w.Body.String(), test.want) {
				t.Errorf("%d %s", w.Code, w.Body)
			}
			if got := gjson.Get(w.Body.String(), test.ids).Raw; got != `["claude-opus-4","fast","meta/llama","shared"]` {
				t.Errorf("lists %s", got)
			}
		})
	}
	w := serve(t, h, "GET", "/v1/models", "", "Anthropic-Version", "1")
	if got := w.Body.String(); !strings.HasSuffix(got, `],"has_more":false,"first_id":"claude-opus-4","last_id":"shared"}`) {
		t.Errorf("the end of Anthropic's list: %s", got)
	}
	if up.count() != 0 {
		t.Error("a channel was asked")
	}
}

func TestOneModel(t *testing.T) {
	h := newTransport(t, routex.Config{Channels: modelChannels()}).Handler()
	for _, test := range []struct{ path, header, want string }{
		{"/v1/models/fast", "", `{"id":"fast","object":"model","created":0,"owned_by":"openai"}`},
		{"/v1/models/meta/llama", "", `{"id":"meta/llama","object":"model","created":0,"owned_by":"openai"}`},
		{"/v1/models/meta%2Fllama", "", `{"id":"meta/llama","object":"model","created":0,"owned_by":"openai"}`},
		{"/v1/models/claude-by-pattern", "Anthropic-Version", `{"type":"model","id":"claude-by-pattern","display_name":"claude-by-pattern","created_at":"1970-01-01T00:00:00Z"}`},
		{"/v1beta/models/fast", "", `{"name":"models/fast","displayName":"fast","supportedGenerationMethods":["generateContent","countTokens"]}`},
	} {
		if w := serve(t, h, "GET", test.path, "", test.header, "1"); w.Code != 200 || w.Body.String() != test.want {
			t.Errorf("%s: %d %s", test.path, w.Code, w.Body)
		}
	}
	for path, want := range map[string]string{"/v1/models/nope": "error.code", "/v1beta/models/gemini": "error.status"} {
		if w := serve(t, h, "GET", path, ""); w.Code != 404 || !gjson.Get(w.Body.String(), want).Exists() {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	if w := serve(t, h, "GET", "/v1/models/nope", "", "Anthropic-Version", "1"); w.Code != 404 || gjson.Get(w.Body.String(), "error.type").Str != "not_found_error" {
		t.Errorf("Anthropic: %d %s", w.Code, w.Body)
	}
	if w := serve(t, h, "DELETE", "/v1/models/fast", ""); w.Code != 405 || w.Header().Get("Allow") == "" {
		t.Errorf("DELETE: %d %s", w.Code, w.Body)
	}
}

func TestPagesOfModels(t *testing.T) {
	ch := anthropicChannel("a", "https://a.test")
	for i := range 5 {
		ch.Models = append(ch.Models, fmt.Sprint("m", i))
	}
	h := newTransport(t, routex.Config{Channels: []routex.Channel{ch}}).Handler()
	for _, test := range []struct{ path, ids, more string }{
		{"/v1/models?limit=2", `["m0","m1"]`, "true"},
		{"/v1/models?limit=2&after_id=m1", `["m2","m3"]`, "true"},
		{"/v1/models?limit=2&after_id=m3", `["m4"]`, "false"},
		{"/v1/models?limit=2&after_id=m4", `[]`, "false"},
		{"/v1/models?limit=2&before_id=m4", `["m2","m3"]`, "true"},
		{"/v1/models?limit=2&before_id=m1", `["m0"]`, "false"},
		{"/v1/models?before_id=m2", `["m0","m1"]`, "false"},
		{"/v1/models", `["m0","m1","m2","m3","m4"]`, "false"},
	} {
		w := serve(t, h, "GET", test.path, "", "Anthropic-Version", "1")
		if got := gjson.Get(w.Body.String(), "data.#.id").Raw; got != test.ids || gjson.Get(w.Body.String(), "has_more").Raw != test.more {
			t.Errorf("%s: %s, want %s", test.path, w.Body, test.ids)
		}
	}
	var all []string
	for token := ""; ; {
		w := serve(t, h, "GET", "/v1beta/models?pageSize=2&pageToken="+token, "")
		page := gjson.Parse(w.Body.String())
		all = append(all, page.Get("models.#.name").Raw)
		if token = page.Get("nextPageToken").Str; token == "" {
			break
		}
	}
	if got := strings.Join(all, " "); got != `["models/m0","models/m1"] ["models/m2","models/m3"] ["models/m4"]` {
		t.Errorf("Gemini's pages: %s", got)
	}
	for _, path := range []string{"limit=0", "limit=1001", "limit=x", "after_id=nope", "before_id=nope"} {
		w := serve(t, h, "GET", "/v1/models?"+path, "", "Anthropic-Version", "1")
		if w.Code != 400 || gjson.Get(w.Body.String(), "error.type").Str != "invalid_request_error" {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
	for _, size := range []string{"0", "2000"} {
		if w := serve(t, h, "GET", "/v1beta/models?pageSize="+size, ""); w.Code != 200 || gjson.Get(w.Body.String(), "models.#").Int() != 5 {
			t.Errorf("Gemini's page of %s: %d %s", size, w.Code, w.Body)
		}
	}
	if w := serve(t, h, "GET", "/v1beta/models?pageToken=nope", ""); w.Code != 400 || gjson.Get(w.Body.String(), "error.status").Str != "INVALID_ARGUMENT" {
		t.Errorf("Gemini: %d %s", w.Code, w.Body)
	}
}

func BenchmarkListOfTenThousandModels(b *testing.B) {
	ch := anthropicChannel("a", "https://a.test")
	for i := range 10_000 {
		ch.Models = append(ch.Models, fmt.Sprint("some-provider/some-model-", i))
	}
	h := newTransport(b, routex.Config{Channels: []routex.Channel{ch}}).Handler()
	for name, header := range map[string]string{"OpenAI": "X-None", "Anthropic": "Anthropic-Version"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if w := serve(b, h, "GET", "/v1/models", "", header, "1"); w.Code != 200 || w.Body.Len() < 100_000 {
					b.Fatal(w.Code, w.Body.Len())
				}
			}
		})
	}
}

func TestEveryAnswerHasARequestID(t *testing.T) {
	up := &recorder{answer: func(r *http.Request, _ string) *http.Response {
		resp := respond(200, "application/json", anthropicAnswer)
		if r.URL.Path == "/v1/files" {
			resp.Header.Set("X-Request-Id", "the provider's")
		}
		return resp
	}}
	h := newTransport(t, routex.Config{Channels: []routex.Channel{anthropicChannel("a", "https://a.test"), openAIChannel("o", "https://o.test")}, Base: up}).Handler()
	for _, path := range []string{"GET /v1/models", "HEAD /", "GET /nowhere", "POST /v1/messages", "GET /v1/messages", "POST /v1/completions"} {
		method, path, _ := strings.Cut(path, " ")
		if got := serve(t, h, method, path, "{}", "X-Request-Id", "my own").Header().Get("X-Request-Id"); got != "my own" {
			t.Errorf("%s %s: %q", method, path, got)
		}
		if got := serve(t, h, method, path, "{}").Header().Get("X-Request-Id"); len(got) < 10 {
			t.Errorf("%s %s: made %q", method, path, got)
		}
	}
	if got := serve(t, h, "GET", "/v1/files", "", "X-Request-Id", "my own").Header().Get("X-Request-Id"); got != "the provider's" {
		t.Errorf("the provider gave one: %q", got)
	}
	if got := serve(t, h, "GET", "/v1/models", "", "X-Request-Id", strings.Repeat("x", 500)).Header().Get("X-Request-Id"); len(got) > 100 {
		t.Errorf("a long one is %q", got)
	}
}
