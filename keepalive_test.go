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

// A caller's protocol, as the handler sees it.
type protocol struct {
	name, path, body string
	ping             string // "" for none
	channel          routex.ChannelType
	api              routex.API
}

const (
	anthropicPing = "event: ping\ndata: {\"type\": \"ping\"}\n\n"
	commentPing   = ": ping\n\n"
)

// hasPing reports a ping of the handler's, and none of the provider's own.
func hasPing(s string) bool {
	return strings.Contains(s, anthropicPing) || strings.Contains("\n"+s, "\n"+commentPing)
}

func protocols() []protocol {
	const chat = `{"model":"m","stream":true,"max_tokens":10,"messages":[{"role":"user","content":"count"}]}`
	const gemini = `{"contents":[{"role":"user","parts":[{"text":"count"}]}]}`
	return []protocol{
		{"anthropic", "/v1/messages", chat, anthropicPing, routex.TypeAnthropic, ""},
		{"chat", "/v1/chat/completions", chat, commentPing, routex.TypeOpenAI, ""},
		{"responses", "/v1/responses", `{"model":"m","stream":true,"input":"count"}`, commentPing, routex.TypeOpenAI, routex.APIResponses},
		{"gemini", "/v1beta/models/m:streamGenerateContent?alt=sse", gemini, "", routex.TypeGoogle, ""},
		{"gemini array", "/v1beta/models/m:streamGenerateContent", gemini, "", routex.TypeGoogle, ""},
	}
}

// A served is a handler over a provider, all in memory.
type served struct {
	t        *testing.T
	net      *routextest.Network
	provider *routextest.Provider
	tr       *routex.Transport
	client   *http.Client
	ended    chan *routex.Decision
}

// serveOver is for a bubble. Routex is at http://routex, the provider at http://up.
func serveOver(t *testing.T, p protocol, o routextest.Options, h routex.HandlerOptions, wrap ...func(http.Handler) http.Handler) *served {
	t.Helper()
	if o.Answer == nil {
		o.Answer = func(*routextest.Call) routextest.Answer { return routextest.Answer{Text: "one two three four"} }
	}
	s := &served{t: t, net: routextest.NewNetwork(), provider: routextest.NewProvider(o), ended: make(chan *routex.Decision, 9)}
	s.tr = newTransport(t, routex.Config{
		Channels:   []routex.Channel{{Name: "a", Type: p.channel, API: p.api, BaseURL: s.net.Add("up", s.provider), APIKey: "k"}},
		Base:       s.net.Transport(),
		Timeouts:   routex.Timeouts{Header: time.Hour, Unary: time.Hour, Idle: time.Hour},
		OnDecision: func(d *routex.Decision) { s.ended <- d },
	})
	handler := s.tr.HandlerWith(h)
	for _, f := range wrap {
		handler = f(handler)
	}
	s.net.Add("routex", handler)
	s.client = &http.Client{Transport: s.net.Transport()}
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
func (s *served) post(p protocol) *http.Response {
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

// pinged gives the times of the pings, and the answer without them.
func pinged(got []piece, ping string) (times []time.Duration, rest string) {
	for _, p := range got {
		if p.text == ping {
			times = append(times, p.at)
		} else {
			rest += p.text
		}
	}
	return times, rest
}

func isSeconds(times []time.Duration, want ...int) bool {
	if len(times) != len(want) {
		return false
	}
	for i, at := range times {
		if at != time.Duration(want[i])*time.Second {
			return false
		}
	}
	return true
}

// undisturbed is the answer of a provider to the same call.
func undisturbed(t *testing.T, p protocol) string {
	t.Helper()
	s := serveOver(t, p, routextest.Options{}, routex.HandlerOptions{})
	defer s.close()
	return readBody(t, s.post(p))
}

func TestASilentStreamIsKeptAlive(t *testing.T) {
	for _, o := range []struct {
		name  string
		given time.Duration
		pings []int // in seconds, of 40
	}{
		{"by default", 0, []int{15, 30}},
		{"every 10 s", 10 * time.Second, []int{10, 20, 30}},
		{"never", -1, nil},
	} {
		for _, p := range protocols() {
			t.Run(p.name+" "+o.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					want := undisturbed(t, p)
					s := serveOver(t, p, routextest.Options{}, routex.HandlerOptions{KeepAlive: o.given})
					defer s.close()
					s.provider.Fail(routextest.Fault{Stall: 39 * time.Second, StallAfter: 2})
					times, rest := pinged(follow(t, s.post(p).Body, time.Now()), p.ping)
					if p.ping == "" {
						o.pings = nil
					}
					if !isSeconds(times, o.pings...) {
						t.Errorf("pings came after %v, want %v", times, o.pings)
					}
					if rest != want {
						t.Errorf("the answer is\n%q\nwant\n%q", rest, want)
					}
					if d := s.decision(); !d.Succeeded() {
						t.Errorf("decision %+v", d)
					}
				})
			})
		}
	}
}

