package routex

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

var errIdle = errors.New("the stream stalled")

// guarded is the body of an upstream's stream. A Read that waits longer than
// the limit cancels the attempt. Only waiting counts: a caller who reads
// slowly, and so does not ask, lets nothing expire. Looking at the clock twice
// per Read is cheaper than a timer that is set anew each time.
type guarded struct {
	io.ReadCloser
	limit time.Duration // under mu
	// stalled is asked when a Read has waited for stall, which is shorter than
	// limit: whether that is too long already. Both are under mu; nil for none.
	stalled func() bool
	stall   time.Duration
	asking  atomic.Bool
	since   atomic.Int64 // nanoseconds: when the Read under way began; 0 for none
	epoch   time.Time
	cancel  context.CancelCauseFunc
	waited  *time.Duration // grows by what Reads wait; nil: nobody wants to know

	mu     sync.Mutex // so that check cannot set a timer that was stopped
	timer  *time.Timer
	last   bool // the timer ends the stream, whether a Read waits or not
	closed bool
}

func newGuarded(body io.ReadCloser, limit time.Duration, cancel context.CancelCauseFunc) *guarded {
	g := &guarded{ReadCloser: body, limit: limit, epoch: time.Now(), cancel: cancel}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.timer = time.AfterFunc(limit, g.check)
	return g
}

func (g *guarded) Read(p []byte) (int, error) {
	since := time.Since(g.epoch)
	g.since.Store(int64(since) | 1) // never 0
	n, err := g.ReadCloser.Read(p)
	g.since.Store(0)
	if g.waited != nil {
		*g.waited += time.Since(g.epoch) - since
	}
	if g.asking.Load() { // stalled looks at what belongs to whoever reads
		g.mu.Lock()
		g.mu.Unlock() //nolint:staticcheck // it is the waiting that counts
	}
	return n, err
}

// check runs when a Read may have waited for too long.
func (g *guarded) check() {
	g.mu.Lock()
	defer g.mu.Unlock()
	wait := time.Duration(0)
	if since := g.since.Load(); since != 0 {
		wait = time.Since(g.epoch) - time.Duration(since)
	}
	switch {
	case g.closed:
	case g.last || wait >= g.limit:
		g.cancel(errIdle)
	case g.stalled == nil || g.stall >= g.limit:
		g.timer.Reset(g.limit - wait)
	case wait < g.stall:
		g.timer.Reset(g.stall - wait)
	case g.silent():
		g.cancel(errIdle)
	default: // it is asked again, for things may change
		g.timer.Reset(min(g.stall, g.limit-wait))
	}
}

// silent asks stalled while a Read waits, which cannot return before it has
// answered.
func (g *guarded) silent() bool {
	g.asking.Store(true)
	defer g.asking.Store(false)
	return g.since.Load() != 0 && g.stalled()
}

// allow sets the limits anew. With a function, it decides after stall.
func (g *guarded) allow(limit, stall time.Duration, stalled func() bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.limit, g.stall, g.stalled = limit, stall, stalled
	if g.closed || g.last {
		return
	}
	if stalled != nil {
		limit = min(limit, stall)
	}
	g.timer.Reset(limit)
}

// endWithin leaves the stream so much time and no more, however busy it is.
func (g *guarded) endWithin(d time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !g.closed {
		g.last = true
		g.timer.Reset(d)
	}
}

func (g *guarded) Close() error {
	g.mu.Lock()
	g.closed = true
	g.timer.Stop()
	g.mu.Unlock()
	return g.ReadCloser.Close()
}
