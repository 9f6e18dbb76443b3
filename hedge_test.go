package routex_test

import (
	"context"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/routextest"
)

// hedged is a lab in which so many calls have shown that the first provider
// may take a quarter of a second until its first word. The calls to come find
// it faster.
func hedged(t *testing.T, share float64, calls int) (l *lab, first, second *site) {
	t.Helper()
	first, second = at("first", chatWire()), at("second", chatWire())
	l = newLab(t, routex.Config{Hedging: routex.Hedging{Share: share}}, first, second)
	for range calls {
		first.Fail(routextest.Fault{Stall: 200 * time.Millisecond, StallAfter: -1})
		h := l.hear(chatWire(), func(r *http.Request) { *r = *r.WithContext(routex.WithChannel(r.Context(), "first")) })
		if !h.whole() || h.tried() != "first" {
			t.Fatalf("a call for one channel: %s, %+v", h.tried(), h)
		}
	}
	return l, first, second
}

func TestALateChannelIsOutrun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, first, _ := hedged(t, 1, 30)
		first.Fail(routextest.Fault{Stall: time.Hour, StallAfter: -1})
		h := l.hear(chatWire())
		synctest.Wait()
		if !h.whole() || h.d.Channel != "second" || h.took > 2*time.Second {
			t.Fatalf("after %v from %q: %+v", h.took, h.d.Channel, h)
		}
		if a := h.d.Attempts; len(a) != 2 || a[0].Hedge || !a[1].Hedge || a[0].Class != breaker.HangUp || a[1].Class != breaker.OK {
			t.Errorf("the attempts are %+v", a)
		}
		if late := h.d.Attempts[1].StartedAt.Sub(h.d.Attempts[0].StartedAt); late < 240*time.Millisecond || late > 300*time.Millisecond {
			t.Errorf("the second was asked after %v, and not when the first was late", late)
		}
		calls := first.Calls()
		if last := calls[len(calls)-1]; last.Gone.IsZero() || last.Gone.Sub(last.Time) > 500*time.Millisecond {
			t.Errorf("the loser was not cancelled when the other had spoken: %v", last.Gone.Sub(last.Time))
		}
		if s := l.Status()[0]; s.Failures != 0 || s.InFlight != 0 || s.Circuit != breaker.Closed {
			t.Errorf("being slower counts against the loser: %+v", s)
		}
	})
}

func TestWhoIsLateMayStillWin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, first, second := hedged(t, 1, 30)
		first.Fail(routextest.Fault{Stall: 300 * time.Millisecond, StallAfter: -1})
		second.Fail(routextest.Fault{Stall: time.Hour})
		h := l.hear(chatWire())
		if !h.whole() || h.d.Channel != "first" || h.tried() != "first second" {
			t.Errorf("from %q of %q: %+v", h.d.Channel, h.tried(), h)
		}
	})
}

func TestTheOtherIsAwaitedWhenOneOfTwoFails(t *testing.T) {
	for name, faults := range map[string][2]routextest.Fault{
		"the first":  {{Stall: 400 * time.Millisecond, Status: 400}, {}},
		"the second": {{Stall: time.Second, StallAfter: -1}, {Status: 500}},
	} {
		runInBubble(t, name, func(t *testing.T) {
			l, first, second := hedged(t, 1, 30)
			first.Fail(faults[0])
			second.Fail(faults[1])
			if h := l.hear(chatWire()); !h.whole() || h.tried() != "first second" {
				t.Errorf("%s: %+v", h.tried(), h)
			}
		})
	}
}

