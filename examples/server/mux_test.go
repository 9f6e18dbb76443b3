package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestWhoServesWhat(t *testing.T) {
	says := func(name string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, name) })
	}
	m := newMux(says("admin"), says("calls"), `1."2`)
	const pointer = `{"name":"Routex","version":"1.\"2","channels":"/api/channels","rules":"/api/routing/rules","health":"/health","models":"/v1/models"}`
	for request, want := range map[string]string{
		"POST /v1/messages":         "calls",
		"GET /v1/models":            "calls",
		"POST /chat/completions":    "calls",
		"GET /apis":                 "calls",
		"GET /healthy":              "calls",
		"POST /":                    "calls",
		"GET /favicon.ico":          "calls",
		"GET /api":                  "admin",
		"GET /api/":                 "admin",
		"GET /api/channels":         "admin",
		"GET /health":               "admin",
		"GET /health/ready":         "admin",
		"GET /metrics":              "admin",
		"GET /":                     pointer,
		"POST /openai/v1/messages":  "calls",
		"POST /api/v1/messages":     "admin",
		"GET /api%2Fchannels":       "admin",
		"DELETE /v1/whatever/there": "calls",
	} {
		method, path, _ := strings.Cut(request, " ")
		w := httptest.NewRecorder()
		m.ServeHTTP(w, httptest.NewRequest(method, path, nil))
		if w.Code != 200 || w.Body.String() != want {
			t.Errorf("%s: %d %q, want %q", request, w.Code, w.Body, want)
		}
	}
	server := httptest.NewServer(m)
	defer server.Close()
	resp, err := http.Head(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != 200 {
		t.Errorf("HEAD /: status %d, want 200", resp.StatusCode)
	}
}
