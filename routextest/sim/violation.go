package sim

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// An Invariant is what must hold in every run, whatever the configuration and
// the providers.
type Invariant string

// The invariants.
const (
	// Hammering: no channel is asked before the rest is over that its
	// provider demanded, while its circuit is open, beside the one probe of a
	// half-open one, or twice by the same call without a pause.
	Hammering Invariant = "hammering"
	// Budget: no call makes more attempts than the Config allows, asks after
	// its caller has left or longer than the deadline, and channels are asked
	// again no more often than breaker.Budget allows.
	Budget Invariant = "budget"
	// Truncated: an answer that looks whole has exactly the words that a
	// provider said, to their end; one that is not tells of an error.
	Truncated Invariant = "truncated"
	// Recovery: when all trouble is over, every circuit closes with the first
	// call, which comes not later than [breaker.Settings] says.
	Recovery Invariant = "recovery"
	// Tried: no call is refused while a channel could take it that it has not
	// asked, and it may make another attempt.
	Tried Invariant = "tried"
	// Answered: every call gets an answer, or the error of its own context.
	Answered Invariant = "answered"
	// Settled: every call has one Decision, that tells what its caller saw and
	// has the attempts that came to the providers.
	Settled Invariant = "settled"
	// Idle: in the end no channel has a call in flight, and the Transport
	// closes.
	Idle Invariant = "idle"
	// Malformed: no provider takes a request for a mistake.
	Malformed Invariant = "malformed"
)

// A Violation is an invariant that did not hold.
type Violation struct {
	Invariant Invariant
	Seed      uint64
	At        time.Duration // since the beginning
	Session   int           // of the call, from 1; 0 when it concerns none
	Turn      int           // of the session, from 1
	Channel   string        // its name; "" when it concerns none
	Detail    string
}

// Error tells everything.
func (v Violation) Error() string {
	where := ""
	if v.Session > 0 {
		where = fmt.Sprintf(", session %d turn %d", v.Session, v.Turn)
	}
	if v.Channel != "" {
		where += fmt.Sprintf(", channel %q", v.Channel)
	}
	return fmt.Sprintf("sim: seed %d at %v%s: %s: %s", v.Seed, v.At, where, v.Invariant, v.Detail)
}

// mostViolations are kept of each invariant: more of them tell nothing.
const mostViolations = 5

// saw notes a violation. The turn and the upstream may be nil.
func (w *world) saw(t *turn, up *upstream, broken Invariant, format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.note(t, up, broken, format, args...)
}

// note is saw for who holds mu.
func (w *world) note(t *turn, up *upstream, broken Invariant, format string, args ...any) {
	v := Violation{Invariant: broken, Seed: w.seed, At: w.clock.now(), Detail: fmt.Sprintf(format, args...)}
	if t != nil {
		v.Session, v.Turn = t.session.id+1, t.n+1
	}
	if up != nil {
		v.Channel = up.channel.Name
	}
	if w.broken[broken]++; w.broken[broken] <= mostViolations {
		w.violations = append(w.violations, v)
	}
}

func sortViolations(all []Violation) {
	slices.SortStableFunc(all, func(a, b Violation) int {
		return cmp.Or(cmp.Compare(a.At, b.At), cmp.Compare(a.Session, b.Session), cmp.Compare(a.Turn, b.Turn), cmp.Compare(a.Detail, b.Detail))
	})
}
