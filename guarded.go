package routex

import (
	"context"
	"errors"
	"io"
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
	limit  atomic.Int64 // nanoseconds
	since  atomic.Int64 // when the Read under way began; 0 for none
	epoch  time.Time
	timer  *time.Timer
	cancel context.CancelCauseFunc
}

func newGuarded(body io.ReadCloser, limit time.Duration, cancel context.CancelCauseFunc) *guarded {
	g := &guarded{ReadCloser: body, epoch: time.Now(), cancel: cancel}
	g.limit.Store(int64(limit))
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
	limit, wait := time.Duration(g.limit.Load()), time.Duration(0)
	if since := g.since.Load(); since != 0 {
		wait = time.Since(g.epoch) - time.Duration(since)
	}
	if wait >= limit {
		g.cancel(errIdle)
		return
	}
	g.timer.Reset(limit - wait)
}

// setLimit changes the limit for the Read under way and those that follow.
func (g *guarded) setLimit(d time.Duration) {
	g.limit.Store(int64(d))
	g.timer.Reset(d)
}

func (g *guarded) Close() error {
	g.timer.Stop()
	return g.ReadCloser.Close()
}
