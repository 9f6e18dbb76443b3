package requests

import (
	"testing"
	"time"

	"github.com/dctx-team/routex"
)

// Calls that come while others are written are written too, although nobody
// calls after them.
func TestCallsThatComeDuringAWrite(t *testing.T) {
	q := queue{wake: make(chan struct{}, 1)}
	call := &routex.Decision{Time: time.Now(), Duration: 1}
	awake := func() bool {
		select {
		case <-q.wake:
			return true
		default:
			return false
		}
	}
	q.add(call)
	q.add(call)
	if !awake() {
		t.Fatal("a call wakes nobody")
	}
	drafts := q.take(maxBatch)
	q.add(call)
	_ = q.done(drafts, nil) // none failed before
	if n := q.stats().Waiting; n != 1 || !awake() {
		t.Fatalf("%d calls wait, want 1, or nobody is awake", n)
	}
	drafts = q.take(maxBatch)
	if len(drafts) != 1 || drafts[0].view.calls != 3 {
		t.Fatalf("written is %+v, want the block with all calls", drafts)
	}
	_ = q.done(drafts, nil) // none failed before
	if n := q.stats().Waiting; n != 0 || awake() || len(q.take(maxBatch)) != 0 {
		t.Errorf("%d calls wait, want none", n)
	}
}

// A block that ends while it is written is written again, and then let go.
func TestABlockEndsDuringAWrite(t *testing.T) {
	q := queue{wake: make(chan struct{}, 1)}
	call := &routex.Decision{Time: time.Now(), Duration: 1}
	q.add(call)
	drafts := q.take(maxBatch)
	for range 2 * maxCalls {
		q.add(call)
	}
	_ = q.done(drafts, nil) // none failed before
	if n := q.stats().Waiting; n != 2*maxCalls {
		t.Errorf("%d calls wait, want %d", n, 2*maxCalls)
	}
	written := make(map[key]int)
	for drafts = q.take(1); len(drafts) > 0; drafts = q.take(1) {
		written[drafts[0].view.key] = drafts[0].view.calls
		_ = q.done(drafts, nil) // none failed before
	}
	sum := 0
	for _, n := range written {
		sum += n
	}
	if sum != 2*maxCalls+1 || q.bytes != 0 || len(q.full) != 0 || q.stats().Waiting != 0 {
		t.Errorf("%d calls are written, and %d bytes of %d blocks kept", sum, q.bytes, len(q.full))
	}
}
