package routex

import (
	"math"
	"net/http"
	"strconv"

	"github.com/dctx-team/routex/transform"
)

// DialectOf tells in whose protocol a request to a [Transport.Handler] is made,
// by its path and headers.
func DialectOf(r *http.Request) transform.Dialect {
	if models, ok := modelPathOf(r); ok {
		return models.dialect
	}
	if e := endpointOf(r, true); e.kind != noProvider {
		return e.dialect
	}
	return dialectOfHeader(r)
}

// WriteError answers a request with e in the caller's own protocol: for hosts
// that refuse some of them before a [Transport.Handler] sees them, such as those
// without a key of theirs. RetryAfter becomes a header in whole seconds, and the
// answer carries X-Request-Id, X-Trace-Id and X-Span-Id as those of the handler
// do.
func WriteError(w http.ResponseWriter, r *http.Request, e *transform.Error) {
	d, h := DialectOf(r), w.Header()
	h["X-Request-Id"] = []string{requestID(r.Header)}
	identify(h, parentOf(r))
	if e.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(e.RetryAfter.Seconds()))))
	}
	writeBody(w, e.StatusFor(d), e.Body(d))
}
