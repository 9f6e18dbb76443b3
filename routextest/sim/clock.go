package sim

import (
	"context"
	"sync"
	"time"
)

// A clock gives every event an instant of its own. In a bubble, goroutines that
// wake at the same instant run in any order; as only one wakes, and lets others
// run only by what it does, the order is always the same.
type clock struct {
	start time.Time
	mu    sync.Mutex
	taken map[time.Duration]struct{} // under mu: since start, of the events to come
}

func newClock() *clock { return &clock{start: time.Now(), taken: make(map[time.Duration]struct{})} }

// now is the time since the beginning.
func (c *clock) now() time.Duration { return time.Since(c.start) }

// claim gives the first instant from now+d on that is nobody else's. Whoever
// has waited for it releases it.
func (c *clock) claim(d time.Duration) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := c.now() + max(d, 1)
	for {
		if _, taken := c.taken[at]; !taken {
			c.taken[at] = struct{}{}
			return at
		}
		at++
	}
}

func (c *clock) release(at time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.taken, at)
}

// wait lets time pass, and gives the context's error when that ends first.
func (c *clock) wait(ctx context.Context, d time.Duration) error {
	at := c.claim(d)
	defer c.release(at)
	timer := time.NewTimer(at - c.now())
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// after calls f when time has passed, unless stop is called before.
func (c *clock) after(d time.Duration, f func()) (stop func()) {
	at := c.claim(d)
	timer := time.AfterFunc(at-c.now(), func() {
		c.release(at)
		f()
	})
	return func() {
		if timer.Stop() {
			c.release(at)
		}
	}
}
