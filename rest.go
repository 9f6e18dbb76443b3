package routex

import (
	"context"
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/dctx-team/routex/breaker"
)

// How long a call waits for a channel that its provider limits, when no other
// can be asked: longer, and the caller is told when to come back.
const (
	maxRest  = 5 * time.Second  // once
	maxRests = 10 * time.Second // in all
)

// backoff is the pause before the same channel is asked again.
func (c *call) backoff() time.Duration { return breaker.Backoff{}.Wait(0, c.t.dice.roll()) }

// rest waits until the first channel that is cooling down can be asked, if that
// is soon. It reports that there is one to ask now.
func (c *call) rest() bool {
	now := time.Now()
	o, until := c.plan.resting(now)
	if o == nil || !c.mayRest() || until.Sub(now) > maxRest {
		return false
	}
	d := until.Sub(now)
	if len(c.d.Attempts) > 0 { // the channel may have failed just now, for another reason
		d = max(d, breaker.Backoff{}.Wait(0, 0))
	}
	d += time.Duration(c.t.dice.roll() % uint64(d/8+time.Millisecond)) // so that not all come back at once
	if left, limited := c.remaining(now, o.ch); limited && left < 2*d {
		return false
	}
	if c.rested+d > maxRests || !o.ch.account.budget.Take(now) || !c.pause(d) {
		return false
	}
	c.rested += d
	c.d.Wait = c.rested
	c.mu.Lock()
	defer c.mu.Unlock()
	o.tried, o.keys = false, nil
	return true
}

// mayRest reports a call that may be sent after a wait.
func (c *call) mayRest() bool {
	switch {
	case c.endpoint.kind == countsTokens, c.d.Copy: // the ones are estimated here, nobody waits for the others
		return false
	case len(c.d.Attempts) == 0:
		return true
	}
	return c.upload == nil && c.mayTry() && c.repeatable()
}

// pause waits, unless the caller leaves.
func (c *call) pause(d time.Duration) bool {
	ctx, cancel := context.WithCancelCause(c.ctx)
	defer cancel(nil)
	c.pausing.Store(&cancel)
	defer c.pausing.Store(nil)
	if c.closing.Load() || c.left.Load() { // they were set before pausing was
		return false
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	defer c.times.wait(time.Now())
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// restAll tells the caller when to come back, if the answer does not.
func (c *call) restAll(h http.Header) {
	if wait := c.comeBack(); wait > 0 && h.Get("Retry-After") == "" {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
}

// comeBack is after how long a channel can be asked again when every one is
// cooling down, or its circuit is open; 0 when that is not so.
func (c *call) comeBack() time.Duration {
	now := time.Now()
	until := c.plan.retryAt(now)
	if until.IsZero() || c.plan.anyReady(now) {
		return 0
	}
	return until.Sub(now)
}
