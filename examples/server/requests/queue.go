package requests

import (
	"slices"
	"sync"
	"time"

	"github.com/dctx-team/routex"
)

// maxWaiting bounds what waits to be written, in bytes. When it is full, calls
// are not logged.
const maxWaiting = 16 << 20

// A queue holds the blocks that are not written, or not as they are now. It is
// safe for concurrent use.
type queue struct {
	wake chan struct{} // gets something when calls wait

	mu      sync.Mutex
	closed  bool     // and the following under mu
	open    *builder // takes the calls; nil before the first
	full    []*block // wait, the oldest first
	bytes   int      // of full
	calls   int      // that wait
	dropped int64
	failure error // of the last write
}

// add encodes a call, unless the queue is closed.
func (q *queue) add(d *routex.Decision) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.closed:
		return false
	case q.bytes > maxWaiting:
		q.dropped++
		return true
	}
	if q.open != nil && !q.open.fits(d.Time.Add(d.Duration).UnixMilli()) {
		q.end()
	}
	if q.open == nil {
		q.open = newBuilder(newKey(time.Now()))
	}
	q.open.add(d)
	if q.calls++; q.calls == 1 {
		q.rouse()
	}
	return true
}

// rouse wakes whoever writes.
func (q *queue) rouse() {
	select {
	case q.wake <- struct{}{}:
	default: // it is awake
	}
}

// end lets the open block take no more calls.
func (q *queue) end() {
	b := q.open.block
	q.open = nil
	if b.saved == b.calls {
		return
	}
	q.full = append(q.full, b)
	q.bytes += b.size()
}

// shut lets no more calls in.
func (q *queue) shut() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
}

func (q *queue) stats() Stats {
	q.mu.Lock()
	defer q.mu.Unlock()
	return Stats{Waiting: q.calls, Dropped: q.dropped, Failure: q.failure}
}

// A draft is a block as it was when it was read.
type draft struct {
	of   *block
	view *block
}

// take gives the blocks that wait longest, at most so many.
func (q *queue) take(most int) []draft {
	q.mu.Lock()
	defer q.mu.Unlock()
	out := make([]draft, 0, min(most, len(q.full)+1))
	for _, b := range q.full[:min(most, len(q.full))] {
		out = append(out, draft{b, b}) // nobody changes it any more
	}
	if b := q.open; b != nil && len(out) < most && b.saved < b.calls {
		out = append(out, draft{b.block, b.view()})
	}
	return out
}

// done notes how the attempt to write what take gave has ended, and gives the
// error of the one before.
func (q *queue) done(drafts []draft, err error) (before error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	before, q.failure = q.failure, err
	if err != nil {
		return before
	}
	for _, d := range drafts {
		q.calls -= d.view.calls - d.of.saved
		d.of.saved = d.view.calls
	}
	q.full = slices.DeleteFunc(q.full, func(b *block) bool {
		whole := b.saved == b.calls
		if whole {
			q.bytes -= b.size()
		}
		return whole
	})
	if q.calls > 0 { // they have come meanwhile
		q.rouse()
	}
	return before
}

// views gives all blocks of which the database may not have all, the newest
// first.
func (q *queue) views() []*block {
	q.mu.Lock()
	defer q.mu.Unlock()
	out := make([]*block, 0, len(q.full)+1)
	if q.open != nil {
		out = append(out, q.open.view())
	}
	for _, b := range slices.Backward(q.full) {
		out = append(out, b)
	}
	return out
}
