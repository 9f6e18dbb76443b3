package routex

import (
	"errors"
	"fmt"
	"io"
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
	at.watch = s.watch
	s.watch.EstimateInput(at.c.size / 4)
	s.watch.Expect(at.answers)
	if at.ch.dialect != at.c.dialect {
		s.watch.Translated()
	}
	s.watch.AfterComplete(s.hurry)
	r := transform.Response{Request: &at.sent, Status: up.StatusCode, Header: passing(up.Header, 3)}
	var change transform.Stream
	if at.change != nil {
		change = at.change.Stream(at.ctx, &r)
	}
	s.stages = transform.Then(at.bindStream(), change)
	s.prepare()
	s.r = transform.NewReader(transform.NewScanner(body, 0), transform.Then(s.watch, transform.Then(s.masking(), transform.Then(at.listen(), s.stages))))
	s.r.Remember(s.ledger)
	if s.stages == nil {
		s.r.PassRuns(s.watch)
	}
	if at.c.asked.array {
		s.r.AsArray()
		r.Header.Set("Content-Type", "application/json; charset=UTF-8")
	}
	if at.resumes != nil {
		s.r.Follow(at.resumes.r)
	}
	body.waited = &at.waited
	f, answer := s.hold(up)
	body.waited = nil
	if f != nil {
		at.got.usage, at.got.known = s.watch.Usage()
		s.chargeUnjoined()
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
	s.c.said.hear(p[:n])
	s.look()
	switch {
	case err != nil && s.err == nil: // the end came with the last events
		s.end(err)
	case !s.ended && s.watch.Ended() && s.r.Buffered() == 0:
		s.up.endWithin(linger)
		s.settle()
	}
	return n, err
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
