package routex_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/routextest"
	"github.com/dctx-team/routex/transform"
)

const (
	anthropicPing = "event: ping\ndata: {\"type\": \"ping\"}\n\n"
	commentPing   = ": ping\n\n"
)

// hasPing reports a ping of the handler's, and none of the provider's own.
func hasPing(s string) bool {
	return strings.Contains(s, anthropicPing) || strings.Contains("\n"+s, "\n"+commentPing)
}

// protocols are those of the callers that the handler knows.
func protocols() []wire {
	array := geminiWire()
	array.name, array.path = "gemini array", strings.TrimSuffix(array.path, "?alt=sse")
	return append(wires(), array)
}

// A served is a Transport over two providers, and perhaps its handler, all in
// memory. It is for a bubble.
type served struct {
	t        *testing.T
	net      *routextest.Network
	provider *routextest.Provider // of channel a
	spare    *routextest.Provider // of no channel unless a test adds one
	busy     atomic.Int64         // calls that a provider is answering
	tr       *routex.Transport
	client   *http.Client // of the handler
	ended    chan *routex.Decision
}

func newServed(t *testing.T, p wire, o routextest.Options, tweaks ...func(*routex.Config)) *served {
	t.Helper()
	if o.Answer == nil {
		o.Answer = func(*routextest.Call) routextest.Answer { return routextest.Answer{Text: "one two three four"} }
	}
	s := &served{t: t, net: routextest.NewNetwork(), provider: routextest.NewProvider(o), spare: routextest.NewProvider(o), ended: make(chan *routex.Decision, 99)}
	s.net.Add("up", s.counted(s.provider))
	s.net.Add("spare", s.counted(s.spare))
	cfg := routex.Config{
		Channels:   []routex.Channel{p.at("a", "http://up")},
		Base:       s.net.Transport(),
		Timeouts:   routex.Timeouts{Header: time.Hour, Unary: time.Hour, Idle: time.Hour},
		OnDecision: func(d *routex.Decision) { s.ended <- d },
	}
	for _, f := range tweaks {
		f(&cfg)
	}
	s.tr = newTransport(t, cfg)
	return s
}

func (s *served) counted(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.busy.Add(1)
		defer s.busy.Add(-1)
		h.ServeHTTP(w, r)
	})
}

// mount serves the Transport at http://routex.
func (s *served) mount(o routex.HandlerOptions, wraps ...func(http.Handler) http.Handler) {
	h := s.tr.HandlerWith(o)
	for _, f := range wraps {
		h = f(h)
	}
	s.net.Add("routex", h)
	s.client = &http.Client{Transport: s.net.Transport()}
}

// serveOver is a handler over one provider.
func serveOver(t *testing.T, p wire, o routextest.Options, h routex.HandlerOptions, wraps ...func(http.Handler) http.Handler) *served {
	t.Helper()
	s := newServed(t, p, o)
	s.mount(h, wraps...)
	return s
}

// close fails the test if anything of the calls is left.
func (s *served) close() {
	s.t.Helper()
	if err := s.tr.Close(s.t.Context()); err != nil {
		s.t.Errorf("a call is left open: %v", err)
	}
	s.net.Close()
}

// post asks, and gives an answer that has not been read.
func (s *served) post(p wire) *http.Response {
	s.t.Helper()
	resp, err := s.client.Post("http://routex"+p.path, "application/json", strings.NewReader(p.body))
	if err != nil {
		s.t.Fatal(err)
	}
	return resp
}

// decision is that of the call that has ended.
func (s *served) decision() *routex.Decision {
	s.t.Helper()
	synctest.Wait()
	if len(s.ended) != 1 {
		s.t.Fatalf("%d decisions were told, want 1", len(s.ended))
	}
	return <-s.ended
}

// A piece is what came of a body at one time.
type piece struct {
	at   time.Duration
	text string
}

// follow reads a body and notes when what came.
func follow(t *testing.T, body io.ReadCloser, start time.Time) []piece {
	t.Helper()
	defer func() { _ = body.Close() }()
	var got []piece
	for buf := make([]byte, 64<<10); ; {
		n, err := body.Read(buf)
		if at := time.Since(start); n > 0 && len(got) > 0 && got[len(got)-1].at == at {
			got[len(got)-1].text += string(buf[:n])
		} else if n > 0 {
			got = append(got, piece{at, string(buf[:n])})
		}
		if errors.Is(err, io.EOF) {
			return got
		}
		if err != nil {
			t.Errorf("the answer ended with %v", err)
			return got
		}
	}
}

// A line is a caller's connection, on which nothing is read unless asked for.
type line struct {
	net.Conn
	t *testing.T
}

// dial calls over a line of its own.
func (s *served) dial(p wire) line {
	s.t.Helper()
	conn, err := s.net.Transport().DialContext(s.t.Context(), "tcp", "routex:80")
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: routex\r\nContent-Length: %d\r\n\r\n%s", p.path, len(p.body), p.body); err != nil {
		s.t.Fatal(err)
	}
	return line{conn, s.t}
}

func (l line) readUntil(text string) {
	l.t.Helper()
	var got []byte
	for buf := make([]byte, 4096); !strings.Contains(string(got), text); {
		n, err := l.Read(buf)
		if err != nil {
			l.t.Fatalf("%v after %q", err, got)
		}
		got = append(got, buf[:n]...)
	}
}

// roundTrip calls the library.
func (s *served) roundTrip(ctx context.Context, p wire) (*http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://x.test"+p.path, strings.NewReader(p.body))
	if err != nil {
		s.t.Fatal(err)
	}
	return s.tr.RoundTrip(req)
}

func dialectOf(p wire) transform.Dialect {
	return (&routex.Channel{Type: p.kind, API: p.api}).Dialect()
}
