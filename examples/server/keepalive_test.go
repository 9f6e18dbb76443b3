package main

import (
	"bufio"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// awaitPing reads the lines of a stream up to a ping.
func awaitPing(t *testing.T, body *bufio.Reader) {
	t.Helper()
	for {
		line, err := body.ReadString('\n')
		if err != nil {
			t.Fatalf("the stream ended without a ping: %v", err)
		}
		if line == ": ping\n" {
			return
		}
	}
}

func TestASilentStreamIsPinged(t *testing.T) {
	u, p := newSlowUpstream(t), start(t, "-data", t.TempDir(), "-keepalive", "20ms")
	body := p.stream(u)
	awaitPing(t, body)
	close(u.finish)
	rest, err := io.ReadAll(body)
	if err != nil || !strings.Contains(string(rest), "last") || !strings.HasSuffix(string(rest), "data: [DONE]\n\n") {
		t.Errorf("after the ping comes %q (%v)", rest, err)
	}
}

func TestAStreamBeginsWithAPingIfToldTo(t *testing.T) {
	answer := make(chan struct{})
	u := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		select {
		case <-answer:
		case <-r.Context().Done():
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"error":{"message":"because of reasons","type":"invalid_request_error"}}`)
	}))
	t.Cleanup(u.Close)
	p := start(t, "-data", t.TempDir(), "-keepalive", "20ms", "-early-commit")
	p.must(201, "POST", "/api/channels", `{"name":"late","type":"openai","baseUrl":"`+u.URL+`"}`)
	resp, err := http.Post(p.url+"/v1/chat/completions", "application/json",
		strings.NewReader(`{"model":"m","stream":true,"messages":[{"role":"user","content":"hi"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body := bufio.NewReader(resp.Body)
	awaitPing(t, body)
	close(answer)
	rest, err := io.ReadAll(body)
	if err != nil || resp.StatusCode != http.StatusOK || !strings.Contains(string(rest), "because of reasons") || strings.Contains(string(rest), "[DONE]") {
		t.Errorf("%d, and after the ping %q (%v)", resp.StatusCode, rest, err)
	}
}
