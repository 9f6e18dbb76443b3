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

// For many receivers the path of the URL is the credential.
func TestTheURLsOfTeesAreMasked(t *testing.T) {
	h, _ := newTeeHost(t)
	for i, tt := range []struct{ url, shown string }{
		{"https://hooks.slack.com/services/T01234567/B01234567/AbCdEfGhIjKlMnOpQrStUvWx", "https://hooks.slack.com/services/T01234567/B01234567/AbCd****UvWx"},
		{"https://discord.com/api/webhooks/123456789012345678/a_Token-with_dashes-and-9", "https://discord.com/api/webhooks/1234****5678/a_To****nd-9"},
		{"https://open.feishu.cn/open-apis/bot/v2/hook/0198c0de-aaaa-bbbb-cccc-0123456789ab", "https://open.feishu.cn/open-apis/bot/v2/hook/0198****89ab"},
		{"https://api.telegram.org/bot123456:ABC-DEF1234ghIkl-zyx/sendMessage", "https://api.telegram.org/bot1****-zyx/sendMessage"},
		{"https://x.test/in/sk-short", "https://x.test/in/****"},
		{"https://x.test/incoming-webhook-of-routex/v1/records", "https://x.test/incoming-webhook-of-routex/v1/records"},
		{"https://x.test/abcdefghijklmnopqrstuvwx%2f%41/", "https://x.test/abcd****f%41/"},
		{"https://0123456789abcdef@x.test:8443?a&b=&c=some-secret-value", "https://0123****cdef@x.test:8443?a&b=&c=some****alue"},
	} {
		name := string(rune('a' + i))
		made := h.must("POST", "/api/tee", `{"name":"`+name+`","type":"webhook","url":`+quote(tt.url)+`}`, 201)
		if got := made.tee(t).URL; got != tt.shown {
			t.Errorf("%s is shown as %s", tt.url, got)
		}
		if list := h.must("GET", "/api/tee", "", 200).body; tt.url != tt.shown && strings.Contains(list, tt.url) {
			t.Errorf("the list is %s", list)
		}
		h.must("PUT", "/api/tee/"+name, `{"url":`+quote(tt.shown)+`}`, 200)
		if kept := h.storedTee(t, name).URL; kept != tt.url {
			t.Errorf("what is sent back as it was shown makes %s of %s", kept, tt.url)
		}
	}
	if a := h.call("PUT", "/api/tee/a", `{"url":"https://hooks.slack.com/services/T01234567/B01234567/AbCd****UvWy"}`); a.status != 400 {
		t.Errorf("a mask of something else is taken: %s", a.body)
	}
}
