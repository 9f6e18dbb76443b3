package routex

import (
	"errors"
	"strings"
	"sync"
	"time"

	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/transform"
)

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
