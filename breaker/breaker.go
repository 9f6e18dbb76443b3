// Package breaker keeps calls away from channels that fail. It sorts failures
// into classes, opens a circuit after too many that are the channel's own, and
// lets a single probe try again later.
package breaker

import "errors"

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
