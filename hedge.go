package routex

import (
	"errors"
	"net/http"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/trace"
)

// Hedging says how often a second channel is asked beside one that is late. The
// zero value never does.
type Hedging struct {
	// Share of streamed calls, from 0 to 1, for which a second channel may
	// be asked when the first token comes later than it does for nineteen of
	// twenty calls to the first. Who speaks first wins; the other is
	// cancelled, and counts neither as a failure nor as a success. Both may
	// bill the call.
	Share float64
}

// hedgeAfter is how many answers of a channel must have been seen before it can
// be called late.
const hedgeAfter = 20

var errOutrun = errors.New("another channel answered first")

// A result is how an attempt ended.
type result struct {
	at      *attempt
	resp    *http.Response
	failure *breaker.Failure
	panicky any // what the host's own code panicked with
}

// ask makes an attempt, and a second one beside it when it is late and that is
// wanted. It gives the attempt that counts.
func (c *call) ask(at *attempt) (*attempt, *http.Response, *breaker.Failure) {
	late := c.lateness(at)
	if late == 0 {
		resp, failure := at.send()
		c.times.waited += at.waited
		return at, resp, failure
	}
	results := make(chan result, 2)
	at.run(results)
	defer c.times.wait(time.Now()) // for either; they may be at work at the same time
	timer := time.NewTimer(late)
	defer timer.Stop()
	select {
	case r := <-results:
		return r.take()
	case <-timer.C:
	}
	rival := c.rival(at)
	if rival == nil {
		return (<-results).take()
	}
	rival.run(results)
	r := <-results
	if r.failure != nil || r.panicky != nil { // the other may still answer
		c.failed(r)
		return (<-results).take()
	}
	loser := at
	if r.at == at {
		loser = rival
	}
	loser.outrun(results)
	c.mu.Lock()
	loser.o.tried = false // it can go on with the answer, should that break off
	c.mu.Unlock()
	c.current.Store(r.at)
	c.beside.Store(nil)
	return r.take()
}

// lateness is after how long the attempt is late; 0 for never.
func (c *call) lateness(at *attempt) time.Duration {
	share := c.s.cfg.Hedging.Share
	if share <= 0 || !c.view.Stream || c.endpoint.kind != callsModel {
		return 0
	}
	if at.i == 0 {
		c.t.hedges.add(share)
	}
	if at.ch.account.pace.seen.Load() < hedgeAfter || !c.another(time.Now(), func(*option) bool { return true }) {
		return 0
	}
	return at.ch.account.pace.usual(at.scale)
}

// rival begins an attempt on another channel, if one may be asked; nil if not.
func (c *call) rival(first *attempt) *attempt {
	if c.gone() || !c.elsewhere(time.Now()) || !c.t.hedges.take() {
		return nil
	}
	o, admitted := c.choose()
	if o == nil {
		return nil
	}
	c.beside.Store(first) // newAttempt makes the rival the current one
	at := c.newAttempt(o, admitted)
	c.d.Attempts[at.i].Hedge = true
	if at.span.On() {
		at.span.Set(attribute.Bool(trace.Hedge, true))
	}
	return at
}

// run sends in a goroutine of its own, which ends with the attempt. All that
// looks at the caller's body is done before: that may be gone when a loser ends.
func (at *attempt) run(results chan<- result) {
	r := result{at: at}
	out, failure, refused := at.request() //nolint:bodyclose // it is given to the call
	if refused != nil {
		r.resp, r.failure = refused, failure
		results <- r
		return
	}
	at.wait.begin(at)
	go func() {
		defer func() {
			r.panicky = recover()
			results <- r
		}()
		r.resp, r.failure = at.exchange(out) //nolint:bodyclose // it is given to the call
	}()
}

// take gives the result, or panics as the attempt did.
func (r result) take() (*attempt, *http.Response, *breaker.Failure) {
	if r.panicky != nil {
		panic(r.panicky)
	}
	return r.at, r.resp, r.failure
}

// failed settles an attempt that failed while its rival is under way.
func (c *call) failed(r result) {
	if r.panicky != nil {
		panic(r.panicky)
	}
	r.at.over(r.failure)
	r.at.cancel(nil)
	c.keep(r.at, r.resp)
	c.goOn(r.at.o, r.failure)
}

// outrun settles an attempt whose rival was faster: it is cancelled, and what
// it may still bring is closed unread.
func (at *attempt) outrun(results <-chan result) {
	at.settle(&breaker.Failure{Class: breaker.HangUp, Err: errOutrun})
	at.cancel(errOutrun)
	at.wait.end() // which would look for another channel beside the rest of the call
	go func() {
		r := <-results
		discard(r.resp)
	}()
}

// discard lets go of the answer of an attempt that does not count, which must
// not end the call.
func discard(resp *http.Response) {
	if resp == nil {
		return
	}
	switch body := resp.Body.(type) {
	case *stream:
		body.letGo()
		body.release()
	case *handedOver:
		closeQuietly(body.ReadCloser)
	}
}

// A tally bounds the share of calls that are hedged. The zero value is empty;
// it is safe for concurrent use.
type tally struct {
	mu    sync.Mutex
	saved float64 // under mu: hedges that may be made, at most 10
}

func (t *tally) add(share float64) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.saved = min(t.saved+share, 10)
}

func (t *tally) take() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.saved < 1 {
		return false
	}
	t.saved--
	return true
}
