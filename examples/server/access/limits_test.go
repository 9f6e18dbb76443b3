package access_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/examples/server/access"
	"github.com/dctx-team/routex/examples/server/store"
	"github.com/dctx-team/routex/trace/prices"
)

// A gateway is a guarded Transport over one provider that counts 60 tokens of
// input and 40 of output for each call.
type gateway struct {
	t       *testing.T
	keys    *access.Keys
	handler http.Handler
	seen    []http.Header // of the provider
	hold    chan struct{} // if not nil, answers wait for it
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func (g *gateway) provider(r *http.Request) (*http.Response, error) {
	h := r.Header.Clone()
	h.Set("The-Url", r.URL.String())
	g.seen = append(g.seen, h)
	if g.hold != nil {
		<-g.hold
	}
	w := httptest.NewRecorder()
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.WriteString(`{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],
		"usage":{"prompt_tokens":60,"completion_tokens":40,"total_tokens":100}}`)
	return w.Result(), nil
}

func newGateway(t *testing.T, limits store.ClientLimits) *gateway {
	t.Helper()
	g := &gateway{t: t, keys: new(access.Keys)}
	channel := routex.Channel{
		Name: "c", Type: routex.TypeOpenAI, APIKey: "sk-of-the-channel", BaseURL: "http://provider.test",
		Prices: map[string]prices.Price{"*": {Rates: prices.Rates{Input: 10_000, Output: 10_000}}}, // a call costs 1
	}
	transport, err := routex.New(routex.Config{Channels: []routex.Channel{channel}, Base: roundTripper(g.provider)})
	if err != nil {
		t.Fatal(err)
	}
	r := record()
	r.Limits = limits
	g.keys.Set([]store.ClientKey{r})
	g.handler = access.New(access.Options{Keys: g.keys}).Calls(transport.Handler())
	return g
}

const call = `{"model":"m","messages":[{"role":"user","content":"hi"}]}`

func (g *gateway) call() *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r := httptest.NewRequest("POST", "/v1/chat/completions", strings.NewReader(call))
	r.Header.Set("Authorization", "Bearer "+secretKey)
	g.handler.ServeHTTP(w, r)
	return w
}

// refuses makes a call that has to be told when to come back.
func (g *gateway) refuses(retry string) {
	g.t.Helper()
	w := g.call()
	if w.Code != 429 || w.Header().Get("Retry-After") != retry || !strings.Contains(w.Body.String(), "rate_limit") {
		g.t.Errorf("status %d, Retry-After %q, want 429 and %q: %s", w.Code, w.Header().Get("Retry-After"), retry, w.Body)
	}
}

// answers makes so many calls that have to succeed.
func (g *gateway) answers(n int) {
	g.t.Helper()
	for i := range n {
		if w := g.call(); w.Code != 200 {
			g.t.Errorf("call %d of %d gets status %d: %s", i+1, n, w.Code, w.Body)
		}
	}
}

func TestRequestsInAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, store.ClientLimits{Requests: 6})
		g.answers(6)
		g.refuses("10")
		time.Sleep(10 * time.Second)
		g.answers(1)
		g.refuses("10")
		time.Sleep(time.Hour)
		g.answers(6)
		g.refuses("10")
		if len(g.seen) != 13 {
			t.Errorf("the provider got %d calls, want 13", len(g.seen))
		}
	})
}

func TestTokensInAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, store.ClientLimits{Tokens: 150})
		g.answers(2) // of 100 tokens each: the second goes over
		g.refuses("20")
		time.Sleep(20 * time.Second)
		g.refuses("1")
		time.Sleep(time.Second)
		g.answers(1)
	})
}

func TestCallsAtOneTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, store.ClientLimits{Concurrency: 1})
		g.hold = make(chan struct{})
		var first sync.WaitGroup
		first.Go(func() { g.answers(1) })
		synctest.Wait()
		g.refuses("1")
		if n := g.keys.Usage("k1").InFlight; n != 1 {
			t.Errorf("%d calls are in flight, want 1", n)
		}
		close(g.hold)
		first.Wait()
		g.answers(1)
	})
}

func TestTheBudgetOfADay(t *testing.T) {
	for name, limits := range map[string]store.ClientLimits{"tokens": {DailyTokens: 250}, "cost": {DailyCost: 2.5}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // which begins at midnight
				g := newGateway(t, limits)
				time.Sleep(time.Hour)
				g.answers(3)
				g.refuses("82800") // 23 hours
				if u := g.keys.Usage("k1"); u.Tokens != 300 || u.Cost != 3 {
					t.Errorf("used are %+v", u)
				}
				if w := g.call(); w.Header().Get("X-Should-Retry") != "false" {
					t.Error("SDKs would try again")
				}
				time.Sleep(23*time.Hour - time.Second)
				g.refuses("1")
				time.Sleep(time.Second)
				g.answers(1)
				if u := g.keys.Usage("k1"); u.Tokens != 100 {
					t.Errorf("on the next day used are %+v", u)
				}
			})
		})
	}
}

