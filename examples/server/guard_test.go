package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// reach turns the address of a server on all addresses into one to dial.
func (p *process) reach() *process {
	_, port, _ := strings.Cut(strings.Replace(p.url, "[::]", "0.0.0.0", 1), "0.0.0.0")
	p.url = "http://127.0.0.1" + port
	return p
}

func TestOnlyTheAdminManagesAServerThatOthersCanReach(t *testing.T) {
	const token = "a-token-of-the-admin"
	t.Setenv("ROUTEX_ADMIN_TOKEN", token)
	p := start(t, "-demo", "-addr", "0.0.0.0:0", "-data", t.TempDir()).reach()
	resp, body := p.must(401, "GET", "/api/channels", "")
	if resp.Header.Get("WWW-Authenticate") == "" || !strings.Contains(body, `"code":"AUTHENTICATION_ERROR"`) {
		t.Errorf("header %v, body %s", resp.Header, body)
	}
	for _, path := range []string{"/api", "/api/", "/api/nothing", "/metrics", "/api/openapi.json", "/health/../api/channels", "/api%2Fchannels"} {
		p.must(401, "GET", path, "")
	}
	p.must(401, "POST", "/api/channels", `{"name":"x","type":"openai"}`, "Authorization", "Bearer wrong")
	p.must(200, "GET", "/api/channels", "", "Authorization", "Bearer "+token)
	p.must(403, "POST", "/api/channels", `{"name":"x","type":"openai"}`, "Authorization", "Bearer "+token, "Sec-Fetch-Site", "cross-site")
	p.must(200, "GET", "/health", "")
	p.must(200, "GET", "/health/ready", "")
	if _, body := p.must(401, "POST", "/v1/messages", messagesCall, "X-Api-Key", "sk-ant-any"); !strings.Contains(body, "authentication_error") {
		t.Errorf("a call without a client key: %s", body)
	}
	p.must(401, "POST", "/chat/completions", chatCall)
	p.must(401, "GET", "/v1/models", "")

	p = start(t, "-demo", "-addr", "0.0.0.0:0", "-open-v1", "-data", t.TempDir()).reach()
	p.must(200, "POST", "/v1/messages", messagesCall, "X-Api-Key", "sk-ant-any")
	p.must(401, "GET", "/api/channels", "")
}

func TestTheLoopbackIsOpenOnlyToThisMachine(t *testing.T) {
	p := start(t, "-demo", "-data", t.TempDir())
	p.must(200, "GET", "/api/channels", "")
	p.must(401, "GET", "/api/channels", "", "X-Forwarded-For", "1.2.3.4")
	p.must(200, "POST", "/v1/messages", messagesCall, "X-Forwarded-For", "1.2.3.4", "X-Api-Key", "sk-ant-any")
	p = start(t, "-demo", "-loopback-auth", "-data", t.TempDir())
	p.must(401, "GET", "/api/channels", "")
}

func TestTheAdminTokenIsMadeOnce(t *testing.T) {
	data := t.TempDir()
	pattern := regexp.MustCompile(`admin token, which is shown only now: (\S+)\n`)
	p := start(t, "-loopback-auth", "-data", data)
	eventually(t, "the token is printed", func() bool { return pattern.MatchString(p.stdout.String()) })
	token := pattern.FindStringSubmatch(p.stdout.String())[1]
	p.must(200, "GET", "/api/channels", "", "Authorization", "Bearer "+token)
	p.stop()
	for _, name := range []string{"routex.db", "routex.db-wal"} {
		if b, err := os.ReadFile(filepath.Join(data, name)); err == nil && strings.Contains(string(b), token) {
			t.Errorf("%s holds the token", name)
		}
	}
	p = start(t, "-loopback-auth", "-data", data)
	p.must(200, "GET", "/api/channels", "", "Authorization", "Bearer "+token)
	p.stop()
	if out := p.stdout.String(); strings.Contains(out, "admin token") {
		t.Errorf("the second start prints %s", out)
	}
	code, out := once(t, "-new-admin-token", "-data", data)
	if code != 0 || !pattern.MatchString(out) {
		t.Fatalf("code %d: %s", code, out)
	}
	p = start(t, "-loopback-auth", "-data", data)
	p.must(401, "GET", "/api/channels", "", "Authorization", "Bearer "+token)
	p.must(200, "GET", "/api/channels", "", "Authorization", "Bearer "+pattern.FindStringSubmatch(out)[1])
}

// Whoever has a key is bound by its limits, and the rules know who it is.
func TestCallsWithClientKeys(t *testing.T) {
	p := start(t, "-demo", "-data", t.TempDir())
	p.must(200, "POST", "/v1/messages", messagesCall)
	_, body := p.must(201, "POST", "/api/keys", `{"name":"laptop","requestsPerMinute":4,"models":["gpt-*","claude-opus-4"]}`)
	key := decode[struct{ Data struct{ Key string } }](t, body).Data.Key
	p.must(201, "POST", "/api/routing/rules", `{"name":"of the laptop","type":"custom","condition":{"metadata":{"client":"^laptop$"}},"targetChannel":"demo-openai","targetModel":"gpt-4o"}`)
	p.must(401, "POST", "/v1/messages", messagesCall)
	resp, _ := p.must(200, "POST", "/v1/messages", messagesCall, "X-Api-Key", key)
	if resp.Header.Get("X-Routing-Rule") != "of the laptop" || resp.Header.Get("X-Channel-Name") != "demo-openai" {
		t.Errorf("the rule for the client does not hold: %v", resp.Header)
	}
	p.must(200, "POST", "/v1/chat/completions", streamed(chatCall), "Authorization", "Bearer "+key)
	p.must(403, "POST", "/v1/messages", strings.Replace(messagesCall, "opus", "sonnet", 1), "X-Api-Key", key)
	if _, list := p.must(200, "GET", "/v1/models", "", "Authorization", "Bearer "+key); strings.Contains(list, "claude-sonnet-4") || !strings.Contains(list, "claude-opus-4") {
		t.Errorf("models: %s", list)
	}
	for path, part := range map[string]string{
		"/v1/messages": `"rate_limit_error"`, "/v1/chat/completions": `"rate_limit_exceeded"`, "/v1beta/models/gpt-4o:generateContent": `"RESOURCE_EXHAUSTED"`,
	} {
		resp, body := p.must(429, "POST", path, chatCall, "X-Api-Key", key)
		if !strings.Contains(body, part) || !regexp.MustCompile(`^\d+$`).MatchString(resp.Header.Get("Retry-After")) {
			t.Errorf("%s over the limit: Retry-After %q, %s", path, resp.Header.Get("Retry-After"), body)
		}
	}
	if _, shown := p.must(200, "GET", "/api/keys/laptop", ""); !strings.Contains(shown, `"inFlight":0`) || strings.Contains(shown, `"tokensToday":0`) {
		t.Errorf("what was used is shown as %s", shown)
	}
	p.must(200, "DELETE", "/api/keys/laptop", "")
	p.must(401, "POST", "/v1/messages", messagesCall, "X-Api-Key", key)
	p.must(401, "POST", "/v1/messages", messagesCall)
}
