package balance_test

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/dctx-team/routex/balance"
)

func newAffinity(t *testing.T, size int, ttl time.Duration) *balance.Affinity {
	t.Helper()
	a, err := balance.NewAffinity(size, ttl)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestAffinitySlides(t *testing.T) {
	a, now := newAffinity(t, 10, 5*time.Hour), time.Unix(0, 0)
	a.Bind("s", "main", now)
	if got := a.Peek("s", now.Add(5*time.Hour-1)); got != "main" {
		t.Errorf("just before its end the session is on %q", got)
	}
	if got := a.Peek("s", now.Add(5*time.Hour)); got != "" {
		t.Errorf("at its end the session is still on %q", got)
	}
	a.Bind("s", "main", now.Add(4*time.Hour)) // used again
	if got := a.Peek("s", now.Add(8*time.Hour)); got != "main" {
		t.Errorf("use did not renew the session: it is on %q", got)
	}
	a.Bind("s", "spare", now.Add(8*time.Hour))
	if got := a.Peek("s", now.Add(8*time.Hour)); got != "spare" {
		t.Errorf("the session was moved to spare and is on %q", got)
	}
}

func TestAffinityOfOtherLives(t *testing.T) {
	a, now := newAffinity(t, 10, 5*time.Hour), time.Unix(0, 0)
	a.Bind("named", "main", now)
	a.BindFor("derived", "main", now, balance.AnthropicCacheLife)
	if got := a.Peek("derived", now.Add(balance.AnthropicCacheLife-1)); got != "main" {
		t.Errorf("just before its end the derived session is on %q", got)
	}
	later := now.Add(balance.AnthropicCacheLife)
	if got := a.Peek("derived", later); got != "" {
		t.Errorf("at its end the derived session is still on %q", got)
	}
	if got := a.Peek("named", later); got != "main" {
		t.Errorf("the named session ended with the other one: it is on %q", got)
	}
	a.BindFor("derived", "spare", later, balance.CacheLife) // used again, elsewhere
	if got := a.Peek("derived", later.Add(balance.CacheLife-1)); got != "spare" {
		t.Errorf("the derived session was moved to spare and is on %q", got)
	}
}

func TestAffinityForgets(t *testing.T) {
	a, now := newAffinity(t, 10, time.Hour), time.Unix(0, 0)
	a.Bind("s", "main", now)
	a.Bind("other", "main", now)
	a.Forget("s")
	a.Forget("nobody")
	if got := a.Peek("s", now); got != "" {
		t.Errorf("a session that was forgotten is on %q", got)
	}
	if got := a.Peek("other", now); got != "main" || a.Len() != 1 {
		t.Errorf("the other one is on %q, of %d", got, a.Len())
	}
}

func TestAffinityIsBounded(t *testing.T) {
	a, now := newAffinity(t, 3, time.Hour), time.Unix(0, 0)
	for i := range 5 {
		a.Bind(fmt.Sprint(i), "c", now)
	}
	if a.Len() != 3 || a.Peek("1", now) != "" || a.Peek("4", now) != "c" {
		t.Errorf("%d sessions; the oldest is on %q, the newest on %q", a.Len(), a.Peek("1", now), a.Peek("4", now))
	}
}

func TestAffinityRefusesNonsense(t *testing.T) {
	if _, err := balance.NewAffinity(0, time.Hour); err == nil {
		t.Error("no sessions at all were accepted")
	}
	if _, err := balance.NewAffinity(1, 0); err == nil {
		t.Error("no time at all was accepted")
	}
}

func TestAffinityIsSafeForConcurrentUse(t *testing.T) {
	a := newAffinity(t, 50, time.Hour)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for j := range 500 {
				key := fmt.Sprint(j % 60)
				a.Bind(key, fmt.Sprint(i), time.Unix(int64(j), 0))
				a.Peek(key, time.Unix(int64(j), 0))
			}
		})
	}
	wg.Wait()
	if a.Len() > 50 {
		t.Errorf("%d sessions, the limit is 50", a.Len())
	}
}
