package routex

import (
	"cmp"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/dctx-team/routex/transform"
)

// DefaultKeepAlive is how long a streamed answer is silent before the handler
// writes a ping.
const DefaultKeepAlive = 15 * time.Second

// HandlerOptions say how a [Transport] is served over HTTP. The zero value is
// what [Transport.Handler] uses.
type HandlerOptions struct {
	// KeepAlive is how long the streamed answer of a model may be silent
	// before a ping is written, so that nothing on the way takes it for dead:
	// a ping event for callers of Anthropic's protocol, a comment for those
	// of OpenAI's. Clients of Gemini know no harmless ping and get none. 0
	// means [DefaultKeepAlive]; a negative value means no pings.
	KeepAlive time.Duration
	// EarlyCommit lets pings begin before the answer does: when the first is
	// due, a caller who can be pinged and has asked for a stream gets the
	// status 200 and the ping, while channels are still being tried. A failure
	// that is known by then still is an answer with its own status; a later
	// one is told by an error event in the caller's protocol, which clients do
	// not retry by themselves. Of the headers only X-Request-Id, X-Trace-Id
	// and X-Span-Id are known so early; the others are lost. The Decision has
	// the status that the answer would have had.
	EarlyCommit bool
}

// Handler is HandlerWith for the zero HandlerOptions.
func (t *Transport) Handler() http.Handler { return t.HandlerWith(HandlerOptions{}) }

// HandlerWith serves the pipeline over HTTP: calls to language models at any
// path that ends like a provider's, the list of models below /v1/models and
// /v1beta/models, and whatever else a provider has below /v1, which passes
// unchanged. Every answer carries the headers X-Request-Id (the provider's, the
// caller's or a new one), X-Trace-Id and X-Span-Id, and, where they apply,
// X-Channel-Id, X-Channel-Name, X-Latency-Ms (to the headers), X-Routing-Rule
// and X-Routex-Attempts. HEAD / gets a 200 at once, any other path a 404.
//
// A streamed answer is handed on as it comes. Only pieces that come within a
// millisecond after one was sent wait for its end, and are sent together: they,
// and pings, are flushed by another goroutine than that of ServeHTTP, which
// never does so while that writes, or has ended.
//
// A trace that the caller names in W3C's traceparent goes on, unless the context
// of the request has a span.
//
// The handler checks no credentials; those that arrive are never sent on.
func (t *Transport) HandlerWith(o HandlerOptions) http.Handler {
	return handler{t, cmp.Or(o.KeepAlive, DefaultKeepAlive), o.EarlyCommit}
}

type handler struct {
	t     *Transport
	pings time.Duration // between them; not above 0 for none
	early bool
}

func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header()["X-Request-Id"] = []string{requestID(r.Header)}
	r = parentOf(r)
	models, lists := modelPathOf(r)
	e := endpointOf(r, true)
	if e.kind != noProvider && (!lists || e.kind != passesOn) {
		h.proxy(w, r, e)
		return
	}
	identify(w.Header(), r)
	switch {
	case lists:
		h.t.serveModels(w, r, models)
	case r.Method == http.MethodHead && r.URL.Path == "/": // whether somebody is there
		w.WriteHeader(http.StatusOK)
	default:
		e := transform.Error{Status: http.StatusNotFound, Code: "unknown_url", Message: "nothing is served at " + r.URL.Path}
		writeBody(w, e.Status, e.Body(dialectOfHeader(r)))
	}
}

// requestID is what the caller calls its request, or a new name for it.
func requestID(h http.Header) string {
	if id := h.Get("X-Request-Id"); id != "" && len(id) <= 128 && validHeaderValue(id) {
		return id
	}
	id := append(make([]byte, 0, 32), "req_"...) // random, not secret
	id = strconv.AppendUint(id, rand.Uint64(), 36)
	return string(strconv.AppendUint(id, rand.Uint64(), 36))
}

// withoutForwarding leaves out what tells of the hops before this one.
func withoutForwarding(h http.Header) http.Header {
	out := make(http.Header, len(h))
	for name, values := range h {
		switch name {
		case "Forwarded", "Via", "X-Real-Ip":
		default:
			if !strings.HasPrefix(name, "X-Forwarded-") {
				out[name] = values
			}
		}
	}
	return out
}

func writeBody(w http.ResponseWriter, status int, body []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// dialectOfHeader tells which provider's client asks, where the path does not.
func dialectOfHeader(r *http.Request) transform.Dialect {
	switch {
	case r.Header["Anthropic-Version"] != nil:
		return transform.Anthropic
	case r.Header["X-Goog-Api-Key"] != nil:
		return transform.Gemini
	}
	return transform.OpenAIChat
}
