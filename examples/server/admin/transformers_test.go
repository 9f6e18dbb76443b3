package admin_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

func TestTransformersAreListedWithTheirOptions(t *testing.T) {
	a := newHost(t).must("GET", "/api/transformers", "", 200)
	var list []struct {
		Name, Description string
		Options           []struct{ Name, Type string }
	}
	if err := json.Unmarshal(a.Data, &list); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, one := range list {
		names = append(names, one.Name)
		if one.Name == "maxtoken" && (len(one.Options) != 1 || one.Options[0].Name != "max_tokens" || one.Options[0].Type != "integer") {
			t.Errorf("maxtoken has the options %+v", one.Options)
		}
	}
	for _, want := range []string{"anthropic", "openai", "gemini", "azure-openai", "zhipu", "maxtoken", "sampling", "cleancache", "reasoning", "toolname"} {
		if !slices.Contains(names, want) {
			t.Errorf("%s is not listed: %q", want, names)
		}
	}
}

func TestTryingATransformer(t *testing.T) {
	tests := map[string]struct{ body, want string }{
		"a name": {
			`{"transformer":"cleancache","request":{"system":"s","messages":[],"cache_control":{}}}`,
			`{"input":{"system":"s","messages":[],"cache_control":{}},"output":{"system":"s","messages":[]},"losses":[]}`,
		},
		"options": {
			`{"transformer":["maxtoken",{"max_tokens":5}],"request":{"max_tokens":9,"messages":[]},"direction":"request"}`,
			`{"input":{"max_tokens":9,"messages":[]},"output":{"max_tokens":5,"messages":[]},"losses":[]}`,
		},
		"a protocol, with losses": {
			`{"transformer":"openai","request":{"model":"m","max_tokens":9,"system":[{"type":"text","text":"s"}],"top_k":5,"messages":[{"role":"user","content":"hi"}]}}`,
			`"output":{"model":"m","messages":[{"role":"system","content":"s"},{"role":"user","content":"hi"}],"max_tokens":9},"losses":[{"field":"top_k","why":"the other protocol has no top_k"}]}`,
		},
		"the caller's own protocol": {
			`{"transformer":"openai","request":{"model":"m","stop":["x"],"messages":[]}}`,
			`"output":{"model":"m","stop":["x"],"messages":[]},"losses":[]}`,
		},
		"Gemini": {
			`{"transformer":"gemini","request":{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}}`,
			`"output":{"contents":[{"role":"user","parts":[{"text":"hi"}]}],"generationConfig":{"maxOutputTokens":9}}`,
		},
		"an answer, for a caller of Anthropic's": {
			`{"transformer":"openai","direction":"response","response":{"id":"1","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}}`,
			`"content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn"`,
		},
		"an answer to a request": {
			`{"transformer":"toolname","direction":"response","request":{"model":"m","tools":[{"type":"function","function":{"name":"a.b"}}],"messages":[]},` +
				`"response":{"choices":[{"message":{"tool_calls":[{"function":{"name":"a_b_3hz8uqreud25o"}}]}}]}}`,
			`"output":{"choices":[{"message":{"tool_calls":[{"function":{"name":"a.b"}}]}}]},"losses":[]}`,
		},
		"a protocol told by name": {
			`{"transformer":"maxtoken","dialect":"openai-responses","request":{"x":1}}`, `"output":{"x":1,"max_output_tokens":4096}`,
		},
	}
	h := newHost(t)
	for name, test := range tests {
		a := h.must("POST", "/api/transformers/test", test.body, 200)
		if !strings.Contains(string(a.Data), test.want) {
			t.Errorf("%s: it gives\n%s, want\n%s", name, a.Data, test.want)
		}
	}
}

func TestMistakesInATrialAreListed(t *testing.T) {
	tests := map[string][]string{
		`{}`: {"transformer", "request"},
		`{"transformer":"nobody","request":{"messages":[]},"x":1}`:                                 {"transformer", "x"},
		`{"transformer":["maxtoken",{"max":1}],"request":{"messages":[]}}`:                         {"transformer[1].max"},
		`{"transformer":"maxtoken","direction":"sideways"}`:                                        {"direction"},
		`{"transformer":"maxtoken","direction":"response","request":{"messages":[]}}`:              {"response"},
		`{"transformer":"maxtoken","direction":"response","request":{},"response":{"content":[]}}`: {"request"},
		`{"transformer":"maxtoken","request":[]}`:                                                  {"request"},
		`{"transformer":"maxtoken","request":{"max_tokens":1}}`:                                    {"request"},
		`{"transformer":"maxtoken","request":{},"dialect":"latin"}`:                                {"dialect"},
		`{"transformer":"maxtoken","request":{"messages":[],"max_tokens":"x"}}`:                    {"request"},
		`{"transformer":"openai","request":{"system":"s","messages":"x"}}`:                         {"request"},
		`{"transformer":"openai","direction":"response","response":{"choices":{"no":"array"}}}`:    {"response"},
		`{"transformer":"openai","direction":"response","response":{"error":{"message":"where"}}}`: {"response"},
	}
	h := newHost(t)
	for body, want := range tests {
		a := h.call("POST", "/api/transformers/test", body)
		got := a.fields()
		slices.Sort(got)
		slices.Sort(want)
		if a.status != 400 || !slices.Equal(got, want) {
			t.Errorf("POST %s:\nstatus %d, mistakes in %q, want %q\n%s", body, a.status, got, want, a.body)
		}
	}
}

