package main

import (
	"bufio"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"
)

// listen begins to listen to events, with what comes next.
func (p *process) listen(query string) func(kind, part string) string {
	p.t.Helper()
	resp, err := http.Get(p.url + "/api/events" + query)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = resp.Body.Close() })
	if resp.StatusCode != 200 || resp.Header.Get("Content-Type") != "text/event-stream" {
		p.t.Fatalf("status %d, %s", resp.StatusCode, resp.Header.Get("Content-Type"))
	}
	lines := bufio.NewScanner(resp.Body)
	return func(kind, part string) string {
		p.t.Helper()
		for found := ""; lines.Scan(); {
			if name, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
				found = name
			}
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok && found == kind && strings.Contains(data, part) {
				return data
			}
		}
		p.t.Errorf("the stream ended without the event %s of %s: %v", kind, part, lines.Err())
		return ""
	}
}

func TestEventsTellWhatHappens(t *testing.T) {
	provider := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],
			"usage":{"prompt_tokens":1000,"completion_tokens":100,"total_tokens":1100}}`))
	}))
	defer provider.Close()
	p := start(t, "-data", t.TempDir())
	next := p.listen("?types=channel,decision")
	p.must(201, "POST", "/api/channels", `{"name":"a","type":"openai","baseUrl":"`+provider.URL+`"}`)
	next("channel", `"name":"a","enabled":true,"circuit":"closed"`)
	ask := func() {
		p.must(200, "POST", "/v1/chat/completions", `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}`)
	}
	ask()
	next("decision", `"cost":0.0035`)
	p.must(200, "PUT", "/api/prices/gpt-4o", `{"input":9,"output":9}`)
	ask()
	next("decision", `"cost":0.0099`)
	p.must(200, "PUT", "/api/channels/a", `{"status":"disabled"}`)
	next("channel", `"name":"a","enabled":false`)

	if resp, body := p.do("GET", "/api/events?types=decision,nonsense", ""); resp.StatusCode != 400 || !strings.Contains(body, `"types"`) {
		t.Errorf("a type that does not exist: %d %s", resp.StatusCode, body)
	}
}

// Who listens does not keep the server from stopping.
func TestEventsEndWithTheServer(t *testing.T) {
	p := start(t, "-data", t.TempDir())
	p.listen("")
	began := time.Now()
	p.signal(syscall.SIGTERM)
	if code := p.wait(); code != 0 || time.Since(began) > patience/2 {
		t.Errorf("exit code %d after %v: %s", code, time.Since(began), p.stderr)
	}
}