// The share bounds what hedging costs, however many are late.
func TestHedgesKeepToTheirShare(t *testing.T) {
	for share, most := range map[float64]int{0: 0, 0.1: 13, 1: 100} {
		synctest.Test(t, func(t *testing.T) {
			l, first, second := hedged(t, share, 30)
			for range 100 {
				first.Fail(routextest.Fault{Stall: 5 * time.Second, StallAfter: -1})
				if h := l.hear(chatWire()); !h.whole() {
					t.Fatalf("%+v", h)
				}
			}
			if n := len(second.Calls()); n > most || n < most/2 {
				t.Errorf("share %v: %d of 130 calls were hedged", share, n)
			}
		})
	}
}

func TestNobodyIsLateWhoIsNotKnown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, first, _ := hedged(t, 1, 5)
		first.Fail(routextest.Fault{Stall: 2 * time.Second, StallAfter: -1})
		if h := l.hear(chatWire()); !h.whole() || h.tried() != "first" {
			t.Errorf("%s: %+v", h.tried(), h)
		}
	})
}

// slow makes the next calls of both providers silent after the header.
func slow(first, second *site, one, other time.Duration) {
	first.Fail(routextest.Fault{Stall: one, StallAfter: -1})
	second.Fail(routextest.Fault{Stall: other, StallAfter: -1})
}

func TestHedgedCallMayCrossProtocols(t *testing.T) {
	everyWire(t, func(t *testing.T, caller, channel wire) {
		first, second := at("first", channel), at("second", chatWire())
		l := newLab(t, routex.Config{Hedging: routex.Hedging{Share: 1}}, first, second)
		for range 20 {
			l.hear(caller)
		}
		for range 3 { // either may win
			slow(first, second, time.Hour, 0)
			if h := l.hear(caller); !h.whole() || h.d.Channel != "second" || h.d.Usage.Output != 12 || h.took > 2*time.Second {
				t.Errorf("after %v: %s\n%+v", h.took, h.raw, h.d)
			}
			slow(first, second, time.Second, time.Hour)
			if h := l.hear(caller); !h.whole() || h.d.Channel != "first" || h.tried() != "first second" || h.d.Usage.Output != 12 {
				t.Errorf("after %v: %s\n%+v", h.took, h.raw, h.d)
			}
		}
	})
}

func TestBothOfAHedgedCallFail(t *testing.T) {
	for name, test := range map[string]struct {
		first, second routextest.Fault
		status        int
		tried         string
	}{
		"the first sooner": {routextest.Fault{Stall: time.Second, Status: 503}, routextest.Fault{Stall: 5 * time.Second, Status: 500}, 500, "first second second"},
		"the other sooner": {routextest.Fault{Stall: 5 * time.Second, Status: 503}, routextest.Fault{Stall: time.Second, Status: 500}, 500, "first second second"},
		"both once more":   {routextest.Fault{Stall: time.Second, Status: 500}, routextest.Fault{Stall: 2 * time.Second, Status: 500}, 500, "first second first second"},
		"one is refused":   {routextest.Fault{Stall: time.Second, Status: 400}, routextest.Fault{Reset: true}, 400, "first second"},
		"refused first":    {routextest.Fault{Stall: time.Second, Status: 400}, routextest.Fault{Stall: 2 * time.Second, Status: 503}, 400, "first second"},
	} {
		runInBubble(t, name, func(t *testing.T) {
			l, first, second := hedged(t, 1, 30)
			test.first.Times, test.second.Times = -1, -1
			first.Always(test.first)
			second.Always(test.second)
			h := l.hear(chatWire())
			if h.status != test.status || h.fault == "" || h.tried() != test.tried || h.took > 12*time.Second {
				t.Errorf("%d after %v, tried %q: %s\n%+v", h.status, h.took, h.tried(), h.raw, h.d)
			}
		})
	}
}

