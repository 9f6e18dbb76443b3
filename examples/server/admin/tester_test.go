package admin_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dctx-team/routex/examples/server/admin"
	"github.com/dctx-team/routex/routextest"
)

type tested struct {
	Success     bool
	ChannelName string
	Latency     int64
	Error       string
	Details     struct {
		Status int
		Model  string
	}
}

func (h *host) tests(ref, body string) (v tested) {
	h.t.Helper()
	if err := json.Unmarshal(h.must("POST", "/api/channels/"+ref+"/test", body, 200).Data, &v); err != nil {
		h.t.Fatal(err)
	}
	return v
}

// toProvider sends what is meant for any host to one handler.
type toProvider struct {
	h    http.Handler
	mu   sync.Mutex
	urls []string // under mu
}

func (p *toProvider) RoundTrip(r *http.Request) (*http.Response, error) {
	p.mu.Lock()
	p.urls = append(p.urls, r.URL.String())
	p.mu.Unlock()
	w := httptest.NewRecorder()
	p.h.ServeHTTP(w, r)
	return w.Result(), nil
}

func TestATestGoesThroughTheProxyOfTheChannel(t *testing.T) {
	var asked atomic.Int64
	provider := routextest.NewProvider(routextest.Options{})
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Host == "provider.invalid" && r.Header.Get("Proxy-Authorization") != "" {
			asked.Add(1)
		}
		provider.ServeHTTP(w, r)
	}))
	t.Cleanup(proxy.Close)
	h := newHost(t)
	h.must("POST", "/api/channels", `{"name":"a","type":"custom","baseUrl":"http://provider.invalid","models":["m"],"proxyUrl":"`+strings.Replace(proxy.URL, "//", "//u:proxysecret01234@", 1)+`"}`, 201)
	if got := h.tests("a", ""); !got.Success || asked.Load() == 0 {
		t.Errorf("%+v, and the proxy was asked %d times", got, asked.Load())
	}
}

func TestChannelsOfEveryTypeAreTested(t *testing.T) {
	const key = "sk-test-0123456789abcdef"
	tests := map[string]struct {
		channel string   // without its name and key
		asked   []string // the ends of the URLs, in order
		model   string
	}{
		"anthropic":       {`"type":"anthropic","models":["claude-opus-4"]`, []string{"/v1/messages/count_tokens"}, "claude-opus-4"},
		"openai itself":   {`"type":"openai","models":["gpt-4o"]`, []string{"/v1/responses/input_tokens"}, "gpt-4o"},
		"openai mapped":   {`"type":"openai","models":["m"],"modelMap":{"m":"gpt-5"}`, []string{"/v1/responses/input_tokens"}, "m"},
		"like openai":     {`"type":"openai","baseUrl":"https://llm.example.com/v1","models":["gpt-*"]`, []string{"/v1/chat/completions"}, "gpt-4o-mini"},
		"responses":       {`"type":"openai","api":"responses","baseUrl":"https://llm.example.com","models":["x"]`, []string{"/v1/responses"}, "x"},
		"embeddings":      {`"type":"openai","models":["text-embedding-3-small"]`, []string{"/v1/embeddings"}, "text-embedding-3-small"},
		"google":          {`"type":"google"`, []string{"/v1beta/models/gemini-2.5-flash:countTokens"}, "gemini-2.5-flash"},
		"azure":           {`"type":"azure","baseUrl":"https://x.openai.azure.com","config":{"deployment":"mine","apiVersion":"2024-10-21"}`, []string{"/openai/deployments/mine/chat/completions?api-version=2024-10-21"}, "mine"},
		"azure v1":        {`"type":"azure","baseUrl":"https://x.openai.azure.com","models":["gpt-4o"]`, []string{"/openai/v1/chat/completions"}, "gpt-4o"},
		"zhipu":           {`"type":"zhipu"`, []string{"/api/paas/v4/chat/completions"}, "glm-4-flash"},
		"custom":          {`"type":"custom","baseUrl":"https://llm.example.com","models":["b*","b1"]`, []string{"/v1/chat/completions"}, "b1"},
		"custom messages": {`"type":"custom","api":"messages","baseUrl":"https://llm.example.com","models":["b1"]`, []string{"/v1/messages/count_tokens"}, "b1"},
		"custom gemini":   {`"type":"custom","api":"gemini","baseUrl":"https://llm.example.com","models":["b1"]`, []string{"/v1beta/models/b1:countTokens"}, "b1"},
		"disabled":        {`"type":"zhipu","status":"disabled"`, []string{"/api/paas/v4/chat/completions"}, "glm-4-flash"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			base := &toProvider{h: routextest.NewProvider(routextest.Options{APIKey: key})}
			h := newHost(t, func(o *admin.Options) { o.Config.Base = base })
			h.must("POST", "/api/channels", `{"name":"good","apiKey":"`+key+`",`+tt.channel+`}`, 201)
			h.must("POST", "/api/channels", `{"name":"bad","apiKey":"sk-wrong-0123456789abcdef",`+tt.channel+`}`, 201)
			good := h.tests("good", "")
			if !good.Success || good.Error != "" || good.Details.Status != 200 || good.Details.Model != tt.model || good.ChannelName != "good" {
				t.Errorf("a channel that works: %+v", good)
			}
			if len(base.urls) != len(tt.asked) {
				t.Fatalf("asked were %q, want %q", base.urls, tt.asked)
			}
			for i, end := range tt.asked {
				if !strings.HasSuffix(base.urls[i], end) {
					t.Errorf("asked was %q, want %q", base.urls[i], end)
				}
			}
			bad := h.tests("bad", "")
			if bad.Success || bad.Error == "" || bad.Details.Status < 400 {
				t.Errorf("a channel with a wrong key: %+v", bad)
			}
			for _, s := range h.transport.Status() {
				if s.Requests != 0 || s.Failures != 0 || s.InFlight != 0 || !s.LastUsed.IsZero() || len(s.Keys) > 0 && s.Keys[0].Why != "" {
					t.Errorf("the tests have left something at the channel: %+v", s)
				}
			}
		})
	}
}