func TestAStreamThatSpeaksIsNotPinged(t *testing.T) {
	for _, p := range protocols() {
		synctest.Test(t, func(t *testing.T) {
			s := serveOver(t, p, routextest.Options{Pace: 14 * time.Second}, routex.HandlerOptions{})
			defer s.close()
			if got := readBody(t, s.post(p)); hasPing(got) {
				t.Errorf("%s: a pause of 14 s was pinged: %s", p.name, got)
			}
		})
	}
}

// Every pause counts from the last thing that was written, and not from when
// the timer happened to look.
func TestPingsCountFromTheLastEvent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := protocols()[0]
		s := serveOver(t, p, routextest.Options{Pace: 20 * time.Second}, routex.HandlerOptions{})
		defer s.close()
		start := time.Now()
		resp := s.post(p) // with the first word, after 20 s
		times, _ := pinged(follow(t, resp.Body, start), p.ping)
		if !isSeconds(times, 35, 55, 75) {
			t.Errorf("pings came after %v; words came after 20, 40, 60 and 80 s", times)
		}
	})
}

func TestWhatIsNoStreamIsNotPinged(t *testing.T) {
	for _, p := range protocols() {
		for _, early := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				s := serveOver(t, p, routextest.Options{Delay: 50 * time.Second}, routex.HandlerOptions{EarlyCommit: early})
				defer s.close()
				p.body = strings.Replace(p.body, `"stream":true`, `"stream":false`, 1)
				p.path = strings.Replace(p.path, "streamGenerateContent", "generateContent", 1)
				start := time.Now()
				resp := s.post(p)
				if took := time.Since(start); took != 50*time.Second {
					t.Errorf("%s: the header came after %v", p.name, took)
				}
				if got := readBody(t, resp); hasPing(got) || resp.ContentLength != int64(len(got)) || resp.Header.Get("X-Channel-Name") != "a" {
					t.Errorf("%s: %v %s", p.name, resp.Header, got)
				}
			})
		}
	}
}

// A pausing writer is a caller who takes long for every piece, and an
// http.ResponseWriter that knows when the handler has returned.
type pausingWriter struct {
	http.ResponseWriter
	pause    time.Duration
	returned bool
	late     int         // writes after that
	writing  atomic.Bool // somebody is
	crossed  atomic.Bool // and somebody else was
}

func (w *pausingWriter) Write(b []byte) (int, error) {
	if w.returned {
		w.late++
	}
	if w.writing.Swap(true) {
		w.crossed.Store(true)
	}
	time.Sleep(w.pause)
	n, err := w.ResponseWriter.Write(b)
	w.writing.Store(false)
	return n, err
}

func (w *pausingWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// observed gives every call such a writer, and counts what came late.
func observed(pause time.Duration, seen *[]*pausingWriter) func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			p := &pausingWriter{ResponseWriter: w, pause: pause}
			*seen = append(*seen, p)
			defer func() { p.returned = true }()
			h.ServeHTTP(p, r)
		})
	}
}

func TestASlowCallerIsNotPinged(t *testing.T) {
	for _, p := range protocols() {
		synctest.Test(t, func(t *testing.T) {
			var seen []*pausingWriter
			s := serveOver(t, p, routextest.Options{Pace: time.Second}, routex.HandlerOptions{}, observed(20*time.Second, &seen))
			defer s.close()
			if got := readBody(t, s.post(p)); hasPing(got) {
				t.Errorf("%s: a ping was put between what the caller had not read: %s", p.name, got)
			}
		})
	}
}

// An event that comes while a ping is being written waits for it.
func TestAnEventDoesNotCrossAPing(t *testing.T) {
	for _, p := range protocols()[:3] {
		synctest.Test(t, func(t *testing.T) {
			want := undisturbed(t, p)
			var seen []*pausingWriter
			s := serveOver(t, p, routextest.Options{}, routex.HandlerOptions{}, observed(2*time.Second, &seen))
			defer s.close()
			s.provider.Fail(routextest.Fault{Stall: 18 * time.Second, StallAfter: 2}) // the ping is written from 17 s to 19 s
			if got := readBody(t, s.post(p)); strings.Count(got, p.ping) != 1 || strings.Replace(got, p.ping, "", 1) != want {
				t.Errorf("%s: got %q", p.name, got)
			}
			if seen[0].crossed.Load() {
				t.Errorf("%s: two wrote at the same time", p.name)
			}
		})
	}
}

