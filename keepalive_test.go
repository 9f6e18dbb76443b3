package routex_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/routextest"
)

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
func undisturbed(t *testing.T, p wire) string {
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
