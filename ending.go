package routex

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"time"

	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/transform"
)

// What follows an answer that is complete, its usage and the end mark, comes at
// once or not at all. Gemini has no such mark, and some who speak its protocol
// call every piece the last.
const (
	lastWords       = 2 * time.Second
	lastWordsGemini = 5 * time.Second
)

// allow sets the limits of a stream that was handed over.
func (s *stream) allow() {
	s.up.allow(s.at.ch.timeouts.Idle, stallWithin, s.stalled)
	s.said = 0
	s.hurry()
}

// hurry waits no longer than it must for the end of an answer that is complete.
// One that goes on all the same was not, and has its time again.
func (s *stream) hurry() {
	switch {
	case !s.watch.Complete() || s.watch.Ended():
	case s.said == 0:
		s.said = max(s.watch.Pieces(), 1)
		wait := lastWords
		if s.at.ch.dialect == transform.Gemini {
			wait = lastWordsGemini
		}
		s.up.allow(min(wait, s.at.ch.timeouts.Idle), 0, nil)
	case s.watch.Pieces() > s.said:
		s.said = math.MaxInt
		s.up.allow(s.at.ch.timeouts.Idle, 0, nil)
	}
}

// end handles the error that ended the upstream's stream. It sets err, or adds
// what tells the caller in its own protocol, or gives true when another attempt
// has taken over.
func (s *stream) end(err error) (saved bool) {
	switch {
	case s.ended: // the answer was whole; how its connection ends is of no interest
		if errors.Is(err, io.EOF) || s.r.Finish() != nil { // an array is still to be closed
			s.err = io.EOF
		}
	case errors.Is(err, io.EOF):
		s.err = io.EOF
		s.settle()
	case s.closing.Load():
		s.err = http.ErrBodyReadAfterClose
	case s.c.req.Context().Err() != nil:
		s.err = s.c.req.Context().Err()
		s.finish(s.c.hangUp())
	case errors.Is(err, transform.ErrHeld):
		if saved = s.rescue(s.told()); !saved {
			s.tell()
		}
	case s.watch.Complete() && s.r.Finish() == nil: // only the end mark was missing
		s.settle()
	default:
		f := s.at.failed(err)
		if saved = s.rescue(f); !saved && !s.abandoned() {
			s.r.Fail(s.broken(f), s.c.dialect, s.ledger)
			s.finish(f)
		}
	}
	if !saved {
		s.letGo()
	}
	return saved
}

// abandoned ends a stream whose caller has left while others were asked to go
// on with it.
func (s *stream) abandoned() bool {
	switch {
	case s.closing.Load():
		s.err = http.ErrBodyReadAfterClose
	case s.c.req.Context().Err() != nil:
		s.err = s.c.req.Context().Err()
	default:
		return false
	}
	s.finish(s.c.hangUp())
	return true
}

// told is the failure that the provider told of inside the stream.
func (s *stream) told() *breaker.Failure {
	e := s.watch.Failure()
	f := s.at.told(e, nil)
	f.Err = e
	return f
}

// tell hands on the provider's own error event, which ends the stream.
func (s *stream) tell() {
	if s.abandoned() {
		return
	}
	if ev, ok := s.watch.Held(); ok {
		s.r.Tell(s.at.redactEvent(ev), s.stages)
	}
	s.settle()
}

// broken is what the caller is told of an answer that broke off.
func (s *stream) broken(f *breaker.Failure) *transform.Error {
	e := &transform.Error{
		Status:  http.StatusBadGateway,
		Message: fmt.Sprintf("the answer of channel %q broke off: %v", s.at.ch.Name, f.Err),
	}
	if f.Class == breaker.Timeout {
		e.Status = http.StatusGatewayTimeout
	}
	return e
}

// settle ends a call whose stream ended as it should, or with the provider's
// own error event.
func (s *stream) settle() {
	if s.watch.Failure() != nil {
		s.finish(s.told())
		return
	}
	s.finish(nil)
}

func (s *stream) finish(f *breaker.Failure) {
	if s.ended {
		return
	}
	s.ended = true
	c := s.c
	if f != nil && f.Class == breaker.HangUp {
		c.said.end(nil)
	} else {
		c.said.end(s.r.Unread())
	}
	c.d.ChannelID, c.d.Channel, c.d.UpstreamModel = s.at.ch.ID, s.at.ch.Name, s.at.model
	c.d.Usage, c.d.UsageKnown, c.d.UsageEstimated = s.used(f != nil)
	s.at.charge(c.d.Usage)
	if f == nil {
		s.at.calibrate(c.d.Usage, c.d.UsageKnown)
	}
	if s.uncounted() > 0 {
		c.d.Usage.Output += s.uncounted()
		c.d.UsageEstimated = true
	}
	c.d.SkippedEvents = s.watch.Skipped()
	c.times.pieces = s.pieces()
	s.forget()
	if s.resumed != nil {
		s.at.sent.Losses = append(s.at.sent.Losses, s.resumed.Losses()...)
	}
	s.at.note() // others may have been asked in vain since
	s.at.over(f)
	if f == nil {
		c.settle(breaker.OK, "")
		return
	}
	c.settle(f.Class, f.Error())
}

// used is what the attempt has used, by what its provider has told so far or
// else by estimate. Of an answer that was cut off a provider that counts at the
// end has told less than there was.
func (s *stream) used(cut bool) (u transform.Usage, known, guessed bool) {
	u, known = s.watch.Usage()
	pieces := int64(s.watch.Pieces())
	switch {
	case !known:
		return transform.Usage{Input: s.c.size / 4, Output: pieces}, false, true
	case cut && u.Output < pieces:
		u.Output, guessed = pieces, true
	}
	return u, known, guessed
}

// chargeUnjoined puts on the bill what the model has said of an answer that does
// not go on with the caller's: its provider charges for it all the same.
func (s *stream) chargeUnjoined() {
	if s.resumed != nil && s.watch.Begun() {
		u, _, _ := s.used(true)
		s.at.charge(u)
	}
}
