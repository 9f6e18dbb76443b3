package routex

import (
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/transform"
)

var errClosed = errors.New("the caller closed the answer before its end")

// Until one of these is passed, an answer that has not begun stays here.
const (
	maxHeldEvents = 64
	maxHeldBytes  = 256 << 10
)

// linger is how long an upstream may take to end its stream when the answer in
// it has ended, whatever it still sends; waiting lets the connection be used
// again.
const (
	linger      = time.Second           // while the caller reads on
	lingerClose = 50 * time.Millisecond // when the caller closes
)

// What follows an answer that is complete, its usage and the end mark, comes at
// once or not at all. Gemini has no such mark, and some who speak its protocol
// call every piece the last.
const (
	lastWords       = 2 * time.Second
	lastWordsGemini = 5 * time.Second
)

// A stream is the body of a streamed answer. The caller's Read pulls; the
// caller's Close may come at any time.
type stream struct {
	c      *call
	at     *attempt // under mu, as all that is its own: a rescue puts another in its place
	up     *guarded
	watch  *transform.Watch
	stages transform.Stream // what events pass after watch
	r      *transform.Reader
	rescuer

	closing atomic.Bool // the caller has called Close
	mu      sync.Mutex  // held by Read, and by Close when no Read is under way
	err     error       // under mu: how the stream ended for the caller
	ended   bool        // under mu: the answer has ended, and is settled
	said    int         // under mu: pieces of the answer when it was complete; 0 before
}

// judgeStream holds the answer until it has proved itself: before that, a
// failure is seen by nobody.
func (at *attempt) judgeStream(up *http.Response) (*http.Response, *breaker.Failure) {
	body, _ := up.Body.(*guarded)
	if body == nil { // decompressed
		body = newGuarded(up.Body, at.ch.timeouts.Unary, at.cancel)
	}
	s := &stream{c: at.c, at: at, up: body, watch: transform.NewWatch(at.ch.dialect)}
	s.watch.EstimateInput(at.c.size / 4)
	s.watch.Expect(at.answers)
	s.watch.AfterComplete(s.hurry)
	r := transform.Response{Request: &at.sent, Status: up.StatusCode, Header: passing(up.Header, 3)}
	var change transform.Stream
	if at.change != nil {
		change = at.change.Stream(at.ctx, &r)
	}
	s.stages = transform.Then(at.bindStream(), change)
	s.prepare()
	s.r = transform.NewReader(transform.NewScanner(body, 0), transform.Then(s.watch, s.stages))
	s.r.Remember(s.ledger)
	if at.c.asked.array {
		s.r.AsArray()
		r.Header.Set("Content-Type", "application/json; charset=UTF-8")
	}
	if at.resumes != nil {
		s.r.Follow(at.resumes.r)
	}
	if f, answer := s.hold(up); f != nil {
		_ = body.Close()
		s.release()
		return answer, f
	}
	at.lossy(r.Header)
	at.proved()
	s.allow()
	resp := at.c.answer(r.Status, r.Header, nil)
	resp.Body, resp.ContentLength = s, -1
	return resp, nil
}

// hold reads until the answer has begun. It gives the failure that came before,
// and the answer that tells of it if the provider sent an error event.
func (s *stream) hold(up *http.Response) (*breaker.Failure, *http.Response) {
	for n := 0; s.resumed != nil || n < maxHeldEvents && s.r.Buffered() < maxHeldBytes; n++ {
		err := s.r.Fill()
		s.speaks()
		if e := s.watch.Failure(); e != nil && !s.begun() {
			answer, f := s.at.inBand(up, e)
			return f, answer
		}
		if s.begun() || err == nil && s.resumed == nil && s.watch.Complete() {
			return nil, nil
		}
		if err != nil {
			return s.at.failed(noStream(err, up.Header)), nil
		}
	}
	return nil, nil
}

// noStream says what a stream was that ended before it had begun.
func noStream(err error, h http.Header) error {
	if errors.Is(err, io.EOF) || errors.Is(err, transform.ErrTruncated) {
		return fmt.Errorf("the stream (%s) ended before the answer began", contentType(h))
	}
	return err
}

func (s *stream) Read(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing.Load() {
		return 0, http.ErrBodyReadAfterClose
	}
	if s.err != nil && s.r.Buffered() == 0 {
		return 0, s.err
	}
	n, err := s.r.Read(p)
	for err != nil && n == 0 && s.end(err) { // another attempt goes on with it
		n, err = s.r.Read(p)
	}
	if err != nil && n == 0 {
		if err = s.err; err == nil { // something was added for the caller
			n, err = s.r.Read(p)
			s.err = err
		}
	}
	s.look()
	if !s.ended && s.watch.Ended() && s.r.Buffered() == 0 {
		s.up.endWithin(linger)
		s.settle()
	}
	return n, err
}

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
		s.err = io.EOF
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
		s.r.Tell(ev, s.stages)
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
	c.d.ChannelID, c.d.Channel, c.d.UpstreamModel = s.at.ch.ID, s.at.ch.Name, s.at.model
	c.d.Usage, c.d.UsageKnown = s.watch.Usage()
	if f == nil {
		s.at.calibrate(c.d.Usage, c.d.UsageKnown)
	}
	switch {
	case !c.d.UsageKnown:
		c.d.Usage, c.d.UsageEstimated = transform.Usage{Input: c.size / 4, Output: s.pieces()}, true
	case s.uncounted() > 0:
		c.d.Usage.Output += s.uncounted()
		c.d.UsageEstimated = true
	}
	c.d.SkippedEvents = s.watch.Skipped()
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

// Close ends the stream. Before its end that is the caller's hang-up, which
// counts against nobody; the upstream is cancelled at once.
func (s *stream) Close() error {
	if s.closing.Swap(true) {
		return nil
	}
	if s.mu.TryLock() {
		s.drain()
	} else { // a Read is under way: make it end
		s.c.leave()
		s.mu.Lock()
	}
	defer s.mu.Unlock()
	if s.watch.Complete() {
		s.settle()
	} else {
		s.finish(&breaker.Failure{Class: breaker.HangUp, Err: errClosed})
	}
	s.letGo()
	s.release()
	return nil
}

// release lets others use the memory of a stream that nobody reads any more.
func (s *stream) release() {
	s.r.Release()
	if s.ledger != nil && s.at.resumes == nil { // else it is that of another stream too
		s.ledger.Release()
	}
}

// letGo frees what the stream holds.
func (s *stream) letGo() {
	s.at.cancel(nil)
	_ = s.up.Close()
}

// drain reads what is left of a stream whose answer is whole, so that the
// connection can be used again.
func (s *stream) drain() {
	if !s.watch.Ended() || s.err != nil {
		return
	}
	s.up.endWithin(lingerClose)
	for s.r.Fill() == nil {
	}
}
