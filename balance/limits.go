package balance

import (
	"math"
	"sync/atomic"
	"time"
)

// Limits are what a provider says of its rate limits with an answer. See
// [ReadLimits].
type Limits struct{ Requests, Tokens Limit }

// A Limit is one of them. The zero value means that it is not known.
type Limit struct {
	Limit     int64     // of one period, of which two billions are kept; 0 means not known
	Remaining int64     // until Reset
	Reset     time.Time // when all of it is there again; zero means not known
}

func (l Limit) known() bool { return l.Limit > 0 || l.Remaining > 0 || !l.Reset.IsZero() }

// A limit is a Limit that is written and read at the same time. What is read
// may be of two answers, which does no harm.
type limit struct {
	remaining atomic.Int64 // plus one; 0 for not known
	reset     atomic.Int64 // Unix nanoseconds; the greatest number for not known
}

// store keeps a limit. The number of a whole period stands elsewhere; it is -1
// for not known.
func (l *limit) store(of Limit, all *atomic.Int32) {
	if !of.known() {
		return
	}
	all.Store(-1)
	if of.Limit > 0 {
		all.Store(int32(min(of.Limit, math.MaxInt32)))
	}
	l.reset.Store(math.MaxInt64)
	if !of.Reset.IsZero() {
		l.reset.Store(of.Reset.UnixNano())
	}
	l.remaining.Store(max(of.Remaining, 0) + 1)
}

func (l *limit) load(all *atomic.Int32) Limit {
	n := l.remaining.Load()
	if n == 0 {
		return Limit{}
	}
	out := Limit{Limit: int64(max(all.Load(), 0)), Remaining: n - 1}
	if reset := l.reset.Load(); reset != math.MaxInt64 {
		out.Reset = time.Unix(0, reset)
	}
	return out
}

// left is what remains at now, in Unix nanoseconds; negative when that is not
// known.
func (l *limit) left(now int64, all *atomic.Int32) int64 {
	n := l.remaining.Load() - 1
	if n >= 0 && now >= l.reset.Load() {
		n = int64(all.Load())
	}
	return n
}

// ObserveLimits keeps what a provider said last. What it did not say stays.
func (l *Load) ObserveLimits(limits Limits) {
	l.requests.store(limits.Requests, &l.allRequests)
	l.tokens.store(limits.Tokens, &l.allTokens)
}

// Limits is what the provider said last.
func (l *Load) Limits() Limits {
	return Limits{Requests: l.requests.load(&l.allRequests), Tokens: l.tokens.load(&l.allTokens)}
}

// room is how many calls the limits leave room for, each of which takes a part
// of a token limit; negative when that is not known.
func (l *Load) room(now int64, part float64) int64 {
	calls := l.requests.left(now, &l.allRequests)
	if n := l.tokens.left(now, &l.allTokens); n >= 0 {
		if n = int64((float64(n) + .5) * part); calls < 0 || n < calls {
			return n
		}
	}
	return calls
}

func unixNano(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}
