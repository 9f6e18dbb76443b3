package routex

import (
	"fmt"

	"github.com/dctx-team/routex/breaker"
)

// An Error is why a caller did not get a whole answer. The caller itself gets
// an answer that tells of it in its own protocol; hosts find the Error with
// [Decision.Err]. errors.Is finds its Class: errors.Is(err, breaker.Rate).
type Error struct {
	Class    breaker.Class
	Status   int    // given to the caller; 0 when the caller left before
	Message  string // what the Decision says of it
	Attempts []Attempt
}

// Error says what happened, and to how many channels.
func (e *Error) Error() string {
	if n := len(e.Attempts); n > 1 {
		return fmt.Sprintf("routex: %s (%s, %d attempts)", e.Message, e.Class, n)
	}
	return fmt.Sprintf("routex: %s (%s)", e.Message, e.Class)
}

// Unwrap gives the class.
func (e *Error) Unwrap() error { return e.Class }

// Err gives an [*Error] for a call that is over and whose caller did not get a
// whole answer; nil for any other. The Error has a copy of the attempts.
func (d *Decision) Err() error {
	if d.Duration == 0 || d.Class == breaker.OK {
		return nil
	}
	return &Error{Class: d.Class, Status: d.Status, Message: d.Error, Attempts: d.clone().Attempts}
}
