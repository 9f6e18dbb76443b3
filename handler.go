package routex

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	oteltrace "go.opentelemetry.io/otel/trace"

	"github.com/dctx-team/routex/trace"
	"github.com/dctx-team/routex/transform"
)

// Handler serves the pipeline over HTTP: calls to language models at any path
// that ends like a provider's, the list of models below /v1/models and
// /v1beta/models, and whatever else a provider has below /v1, which passes
// unchanged. Every answer carries the headers X-Request-Id (the provider's, the
// caller's or a new one), X-Trace-Id and X-Span-Id, and, where they apply,
// X-Channel-Id, X-Channel-Name, X-Latency-Ms (to the headers), X-Routing-Rule
// and X-Routex-Attempts. HEAD / gets a 200 at once, any other path a 404.
//
// The handler checks no credentials; those that arrive are never sent on.
func (t *Transport) Handler() http.Handler { return handler{t} }

type handler struct{ t *Transport }

func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header()["X-Request-Id"] = []string{requestID(r.Header)}
	models, lists := modelPathOf(r)
	e := endpointOf(r, true)
	if e.kind != noProvider && (!lists || e.kind != passesOn) {
		h.proxy(w, r, e)
		return
	}
	traceID, spanID := trace.IDs(oteltrace.SpanContext{})
	w.Header()["X-Trace-Id"], w.Header()["X-Span-Id"] = []string{traceID.String()}, []string{spanID.String()}
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
	return "req_" + rand.Text()
}

// proxy sends a call through the pipeline. The whole request is read before
// anything is sent on: an answer that overtakes the request would cut it.
func (h handler) proxy(w http.ResponseWriter, r *http.Request, e endpoint) {
	ctx, rec := WithRecord(r.Context())
	in := r.WithContext(ctx)
	in.Header = withoutForwarding(r.Header)
	if r.Body != http.NoBody {
		in.Body = &timedBody{ReadCloser: r.Body, control: http.NewResponseController(w)}
	}
	resp, err := h.t.roundTrip(in, e)
	if err != nil {
		tooLate(w, rec, e.dialect, err)
		return
	}
	defer closeQuietly(resp.Body)
	header := w.Header()
	maps.Copy(header, resp.Header)
	for _, name := range described { // an upstream may be a Routex too
		delete(header, name)
	}
	rec.describe(header)
	if e.files {
		throughHere(header, r)
	}
	if resp.StatusCode == http.StatusSwitchingProtocols {
		maps.Copy(resp.Header, header)
		serveTunnel(w, resp)
		return
	}
	streamed := resp.ContentLength < 0
	if !streamed {
		header["Content-Length"] = []string{strconv.FormatInt(resp.ContentLength, 10)}
	}
	w.WriteHeader(resp.StatusCode)
	if copyBody(w, resp.Body, streamed) != nil {
		panic(http.ErrAbortHandler) // the answer must not look whole
	}
}

// tooLate ends a call whose context has ended: the caller has left, or a
// deadline that the host has set is over while the caller still waits.
func tooLate(w http.ResponseWriter, rec *Record, dialect transform.Dialect, err error) {
	if !errors.Is(err, context.DeadlineExceeded) {
		panic(http.ErrAbortHandler) // to return would be to answer 200
	}
	rec.describe(w.Header())
	e := transform.Error{Status: http.StatusGatewayTimeout, Message: "no answer came within the time that the server allows"}
	writeBody(w, e.Status, e.Body(dialect))
}

// bodyIdle is how long a caller may pause while it sends a request.
const bodyIdle = time.Minute

// timedBody gives up on a caller that stops in the middle of a request. The
// limit ends with the request: an answer may take as long as it does.
type timedBody struct {
	io.ReadCloser
	control *http.ResponseController
}

func (b *timedBody) Read(p []byte) (int, error) {
	_ = b.control.SetReadDeadline(time.Now().Add(bodyIdle)) // a writer without deadlines has none
	n, err := b.ReadCloser.Read(p)
	if err != nil {
		_ = b.control.SetReadDeadline(time.Time{})
	}
	return n, err
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

// described are the headers that describe sets.
var described = [...]string{"X-Trace-Id", "X-Span-Id", "X-Latency-Ms", "X-Channel-Id", "X-Channel-Name", "X-Routex-Attempts", "X-Routing-Rule"}

// describe says in headers what was decided.
func (r *Record) describe(h http.Header) {
	r.mu.Lock()
	defer r.mu.Unlock()
	d := r.d
	if d == nil {
		return
	}
	h["X-Trace-Id"] = []string{d.TraceID.String()}
	h["X-Span-Id"] = []string{d.SpanID.String()}
	h["X-Latency-Ms"] = []string{strconv.FormatInt(d.FirstByte.Milliseconds(), 10)}
	if d.Channel != "" {
		h["X-Channel-Id"] = []string{headerText(d.ChannelID)}
		h["X-Channel-Name"] = []string{headerText(d.Channel)}
		h["X-Routex-Attempts"] = []string{strconv.Itoa(len(d.Attempts))}
	}
	if d.Rule != "" {
		h["X-Routing-Rule"] = []string{headerText(d.Rule)}
	}
}

var copyBuffers = sync.Pool{New: func() any { return new([16 << 10]byte) }}

// copyBody hands an answer on. A streamed one is flushed after every piece.
func copyBody(w http.ResponseWriter, body io.Reader, streamed bool) error {
	buf := copyBuffers.Get().(*[16 << 10]byte)
	defer copyBuffers.Put(buf)
	flush := http.NewResponseController(w)
	for {
		n, err := body.Read(buf[:])
		if n > 0 {
			if _, werr := w.Write(buf[:n]); werr != nil {
				return werr
			}
			if streamed {
				_ = flush.Flush() // a writer that cannot flush still gets it all
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
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