// What follows from the failure of one does so whoever of the two it is, and
// though the other is still awaited.
func TestWhatFollowsFromAFailureDoesSoInAHedgedCallToo(t *testing.T) {
	window := func(s *site, tokens int) *site {
		s.change = func(c *routex.Channel) { c.ContextWindow = map[string]int{"m": tokens} }
		return s
	}
	late := 400 * time.Millisecond
	for name, test := range map[string]struct {
		first, second routextest.Fault
		third         bool
		tried         string
		within        time.Duration
	}{
		"it is asked once more":                      {routextest.Fault{Stall: late, Status: 500}, routextest.Fault{Stall: time.Second, Status: 503}, false, "first second first", 5 * time.Second},
		"it is asked once more, for one is silent":   {routextest.Fault{Stall: late, Status: 500}, routextest.Fault{Stall: time.Hour}, false, "first second first", 15 * time.Second},
		"it has another key":                         {routextest.Fault{Stall: late, Code: routextest.KeyInvalid}, routextest.Fault{Stall: time.Second, Status: 503}, false, "first second first", 5 * time.Second},
		"only a larger window will do":               {routextest.Fault{Stall: late, Code: routextest.ContextTooLong}, routextest.Fault{Stall: time.Second, Status: 503}, true, "first second large", 5 * time.Second},
		"only a larger window will do, second fails": {routextest.Fault{Stall: time.Second, Status: 503}, routextest.Fault{Code: routextest.ContextTooLong}, true, "first second large", 5 * time.Second},
	} {
		runInBubble(t, name, func(t *testing.T) {
			first, second := window(at("first", chatWire()), 1000), window(at("second", chatWire()), 1000)
			keyed := first.change
			first.change = func(c *routex.Channel) {
				keyed(c)
				c.APIKey, c.APIKeys = "", []string{"one", "two"}
			}
			sites := []*site{first, second}
			if test.third {
				sites = append(sites, window(at("small", chatWire()), 500), window(at("large", chatWire()), 2000))
			}
			l := newLab(t, routex.Config{Hedging: routex.Hedging{Share: 1}}, sites...)
			for range 30 {
				first.Fail(routextest.Fault{Stall: 200 * time.Millisecond, StallAfter: -1})
				l.hear(chatWire(), func(r *http.Request) { *r = *r.WithContext(routex.WithChannel(r.Context(), "first")) })
			}
			first.Fail(test.first)
			second.Fail(test.second)
			if h := l.hear(chatWire()); !h.whole() || h.tried() != test.tried || h.took > test.within {
				t.Errorf("%d after %v, tried %q: %s\n%+v", h.status, h.took, h.tried(), h.raw, h.d)
			}
		})
	}
}

// One of two says that the call is at fault, and the other answers it: then it
// is not, and the answer may be rescued.
func TestAnsweredCallIsNotAtFault(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		l, first, second := hedged(t, 1, 30)
		first.Fail(routextest.Fault{Stall: 400 * time.Millisecond, Status: 400})
		second.Fail(routextest.Fault{Stall: time.Second, StallAfter: -1, CutAfter: 7})
		if h := l.hear(chatWire()); !h.whole() || h.tried() != "first second second" {
			t.Errorf("tried %q: %s\n%+v", h.tried(), h.raw, h.d)
		}
	})
}

// Who is asked beside another may be on probation: to lose is no failure of it,
// and leaves the probe to the next call.
func TestProbeThatIsOutrunIsFree(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		l, first, second := hedged(t, 1, 30)
		toSecond := func(r *http.Request) { *r = *r.WithContext(routex.WithChannel(r.Context(), "second")) }
		for range 5 {
			second.Fail(routextest.Fault{Status: 503})
			l.hear(chatWire(), toSecond)
		}
		if s := l.Status()[1]; s.Circuit != breaker.Open {
			t.Fatalf("the circuit is %v", s.Circuit)
		}
		time.Sleep(16 * time.Second)
		slow(first, second, 400*time.Millisecond, time.Hour)
		if h := l.hear(chatWire()); !h.whole() || h.tried() != "first second" || h.d.Channel != "first" {
			t.Fatalf("from %q of %q: %+v", h.d.Channel, h.tried(), h)
		}
		if s := l.Status()[1]; s.Circuit != breaker.HalfOpen || s.InFlight != 0 {
			t.Errorf("after the lost race: %+v", s)
		}
		if h := l.hear(chatWire(), toSecond); !h.whole() || l.Status()[1].Circuit != breaker.Closed {
			t.Errorf("the probe is lost: %d %s, %+v", h.status, h.raw, l.Status()[1])
		}
	})
}

