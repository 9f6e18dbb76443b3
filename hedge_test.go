package routex_test

import (
	"net/http"
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
