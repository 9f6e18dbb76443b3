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
	for _, path := range []string{"/api", "/api/", "/api/nothing", "/metrics", "/api/openapi.json"} {
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
