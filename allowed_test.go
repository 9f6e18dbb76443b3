package routex_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/router"
	"github.com/dctx-team/routex/routextest"
	"github.com/dctx-team/routex/trace/prices"
	"github.com/dctx-team/routex/transform"
)

// bounded is a Transport over three channels, the best of which is a rule's
// target for urgent calls.
func bounded(t *testing.T) *routex.Transport {
	t.Helper()
	cfg := routex.Config{Rules: []router.Rule{{
		Name: "urgent", Condition: router.Condition{Keywords: []string{"urgent"}}, TargetChannel: "best",
	}}}
	for i, name := range []string{"best", "good", "rest"} {
		provider := routextest.NewProvider(routextest.Options{Name: name})
		server := httptest.NewServer(provider)
		t.Cleanup(server.Close)
		cfg.Channels = append(cfg.Channels, routex.Channel{
			ID: "id-" + name, Name: name, Type: routex.TypeOpenAI, BaseURL: server.URL, Priority: i, Models: []string{"gpt-4o", "gpt-" + name},
		})
	}
	transport, err := routex.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return transport
}

func TestOnlyWhatIsAllowedIsAsked(t *testing.T) {
	const chat = `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}`
	handler := bounded(t).Handler()
	tests := map[string]struct {
		allowed          routex.Allowed
		path, body, only string
		status           int
		want             string // the channel that answers, or a part of the refusal
	}{
		"everything":              {routex.Allowed{}, "/v1/chat/completions", chat, "", 200, "best"},
		"a channel by name":       {routex.Allowed{Channels: []string{"rest"}}, "/v1/chat/completions", chat, "", 200, "rest"},
		"a channel by id":         {routex.Allowed{Channels: []string{"id-good", "rest"}}, "/v1/chat/completions", chat, "", 200, "good"},
		"a rule does not help":    {routex.Allowed{Channels: []string{"good"}}, "/v1/chat/completions", strings.Replace(chat, "hi", "urgent", 1), "", 200, "good"},
		"no such channel":         {routex.Allowed{Channels: []string{"gone"}}, "/v1/chat/completions", chat, "", 404, "no channel serves"},
		"a model of others":       {routex.Allowed{Channels: []string{"good"}}, "/v1/chat/completions", strings.Replace(chat, "4o", "best", 1), "", 404, "no channel serves"},
		"a model":                 {routex.Allowed{Models: []string{"gpt-*"}}, "/v1/chat/completions", chat, "", 200, "best"},
		"another model":           {routex.Allowed{Models: []string{"claude-*", "gpt-4"}}, "/v1/chat/completions", chat, "", 403, `model: \"gpt-4o\" is not allowed`},
		"another, for Anthropic":  {routex.Allowed{Models: []string{"claude-*"}}, "/v1/messages", strings.Replace(chat, "{", `{"max_tokens":9,`, 1), "", 403, "permission_error"},
		"another, counted":        {routex.Allowed{Models: []string{"claude-*"}}, "/v1/messages/count_tokens", chat, "", 403, "permission_error"},
		"another, in the URL":     {routex.Allowed{Models: []string{"claude-*"}}, "/v1beta/models/gpt-4o:generateContent", `{"contents":[{"parts":[{"text":"hi"}]}]}`, "", 403, "PERMISSION_DENIED"},
		"no model":                {routex.Allowed{Models: []string{"gpt-*"}}, "/v1/files", `{}`, "", 403, "names no model"},
		"a channel by header":     {routex.Allowed{Channels: []string{"good"}}, "/v1/files", `{}`, "best", 403, `channel \"best\" is not allowed`},
		"an allowed one by it":    {routex.Allowed{Channels: []string{"good"}}, "/v1/files", `{}`, "good", 200, "good"},
		"no channel by header":    {routex.Allowed{Channels: []string{"rest"}}, "/v1/files", `{}`, "", 200, "rest"},
		"embeddings of a model":   {routex.Allowed{Models: []string{"gpt-4o"}}, "/v1/embeddings", `{"model":"gpt-rest","input":"x"}`, "", 403, "not allowed"},
		"an upload, unread, at a": {routex.Allowed{Channels: []string{"good"}}, "/v1/audio/transcriptions", "bytes", "best", 403, "not allowed"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("POST", tt.path, strings.NewReader(tt.body))
			if tt.only != "" {
				r.Header.Set("X-Routex-Channel", tt.only)
			}
			if tt.body == "bytes" {
				r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
			}
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, r.WithContext(routex.WithAllowed(r.Context(), tt.allowed)))
			got := w.Header().Get("X-Channel-Name")
			if tt.status != http.StatusOK {
				got = w.Body.String()
			}
			refused := tt.status != http.StatusOK // else the status is the provider's
			if refused && w.Code != tt.status || !strings.Contains(got, tt.want) {
				t.Errorf("status %d, %q; want %d, %q", w.Code, got, tt.status, tt.want)
			}
		})
	}
}

func TestOnlyWhatIsAllowedIsListed(t *testing.T) {
	transport := bounded(t)
	list := func(a routex.Allowed, path string) (int, string) {
		r := httptest.NewRequest("GET", path, nil)
		w := httptest.NewRecorder()
		transport.Handler().ServeHTTP(w, r.WithContext(routex.WithAllowed(r.Context(), a)))
		return w.Code, w.Body.String()
	}
	for _, tt := range []struct {
		allowed routex.Allowed
		want    []string
	}{
		{routex.Allowed{}, []string{"gpt-4o", "gpt-best", "gpt-good", "gpt-rest"}},
		{routex.Allowed{Channels: []string{"good"}}, []string{"gpt-4o", "gpt-good"}},
		{routex.Allowed{Models: []string{"*-4o", "gpt-rest"}}, []string{"gpt-4o", "gpt-rest"}},
		{routex.Allowed{Channels: []string{"good"}, Models: []string{"gpt-rest"}}, nil},
	} {
		_, body := list(tt.allowed, "/v1/models")
		if n := strings.Count(body, `"id"`); n != len(tt.want) {
			t.Errorf("with %+v there are %d models: %s", tt.allowed, n, body)
		}
		for _, name := range tt.want {
			if !strings.Contains(body, `"`+name+`"`) {
				t.Errorf("with %+v, %s is missing: %s", tt.allowed, name, body)
			}
		}
	}
	if status, body := list(routex.Allowed{Models: []string{"gpt-rest"}}, "/v1/models/gpt-4o"); status != 404 {
		t.Errorf("a model that is not allowed: %d %s", status, body)
	}
	if n := len(transport.Models()); n != 4 {
		t.Errorf("the list itself has become %d", n)
	}
}

func TestTheCostOfACall(t *testing.T) {
	c := routex.Channel{
		ModelMap: map[string]string{"fast": "gpt-4o-mini"},
		Prices:   map[string]prices.Price{"gpt-*": {Rates: prices.Rates{Input: 2, Output: 10, CacheRead: new(0.5)}}, "plain": {Rates: prices.Rates{Input: 1, Output: 1}}},
	}
	u := transform.Usage{Input: 1_000_000, Output: 100_000, CacheRead: 2_000_000, CacheWrite: 500_000}
	for model, want := range map[string]float64{"gpt-4o": 5, "fast": 5, "plain": 3.6} {
		if cost, known := c.Cost(model, u); !known || cost < want-1e-9 || cost > want+1e-9 {
			t.Errorf("%s costs %v (known: %v), want %v", model, cost, known, want)
		}
	}
	if cost, known := c.Cost("other", u); known || cost != 0 {
		t.Errorf("a model without a price costs %v", cost)
	}
}
