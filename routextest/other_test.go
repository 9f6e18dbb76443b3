package routextest_test

import (
	"encoding/base64"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/routextest"
)

// get asks without a body.
func get(t *testing.T, method, url, version string) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if version != "" {
		req.Header.Set("Anthropic-Version", version)
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestModelsAndOtherPaths(t *testing.T) {
	p := routextest.NewProvider(routextest.Options{Models: []string{"a", "b"}})
	s := p.Start()
	defer s.Close()
	for _, test := range []struct{ path, version, member, want string }{
		{"/v1/models", "", "data.1.id", "b"},
		{"/v1/models", "2023-06-01", "data.1.display_name", "b"},
		{"/v1beta/models", "", "models.1.name", "models/b"},
	} {
		if _, text := get(t, http.MethodGet, s.URL+test.path, test.version); gjson.Get(text, test.member).String() != test.want {
			t.Errorf("models at %s for version %q: %s", test.path, test.version, text)
		}
	}
	for _, path := range []string{"/v1/other", "/v1beta/models/m:other", "/v2/models"} {
		if resp, _, err := ask(t, http.DefaultTransport, s.URL+path, "{}"); err != nil || resp.StatusCode != 404 {
			t.Errorf("%s: %v %v", path, resp, err)
		}
	}
}

func TestTokensAreCounted(t *testing.T) {
	for path, want := range map[string]string{
		"/v1/messages/count_tokens":     "input_tokens",
		"/v1/responses/input_tokens":    "input_tokens",
		"/v1beta/models/m:countTokens":  "totalTokens",
		"/v1beta/models/m2:countTokens": "totalTokens",
	} {
		p := routextest.NewProvider(routextest.Options{})
		s := p.Start()
		defer s.Close()
		body := map[string]string{"input_tokens": `{"model":"m","messages":[{"role":"user","content":"x"}]}`, "totalTokens": `{"contents":[{"parts":[{"text":"x"}]}]}`}[want]
		if strings.HasSuffix(path, "input_tokens") {
			body = `{"model":"m","input":"x"}`
		}
		if _, text, err := ask(t, http.DefaultTransport, s.URL+path, body); err != nil || gjson.Get(text, want).Int() < 1 {
			t.Errorf("%s: %s %v", path, text, err)
		}
		for _, body := range []string{`{"model":"m"}`, `{"strange":1}`} {
			if resp, text, err := ask(t, http.DefaultTransport, s.URL+path, body); err != nil || resp.StatusCode != 400 {
				t.Errorf("%s: %s %v", path, text, err)
			}
		}
	}
}

func TestEmbeddings(t *testing.T) {
	p := routextest.NewProvider(routextest.Options{})
	s := p.Start()
	defer s.Close()
	const openAI, one, many = "/v1/embeddings", "/v1beta/models/m:embedContent", "/v1beta/models/m:batchEmbedContents"
	post := func(path, body string) string {
		_, text, err := ask(t, http.DefaultTransport, s.URL+path, body)
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	text := post(openAI, `{"model":"m","input":["a","b","a"],"dimensions":3}`)
	vector := gjson.Get(text, "data.0.embedding")
	if len(vector.Array()) != 3 || gjson.Get(text, "data.2.embedding").Raw != vector.Raw || gjson.Get(text, "data.1.embedding").Raw == vector.Raw {
		t.Errorf("vectors %s", text)
	}
	raw, err := base64.StdEncoding.DecodeString(gjson.Get(post(openAI, `{"model":"m","input":"a","encoding_format":"base64"}`), "data.0.embedding").String())
	if err != nil || len(raw) != 32 {
		t.Errorf("%d bytes, %v", len(raw), err)
	}
	if got := gjson.Get(post(one, `{"content":{"parts":[{"text":"a"}]},"outputDimensionality":3}`), "embedding.values").Raw; got != vector.Raw {
		t.Errorf("the same text has another vector: %s", got)
	}
	if got := post(many, `{"requests":[{"model":"models/m","content":{"parts":[{"text":"a"}]}}]}`); len(gjson.Get(got, "embeddings.0.values").Array()) != 8 {
		t.Errorf("vectors %s", got)
	}
	for _, test := range []struct{ path, body string }{
		{openAI, `{"input":"a"}`},
		{openAI, `{"model":"m","input":""}`},
		{openAI, `{"model":"m"}`},
		{openAI, `{"model":"m","input":"a","encoding_format":"int8"}`},
		{openAI, `{"model":"m","input":"a","content":1}`},
		{one, `{"content":{}}`},
		{one, `{"input":"a"}`},
		{many, `{"requests":[]}`},
		{many, `{"requests":[{"content":{"parts":[{"text":"a"}]}}]}`},
	} {
		if resp, text, err := ask(t, http.DefaultTransport, s.URL+test.path, test.body); err != nil || resp.StatusCode != 400 {
			t.Errorf("%s %s: %s %v", test.path, test.body, text, err)
		}
	}
}

func TestResponsesAreKept(t *testing.T) {
	p := routextest.NewProvider(routextest.Options{})
	s := p.Start()
	defer s.Close()
	post := func(body string) (int, string) {
		resp, text, err := ask(t, http.DefaultTransport, s.URL+answers, body)
		if err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, gjson.Get(text, "id").String()
	}
	_, id := post(`{"model":"m","input":"x"}`)
	if status, text := get(t, http.MethodGet, s.URL+answers+"/"+id, ""); status != 200 || gjson.Get(text, "id").String() != id {
		t.Errorf("%d %s", status, text)
	}
	if status, _ := post(`{"model":"m","previous_response_id":"` + id + `","input":"y"}`); status != 200 {
		t.Errorf("going on from an answer gives %d", status)
	}
	if status, text := get(t, http.MethodDelete, s.URL+answers+"/"+id, ""); status != 200 || !gjson.Get(text, "deleted").Bool() {
		t.Errorf("%d %s", status, text)
	}
	if status, _ := get(t, http.MethodGet, s.URL+answers+"/"+id, ""); status != 404 {
		t.Errorf("an answer that was deleted gives %d", status)
	}
	_, id = post(`{"model":"m","store":false,"input":"x"}`)
	if status, _ := get(t, http.MethodGet, s.URL+answers+"/"+id, ""); status != 404 {
		t.Errorf("an answer that was not to be kept gives %d", status)
	}
	if status, _ := get(t, http.MethodPut, s.URL+answers+"/"+id, ""); status != 404 {
		t.Errorf("PUT gives %d", status)
	}
}
