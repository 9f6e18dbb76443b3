package routex_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/routextest"
)

// A moment is what a call is busy with when its caller leaves.
type moment struct {
	name     string
	unary    bool
	first    routextest.Fault // of channel a
	then     routextest.Fault // of channel b, if there is to be one
	two      bool             // there is
	after    time.Duration    // from the call
	begun    bool             // the header has reached the caller
	attempts int
}

func moments() []moment {
	const never = 1000 * time.Hour
	return []moment{
		{name: "no header yet", first: routextest.Fault{Stall: never}, after: 3 * time.Second, attempts: 1},
		{name: "no header yet, not streamed", unary: true, first: routextest.Fault{Stall: never}, after: 3 * time.Second, attempts: 1},
		{name: "no token yet", first: routextest.Fault{Stall: never, StallAfter: -1}, after: 3 * time.Second, attempts: 1},
		{name: "between two events", first: routextest.Fault{Stall: never, StallAfter: 2}, after: 3 * time.Second, begun: true, attempts: 1},
		{name: "waiting for a channel that rests", first: routextest.Fault{Status: 429, RetryAfter: 4 * time.Second}, after: time.Second, attempts: 1},
		{name: "waiting, not streamed", unary: true, first: routextest.Fault{Status: 429, RetryAfter: 4 * time.Second}, after: time.Second, attempts: 1},
		{name: "before the same channel is asked again", first: routextest.Fault{Status: 500}, after: 60 * time.Millisecond, attempts: 1},
		{name: "at the second channel", two: true, first: routextest.Fault{Status: 503}, then: routextest.Fault{Stall: never}, after: time.Second, attempts: 2},
		{name: "while another goes on with it", two: true, first: routextest.Fault{CutAfter: 2, Times: -1}, then: routextest.Fault{Stall: never}, after: 3 * time.Second, begun: true, attempts: 3},
		{name: "before another goes on with it", first: routextest.Fault{CutAfter: 2, Times: -1}, after: 60 * time.Millisecond, begun: true, attempts: 1},
	}
}

// A way is how a caller makes a call, and leaves it.
type way struct {
	name  string
	begun bool // it is possible only once the header has come
	idle  bool // nobody reads the answer, so that nobody sees it break off
	call  func(s *served, p wire) (leave func())
}

func ways() []way {
	return []way{
		{"context", false, false, func(s *served, p wire) func() {
			ctx, cancel := context.WithCancel(s.t.Context())
			done := make(chan error, 1)
			go func() {
				resp, err := s.roundTrip(ctx, p)
				if err == nil {
					_, err = io.ReadAll(resp.Body)
					_ = resp.Body.Close()
				}
				done <- err
			}()
			return func() {
				cancel()
				if err := <-done; !errors.Is(err, context.Canceled) {
					s.t.Errorf("the call ended with %v", err)
				}
			}
		}},
		{"context, while nobody reads", true, true, func(s *served, p wire) func() {
			ctx, cancel := context.WithCancel(s.t.Context())
			resp, err := s.roundTrip(ctx, p)
			if err != nil {
				s.t.Fatal(err)
			}
			return func() {
				cancel()
				if _, err := io.ReadAll(resp.Body); !errors.Is(err, context.Canceled) {
					s.t.Errorf("the body ended with %v", err)
				}
				_ = resp.Body.Close()
			}
		}},
		{"Close, while nobody reads", true, true, func(s *served, p wire) func() {
			resp, err := s.roundTrip(s.t.Context(), p)
			if err != nil {
				s.t.Fatal(err)
			}
			return func() { _ = resp.Body.Close() }
		}},
		{"Close, while somebody reads", true, false, func(s *served, p wire) func() {
			resp, err := s.roundTrip(s.t.Context(), p)
			if err != nil {
				s.t.Fatal(err)
			}
			done := make(chan error, 1)
			go func() {
				_, err := io.ReadAll(resp.Body)
				done <- err
			}()
			return func() {
				_ = resp.Body.Close()
				if err := <-done; err == nil {
					s.t.Error("an answer that was left looks whole to its reader")
				}
			}
		}},
		{"connection", false, false, func(s *served, p wire) func() {
			s.mount(routex.HandlerOptions{})
			conn := s.dial(p)
			go func() { _, _ = io.Copy(io.Discard, conn) }()
			return func() { _ = conn.Close() }
		}},
		{"connection of a caller who was answered early", false, false, func(s *served, p wire) func() {
			s.mount(routex.HandlerOptions{EarlyCommit: true, KeepAlive: 7 * time.Millisecond})
			conn := s.dial(p)
			go func() { _, _ = io.Copy(io.Discard, conn) }()
			return func() { _ = conn.Close() }
		}},
		{"the context of an HTTP client", false, false, func(s *served, p wire) func() {
			s.mount(routex.HandlerOptions{})
			ctx, cancel := context.WithCancel(s.t.Context())
			go func() {
				req, _ := http.NewRequestWithContext(ctx, http.MethodPost, "http://routex"+p.path, strings.NewReader(p.body))
				if resp, err := s.client.Do(req); err == nil {
					_, _ = io.Copy(io.Discard, resp.Body)
					_ = resp.Body.Close()
				}
			}()
			return cancel
		}},
	}
}

