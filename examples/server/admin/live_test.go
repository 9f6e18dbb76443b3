package admin_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/examples/server/admin"
	"github.com/dctx-team/routex/examples/server/store"
)

// An upstream is a provider that answers every chat call, or with the status
// that it is set to.
type upstream struct {
	*httptest.Server
	status atomic.Int64
}

func newUpstream(t *testing.T) *upstream {
	u := new(upstream)
	u.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if status := int(u.status.Load()); status != 0 {
			w.Header().Set("Retry-After", "60")
			w.WriteHeader(status)
			_, _ = io.WriteString(w, `{"error":{"message":"no","type":"x"}}`)
			return
		}
		_, _ = io.WriteString(w, `{"id":"1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}`)
	}))
	t.Cleanup(u.Close)
	return u
}

func TestStatusAndCountersAreLive(t *testing.T) {
	u := newUpstream(t)
	h := newHost(t)
	h.must("POST", "/api/channels", `{"name":"a","type":"openai","baseUrl":"`+u.URL+`"}`, 201)
	h.routes(reviewCall)
	c := h.must("GET", "/api/channels/a", "", 200).one(t)
	if c.Status != "enabled" || c.RequestCount != 1 || c.SuccessCount != 1 || c.FailureCount != 0 || c.LastUsedAt == nil || *c.LastUsedAt < c.CreatedAt {
		t.Errorf("after a success the channel is %+v", c)
	}
	u.status.Store(http.StatusTooManyRequests)
	h.routes(reviewCall)
	c = h.must("GET", "/api/channels/a", "", 200).one(t)
	if c.Status != "rate_limited" || c.RequestCount != 2 || c.SuccessCount != 1 || c.CooldownUntil == nil {
		t.Errorf("after a 429 the channel is %+v", c)
	}
	if back := h.must("PUT", "/api/channels/a", `{"status":"rate_limited","priority":7}`, 200).one(t); back.Status != "rate_limited" || back.Priority != 7 || back.RequestCount != 2 {
		t.Errorf("sent back, the channel is %+v", back)
	}
	if off := h.must("PUT", "/api/channels/a", `{"status":"disabled"}`, 200).one(t); off.Status != "disabled" {
		t.Errorf("a channel that is limited cannot be disabled: %+v", off)
	}
	h.must("PUT", "/api/channels/a", `{"status":"enabled","apiKey":"another-account"}`, 200) // not limited
	u.status.Store(http.StatusInternalServerError)
	for range 5 {
		h.routes(reviewCall)
	}
	if c = h.must("GET", "/api/channels/a", "", 200).one(t); c.Status != "circuit_open" || c.Breaker != "open" {
		t.Errorf("after failures the channel is %+v", c)
	}
}

func TestRefusedKeysAreShown(t *testing.T) {
	u := newUpstream(t)
	h := newHost(t)
	h.must("POST", "/api/channels", `{"name":"a","type":"openai","baseUrl":"`+u.URL+`","apiKey":"sk-0123456789abc","apiKeys":["sk-9876543210xyz"]}`, 201)
	u.status.Store(http.StatusUnauthorized)
	h.routes(reviewCall)
	c := h.must("GET", "/api/channels/a", "", 200).one(t)
	if c.Status != "enabled" || len(c.Keys) != 2 {
		t.Fatalf("the channel is %+v", c)
	}
	for i, want := range []string{"sk-0****9abc", "sk-9****0xyz"} {
		if k := c.Keys[i]; k.Key != want || k.RetiredUntil == nil || *k.RetiredUntil < c.UpdatedAt || k.Why != "refused with status 401: key_invalid" {
			t.Errorf("key %d is shown as %+v", i, k)
		}
	}
	u.status.Store(http.StatusForbidden)
	h.must("PUT", "/api/channels/a", `{"apiKey":"sk-5555555555555","apiKeys":[]}`, 200)
	h.routes(reviewCall)
	c = h.must("GET", "/api/channels/a", "", 200).one(t)
	if k := c.Keys[0]; len(c.Keys) != 1 || k.RetiredUntil != nil || len(k.Models) != 1 {
		t.Errorf("a key that is refused for a model is shown as %+v", c.Keys)
	}
}