// A winner that breaks off may be followed by the one that it outran.
func TestLoserMayGoOnWithTheAnswerOfTheWinner(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		l, first, second := hedged(t, 1, 30)
		first.Fail(routextest.Fault{Stall: time.Hour, StallAfter: -1})
		second.Fail(overloadAfter(7))
		if h := l.hear(chatWire()); !h.whole() || h.tried() != "first second first" || h.d.Channel != "first" {
			t.Errorf("tried %q: %s\n%+v", h.tried(), h.raw, h.d)
		}
	})
}

func TestCallerLeavesDuringAHedgedCall(t *testing.T) {
	for _, leaver := range leavers() {
		if leaver.name == "Close" { // there is no body yet
			continue
		}
		runInBubble(t, leaver.name, func(t *testing.T) {
			l, first, second := hedged(t, 1, 30)
			before := first.Count()
			slow(first, second, time.Hour, time.Hour)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			over := make(chan *heard)
			go func() { over <- l.hear(chatWire(), func(r *http.Request) { *r = *r.WithContext(ctx) }) }()
			time.Sleep(2 * time.Second)
			synctest.Wait()
			began := time.Now()
			leaver.leave(l, nil, cancel)
			h := <-over
			if took := time.Since(began); took > 10*time.Millisecond || first.Count() != before+1 || second.Count() != 1 {
				t.Errorf("over after %v, asked %d and %d times", took, first.Count()-before, second.Count())
			}
			if leaver.name == "shutdown" && h.status != 503 || leaver.name == "cancel" && h.err == nil || h.d.Duration == 0 {
				t.Errorf("%v, %d %s, %+v", h.err, h.status, h.raw, h.d)
			}
			synctest.Wait()
			for i, s := range l.Status() {
				if gone := l.sites[i].LastCall().Gone; s.Failures != 0 || s.InFlight != 0 || gone.IsZero() || gone.Sub(began) > 10*time.Millisecond {
					t.Errorf("%+v, left at %v", s, gone)
				}
			}
		})
	}
}

func TestCallerLeavesAfterAHedgedCall(t *testing.T) {
	for _, leaver := range leavers() {
		runInBubble(t, leaver.name, func(t *testing.T) {
			l, first, second := hedged(t, 1, 30)
			first.Fail(routextest.Fault{Stall: time.Second})
			second.Fail(routextest.Fault{Stall: time.Hour})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			resp, err := l.RoundTrip(l.request(chatWire()).WithContext(ctx))
			if err != nil {
				t.Fatal(err)
			}
			over := make(chan time.Time)
			go func() {
				_, _ = io.ReadAll(resp.Body)
				over <- time.Now()
			}()
			time.Sleep(100 * time.Millisecond) // in the middle of it
			began := time.Now()
			leaver.leave(l, resp.Body, cancel)
			if took := (<-over).Sub(began); took > 10*time.Millisecond {
				t.Errorf("the Read goes on for %v", took)
			}
			_ = resp.Body.Close()
			if synctest.Wait(); first.LastCall().Gone.IsZero() || first.LastCall().Gone.Sub(began) > 10*time.Millisecond {
				t.Errorf("the winner was left at %v", first.LastCall().Gone)
			}
		})
	}
}