// A caller's hang-up reaches the provider at once, wherever the call is, is
// settled once, and is nobody's failure.
func TestAHangUpIsHeardAtOnceAndCountsForNobody(t *testing.T) {
	for _, m := range moments() {
		for _, w := range ways() {
			if w.begun && !m.begun {
				continue
			}
			for _, p := range protocols() {
				if m.unary {
					p = p.unary()
				}
				t.Run(m.name+"/"+w.name+"/"+p.name, func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { hangUp(t, m, w, p) })
				})
			}
		}
	}
}

func hangUp(t *testing.T, m moment, w way, p wire) {
	s := newServed(t, p, routextest.Options{}, func(c *routex.Config) {
		if m.two {
			spare := p.at("b", "http://spare")
			spare.Priority = 9
			c.Channels = append(c.Channels, spare)
		}
	})
	s.provider.Fail(m.first)
	s.spare.Fail(m.then)
	leave := w.call(s, p)
	time.Sleep(m.after)
	left := time.Now()
	leave()
	if took := time.Since(left); took > 100*time.Millisecond {
		t.Errorf("the call went on for %v", took)
	}
	time.Sleep(time.Until(left.Add(100 * time.Millisecond)))
	d := s.decision()
	if n := s.busy.Load(); n != 0 {
		t.Errorf("a provider has not heard of it")
	}
	if d.Class != breaker.HangUp || d.Duration == 0 || d.Succeeded() {
		t.Errorf("decision %+v", d)
	}
	n := s.provider.Count() + s.spare.Count()
	if w.idle {
		m.attempts = 1
	}
	if len(d.Attempts) != n || n != m.attempts {
		t.Errorf("%d attempts, and the providers got %d calls; want %d", len(d.Attempts), n, m.attempts)
	}
	for _, a := range d.Attempts {
		if a.Duration == 0 {
			t.Errorf("an attempt is not over: %+v", a)
		}
	}
	var requests int64
	for _, c := range s.tr.Status() {
		requests += c.Requests
		failures := int64(0)
		for _, a := range d.Attempts {
			if a.Channel == c.Name && a.Class != breaker.HangUp {
				failures++
			}
		}
		if c.InFlight != 0 || c.Failures != failures || c.Successes != 0 || c.Circuit != breaker.Closed {
			t.Errorf("status %+v; attempts %+v", c, d.Attempts)
		}
	}
	if requests != int64(n) {
		t.Errorf("%d attempts were settled, of %d", requests, n)
	}
	s.close()
	time.Sleep(time.Hour) // whatever is left of it must not ask again
	if len(s.ended) != 0 || s.provider.Count()+s.spare.Count() != n {
		t.Errorf("%d decisions more, %d calls in all", len(s.ended), s.provider.Count()+s.spare.Count())
	}
}

// settled fails the test unless the call that has just been left is over.
func (s *served) settled(attempts int) {
	s.t.Helper()
	time.Sleep(100 * time.Millisecond)
	d := s.decision()
	if d.Class != breaker.HangUp || len(d.Attempts) != attempts {
		s.t.Errorf("decision %+v", d)
	}
	for _, a := range d.Attempts {
		if a.Class != breaker.HangUp || a.Duration == 0 {
			s.t.Errorf("attempt %+v", a)
		}
	}
	if n := s.busy.Load(); n != 0 {
		s.t.Errorf("%d calls are still being answered", n)
	}
	for _, c := range s.tr.Status() {
		if c.InFlight != 0 {
			s.t.Errorf("status %+v", c)
		}
	}
}

