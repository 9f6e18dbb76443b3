package breaker

import (
	"cmp"
	"sync"
	"time"
)

// A Backoff spaces tries out, so that those of many callers do not fall
// together. The zero value means the defaults.
type Backoff struct {
	Base time.Duration // before the first new try; 0 means 250 ms
	Max  time.Duration // the longest wait; 0 means 8 s
}

// Wait is how long to wait before try n, counted from 0, is repeated: between
// half and the whole of Base·2ⁿ, and at most Max. The random number chooses.
func (b Backoff) Wait(n int, random uint64) time.Duration {
	wait, most := cmp.Or(b.Base, 250*time.Millisecond), cmp.Or(b.Max, 8*time.Second)
	for ; n > 0 && wait < most; n-- {
		if wait *= 2; wait <= 0 { // it does not fit any more
			wait = most
		}
	}
	wait = min(wait, most)
	half := wait / 2
	return half + time.Duration(random%uint64(wait-half+1))
}

// What a [Budget] holds, in tenths of a try.
const (
	budgetFull    = 100
	budgetTry     = 10
	budgetSuccess = 1
)

// A Budget bounds how much is tried again over all calls: when everything
// fails, repeating all of it would make it worse. It holds 10 tries; one comes
// back every second, and a tenth with every success. The zero value is full.
// It is safe for concurrent use.
type Budget struct {
	mu    sync.Mutex
	spent int64     // under mu: tenths of tries
	since time.Time // under mu: until when what comes back with time is counted
}

// Take takes one try, and reports whether there was one.
func (b *Budget) Take(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if back := int64(now.Sub(b.since) / (time.Second / budgetTry)); back >= b.spent {
		b.spent, b.since = 0, now
	} else if back > 0 {
		b.spent -= back
		b.since = b.since.Add(time.Duration(back) * (time.Second / budgetTry))
	}
	if b.spent+budgetTry > budgetFull {
		return false
	}
	b.spent += budgetTry
	return true
}

// Succeeded gives a tenth of a try back.
func (b *Budget) Succeeded() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.spent = max(b.spent-budgetSuccess, 0)
}