func TestAChannelThatDoesNotCountIsAskedForAToken(t *testing.T) {
	provider := routextest.NewProvider(routextest.Options{})
	base := &toProvider{h: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/count_tokens") {
			http.NotFound(w, r)
			return
		}
		provider.ServeHTTP(w, r)
	})}
	h := newHost(t, func(o *admin.Options) { o.Config.Base = base })
	h.must("POST", "/api/channels", `{"name":"a","type":"anthropic"}`, 201)
	if v := h.tests("a", ""); !v.Success || v.Details.Status != 200 {
		t.Errorf("%+v", v)
	}
	if c := provider.LastCall(); !strings.Contains(string(c.Body), `"max_tokens":1,`) {
		t.Errorf("asked was %s", c.Body)
	}
}

func TestEveryKeyOfAChannelIsTested(t *testing.T) {
	base := &toProvider{h: routextest.NewProvider(routextest.Options{APIKey: "sk-good-0123456789abcdef"})}
	h := newHost(t, func(o *admin.Options) { o.Config.Base = base })
	h.must("POST", "/api/channels", `{"name":"a","type":"anthropic","apiKeys":["sk-good-0123456789abcdef","sk-evil-0123456789abcdef"]}`, 201)
	v := h.tests("a", "")
	if v.Success || !strings.Contains(v.Error, "key sk-e****cdef: status 401") || v.Details.Status != 401 || strings.Contains(v.Error, "sk-g") {
		t.Errorf("%+v", v)
	}
}

func TestTestsTellNoSecret(t *testing.T) {
	secrets := []string{"sk-first-0123456789", "headersecret01234", "url+secret/01234"}
	echo := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = fmt.Fprintf(w, `{"error":{"message":%q,"type":"x"}}`, fmt.Sprint(r.Header, r.URL, r.URL.Query()))
	}))
	t.Cleanup(echo.Close)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for _, url := range []string{echo.URL, gone.URL} {
		h := newHost(t)
		h.must("POST", "/api/channels", `{"name":"a","type":"custom","models":["m"],"baseUrl":"`+url+`/v1?api_key=url%2Bsecret%2F01234",
			"apiKey":"sk-first-0123456789","headers":{"X-Auth":"Token headersecret01234"}}`, 201)
		a := h.must("POST", "/api/channels/a/test", "", 200)
		for _, secret := range append(secrets, "url%2Bsecret") {
			if strings.Contains(a.body, secret) {
				t.Errorf("%q is told: %s", secret, a.body)
			}
		}
		if !strings.Contains(a.body, `"success":false`) {
			t.Errorf("the channel works: %s", a.body)
		}
	}
}