func TestAHangUpDuringAProbeFreesIt(t *testing.T) {
	for _, fault := range []routextest.Fault{{Stall: time.Hour}, {Stall: time.Hour, StallAfter: -1}, {Stall: time.Hour, StallAfter: 2}} {
		for _, w := range ways() {
			if w.begun && fault.StallAfter != 2 {
				continue
			}
			t.Run(w.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					p := protocols()[0]
					s := newServed(t, p, routextest.Options{}, func(c *routex.Config) {
						c.Breaker = breaker.Settings{Failures: 1, OpenFor: time.Second}
					})
					defer s.close()
					s.provider.Fail(routextest.Fault{Status: 503}, fault)
					resp, err := s.roundTrip(t.Context(), p)
					if err != nil {
						t.Fatal(err)
					}
					_ = readBody(t, resp)
					<-s.ended
					if c := s.tr.Status()[0]; c.Circuit != breaker.Open {
						t.Fatalf("status %+v", c)
					}
					time.Sleep(2 * time.Second)
					leave := w.call(s, p)
					time.Sleep(time.Second)
					leave()
					s.settled(1)
					resp, err = s.roundTrip(t.Context(), p)
					if err != nil {
						t.Fatal(err)
					}
					_ = readBody(t, resp)
					if c := s.tr.Status()[0]; resp.StatusCode != http.StatusOK || c.Circuit != breaker.Closed || c.Failures != 1 {
						t.Errorf("the probe was lost: %d, %+v", resp.StatusCode, c)
					}
				})
			})
		}
	}
}

func TestAHangUpCancelsBothOfTwoThatRace(t *testing.T) {
	for _, w := range ways() {
		if w.begun {
			continue
		}
		t.Run(w.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p := protocols()[0]
				s := newServed(t, p, routextest.Options{Delay: time.Second}, func(c *routex.Config) {
					spare := p.at("b", "http://spare")
					spare.Priority = 9
					c.Channels, c.Hedging.Share = append(c.Channels, spare), 1
				})
				defer s.close()
				for range 30 { // until it is known what is late
					resp, err := s.roundTrip(t.Context(), p)
					if err != nil {
						t.Fatal(err)
					}
					_ = readBody(t, resp)
					<-s.ended
				}
				s.provider.Always(routextest.Fault{Stall: time.Hour})
				s.spare.Always(routextest.Fault{Stall: time.Hour})
				leave := w.call(s, p)
				time.Sleep(5 * time.Second)
				leave()
				s.settled(2)
			})
		})
	}
}

// The provider is in the middle of a body that is read whole.
func TestAHangUpIsHeardInTheMiddleOfABody(t *testing.T) {
	for name, status := range map[string]int{"answer": http.StatusOK, "error": http.StatusBadRequest} {
		for _, w := range ways() {
			if w.begun {
				continue
			}
			t.Run(name+"/"+w.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					p := protocols()[0].unary()
					s := newServed(t, p, routextest.Options{}, func(c *routex.Config) { c.Channels[0].BaseURL = "http://slow" })
					defer s.close()
					s.net.Add("slow", s.counted(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
						_, _ = io.Copy(io.Discard, r.Body)
						w.Header().Set("Content-Type", "application/json")
						w.WriteHeader(status)
						_, _ = io.WriteString(w, `{"type":`)
						_ = http.NewResponseController(w).Flush()
						<-r.Context().Done()
					})))
					leave := w.call(s, p)
					time.Sleep(time.Second)
					leave()
					s.settled(1)
				})
			})
		}
	}
}

// A broken writer is a caller whose connection net/http does not watch.
type brokenWriter struct{ http.ResponseWriter }

func (brokenWriter) Write([]byte) (int, error) { return 0, errCut }

func TestAnAnswerThatCannotBeWrittenIsAHangUp(t *testing.T) {
	for _, p := range protocols() {
		synctest.Test(t, func(t *testing.T) {
			s := newServed(t, p, routextest.Options{})
			defer s.close()
			s.provider.Fail(routextest.Fault{Stall: time.Hour, StallAfter: 2})
			func() {
				defer func() {
					if recover() != http.ErrAbortHandler { //nolint:errorlint // net/http compares so
						t.Error("the handler returned, which ends the answer")
					}
				}()
				r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, p.path, strings.NewReader(p.body))
				s.tr.Handler().ServeHTTP(brokenWriter{httptest.NewRecorder()}, r)
			}()
			s.settled(1)
		})
	}
}