func TestNothingIsWrittenAfterTheHandlerHasReturned(t *testing.T) {
	for name, how := range map[string]routextest.Fault{
		"whole":    {},
		"cut":      {CutAfter: 2},
		"stalled":  {Stall: time.Hour, StallAfter: 2},
		"refused":  {Status: http.StatusBadRequest},
		"late":     {Stall: 20 * time.Second, Status: http.StatusBadRequest},
		"deadline": {Stall: time.Hour},
	} {
		for _, early := range []bool{false, true} {
			for _, p := range protocols() {
				synctest.Test(t, func(t *testing.T) {
					var seen []*pausingWriter
					limit := func(h http.Handler) http.Handler { return hurried(h, 50*time.Second) }
					s := serveOver(t, p, routextest.Options{}, routex.HandlerOptions{KeepAlive: time.Second, EarlyCommit: early}, limit, observed(0, &seen))
					defer s.close()
					s.provider.Fail(how)
					resp := s.post(p)
					_, _ = io.ReadAll(resp.Body) // some are broken off
					_ = resp.Body.Close()
					time.Sleep(time.Minute)
					if len(seen) != 1 || !seen[0].returned || seen[0].late != 0 {
						t.Errorf("%s, %s, early %v: %d writes came after the handler had returned", name, p.name, early, seen[0].late)
					}
				})
			}
		}
	}
}

// A line is a caller's connection, on which nothing is read unless asked for.
type line struct {
	net.Conn
	t *testing.T
}

// dial calls over a line of its own.
func (s *served) dial(p protocol) line {
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

func TestACallerWhoDoesNotReadHoldsUpNothing(t *testing.T) {
	for name, leave := range map[string]func(cancel func(), conn io.Closer){
		"cancelled": func(cancel func(), _ io.Closer) { cancel() },
		"gone":      func(_ func(), conn io.Closer) { _ = conn.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := protocols()[0]
				returned := make(chan time.Time, 1)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				s := serveOver(t, p, routextest.Options{}, routex.HandlerOptions{}, func(h http.Handler) http.Handler {
					return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						defer func() { returned <- time.Now() }()
						both, stop := context.WithCancel(r.Context())
						defer context.AfterFunc(ctx, stop)()
						h.ServeHTTP(w, r.WithContext(both))
					})
				})
				defer s.close()
				s.provider.Fail(routextest.Fault{Stall: time.Minute, StallAfter: 2})
				conn := s.dial(p)
				conn.readUntil("two ")
				time.Sleep(16 * time.Second) // a ping is being written
				left := time.Now()
				leave(cancel, conn)
				if took := (<-returned).Sub(left); took > 100*time.Millisecond {
					t.Errorf("the handler returned %v later", took)
				}
				if d := s.decision(); d.Class != "hang-up" {
					t.Errorf("decision %+v", d)
				}
				_ = conn.Close()
			})
		})
	}
}

func TestTheErrorOfALateAnswerIsToldInTheStream(t *testing.T) {
	for _, p := range protocols() {
		t.Run(p.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := serveOver(t, p, routextest.Options{}, routex.HandlerOptions{EarlyCommit: true})
				defer s.close()
				s.provider.Fail(routextest.Fault{Stall: 40 * time.Second, Status: http.StatusBadRequest, Message: "because of reasons"})
				start := time.Now()
				resp := s.post(p)
				begun := time.Since(start)
				times, rest := pinged(follow(t, resp.Body, start), p.ping)
				if !strings.Contains(rest, "because of reasons") {
					t.Errorf("got %s", rest)
				}
				if p.ping == "" {
					if begun != 40*time.Second || resp.StatusCode != http.StatusBadRequest {
						t.Errorf("%d after %v: a caller who cannot be pinged was answered early", resp.StatusCode, begun)
					}
					return
				}
				if begun != 15*time.Second || resp.StatusCode != http.StatusOK || !isSeconds(times, 15, 30) {
					t.Errorf("%d after %v, pings after %v", resp.StatusCode, begun, times)
				}
				h := resp.Header
				if !strings.HasPrefix(h.Get("Content-Type"), "text/event-stream") || len(h.Get("X-Trace-Id")) != 32 || h.Get("X-Request-Id") == "" || h["X-Channel-Id"] != nil {
					t.Errorf("header %v", h)
				}
				if looksComplete(rest) || strings.Contains(rest, "response.completed") {
					t.Errorf("it looks like a whole answer: %s", rest)
				}
				if want := string((&transform.Error{Status: 400, Message: "because of reasons"}).Frame(dialectOf(p))); p.name != "responses" && rest != want {
					t.Errorf("got %q, want %q", rest, want)
				}
				if d := s.decision(); d.Status != 400 || d.TraceID.String() != h.Get("X-Trace-Id") {
					t.Errorf("decision %+v", d)
				}
			})
		})
	}
}

