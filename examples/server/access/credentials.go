package access

import (
	"net/http"
	"strings"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/transform"
)

// credentials lists what a request shows, wherever clients of the protocols put
// it: Anthropic's in one or both of two headers, Google's in the query too, and
// OpenAI's from browsers in the name of a WebSocket's protocol.
func credentials(r *http.Request) []string {
	var out []string
	if token, ok := bearer(r.Header); ok {
		out = append(out, token)
	}
	for _, name := range []string{"X-Api-Key", "X-Goog-Api-Key", "Api-Key"} {
		if value := r.Header.Get(name); value != "" {
			out = append(out, value)
		}
	}
	for token := range strings.SplitSeq(strings.Join(r.Header["Sec-Websocket-Protocol"], ","), ",") {
		if key, ok := strings.CutPrefix(strings.TrimSpace(token), "openai-insecure-api-key."); ok {
			out = append(out, key)
		}
	}
	if r.URL.RawQuery != "" && routex.DialectOf(r) == transform.Gemini {
		if key := r.URL.Query().Get("key"); key != "" {
			out = append(out, key)
		}
	}
	return out
}
