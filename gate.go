package routex

import (
	"context"
	"errors"
	"sync"
)

// errClosing is the cause of the cancellation of calls that were still open
// when the patience of Transport.Close ended.
var errClosing = errors.New("routex: the transport is closing")

// A gate counts the calls that are open, and lets no more in once closed.
type gate struct {
	mu     sync.Mutex
	open   map[*call]struct{} // under mu
	closed bool               // under mu
	empty  chan struct{}      // closed when closed and no call is open
}

func newGate() *gate { return &gate{open: make(map[*call]struct{}), empty: make(chan struct{})} }

func (g *gate) enter(c *call) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return false
	}
	g.open[c] = struct{}{}
	return true
}

func (g *gate) leave(c *call) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if _, ok := g.open[c]; !ok {
		return
	}
	delete(g.open, c)
	if g.closed && len(g.open) == 0 {
		close(g.empty)
	}
}

// close lets no more in and waits for the open calls; when ctx ends first,
// they are cancelled.
func (g *gate) close(ctx context.Context) error {
	g.mu.Lock()
	if !g.closed {
		g.closed = true
		if len(g.open) == 0 {
			close(g.empty)
		}
	}
	g.mu.Unlock()
	select {
	case <-g.empty:
		return nil
	case <-ctx.Done():
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.open) == 0 {
		return nil
	}
	for c := range g.open {
		c.stop()
	}
	return ctx.Err()
}