// got gives the path and the body of what a channel is asked.
func got(t *testing.T, channel, call string) (path, body string) {
	t.Helper()
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		path, body = r.URL.String(), string(b)
		w.WriteHeader(http.StatusTeapot)
	}))
	defer provider.Close()
	h := newHost(t)
	h.must("POST", "/api/channels", strings.Replace(channel, "URL", provider.URL, 1), 201)
	r := httptest.NewRequest("POST", "/v1/messages", strings.NewReader(call))
	h.transport.Handler().ServeHTTP(httptest.NewRecorder(), r)
	return path, body
}

func TestAChannelIsAskedAsItIsToldTo(t *testing.T) {
	const call = `{"model":"m","max_tokens":9000,"messages":[{"role":"user","content":"hi"}]}`
	tests := map[string]struct{ channel, path, body string }{
		"responses": {
			`{"name":"a","type":"openai","api":"responses","baseUrl":"URL"}`, "/v1/responses", `"input":`,
		},
		"an Azure deployment": {
			`{"name":"a","type":"azure","baseUrl":"URL","config":{"deployment":"d","apiVersion":"2024-10-21"}}`,
			"/openai/deployments/d/chat/completions?api-version=2024-10-21", `"messages":`,
		},
		"Google": {`{"name":"a","type":"google","baseUrl":"URL"}`, "/v1beta/models/m:generateContent", `"contents":`},
		"Zhipu":  {`{"name":"a","type":"zhipu","baseUrl":"URL/api/paas/v4"}`, "/api/paas/v4/chat/completions", `"messages":`},
		"a server that speaks Anthropic's": {
			`{"name":"a","type":"custom","baseUrl":"URL","transformers":["anthropic"]}`, "/v1/messages", call,
		},
		"options": {
			`{"name":"a","type":"custom","baseUrl":"URL","transformers":{"use":["anthropic",["maxtoken",{"max_tokens":8192}]]}}`,
			"/v1/messages", strings.Replace(call, "9000", "8192", 1),
		},
		"options for a model": {
			`{"name":"a","type":"anthropic","baseUrl":"URL","transformers":{"use":["anthropic"],"perModel":{"m*":[["maxtoken",{"max_tokens":7}]]}}}`,
			"/v1/messages", strings.Replace(call, "9000", "7", 1),
		},
	}
	for name, test := range tests {
		path, body := got(t, test.channel, call)
		if path != test.path || !strings.Contains(body, test.body) {
			t.Errorf("%s: asked is %s %s, want %s %s", name, path, body, test.path, test.body)
		}
	}
}

func TestLossesAndUsageOfAChannel(t *testing.T) {
	const lossy = `{"model":"m","max_tokens":9,"top_k":5,"messages":[{"role":"user","content":"hi"}]}`
	if _, body := got(t, `{"name":"a","type":"openai","losses":"strict","baseUrl":"URL"}`, lossy); body != "" {
		t.Errorf("a call that would lose something was sent: %s", body)
	}
	if _, body := got(t, `{"name":"a","type":"openai","losses":"lossy","baseUrl":"URL"}`, lossy); body == "" {
		t.Error("a call that may lose something was not sent")
	}
}

func TestProviders(t *testing.T) {
	h := newHost(t)
	a := h.must("GET", "/api/providers", "", 200)
	var list []struct {
		Type, DefaultBaseURL string
		APIs                 []string
		Capabilities         map[string]bool
	}
	if err := json.Unmarshal(a.Data, &list); err != nil {
		t.Fatal(err)
	}
	var types []string
	for _, p := range list {
		types = append(types, p.Type)
		if !p.Capabilities["supportsStreaming"] || len(p.APIs) == 0 {
			t.Errorf("%+v", p)
		}
	}
	if want := []string{"anthropic", "openai", "google", "azure", "zhipu", "custom"}; !slices.Equal(types, want) {
		t.Errorf("listed are %q, want %q", types, want)
	}
	if a := h.must("GET", "/api/providers/openai", "", 200); !strings.Contains(a.body, `"apis":["chat","responses"]`) || !strings.Contains(a.body, `"defaultBaseUrl":"https://api.openai.com"`) {
		t.Errorf("openai is %s", a.body)
	}
	if a := h.call("GET", "/api/providers/cohere", ""); a.status != 404 {
		t.Errorf("an unknown type gives %d", a.status)
	}
}
