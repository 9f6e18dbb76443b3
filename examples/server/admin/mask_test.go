package admin_test

import (
	"strings"
	"testing"
)

// What begins like a credential is one, whatever its header or parameter is
// called.
func TestCredentialsAreMaskedWhateverTheyAreCalled(t *testing.T) {
	h := newHost(t)
	const value, asShown = "sk-verysecretvalue-1234", "sk-v****1234"
	if got := h.call("POST", "/api/channels", `{"name":"a","type":"openai","baseUrl":"https://o.test/x?for=`+value+`&tenant=1","headers":{"X-Custom":"`+value+`","X-Mode":"plain"}}`); got.status != 201 {
		t.Fatal(got.body)
	}
	shown := h.call("GET", "/api/channels/a", "").body
	exported := h.call("GET", "/api/channels/export", "").body
	for _, text := range []string{shown, exported} {
		if strings.Contains(text, value) || !strings.Contains(text, `"X-Mode":"plain"`) || !strings.Contains(text, "tenant=1") {
			t.Errorf("it shows %s", text)
		}
	}
	if !strings.Contains(shown, `"X-Custom":"`+asShown+`"`) || !strings.Contains(shown, "for="+asShown+"&") {
		t.Errorf("the masks are not in %s", shown)
	}
	if got := h.call("PUT", "/api/channels/a", `{"baseUrl":"https://o.test/x?for=`+asShown+`&tenant=1","headers":{"X-Custom":"`+asShown+`","X-Mode":"other"}}`); got.status != 200 {
		t.Error(got.body)
	}
	if got := h.call("POST", "/api/channels/import", exported[:len(exported)-1]+`,"replaceExisting":true}`); got.status != 200 {
		t.Error(got.body)
	}
	kept, err := h.store.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if c := kept.Channels[0]; c.Headers["X-Custom"] != value || c.Headers["X-Mode"] != "plain" || c.BaseURL != "https://o.test/x?for="+value+"&tenant=1" {
		t.Errorf("what is kept is %v at %s", c.Headers, c.BaseURL)
	}
}
