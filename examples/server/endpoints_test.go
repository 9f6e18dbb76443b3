package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
)

// fileKeeper is an upstream that mints the id file-<name>.
func fileKeeper(t *testing.T, name string) *httptest.Server {
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"object":"file","id":"file-%s"}`, name)
	}))
	t.Cleanup(s.Close)
	return s
}

func TestIDsStayWithTheirChannelAcrossRestarts(t *testing.T) {
	data := t.TempDir()
	p := start(t, "-data", data)
	for _, name := range []string{"a", "b"} {
		p.must(201, "POST", "/api/channels", fmt.Sprintf(`{"name":%q,"type":"openai","baseUrl":%q}`, name, fileKeeper(t, name).URL))
	}
	p.must(200, "POST", "/v1/files", "{}", "X-Routex-Channel", "b")
	for range 2 {
		resp, body := p.must(200, "GET", "/v1/files/file-b", "")
		if resp.Header.Get("X-Channel-Name") != "b" || !strings.Contains(body, "file-b") {
			t.Errorf("it went to %q: %s", resp.Header.Get("X-Channel-Name"), body)
		}
		p.must(400, "GET", "/v1/files/file-unheard", "")
		p.signal(syscall.SIGTERM)
		if code := p.wait(); code != 0 {
			t.Fatalf("exit code %d: %s", code, p.stderr)
		}
		p = start(t, "-data", data)
	}
}

func TestWhatAgentsAskOfAGateway(t *testing.T) {
	p := start(t, "-demo", "-data", t.TempDir())
	p.must(200, "HEAD", "/", "")
	const body = `{"model":"gpt-4o","messages":[{"role":"user","content":"How many tokens are these?"}]}`
	if _, got := p.must(200, "POST", "/v1/messages/count_tokens?beta=true", body); !strings.HasPrefix(got, `{"input_tokens":`) {
		t.Errorf("counted by nobody: %s", got)
	}
	if _, got := p.must(200, "POST", "/v1/messages/count_tokens", strings.Replace(body, "gpt-4o", "claude-opus-4", 1)); !strings.Contains(got, `"input_tokens":`) {
		t.Errorf("counted by the provider: %s", got)
	}
	if _, got := p.must(200, "GET", "/v1/models?limit=1000", "", "Anthropic-Version", "2023-06-01"); !strings.Contains(got, `"display_name":"claude-opus-4"`) {
		t.Errorf("models: %s", got)
	}
	if _, got := p.must(200, "GET", "/v1beta/models", ""); !strings.Contains(got, `"name":"models/gpt-4o"`) {
		t.Errorf("models for Gemini: %s", got)
	}
	p.must(200, "POST", "/v1/embeddings", `{"model":"gpt-4o","input":"x"}`)
	resp, _ := p.must(404, "GET", "/v1/models/nope", "", "X-Request-Id", "mine")
	if resp.Header.Get("X-Request-Id") != "mine" {
		t.Errorf("header %v", resp.Header)
	}
}
