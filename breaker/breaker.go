// Package breaker keeps calls away from channels that fail. It sorts failures
// into classes, opens a circuit after too many that are the channel's own, and
// lets a single probe try again later.
package breaker

import (
	"errors"
	"fmt"
	"time"

	"github.com/sony/gobreaker/v2"
)

// ErrOpen is given by Allow while the circuit admits no call.
var ErrOpen = errors.New("breaker: circuit open")

// A Breaker admits calls to one channel. Its methods may be called at the same
// time by many goroutines.
type Breaker interface {
	// Ready reports whether Allow would admit a call. It takes nothing.
	Ready() bool
	// Allow admits one call, or gives [ErrOpen]. Whoever got done must call
	// it exactly once with the outcome: nil for success. An error that
	// holds a [*Failure] whose class is not counted changes nothing.
	Allow() (done func(error), err error)
}

// State is what a circuit does with the next call.
type State string

// The states of a circuit.
const (
	Closed   State = "closed"    // admits every call
	Open     State = "open"      // admits none
	HalfOpen State = "half-open" // admits one probe
)

// Settings of a [Circuit]. The zero value means the defaults.
type Settings struct {
	// Failures in a row that open the circuit; 0 means 5.
	Failures int
	// OpenFor is how long the circuit stays open before it admits a probe;
	// 0 means one minute.
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

// A Circuit is a [Breaker] over gobreaker: closed, open, half-open with one
// probe. The zero value is not usable; see [New].
type Circuit struct {
	cb *gobreaker.TwoStepCircuitBreaker[struct{}]
}

// New makes a closed circuit.
func New(s Settings) *Circuit {
	if s.Failures == 0 {
		s.Failures = 5
	}
	if s.OpenFor == 0 {
		s.OpenFor = time.Minute
	}
	st := gobreaker.Settings{
		MaxRequests: 1,
		Timeout:     s.OpenFor,
		ReadyToTrip: func(c gobreaker.Counts) bool { return c.ConsecutiveFailures >= uint32(s.Failures) },
		IsExcluded:  excluded,
	}
	if s.OnChange != nil {
		st.OnStateChange = func(_ string, from, to gobreaker.State) { s.OnChange(stateOf(from), stateOf(to)) }
	}
	return &Circuit{cb: gobreaker.NewTwoStepCircuitBreaker[struct{}](st)}
}

// excluded says which outcomes are nobody's success and nobody's failure.
func excluded(err error) bool {
	if err == nil {
		return false
	}
	var f *Failure
	return errors.As(err, &f) && !f.Class.Counted()
}

// State is what the circuit does with the next call.
func (c *Circuit) State() State { return stateOf(c.cb.State()) }

// Ready reports whether Allow would admit a call.
func (c *Circuit) Ready() bool {
	switch c.cb.State() {
	case gobreaker.StateOpen:
		return false
	case gobreaker.StateHalfOpen:
		n := c.cb.Counts()
		return n.Requests-n.TotalExclusions == 0
	}
	return true
}

// Allow admits one call, or gives [ErrOpen].
func (c *Circuit) Allow() (done func(error), err error) {
	done, err = c.cb.Allow()
	if err != nil {
		return nil, ErrOpen
	}
	return done, nil
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
