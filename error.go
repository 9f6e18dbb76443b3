package routex

import (
	"errors"
	"fmt"

	"github.com/dctx-team/routex/breaker"
)

// An Error is why a caller did not get a whole answer. The caller itself gets
// an answer that tells of it in its own protocol; hosts find the Error with
// [Decision.Err]. errors.Is finds its Class, as in errors.Is(err, breaker.Rate),
// and errors.As a [*breaker.Failure].
type Error struct {
	Class    breaker.Class
	Reason   breaker.Reason // narrows Class; "" for nothing more
	Status   int            // given to the caller; 0 when the caller left before
	Message  string         // what the Decision says of it
	Attempts []Attempt
}

// Error says what happened, and to how many channels.
func (e *Error) Error() string {
	if n := len(e.Attempts); n > 1 {
		return fmt.Sprintf("routex: %s (%s, %d attempts)", e.Message, e.Class, n)
	}
	return fmt.Sprintf("routex: %s (%s)", e.Message, e.Class)
}

// Unwrap gives a [*breaker.Failure], in which errors.Is finds the class.
func (e *Error) Unwrap() error {
	return &breaker.Failure{Class: e.Class, Reason: e.Reason, Status: e.Status, Err: errors.New(e.Message)}
}

// Err gives an [*Error] for a call that is over and whose caller did not get a
// whole answer; nil for any other. The Error has a copy of the attempts.
func (d *Decision) Err() error {
	if d.Duration == 0 || d.Class == breaker.OK {
		return nil
	}
	e := &Error{Class: d.Class, Status: d.Status, Message: d.Error, Attempts: d.clone().Attempts}
	if n := len(e.Attempts); n > 0 && e.Attempts[n-1].Class == e.Class {
		e.Reason = e.Attempts[n-1].Reason
	}
	return e
}
