package admin_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/dctx-team/routex/examples/server/secret"
	"github.com/dctx-team/routex/examples/server/store"
)

// A channel whose secrets the master key does not open is shown as broken,
// asks nobody, and works again with new secrets or with the right key.
func TestAWrongMasterKeyBreaksChannels(t *testing.T) {
	var asked atomic.Int64
	var leaked atomic.Bool
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		for _, values := range r.Header {
			leaked.Store(leaked.Load() || strings.Contains(strings.Join(values, ""), "sealed:"))
		}
		leaked.Store(leaked.Load() || strings.Contains(r.URL.String(), "sealed"))
		_, _ = w.Write([]byte(`{"id":"1","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}]}`))
	}))
	defer upstream.Close()
	kept, err := store.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	right := secret.NewKey()
	newHostOn(t, secret.Wrap(kept, right)).must("POST", "/api/channels",
		`{"name":"c","type":"openai","baseUrl":"`+upstream.URL+`","apiKey":"sk-0123456789abc","apiKeys":["sk-a123456789abc"],"headers":{"X-Team":"red"},"models":["m"]}`, 201)

	h := newHostOn(t, secret.Wrap(kept, secret.NewKey()))
	call := func() int {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("POST", "/v1/chat/completions", strings.NewReader(`{"model":"m","messages":[{"role":"user","content":"x"}]}`))
		h.transport.Handler().ServeHTTP(w, r)
		return w.Code
	}
	shows := func(want string) string {
		t.Helper()
		a := h.must("GET", "/api/channels/c", "", 200)
		if got := a.one(t).Status; got != want {
			t.Errorf("the channel is %q, want %q: %s", got, want, a.body)
		}
		if strings.Contains(a.body, "sealed") {
			t.Errorf("sealed text is shown: %s", a.body)
		}
		return string(a.Data)
	}
	body := shows("broken")
	for _, field := range []string{"apiKey", "apiKeys", `headers[\"X-Team\"]`, "problem"} {
		if !strings.Contains(body, field) {
			t.Errorf("%q is missing in %s", field, body)
		}
	}
	if status := call(); status != 503 {
		t.Errorf("a call gets status %d, want 503", status)
	}
	if a := h.call("GET", "/health/ready", ""); a.status != 503 {
		t.Errorf("ready says %d, want 503", a.status)
	}
	// What was shown comes back: nothing changes, and the right key still opens it.
	h.must("PUT", "/api/channels/c", body, 200)
	h.must("PUT", "/api/channels/c", `{"priority":3}`, 200)
	shows("broken")
	again := newHostOn(t, secret.Wrap(kept, right)).must("GET", "/api/channels/c", "", 200).one(t)
	if again.Status != "enabled" || again.APIKey != "sk-0****9abc" || again.Headers["X-Team"] != "red" || again.Priority != 3 {
		t.Errorf("with the right key the channel is %+v", again)
	}
	// New secrets make it whole.
	h.must("PUT", "/api/channels/c", `{"apiKey":"sk-new456789abc"}`, 200)
	shows("broken")
	h.must("PUT", "/api/channels/c", `{"apiKeys":[],"headers":{"X-Team":"blue"}}`, 200)
	shows("enabled")
	if asked.Load() != 0 {
		t.Errorf("%d calls were sent while the channel was broken", asked.Load())
	}
	if status := call(); status != 200 || asked.Load() != 1 || leaked.Load() {
		t.Errorf("status %d after %d calls, sealed text sent: %v", status, asked.Load(), leaked.Load())
	}
	if a := h.call("PUT", "/api/channels/c", `{"status":"broken"}`); a.status != 400 {
		t.Errorf("a channel can be set to broken: %s", a.body)
	}
}
