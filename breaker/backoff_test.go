package breaker_test

import (
	"math"
	"sync"
	"testing"
	"time"

	"github.com/dctx-team/routex/breaker"
)

func TestBackoffIsBetweenHalfAndTheWhole(t *testing.T) {
	for _, test := range []struct {
		b    breaker.Backoff
		n    int
		want time.Duration // at most
	}{
		{breaker.Backoff{}, -1, 250 * time.Millisecond},
		{breaker.Backoff{}, 0, 250 * time.Millisecond},
		{breaker.Backoff{}, 1, 500 * time.Millisecond},
		{breaker.Backoff{}, 4, 4 * time.Second},
		{breaker.Backoff{}, 5, 8 * time.Second},
		{breaker.Backoff{}, math.MaxInt, 8 * time.Second},
		{breaker.Backoff{Base: time.Second, Max: 3 * time.Second}, 1, 2 * time.Second},
		{breaker.Backoff{Base: time.Second, Max: 3 * time.Second}, 2, 3 * time.Second},
		{breaker.Backoff{Base: time.Minute}, 0, 8 * time.Second},
		{breaker.Backoff{Base: 1, Max: math.MaxInt64}, 70, math.MaxInt64},
		{breaker.Backoff{Base: 1, Max: 1}, 0, 1},
	} {
		seen := map[time.Duration]bool{}
		for random := range uint64(1000) {
			got := test.b.Wait(test.n, random*(math.MaxUint64/999))
			if got < test.want/2 || got > test.want {
				t.Fatalf("%+v, try %d: waits %v, want %v to %v", test.b, test.n, got, test.want/2, test.want)
			}
			seen[got] = true
		}
		if test.want > time.Second && len(seen) < 100 {
			t.Errorf("%+v, try %d: only %d different waits", test.b, test.n, len(seen))
		}
	}
}

func TestBudgetHoldsTenTriesAndGetsThemBack(t *testing.T) {
	var b breaker.Budget
	now := time.Unix(1000, 0)
	take := func() (n int) {
		for b.Take(now) {
			n++
		}
		return n
	}
	if n := take(); n != 10 {
		t.Fatalf("a full budget holds %d tries, want 10", n)
	}
	for range 9 {
		b.Succeeded()
	}
	if n := take(); n != 0 {
		t.Errorf("nine successes give %d tries, want none", n)
	}
	b.Succeeded()
	if n := take(); n != 1 {
		t.Errorf("the tenth success gives %d tries, want 1", n)
	}
	now = now.Add(900 * time.Millisecond)
	if n := take(); n != 0 {
		t.Errorf("0.9 s give %d tries, want none", n)
	}
	now = now.Add(100 * time.Millisecond)
	if n := take(); n != 1 {
		t.Errorf("1 s gives %d tries, want 1: time that was looked at is lost", n)
	}
	now = now.Add(-time.Hour)
	if n := take(); n != 0 {
		t.Errorf("a clock that went back gives %d tries", n)
	}
	now = now.Add(2 * time.Hour)
	for range 1000 {
		b.Succeeded()
	}
	if n := take(); n != 10 {
		t.Errorf("after an hour there are %d tries, want 10", n)
	}
}

func TestBudgetIsSharedByAll(t *testing.T) {
	var b breaker.Budget
	var wg sync.WaitGroup
	took := make(chan bool, 100)
	for range cap(took) {
		wg.Go(func() { took <- b.Take(time.Unix(1000, 0)) })
	}
	wg.Wait()
	close(took)
	n := 0
	for ok := range took {
		if ok {
			n++
		}
	}
	if n != 10 {
		t.Errorf("%d tries were taken of 10", n)
	}
}