func TestPanicInAHedgedCallReachesItsCaller(t *testing.T) {
	for _, host := range []string{"first.test", "second.test"} {
		runInBubble(t, host, func(t *testing.T) {
			first, second := at("first", chatWire()), at("second", chatWire())
			net := routextest.NewNetwork()
			t.Cleanup(net.Close)
			net.Add("first.test", first)
			net.Add("second.test", second)
			base, boom := net.Transport(), false
			l := newLab(t, routex.Config{
				Breaker: breaker.Settings{Failures: 1}, Hedging: routex.Hedging{Share: 1},
				Base: roundTrip(func(r *http.Request) (*http.Response, error) {
					if boom && r.URL.Host == host {
						time.Sleep(time.Second)
						panic("boom")
					}
					return base.RoundTrip(r)
				}),
			}, first, second)
			for range 30 {
				l.hear(chatWire())
			}
			boom = true
			slow(first, second, time.Minute, time.Minute)
			func() {
				defer func() {
					if recover() != "boom" {
						t.Error("the panic did not reach the caller")
					}
				}()
				l.hear(chatWire())
			}()
			time.Sleep(time.Minute)
			for _, s := range l.Status() {
				if s.Failures != 0 || s.InFlight != 0 || s.Circuit != breaker.Closed {
					t.Errorf("%+v", s)
				}
			}
			base.CloseIdleConnections()
		})
	}
}

type closer func()

func (c closer) Close() error { c(); return nil }

// The loser may still be at work when the call is over and the memory of its
// body is used for others.
func TestBodiesOfHedgedCallsAreNotMixedUp(t *testing.T) {
	var wrong, open atomic.Int32
	answer := func(r *http.Request, wait time.Duration, text string) (*http.Response, error) {
		time.Sleep(wait)
		body, _ := io.ReadAll(r.Body)
		_ = r.Body.Close()
		if !strings.Contains(string(body), strings.Repeat(r.Header.Get("X-Fill"), 60_000)) {
			wrong.Add(1)
		}
		open.Add(1) // though nobody may want it any more
		resp := respond(200, "text/event-stream", text)
		resp.ContentLength, resp.Body = -1, struct {
			io.Reader
			io.Closer
		}{resp.Body, closer(sync.OnceFunc(func() { open.Add(-1) }))}
		return resp, nil
	}
	inBubble(t, func(t *testing.T) {
		list := []routex.Channel{openAIChannel("first", "https://first.test"), anthropicChannel("second", "https://second.test")}
		list[1].Priority = 1
		late := false
		tr := newTransport(t, routex.Config{Channels: list, Hedging: routex.Hedging{Share: 1}, Base: roundTrip(func(r *http.Request) (*http.Response, error) {
			switch {
			case !late:
				return answer(r, 10*time.Millisecond, chatDialect().whole())
			case r.URL.Host == "first.test":
				return answer(r, 40*time.Millisecond, chatDialect().whole())
			}
			return answer(r, 5*time.Millisecond, anthropicDialect().whole())
		})})
		call := func(fill string) {
			req, _ := newCall(t, "https://x.test/v1/chat/completions", strings.Replace(streamCall, "count", strings.Repeat(fill, 60_000), 1))
			req.Header.Set("X-Fill", fill)
			resp, err := tr.RoundTrip(req)
			if err != nil {
				t.Error(err)
				return
			}
			if got := readBody(t, resp); text(got) != "one two three four" {
				t.Errorf("%d %s", resp.StatusCode, got)
			}
		}
		for range 30 {
			call("a")
		}
		late = true
		var all sync.WaitGroup
		for i := range 8 {
			all.Go(func() {
				for range 10 {
					call(string(rune('a' + i)))
				}
			})
		}
		all.Wait()
		time.Sleep(time.Minute)
		if s := tr.Status(); wrong.Load() != 0 || open.Load() != 0 || s[0].InFlight+s[1].InFlight != 0 || s[0].Failures+s[1].Failures != 0 || s[1].Successes == 0 {
			t.Errorf("%d bodies were another call's, %d answers are open; %+v", wrong.Load(), open.Load(), s)
		}
	})
}
