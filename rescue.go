package routex

import (
	"errors"
	"strings"
	"sync"
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
	s.at.over(f)
	s.letGo()
	saved := s.resumeBy(f)
	ended = true
	return saved
}

// resumeBy asks others to go on with the answer until one does.
func (s *stream) resumeBy(f *breaker.Failure) bool {
	c := s.c
	for more := c.goOn(s.at.o, f); more && c.mayTry(); {
		o, admitted := c.next()
		if o == nil {
			break
		}
		at := c.newAttempt(o, admitted)
		if f = s.resume(at); f == nil {
			return true
		}
		at.over(f)
		at.cancel(nil)
		more = at.learn(f) || c.goOn(o, f)
	}
	return false
}

// learn notes that a channel refused to go on with an answer. It is asked the
// whole question next, with which nothing is wrong.
func (at *attempt) learn(f *breaker.Failure) bool {
	if at.prefill == "" || f.Class != breaker.Caller || errors.Is(f, transform.ErrJoin) {
		return false
	}
	if transform.RefusesPrefill(at.got.told) {
		at.ch.account.noPrefill.add(at.model)
	}
	at.o.whole = true
	at.c.mu.Lock()
	defer at.c.mu.Unlock()
	at.c.again = append(at.c.again, at.o)
	return true
}

// resume makes one attempt to go on with the answer.
func (s *stream) resume(at *attempt) *breaker.Failure {
	returned := false
	defer func() {
		if !returned { // the host's own code panicked, and RoundTrip, which would unwind, has long returned
			at.cancel(errPanic)
			at.settle(&breaker.Failure{Class: breaker.HangUp, Err: errPanic})
		}
	}()
	f := s.join(at)
	returned = true
	return f
}

// join sends the attempt, and takes its stream over once it is sure to go on
// with the answer.
func (s *stream) join(at *attempt) *breaker.Failure {
	if err := at.follow(s); err != nil {
		return &breaker.Failure{Class: breaker.Caller, Err: err}
	}
	resp, f := at.send() //nolint:bodyclose // adopted or discarded
	if f != nil {
		return f
	}
	next, ok := resp.Body.(*stream)
	if !ok {
		discard(resp)
		return &breaker.Failure{Class: breaker.Server, Err: errNoAnswer}
	}
	s.adopt(next)
	return nil
}

// follow prepares an attempt to go on with the answer of a stream.
func (at *attempt) follow(s *stream) (err error) {
	body, mode := at.c.body.bytes(), transform.Splice
	at.resumes = s
	if !at.o.whole && !at.ch.account.noPrefill.has(at.model) && transform.TakesPrefill(at.ch.dialect, at.model) {
		text := s.ledger.Text()
		if begun, err := transform.Prefill(at.c.dialect, body, text); err == nil {
			at.begun, at.prefill, mode = begun, text, transform.Continue
		}
	}
	if at.resumed, err = s.ledger.Resume(body, mode); err == nil {
		at.resumed.AddOutput(s.pieces())
	}
	return err
}

// adopt makes the stream of another attempt the rest of this one.
func (s *stream) adopt(next *stream) {
	s.r.Release()
	s.at, s.up, s.watch, s.r, s.stages, s.rescuer = next.at, next.up, next.watch, next.r, next.stages, next.rescuer
	s.at.note()
	s.c.bind(s.at.ch, time.Now())
	s.allow()
}

// A names is a small set of models. The zero value is empty; it is safe for
// concurrent use.
type names struct {
	mu  sync.Mutex
	set map[string]struct{} // under mu
}

const maxNames = 1000

func (n *names) add(name string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.set == nil || len(n.set) >= maxNames {
		n.set = make(map[string]struct{})
	}
	n.set[strings.Clone(name)] = struct{}{}
}

func (n *names) has(name string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	_, ok := n.set[name]
	return ok
}
