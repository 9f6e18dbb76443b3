package balance

import (
	"sync/atomic"
	"time"
)

// A Candidate is a channel as a [Balancer] sees it: what its owner configured,
// and how it is doing. The configured fields are set before the first call and
// not changed afterwards; the live ones are safe for concurrent use. A
// Candidate must not be copied.
type Candidate struct {
	Name     string
	Priority int // small first
	Weight   int // share among equals; 0 or less drains
	// Prices are what a call of the model costs; nil means not known.
	Prices *Prices
	// Correction tells how many tokens the provider counts for each of an
	// estimate; nil means as many.
	Correction interface{ Factor() float64 }
	*Load

	hash atomic.Uint64 // of Name; 0 until it was needed
}

// NewCandidate makes a candidate with a load of its own.
func NewCandidate(name string, priority, weight int) *Candidate {
	return &Candidate{Name: name, Priority: priority, Weight: weight, Load: new(Load)}
}

// weight is bounded so that no sum of weights overflows.
func (c *Candidate) weight() uint64 { return uint64(min(max(c.Weight, 0), 1<<32)) }

// drained reports that the candidate is for want of any other.
func (c *Candidate) drained() bool { return c.Weight <= 0 }

// A Load is how a channel is doing now. It belongs to the channel and outlives
// changes of its configuration. The zero value is an idle channel; it is safe
// for concurrent use.
type Load struct {
	inFlight atomic.Int64
	lastUsed atomic.Int64 // Unix nanoseconds; 0 for never
	latency  atomic.Int64 // nanoseconds, moving average

	// Of the provider. With these it is 64 bytes, which a processor fetches
	// at once.
	requests, tokens       limit
	allRequests, allTokens atomic.Int32
}

// Begin counts a call that is sent at now.
func (l *Load) Begin(now time.Time) {
	l.inFlight.Add(1)
	l.lastUsed.Store(now.UnixNano())
}

// TryBegin is Begin, unless so many calls are in flight that one more would be
// over limit; 0 or less means that there is none.
func (l *Load) TryBegin(now time.Time, limit int) bool {
	if limit <= 0 {
		l.Begin(now)
		return true
	}
	for {
		n := l.inFlight.Load()
		if n >= int64(limit) {
			return false
		}
		if l.inFlight.CompareAndSwap(n, n+1) {
			l.lastUsed.Store(now.UnixNano())
			return true
		}
	}
}

// End counts a call that is over.
func (l *Load) End() { l.inFlight.Add(-1) }

// InFlight is the number of calls that are not over.
func (l *Load) InFlight() int64 { return l.inFlight.Load() }

// LastUsed is when the last call was sent; the zero time means never.
func (l *Load) LastUsed() time.Time {
	if n := l.lastUsed.Load(); n != 0 {
		return time.Unix(0, n)
	}
	return time.Time{}
}

// Observe adds the time that an answer took to begin to the moving average, in
// which a new value counts for a fifth.
func (l *Load) Observe(d time.Duration) {
	for {
		old := l.latency.Load()
		avg := int64(d)
		if old != 0 {
			avg = old + (int64(d)-old)/5
		}
		if l.latency.CompareAndSwap(old, max(avg, 1)) {
			return
		}
	}
}

// Latency is the moving average; 0 means that there was no answer yet.
func (l *Load) Latency() time.Duration { return time.Duration(l.latency.Load()) }