func dialectOf(p protocol) transform.Dialect {
	return (&routex.Channel{Type: p.channel, API: p.api}).Dialect()
}

func TestALateAnswerFollowsItsHeader(t *testing.T) {
	for _, p := range protocols()[:3] {
		t.Run(p.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				want := undisturbed(t, p)
				s := serveOver(t, p, routextest.Options{Delay: 35 * time.Second}, routex.HandlerOptions{EarlyCommit: true})
				defer s.close()
				start := time.Now()
				times, rest := pinged(follow(t, s.post(p).Body, start), p.ping)
				if !isSeconds(times, 15, 30) || rest != want {
					t.Errorf("pings after %v, answer\n%q\nwant\n%q", times, rest, want)
				}
				if d := s.decision(); !d.Succeeded() {
					t.Errorf("decision %+v", d)
				}
			})
		})
	}
}

func TestAnErrorInTimeKeepsItsStatus(t *testing.T) {
	for _, p := range protocols() {
		synctest.Test(t, func(t *testing.T) {
			s := serveOver(t, p, routextest.Options{}, routex.HandlerOptions{EarlyCommit: true})
			defer s.close()
			s.provider.Fail(routextest.Fault{Stall: 14 * time.Second, Status: http.StatusBadRequest})
			resp := s.post(p)
			_ = readBody(t, resp)
			if resp.StatusCode != http.StatusBadRequest || resp.Header.Get("X-Channel-Name") != "a" {
				t.Errorf("%s: %d %v", p.name, resp.StatusCode, resp.Header)
			}
		})
	}
}

// The answer and the first ping are due at the same time, in any order.
func TestAnAnswerAtTheTimeOfThePing(t *testing.T) {
	for _, p := range protocols()[:3] {
		want := ""
		synctest.Test(t, func(t *testing.T) { want = undisturbed(t, p) })
		for range 20 {
			synctest.Test(t, func(t *testing.T) {
				s := serveOver(t, p, routextest.Options{Delay: routex.DefaultKeepAlive}, routex.HandlerOptions{EarlyCommit: true})
				defer s.close()
				resp := s.post(p)
				if got := strings.TrimPrefix(readBody(t, resp), p.ping); resp.StatusCode != http.StatusOK || got != want {
					t.Errorf("%d %q", resp.StatusCode, got)
				}
			})
		}
	}
}

func TestNobodyIsAnsweredEarlyUnlessAsked(t *testing.T) {
	for _, o := range []routex.HandlerOptions{{}, {EarlyCommit: true, KeepAlive: -1}} {
		for _, p := range protocols() {
			synctest.Test(t, func(t *testing.T) {
				s := serveOver(t, p, routextest.Options{}, o)
				defer s.close()
				s.provider.Fail(routextest.Fault{Stall: 40 * time.Second, Status: http.StatusBadRequest})
				if resp := s.post(p); resp.StatusCode != http.StatusBadRequest {
					t.Errorf("%s with %+v: %d", p.name, o, resp.StatusCode)
				} else {
					_ = readBody(t, resp)
				}
			})
		}
	}
}

func TestHostsDeadlineAfterAnEarlyHeader(t *testing.T) {
	for _, p := range protocols()[:3] {
		synctest.Test(t, func(t *testing.T) {
			s := serveOver(t, p, routextest.Options{Delay: 50 * time.Second}, routex.HandlerOptions{EarlyCommit: true},
				func(h http.Handler) http.Handler { return hurried(h, 20*time.Second) })
			defer s.close()
			start := time.Now()
			_, rest := pinged(follow(t, s.post(p).Body, start), p.ping)
			if took := time.Since(start); took != 20*time.Second || !strings.Contains(rest, "no answer came within the time") || looksComplete(rest) {
				t.Errorf("%s: after %v, %q", p.name, took, rest)
			}
		})
	}
}
