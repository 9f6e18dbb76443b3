package breaker

import (
	"cmp"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sony/gobreaker/v2"
)

// Settings of a [Circuit]. The zero value means the defaults.
type Settings struct {
	// Failures in a row that open the circuit; 0 means 5.
	Failures int
	// OpenFor is the longest that the circuit stays open before it admits a
	// probe; 0 means one minute. The first probe comes after a quarter of
	// it. When it fails, the next comes after a quarter of the time that has
	// passed since the circuit opened, but never sooner than the first did
	// and never later than after OpenFor. So a channel is used again soon
	// after it recovers, and asked the less often the longer it is down: with
	// the default, one that was down for a minute is found well within 30
	// seconds, at the price of four probes.
	OpenFor time.Duration
	// OnChange is told of every change of state. It must not block and must
	// not call the circuit. Nil is allowed.
	OnChange func(from, to State)
}

// Validate reports settings that make no sense.
func (s Settings) Validate() error {
	if s.Failures < 0 {
		return fmt.Errorf("field Failures: %d is negative", s.Failures)
	}
	if s.OpenFor < 0 {
		return fmt.Errorf("field OpenFor: %v is negative", s.OpenFor)
	}
	return nil
}

// maxProbe is how long a probe keeps all others out. One may well take longer,
// but its channel is not kept out of use by a single long answer.
const maxProbe = time.Minute

// A Circuit is a [Breaker] over gobreaker: closed, open, half-open with one
// probe. A probe of a caller who leaves is free for the next; one that is not
// over after a minute lets another in beside it, and its outcome counts
// whenever it comes. The zero value is not usable; see [New].
type Circuit struct {
	cb       *gobreaker.TwoStepCircuitBreaker[struct{}]
	first    time.Duration // from the opening to the first probe
	longest  time.Duration // from one probe to the next
	onChange func(from, to State)

	times  atomic.Int64 // that it was opened, when it was closed
	away   atomic.Bool  // it is not closed: what follows means something
	mu     sync.Mutex   // taken inside of gobreaker's own, so that it is not called under it
	opened time.Time    // under mu: when it was closed last
	until  time.Time    // under mu: when it admits a probe
	probe  *probe       // under mu: the latest
}

// A probe is a call that a half-open circuit admits.
type probe struct {
	done    func(error) // gobreaker's
	since   time.Time
	over    bool // under the circuit's mu
	givenUp bool // under the circuit's mu: it keeps nobody out any more
}

// New makes a closed circuit.
func New(s Settings) *Circuit {
	failures, longest := uint32(cmp.Or(s.Failures, 5)), cmp.Or(s.OpenFor, time.Minute)
	c := &Circuit{first: max(longest/4, 1), longest: longest, onChange: s.OnChange}
	c.cb = gobreaker.NewTwoStepCircuitBreaker[struct{}](gobreaker.Settings{
		MaxRequests:   1,
		Timeout:       c.first,
		ReadyToTrip:   func(n gobreaker.Counts) bool { return n.ConsecutiveFailures >= failures },
		IsExcluded:    excluded,
		OnStateChange: func(_ string, from, to gobreaker.State) { c.changed(stateOf(from), stateOf(to)) },
	})
	return c
}

// excluded says which outcomes are nobody's success and nobody's failure.
func excluded(err error) bool {
	if err == nil {
		return false
	}
	f, ok := errors.AsType[*Failure](err)
	return ok && !f.Policy().Counted
}

// changed decides, when the circuit opens, when the next probe may come.
func (c *Circuit) changed(from, to State) {
	c.mu.Lock()
	switch now := time.Now(); to {
	case Open:
		if from == Closed {
			c.opened = now
			c.times.Add(1)
		}
		c.until = now.Add(min(max(now.Sub(c.opened)/4, c.first), c.longest))
		c.away.Store(true)
	case Closed:
		c.probe = nil
		c.away.Store(false)
	}
	c.mu.Unlock()
	if c.onChange != nil {
		c.onChange(from, to)
	}
}

// Opened counts how often the circuit has opened. A probe that fails leaves it
// open, and is not counted.
func (c *Circuit) Opened() int64 { return c.times.Load() }

// Until gives the moment at which an open circuit admits a probe, or the zero
// time when it is not open at now.
func (c *Circuit) Until(now time.Time) time.Time {
	if c.away.Load() {
		c.mu.Lock()
		defer c.mu.Unlock()
		if now.Before(c.until) {
			return c.until
		}
	}
	return time.Time{}
}

func (c *Circuit) resting() bool { return c.away.Load() && !c.Until(time.Now()).IsZero() }

// State is what the circuit does with the next call.
func (c *Circuit) State() State {
	if c.resting() { // gobreaker's own time may be over already
		return Open
	}
	return stateOf(c.cb.State())
}

// Ready reports whether Allow would admit a call.
func (c *Circuit) Ready() bool {
	switch c.State() {
	case Open:
		return false
	case HalfOpen:
		if n := c.cb.Counts(); n.Requests-n.TotalExclusions == 0 {
			return true
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.overdue() != nil
	}
	return true
}

// Allow admits one call, or gives [ErrOpen].
func (c *Circuit) Allow() (done func(error), err error) {
	if c.resting() {
		return nil, ErrOpen
	}
	done, err = c.cb.Allow()
	if err != nil && c.giveUp() {
		done, err = c.cb.Allow()
	}
	switch {
	case err != nil:
		return nil, ErrOpen
	case c.away.Load():
		return c.probing(done), nil
	}
	return done, nil
}

// probing notes a probe that was admitted.
func (c *Circuit) probing(done func(error)) func(error) {
	p := &probe{done: done, since: time.Now()}
	c.mu.Lock()
	c.probe = p
	c.mu.Unlock()
	return func(err error) {
		c.mu.Lock()
		p.over = true
		told := p.givenUp
		c.mu.Unlock()
		if told && excluded(err) { // gobreaker would take a second one for another probe's
			return
		}
		done(err)
	}
}

// overdue gives the probe under way if it has taken too long; under mu.
func (c *Circuit) overdue() *probe {
	if p := c.probe; p != nil && !p.over && !p.givenUp && time.Since(p.since) >= maxProbe {
		return p
	}
	return nil
}

// giveUp makes room beside a probe that has taken too long.
func (c *Circuit) giveUp() bool {
	c.mu.Lock()
	p := c.overdue()
	if p != nil {
		p.givenUp = true
	}
	c.mu.Unlock()
	if p != nil {
		p.done(&Failure{Class: HangUp})
	}
	return p != nil
}

func stateOf(s gobreaker.State) State {
	switch s {
	case gobreaker.StateOpen:
		return Open
	case gobreaker.StateHalfOpen:
		return HalfOpen
	}
	return Closed
}