// Changes of the keys do not forget what was used, and revoking works at once.
func TestKeysChange(t *testing.T) {
	g := newGateway(t, store.ClientLimits{Requests: 1})
	g.answers(1)
	other := store.ClientKey{ID: "k2", Name: "other", Digest: access.DigestOf("sk-other").String()}
	r := record()
	r.Limits.Requests = 1
	g.keys.Set([]store.ClientKey{other, r})
	if w := g.call(); w.Code != 429 {
		t.Errorf("the count begins anew: status %d", w.Code)
	}
	g.keys.Set([]store.ClientKey{other, revoked()})
	if w := g.call(); w.Code != 401 {
		t.Errorf("a revoked key still works: status %d", w.Code)
	}
}

func TestAKeyIsBoundToItsModelsAndChannels(t *testing.T) {
	g := newGateway(t, store.ClientLimits{Models: []string{"gpt-*"}})
	if w := g.call(); w.Code != 403 || !strings.Contains(w.Body.String(), `model: \"m\" is not allowed`) {
		t.Errorf("another model: %d %s", w.Code, w.Body)
	}
	g = newGateway(t, store.ClientLimits{Channels: []string{"other"}})
	if w := g.call(); w.Code != 404 || len(g.seen) != 0 {
		t.Errorf("another channel: %d %s", w.Code, w.Body)
	}
}

// A caller who leaves does not keep its place.
func TestWhoLeavesGivesItsPlaceBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGateway(t, store.ClientLimits{Concurrency: 1})
		ctx, cancel := context.WithCancel(t.Context())
		g.hold = make(chan struct{})
		gone := make(chan any)
		go func() {
			defer func() { gone <- recover() }()
			r := httptest.NewRequestWithContext(ctx, "POST", "/v1/chat/completions", strings.NewReader(call))
			r.Header.Set("Authorization", "Bearer "+secretKey)
			g.handler.ServeHTTP(httptest.NewRecorder(), r)
		}()
		synctest.Wait()
		cancel()
		close(g.hold)
		<-gone
		if n := g.keys.Usage("k1").InFlight; n != 0 {
			t.Errorf("%d calls are in flight", n)
		}
		g.answers(1)
	})
}

// Whatever clients of the four protocols send as credentials stays here.
func TestCredentialsOfClientsNeverReachAProvider(t *testing.T) {
	g := newGateway(t, store.ClientLimits{})
	const chat = call
	for target, body := range map[string]string{
		"/v1/messages":                     `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"hi"}]}`,
		"/v1/chat/completions":             chat,
		"/v1/responses":                    `{"model":"m","input":"hi"}`,
		"/v1beta/models/m:generateContent": `{"contents":[{"parts":[{"text":"hi"}]}]}`,
		"/v1/embeddings":                   `{"model":"m","input":"hi"}`,
		"/v1/files":                        `{}`,
	} {
		for _, query := range []string{"", "?key=" + secretKey, "?beta=true&key=" + secretKey + "&access_token=" + secretKey} {
			before := len(g.seen)
			r := httptest.NewRequest("POST", target+query, strings.NewReader(body))
			for _, name := range []string{"X-Api-Key", "X-Goog-Api-Key", "Api-Key", "Cookie", "Proxy-Authorization"} {
				r.Header.Set(name, secretKey)
			}
			r.Header.Set("Authorization", "Bearer "+secretKey)
			if target == "/v1/files" { // which Google has too, for whoever shows its key
				r.Header.Del("X-Goog-Api-Key")
			}
			w := httptest.NewRecorder()
			g.handler.ServeHTTP(w, r)
			if len(g.seen) == before {
				t.Errorf("%s never got to the provider: %d %s", target+query, w.Code, w.Body)
				continue
			}
			for name, values := range g.seen[before] {
				if strings.Contains(strings.Join(values, " "), secretKey) {
					t.Errorf("%s: the provider sees %s: %s", target+query, name, values)
				}
			}
			if g.seen[before].Get("Authorization") != "Bearer sk-of-the-channel" {
				t.Errorf("%s: the channel's key is missing: %v", target, g.seen[before])
			}
		}
	}
}
