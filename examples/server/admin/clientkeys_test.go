package admin_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/dctx-team/routex/examples/server/access"
	"github.com/dctx-team/routex/examples/server/admin"
)

type shownClient struct {
	ID, Name, Key                     string
	Channels, Models                  []string
	RequestsPerMinute, MaxConcurrency int64
	TokensPerMinute, DailyTokens      int64
	DailyCost                         float64
	RevokedAt                         *int64
}

func clientOf(t *testing.T, a answer) (k shownClient) {
	t.Helper()
	if err := json.Unmarshal(a.Data, &k); err != nil {
		t.Fatalf("data: %v: %s", err, a.body)
	}
	return k
}

func TestClientKeys(t *testing.T) {
	keys := new(access.Keys)
	h := newHost(t, func(o *admin.Options) { o.Keys = keys })
	guarded := access.New(access.Options{Keys: keys}).Calls(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	status := func(key string) int {
		r := httptest.NewRequest("POST", "/v1/messages", nil)
		r.Header.Set("X-Api-Key", key)
		w := httptest.NewRecorder()
		guarded.ServeHTTP(w, r)
		return w.Code
	}
	channel := h.must("POST", "/api/channels", `{"name":"c","type":"openai"}`, 201).one(t)
	made := h.must("POST", "/api/keys", `{"name":"laptop","channels":["c"],"models":["gpt-*"],"requestsPerMinute":60,"tokensPerMinute":1000,"maxConcurrency":4,"dailyTokens":5,"dailyCost":2.5}`, 201)
	k := clientOf(t, made)
	if !strings.HasPrefix(k.Key, "sk-routex-") || len(k.Key) < 30 || made.header.Get("Location") != "/api/keys/"+k.ID {
		t.Errorf("the key is made as %s, header %v", made.body, made.header)
	}
	if got := status(k.Key); got != 200 {
		t.Errorf("with the new key a call gets status %d", got)
	}
	for _, path := range []string{"/api/keys/" + k.ID, "/api/keys/laptop", "/api/keys"} {
		if a := h.must("GET", path, "", 200); strings.Contains(a.body, k.Key) {
			t.Errorf("GET %s shows the key again", path)
		}
	}
	got := clientOf(t, h.must("GET", "/api/keys/laptop", "", 200))
	if !slices.Equal(got.Channels, []string{channel.ID}) || got.RequestsPerMinute != 60 || got.TokensPerMinute != 1000 ||
		got.MaxConcurrency != 4 || got.DailyTokens != 5 || got.DailyCost != 2.5 || got.RevokedAt != nil {
		t.Errorf("the key is kept as %+v", got)
	}
	if a := h.call("POST", "/api/keys", `{"name":"laptop"}`); a.status != 409 {
		t.Errorf("a second key of that name: %d %s", a.status, a.body)
	}
	shown := h.must("GET", "/api/keys/laptop", "", 200)
	h.must("PUT", "/api/keys/laptop", string(shown.Data), 200) // sent back as shown
	if got := clientOf(t, h.must("PUT", "/api/keys/laptop", `{"requestsPerMinute":0}`, 200)); got.RequestsPerMinute != 0 || got.TokensPerMinute != 1000 {
		t.Errorf("after a change of one limit it is %+v", got)
	}

	again := newHostOn(t, h.store, func(o *admin.Options) { o.Keys = keys }) // a new start
	if got := status(k.Key); got != 200 {
		t.Errorf("after a new start a call gets status %d", got)
	}
	again.must("DELETE", "/api/keys/laptop", "", 200)
	if got := status(k.Key); got != 401 {
		t.Errorf("with the revoked key a call gets status %d", got)
	}
	if got := clientOf(t, again.must("GET", "/api/keys/"+k.ID, "", 200)); got.RevokedAt == nil {
		t.Errorf("the revoked key is %+v", got)
	}
	if a := again.call("GET", "/api/keys/laptop", ""); a.status != 404 {
		t.Errorf("its name still leads to it: %s", a.body)
	}
	if next := clientOf(t, again.must("POST", "/api/keys", `{"name":"laptop"}`, 201)); status(next.Key) != 200 || next.ID == k.ID {
		t.Errorf("its name cannot be used again: %+v", next)
	}
}

func TestMistakesOfClientKeys(t *testing.T) {
	h := newHost(t)
	a := h.call("POST", "/api/keys", `{"channels":["nobody"],"models":[""],"requestsPerMinute":-1,"tokensPerMinute":1.5,"maxConcurrency":"x","dailyTokens":null,"dailyCost":-1,"colour":"red"}`)
	want := []string{"channels[0]", "colour", "dailyCost", "maxConcurrency", "models[0]", "name", "requestsPerMinute", "tokensPerMinute"}
	got := a.fields()
	slices.Sort(got)
	if a.status != 400 || !slices.Equal(got, want) {
		t.Errorf("status %d, mistakes in %q, want %q: %s", a.status, got, want, a.body)
	}
	if a := h.call("POST", "/api/keys", `{"name":"mine","key":"sk-routex-of-my-own"}`); a.status != 400 || !slices.Equal(a.fields(), []string{"key"}) {
		t.Errorf("a key of one's own: %d %s", a.status, a.body)
	}
	made := h.must("POST", "/api/keys", `{"name":"mine","key":null}`, 201)
	h.must("PUT", "/api/keys/mine", string(made.Data), 200)
	h.must("PUT", "/api/keys/mine", string(h.must("GET", made.header.Get("Location"), "", 200).Data), 200)
	for _, key := range []string{`"sk-routex-of-my-own"`, `5`} {
		if a := h.call("PUT", "/api/keys/mine", `{"key":`+key+`}`); a.status != 400 || !slices.Equal(a.fields(), []string{"key"}) {
			t.Errorf("another key %s: %d %s", key, a.status, a.body)
		}
	}
	for _, method := range []string{"GET", "PUT", "DELETE"} {
		if a := h.call(method, "/api/keys/nobody", map[bool]string{true: "{}"}[method == "PUT"]); a.status != 404 {
			t.Errorf("%s of an unknown key: %d %s", method, a.status, a.body)
		}
	}
	if a := h.call("PATCH", "/api/keys", "{}"); a.status != 405 || a.header.Get("Allow") != "GET, HEAD, POST" {
		t.Errorf("PATCH: %d, Allow %q", a.status, a.header.Get("Allow"))
	}
}
