package routex_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/transform"
)

func TestAHostRefusesInTheCallersProtocol(t *testing.T) {
	tests := []struct {
		method, path, header string
		dialect              transform.Dialect
		part                 string // of the body
	}{
		{"POST", "/v1/messages?beta=true", "", transform.Anthropic, `"type":"error"`},
		{"POST", "/v1/messages/count_tokens", "", transform.Anthropic, `"type":"error"`},
		{"POST", "/v1/messages/batches", "", transform.Anthropic, `"type":"error"`},
		{"GET", "/v1/models", "Anthropic-Version", transform.Anthropic, `"type":"error"`},
		{"GET", "/v1/models", "", transform.OpenAIChat, `{"error":{"message":"no"`},
		{"POST", "/v1/chat/completions", "", transform.OpenAIChat, `{"error":{"message":"no"`},
		{"POST", "/v1/responses", "", transform.OpenAIResponses, `{"error":{"message":"no"`},
		{"POST", "/v1/files", "", transform.OpenAIChat, `{"error":{"message":"no"`},
		{"POST", "/v1beta/models/m:streamGenerateContent?alt=sse", "", transform.Gemini, `"status":"RESOURCE_EXHAUSTED"`},
		{"GET", "/v1beta/models", "", transform.Gemini, `"status":"RESOURCE_EXHAUSTED"`},
		{"POST", "/somewhere", "", transform.OpenAIChat, `{"error":{"message":"no"`},
	}
	for _, tt := range tests {
		r := httptest.NewRequest(tt.method, tt.path, nil)
		r.Header.Set("X-Request-Id", "mine")
		if tt.header != "" {
			r.Header.Set(tt.header, "x")
		}
		if d := routex.DialectOf(r); d != tt.dialect {
			t.Errorf("%s %s is of %s, want %s", tt.method, tt.path, d, tt.dialect)
		}
		w := httptest.NewRecorder()
		routex.WriteError(w, r, &transform.Error{Status: http.StatusTooManyRequests, Message: "no", RetryAfter: 1500 * time.Millisecond})
		h := w.Header()
		if w.Code != 429 || h.Get("Retry-After") != "2" || h.Get("X-Request-Id") != "mine" || h.Get("Content-Type") != "application/json" ||
			!strings.Contains(w.Body.String(), tt.part) {
			t.Errorf("%s %s: status %d, header %v, body %s", tt.method, tt.path, w.Code, h, w.Body)
		}
	}
}