func TestWeightZeroDrains(t *testing.T) {
	u := newUpstream(t)
	h := newHost(t)
	h.must("POST", "/api/channels", `{"name":"drained","type":"openai","baseUrl":"`+u.URL+`","weight":0}`, 201)
	h.must("POST", "/api/channels", `{"name":"other","type":"openai","baseUrl":"`+u.URL+`"}`, 201)
	for range 20 {
		if _, channel := h.routes(reviewCall); channel != "other" {
			t.Fatalf("a call went to %q", channel)
		}
	}
	h.must("DELETE", "/api/channels/other", "", 200)
	if _, channel := h.routes(reviewCall); channel != "drained" {
		t.Errorf("with nobody else a call went to %q", channel)
	}
}

// failing is a store whose writes fail.
type failing struct {
	store.Store
	err error
}

func (f failing) Write(context.Context, store.Change) error { return f.err }

func TestAWriteThatCannotBeStoredHasNoEffect(t *testing.T) {
	var log strings.Builder
	first := newHost(t)
	first.must("POST", "/api/channels", `{"name":"a","type":"openai","models":["a"]}`, 201)
	first.must("POST", "/api/routing/rules", `{"name":"r","type":"default","targetModel":"m"}`, 201)
	h := newHostOn(t, failing{first.store, errors.New("secret disk trouble")}, func(o *admin.Options) {
		o.Logger = slog.New(slog.NewJSONHandler(&log, nil))
	})
	for _, c := range [][3]string{
		{"POST", "/api/channels", `{"name":"b","type":"openai","models":["b"]}`},
		{"PUT", "/api/channels/a", `{"models":["b"]}`},
		{"DELETE", "/api/channels/a", ""},
		{"POST", "/api/routing/rules", `{"name":"s","type":"default","targetModel":"m"}`},
		{"PUT", "/api/routing/rules/r", `{"priority":1}`},
		{"DELETE", "/api/routing/rules/r", ""},
		{"PUT", "/api/strategy", `{"strategy":"weighted"}`},
	} {
		log.Reset()
		a := h.call(c[0], c[1], c[2])
		if a.status != 503 || a.Error.Code != "DATABASE_UNAVAILABLE" || strings.Contains(a.body, "secret") {
			t.Errorf("%s %s gives %d %s", c[0], c[1], a.status, a.body)
		}
		if !strings.Contains(log.String(), "secret disk trouble") || !strings.Contains(log.String(), a.header.Get("X-Request-Id")) {
			t.Errorf("the log of %s %s is %q", c[0], c[1], log.String())
		}
	}
	if models := h.transport.Models(); len(models) != 1 || models[0] != "a" {
		t.Errorf("served are %q", models)
	}
	if a := h.must("GET", "/api/strategy", "", 200); !strings.Contains(a.body, "priority") {
		t.Errorf("the strategy is %s", a.body)
	}
	taken := newHostOn(t, failing{first.store, store.ErrConflict})
	if a := taken.call("POST", "/api/channels", `{"name":"b","type":"openai"}`); a.status != 409 {
		t.Errorf("a conflict in the store gives %d %s", a.status, a.body)
	}
}

func TestNewSaysWhatIsWrong(t *testing.T) {
	transport, err := routex.New(routex.Config{})
	if err != nil {
		t.Fatal(err)
	}
	h := newHost(t)
	if _, err := admin.New(t.Context(), admin.Options{Transport: transport}); err == nil {
		t.Error("New works without a Store")
	}
	if err := h.store.Write(t.Context(), store.Change{PutChannels: []store.Channel{{ID: "x", Name: "x", Type: "old"}}}); err != nil {
		t.Fatal(err)
	}
	_, err = admin.New(t.Context(), admin.Options{Transport: transport, Store: h.store})
	if err == nil || !strings.Contains(err.Error(), "Channels[0].Type") {
		t.Errorf("New with a channel of an unknown type gives %v", err)
	}
	if err := h.store.Write(t.Context(), store.Change{DropChannels: []string{"x"}, PutSettings: map[string]string{"strategy": "old"}}); err != nil {
		t.Fatal(err)
	}
	_, err = admin.New(t.Context(), admin.Options{Transport: transport, Store: h.store})
	if err == nil || !strings.Contains(err.Error(), `"old"`) {
		t.Errorf("New with an unknown strategy gives %v", err)
	}
}
