package access

import (
	"math"
	"sync"
	"time"

	"github.com/dctx-team/routex/examples/server/store"
)

// Usage is what has been used by a key, in this process.
type Usage struct {
	InFlight int64     // calls that are not over
	Tokens   int64     // of the present day, in UTC, input and output
	Cost     float64   // of the same, as far as prices are known
	LastUsed time.Time // zero for never
}

// A meter holds a client to its limits. Calls are counted when they begin,
// tokens and cost when they are known, at the end: what is under way then can
// go over a limit by as much as it uses.
type meter struct {
	mu       sync.Mutex
	requests bucket
	tokens   bucket
	day      int64 // since 1970
	used     Usage
}

// A refusal says which limit a call would break, and when to come back.
type refusal struct {
	what  string
	after time.Duration
}

// begin lets a call in, or says why not. Who is let in has to end it.
func (m *meter) begin(l *store.ClientLimits, now time.Time) *refusal {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.turn(now)
	m.used.LastUsed = now
	switch {
	case l.DailyTokens > 0 && m.used.Tokens >= l.DailyTokens:
		return &refusal{"the tokens of the day are used up", untilTomorrow(now)}
	case l.DailyCost > 0 && m.used.Cost >= l.DailyCost:
		return &refusal{"the budget of the day is used up", untilTomorrow(now)}
	case l.Concurrency > 0 && m.used.InFlight >= l.Concurrency:
		return &refusal{"too many calls at one time", time.Second}
	}
	if wait := m.tokens.wait(l.Tokens, 0, now); wait > 0 {
		return &refusal{"too many tokens in a minute", wait}
	}
	if wait := m.requests.wait(l.Requests, 1, now); wait > 0 {
		return &refusal{"too many calls in a minute", wait}
	}
	m.requests.take(l.Requests, 1, now)
	m.used.InFlight++
	return nil
}

// end counts what a call has used.
func (m *meter) end(l *store.ClientLimits, tokens int64, cost float64, now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.turn(now)
	m.used.InFlight--
	m.used.Tokens += tokens
	m.used.Cost += cost
	m.tokens.take(l.Tokens, float64(tokens), now)
}

func (m *meter) usage() Usage {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.turn(time.Now())
	return m.used
}

// turn begins a new day when it has come.
func (m *meter) turn(now time.Time) {
	if day := dayOf(now); day != m.day {
		m.day, m.used.Tokens, m.used.Cost = day, 0, 0
	}
}

const day = 24 * time.Hour

func dayOf(now time.Time) int64 { return now.Unix() / int64(day/time.Second) }

func untilTomorrow(now time.Time) time.Duration {
	return time.Unix((dayOf(now)+1)*int64(day/time.Second), 0).Sub(now)
}

// A bucket holds what may be used at once, and fills within a minute. It can
// be overdrawn, by what is known only afterwards.
type bucket struct {
	missing float64 // from being full
	at      time.Time
}

// wait says how long it takes until so much can be taken, or with 0 until there
// is anything. A limit of 0 is none.
func (b *bucket) wait(limit int64, amount float64, now time.Time) time.Duration {
	if limit <= 0 {
		return 0
	}
	rate := float64(limit) / float64(time.Minute)
	short := b.level(rate, now) + amount - float64(limit)
	if short < 0 || short < rounding && amount > 0 {
		return 0
	}
	return max(time.Duration(math.Ceil(short/rate)), 1)
}

// rounding is what a sum of parts of a call can be off by.
const rounding = 1e-6

func (b *bucket) take(limit int64, amount float64, now time.Time) {
	if limit > 0 {
		b.missing = b.level(float64(limit)/float64(time.Minute), now) + amount
		b.at = now
	}
}

// level is what is missing now.
func (b *bucket) level(rate float64, now time.Time) float64 {
	return max(b.missing-rate*float64(now.Sub(b.at)), 0)
}