func TestATestIsNotEndless(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHost(t, func(o *admin.Options) { o.Config.Base = silent{} })
		h.must("POST", "/api/channels", `{"name":"a","type":"anthropic"}`, 201)
		began := time.Now()
		v := h.tests("a", "")
		if took := time.Since(began); took != 5*time.Second || v.Success || v.Error != "no answer within 5s" || v.Details.Status != 0 {
			t.Errorf("after %v: %+v", took, v)
		}
	})
}

// silent is a provider that never answers.
type silent struct{}

func (silent) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

func TestManyChannelsAreTestedAtOnce(t *testing.T) {
	var now, most atomic.Int64
	provider := routextest.NewProvider(routextest.Options{Delay: 20 * time.Millisecond, Models: []string{"m"}})
	base := &toProvider{h: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for n, old := now.Add(1), most.Load(); n > old && !most.CompareAndSwap(old, n); old = most.Load() {
		}
		defer now.Add(-1)
		provider.ServeHTTP(w, r)
	})}
	h := newHost(t, func(o *admin.Options) { o.Config.Base = base })
	file := `{"channels":[{"name":"off","type":"zhipu","status":"disabled","models":["m"]},{"name":"lost","type":"zhipu","models":["unknown"]}`
	for i := range 60 {
		file += fmt.Sprintf(`,{"name":"c%d","type":"zhipu","models":["m"]}`, i)
	}
	h.imports(file + `]}`)
	for path, want := range map[string]string{
		"all":     `{"total":62,"passed":61,"failed":1,`,
		"enabled": `{"total":61,"passed":60,"failed":1,`,
	} {
		a := h.must("POST", "/api/channels/test/"+path, "", 200)
		if !strings.Contains(a.body, want) || !strings.Contains(a.body, `"successRate":98.`) {
			t.Errorf("%s: want %s in %s", path, want, a.body[len(a.body)-200:])
		}
	}
	if most.Load() > 16 || most.Load() < 2 {
		t.Errorf("%d channels were tested at one time, want at most 16 and more than one", most.Load())
	}
	if a := newHost(t).must("POST", "/api/channels/test/all", "", 200); !strings.Contains(a.body, `"results":[],"summary":{"total":0,`) {
		t.Errorf("without channels: %s", a.body)
	}
}

func TestWhatCannotBeTested(t *testing.T) {
	h := newHost(t)
	h.must("POST", "/api/channels", `{"name":"a","type":"custom","baseUrl":"http://127.0.0.1:1","models":["b*"]}`, 201)
	if v := h.tests("a", ""); v.Success || !strings.Contains(v.Error, `{"model":"..."}`) {
		t.Errorf("without a model: %+v", v)
	}
	if v := h.tests("a", `{"model":"b1"}`); v.Success || v.Details.Model != "b1" || v.Error == "" {
		t.Errorf("with a model: %+v", v)
	}
	for path, status := range map[string]int{"nobody": 404, "a": 400} {
		if a := h.call("POST", "/api/channels/"+path+"/test", `{"model":"c"}`); a.status != status {
			t.Errorf("%s: status %d, want %d", path, a.status, status)
		}
	}
	if a := h.call("POST", "/api/channels/test/all", `{"model":"c"}`); a.status != 400 {
		t.Errorf("a model for all: status %d", a.status)
	}
	if a := h.call("GET", "/api/channels/a/test", ""); a.status != 405 || a.header.Get("Allow") != "POST" {
		t.Errorf("GET: status %d, Allow %q", a.status, a.header.Get("Allow"))
	}
}
