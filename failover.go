package routex

import (
	"errors"
	"net/http"
	"time"

	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/transform"
)

// serve asks one channel after the other until there is an answer for the
// caller.
func (c *call) serve() (*http.Response, error) {
	for c.mayTry() {
		o, admitted := c.next()
		if o == nil {
			break
		}
		at := c.newAttempt(o, admitted)
		c.sendCopy()
		at, resp, failure := c.ask(at)
		if resp != nil && failure == nil { // success, perhaps still streaming
			return c.won(at, resp), nil
		}
		if c.gone() {
			at.over(c.hangUp())
			return c.abandon()
		}
		at.over(failure)
		at.cancel(nil)
		c.keep(at, resp)
		if !c.goOn(at.o, failure) {
			break
		}
	}
	c.sendCopy()
	return c.lost()
}

// keep holds the answer of an attempt that failed, for the caller. One that
// leaves no other way stays the last, whatever the other of a hedged call says.
func (c *call) keep(at *attempt, resp *http.Response) {
	if resp != nil && (c.last == nil || !c.final) {
		c.last, c.lastAt = resp, at.i
	}
}

// mayTry reports that the call may make one more attempt.
func (c *call) mayTry() bool {
	if c.d.Copy {
		return len(c.d.Attempts) == 0
	}
	return len(c.d.Attempts) < c.s.cfg.MaxAttempts
}

// won hands an answer over.
func (c *call) won(at *attempt, resp *http.Response) *http.Response {
	at.note()
	if at.got.begun {
		c.times.begun = true
		at.ch.load.Observe(at.got.firstByte)
		c.counted, _ = c.view.Counted()
		if c.view.Stream {
			at.ch.account.pace.observe(at.got.firstByte, at.scale)
		}
		c.bind(at.ch, time.Now())
	}
	c.give(resp)
	c.final = false                                          // whoever else refused the call, it can be answered
	if s, ok := resp.Body.(*stream); ok && s.ledger != nil { // which may need the body yet
		c.kept = true
	}
	if !at.got.whole {
		c.publish()
		return resp
	}
	at.calibrate(at.got.usage, at.got.known)
	at.over(nil)
	at.cancel(nil)
	c.settle(breaker.OK, "")
	return resp
}

// lost ends a call for which no channel had an answer of success.
func (c *call) lost() (*http.Response, error) {
	if len(c.d.Attempts) == 0 {
		c.closeUpload()
	}
	switch {
	case c.gone():
		return c.abandon()
	case c.endpoint.kind == countsTokens && !c.faulty():
		return c.estimate()
	case c.last != nil:
		return c.giveLast()
	case c.uploadError() != nil:
		return c.refuse(bodyRefusal(c.uploadError(), c.s.cfg.MaxUpload))
	}
	return c.refuse(c.unavailable())
}

// goOn says whether a failure leaves another way, and which. Of a hedged call
// both must, for both were asked the same.
func (c *call) goOn(o *option, f *breaker.Failure) bool {
	c.mu.Lock() // an attempt may be under way beside the one that failed
	defer c.mu.Unlock()
	c.final = !c.leavesWay(o, f) || c.final
	return !c.final
}

func (c *call) leavesWay(o *option, f *breaker.Failure) bool {
	if c.upload != nil || c.endpoint.upgrade { // it can be sent only once
		return false
	}
	if left, _ := c.remaining(time.Now(), o.ch); left <= noTime {
		return false
	}
	if _, refused := errors.AsType[*refusedError](f); refused { // the next channel may speak a protocol that can carry it
		return true
	}
	if errors.Is(f, transform.ErrJoin) { // the next channel may say the same as was said
		return true
	}
	policy := f.Policy()
	if f.Reason == breaker.ContextLength {
		c.plan.larger(o)
	}
	c.plan.nextKey(o, f, time.Now())
	if policy.Again == breaker.Once && !o.again && c.repeatable() && !errors.Is(f, errNoAnswer) && o.ch.account.budget.Take(time.Now()) {
		o.again, c.again = true, append(c.again, o)
	}
	return policy.Next || f.Class == breaker.Caller && f.Status == http.StatusNotFound
}

// repeatable reports a call that does no harm when a provider gets it twice: a
// model answers twice, but what else is made at a provider would be there twice.
func (c *call) repeatable() bool {
	return c.endpoint.kind != passesOn || c.req.Method == http.MethodGet || c.req.Method == http.MethodHead
}

// next gives the channel to ask now and its admission, or nil when none is
// left. It waits before it asks one again.
func (c *call) next() (*option, admission) {
	for o := c.onceMore(); o != nil; o = c.onceMore() {
		if o.unavailable(time.Now()) == "" && c.pause(c.backoff()) && o.unavailable(time.Now()) == "" {
			if admitted, ok := o.admit(time.Now(), false); ok {
				return o, admitted
			}
		}
	}
	for !c.gone() {
		if o, admitted := c.choose(); o != nil {
			return o, admitted
		}
		if !c.rest() {
			break
		}
	}
	return nil, admission{}
}

// onceMore takes a channel that is to be asked once more, or nil.
func (c *call) onceMore() (o *option) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.again) > 0 {
		o, c.again = c.again[0], c.again[1:]
	}
	return o
}

// choose gives the next channel and its admission, or nil when none is ready.
func (c *call) choose() (*option, admission) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for {
		now := time.Now()
		o, force := c.candidate(now)
		if o == nil {
			return nil, admission{}
		}
		c.hit(o)
		o.tried = true
		if admitted, ok := o.admit(now, force); ok {
			return o, admitted
		}
	}
}

// candidate gives the channel to ask next, or nil when none is ready; force says
// that its keys were refused before.
func (c *call) candidate(now time.Time) (o *option, force bool) {
	if o = c.plan.sameNow(now); o != nil {
		return o, false
	}
	bound := c.bound(now)
	if c.plan.shared && bound != nil && bound.share {
		return bound, false
	}
	if o = c.plan.preferredNow(now); o != nil {
		return o, false
	}
	if !c.plan.strict {
		if bound != nil && !c.s.needs.cost { // which weighs what a session has cached itself
			return bound, false
		}
		if o = c.plan.pick(c.balancer(), c.ticket, now); o != nil {
			return o, false
		}
	}
	if len(c.d.Attempts)+len(c.d.Order) == 0 {
		o = c.plan.refused(now)
	}
	return o, true
}
