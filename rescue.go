package routex

import (
	"time"

	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/transform"
)

// A RescuePolicy says what becomes of a streamed answer that breaks off after a
// part of it was handed over.
type RescuePolicy string

// The rescue policies.
const (
	// RescueOn is the default: another attempt goes on with the answer where
	// that is honest. A channel known to continue a text that it is given is
	// asked to; any other is asked the whole question again, and only what
	// follows a beginning identical to what was handed over is handed on.
	// Otherwise, as after a part of a tool call, the caller gets an error event.
	RescueOn RescuePolicy = "rescue"
	// RescueOff always gives the error event.
	RescueOff RescuePolicy = "terminate"
)

func (p RescuePolicy) known() bool { return p == RescueOn || p == RescueOff }

// stallWithin is how long a stream may be silent in the middle of a text while
// another channel could go on with it.
const stallWithin = 15 * time.Second

// A rescuer is what a stream keeps so that another attempt can go on with it.
type rescuer struct {
	ledger   *transform.Ledger  // nil when the answer cannot be saved
	resumed  *transform.Resumed // nil unless the attempt goes on with another's answer
	earlier  int64              // pieces of the answer that attempts before it brought
	speaking bool               // see speaks
}

// uncounted is how many pieces of the answer the provider does not know of,
// because it was only asked to go on.
func (s *stream) uncounted() int64 {
	if s.resumed != nil && s.resumed.Continued() {
		return s.earlier
	}
	return 0
}

// pieces is how many the answer has so far: about its tokens.
func (s *stream) pieces() int64 { return s.uncounted() + int64(s.watch.Pieces()) }

// prepare puts what a rescue needs behind the other stages.
func (s *stream) prepare() {
	switch old := s.at.resumes; {
	case old != nil:
		s.ledger, s.resumed, s.earlier = old.ledger, s.at.resumed, old.pieces()
		s.stages = transform.Then(s.stages, s.resumed)
	case s.c.s.cfg.Rescue == RescueOn && s.c.endpoint.kind == callsModel && !s.c.d.Copy:
		s.ledger = transform.NewLedger(s.c.dialect)
	default:
		return
	}
	s.watch.HoldFailure()
}

// begun reports that the answer has proved itself: it has begun, or is sure to
// go on with the one that broke off.
func (s *stream) begun() bool {
	if s.resumed != nil {
		return s.resumed.Joined()
	}
	return s.watch.Begun()
}

// look lets go of what a rescue needs once there can be none.
func (s *stream) look() {
	if s.ledger != nil && s.ledger.Over() {
		s.forget()
	}
}

func (s *stream) forget() {
	if s.ledger != nil {
		s.c.body.end()
	}
}

// stalled reports that a stream that is silent should be given up: it can be
// saved, and by somebody else.
func (s *stream) stalled() bool {
	if s.ledger == nil || !s.ledger.InText() || !s.c.elsewhere(time.Now()) {
		return false
	}
	return s.canGoOn()
}

// canGoOn reports that another attempt could go on with the answer: what was
// handed over and what was asked for allow it.
func (s *stream) canGoOn() bool {
	if ok, _ := s.ledger.CanGoOn(); !ok {
		return false
	}
	_, err := s.ledger.Resume(s.c.body.bytes(), transform.Splice)
	return err == nil
}

// speaks notes that an attempt has begun to say again what the caller has. How
// long it takes for that is its own affair, as long as it does not stall.
func (s *stream) speaks() {
	if s.resumed == nil || s.speaking || !s.watch.Begun() {
		return
	}
	s.speaking = true
	s.at.wait.end()
	s.up.allow(s.at.ch.timeouts.Idle, stallWithin, func() bool { return s.c.elsewhere(time.Now()) })
}

// rescue lets other attempts go on with an answer that broke off, and reports
// that one does. The failed attempt is settled then.
func (s *stream) rescue(f *breaker.Failure) bool {
	c := s.c
	if s.ledger == nil || s.watch.Complete() || c.gone() {
		return false
	}
	if !s.canGoOn() {
		return false
	}
	ended := false
	defer func() {
		if !ended { // the host's own code panicked
			s.ended = true
			c.unwind()
		}
	}()
	used, _, _ := s.used(true)
	s.at.charge(used)
	s.at.over(f)
	s.letGo()
	saved := s.resumeBy(f)
	ended = true
	return saved
}
