package routex_test

import (
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/routextest"
	"github.com/dctx-team/routex/transform"
)

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
