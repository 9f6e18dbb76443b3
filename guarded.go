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
	limit  time.Duration
	since  atomic.Int64 // nanoseconds: when the Read under way began; 0 for none
	epoch  time.Time
	cancel context.CancelCauseFunc

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
	g.since.Store(int64(time.Since(g.epoch)) | 1) // never 0
	n, err := g.ReadCloser.Read(p)
	g.since.Store(0)
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
	default:
		g.timer.Reset(g.limit - wait)
	}
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
