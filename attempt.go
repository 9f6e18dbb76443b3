package routex

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/dctx-team/routex/balance"
	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/trace"
	"github.com/dctx-team/routex/transform"
)

// An attempt is one request to one channel.
type attempt struct {
	c       *call
	o       *option
	ch      *channel
	i       int // in Decision.Attempts
	model   string
	done    func(error) // of the circuit; nil once called
	key     grant
	started time.Time
	got     outcome // what is known of it; the call takes it over when it is over
	wait    wait
	waited  time.Duration // for the upstream, until the answer is handed over
	scale   float64       // see scaleOf
	ctx     context.Context
	cancel  context.CancelCauseFunc
	span    trace.Span
	watch   *transform.Watch      // of its stream; nil for none
	change  transform.Transformer // nil when nothing is changed
	sent    transform.Request
	url     url.URL
	resumes *stream // whose answer the attempt goes on with; nil for none
	resumed *transform.Resumed
	begun   []byte    // the caller's body with the beginning of the answer
	prefill string    // that beginning
	parts   [3][]byte // of the body: the caller's, with the model's name put in
	text    []byte    // the body that a translator made instead
	keeps   bool      // the provider keeps the answer; see keepsAnswer
	answers int       // how many the caller asks for
	cost    float64   // that is on the call's bill
}

// An outcome is what an attempt finds out. It is the attempt's own until the
// call notes it: two attempts may run at the same time.
type outcome struct {
	status    int
	begun     bool          // the answer has proved itself
	firstByte time.Duration // until it did
	whole     bool          // nothing of it is still to come
	usage     transform.Usage
	known     bool             // the usage
	about     *transform.About // nil unless a span wants it
	told      *transform.Error // what the provider said of its failure
}

func (c *call) newAttempt(o *option, a admission) *attempt {
	now := time.Now()
	at := &attempt{c: c, o: o, ch: o.ch, i: len(c.d.Attempts), done: a.done, key: a.key, model: a.model, started: now}
	defer func() {
		if at.cancel == nil { // the host's tracer panicked, and nobody knows of the attempt
			a.giveBack(o.ch)
		}
	}()
	at.change = at.transformer(o.model)
	at.scale = c.scaleOf(at.model)
	at.beginSpan()
	at.ctx, at.cancel = context.WithCancelCause(at.ctx)
	_, id := at.span.IDs()
	c.mu.Lock()
	c.d.Attempts = append(c.d.Attempts, Attempt{ChannelID: o.ch.ID, Channel: o.ch.Name, Key: a.key.key.shown, Model: at.model, SpanID: id, StartedAt: now})
	c.mu.Unlock()
	if c.s.cfg.Recent != nil {
		c.s.cfg.Recent.Begin()
	}
	c.current.Store(at)
	if c.closing.Load() || c.left.Load() { // they were set before current was
		at.cancel(errClosing)
	}
	c.d.Losses = nil
	c.d.Usage, c.d.UsageKnown = transform.Usage{}, false // those of a failed attempt are only on the bill
	c.d.ChannelID, c.d.Channel, c.d.UpstreamModel = o.ch.ID, o.ch.Name, at.model
	return at
}

// send makes the request and judges the answer. It gives a response alone for
// success, a failure and perhaps the provider's answer to it otherwise.
func (at *attempt) send() (*http.Response, *breaker.Failure) {
	out, failure, refused := at.request()
	if refused != nil {
		return refused, failure
	}
	at.wait.begin(at)
	return at.exchange(out)
}

// exchange sends the request. It does not look at the caller's body, which may
// be another's when it returns, if the call is over before.
func (at *attempt) exchange(out *http.Request) (*http.Response, *breaker.Failure) {
	defer at.wait.end()
	if at.c.upload != nil { // it may take its time as long as it moves
		defer at.c.upload.waiting(at.wait.timer, at.wait.limit())()
	}
	asked := time.Now()
	up, err := at.ofProxy(at.c.s.cfg.Base.RoundTrip(out))
	at.waited += time.Since(asked)
	if err == nil && up == nil {
		err = errors.New("the base RoundTripper gave neither an answer nor an error")
	}
	if err != nil {
		return nil, at.failed(err)
	}
	fillIn(up)
	at.got.status = up.StatusCode
	if at.c.s.needs.limits {
		at.ch.load.ObserveLimits(balance.ReadLimits(up.Header, time.Now()))
	}
	switch {
	case at.c.endpoint.kind == passesOn && up.StatusCode != http.StatusSwitchingProtocols:
		at.wait.answered(up)
		up.Body = newGuarded(up.Body, at.ch.timeouts.Idle, at.cancel)
	case at.c.view.Stream: // the wait bounds what comes until the first token
		at.wait.answered(up)
		up.Body = newGuarded(up.Body, at.ch.timeouts.Unary, at.cancel)
	}
	return at.judge(up)
}

// fillIn supplies what http.Client too lets a RoundTripper leave out.
func fillIn(up *http.Response) {
	if up.Body == nil {
		up.Body = http.NoBody
	}
	if up.Header == nil {
		up.Header = make(http.Header)
	}
}

// failed sorts an error of the base RoundTripper, or of reading an answer.
func (at *attempt) failed(err error) *breaker.Failure {
	cause := context.Cause(at.ctx)
	switch {
	case at.c.gone():
		return at.c.hangUp()
	case at.c.uploadError() != nil: // the caller's own
		return &breaker.Failure{Class: breaker.Caller, Err: at.c.uploadError()}
	case errors.Is(cause, errFirstToken) && at.got.status != 0: // it is at work
		at.ch.account.pace.cut(at.wait.soft, at.scale)
		return &breaker.Failure{Class: breaker.Timeout, Err: cause}
	case errors.Is(cause, errHeaderTimeout), errors.Is(cause, errFirstToken), errors.Is(cause, errIdle):
		return &breaker.Failure{Class: breaker.Timeout, Err: cause}
	case errors.Is(err, transform.ErrJoin): // which nobody is to blame for
		return &breaker.Failure{Class: breaker.Caller, Err: err}
	case errors.Is(err, transform.ErrEventTooLong), errors.Is(err, errNoAnswer):
		return &breaker.Failure{Class: breaker.Server, Err: err}
	}
	return &breaker.Failure{Class: breaker.Network, Err: err}
}

// over settles an attempt once: circuit, cool-down, load, counters, span. A
// nil failure is success.
func (at *attempt) over(f *breaker.Failure) {
	if at.done == nil {
		return
	}
	at.note()
	if at.span.On() {
		at.tell(f)
	}
	at.settle(f)
}

// settle does so without a look at what the attempt found out, which may be
// under way.
func (at *attempt) settle(f *breaker.Failure) {
	done := at.done
	if done == nil {
		return
	}
	at.done = nil
	a := &at.c.d.Attempts[at.i]
	now := time.Now()
	a.Duration = max(now.Sub(a.StartedAt), 1)
	at.ch.load.End()
	at.key.over(f, now)
	at.ch.counts.requests.Add(1)
	if f == nil {
		at.ch.counts.successes.Add(1)
		at.ch.account.budget.Succeeded()
		at.ch.account.cooldown.Reset()
		done(nil)
	} else {
		a.Class, a.Reason, a.Error = f.Class, f.Reason, f.Error()
		if f.Class != breaker.HangUp && f.Class != breaker.Caller {
			at.ch.counts.failures.Add(1)
		}
		if f.Class == breaker.Overload && f.RetryAfter > 0 { // whatever key is used
			at.ch.account.cooldown.Limit(now, f.RetryAfter, 0)
		}
		done(f)
		at.c.s.cfg.Logger.WarnContext(at.c.req.Context(), "attempt failed",
			"traceId", at.c.d.TraceID, "channel", at.ch.Name, "class", string(f.Class), "status", f.Status, "error", forLog(f))
	}
	finish(at.span, a.Class, a.Error)
}

// note takes what the attempt found out over into the Decision.
func (at *attempt) note() {
	d := &at.c.d
	a := &d.Attempts[at.i]
	a.Status, a.FirstByte = at.got.status, at.got.firstByte
	a.Resumes = at.resumed != nil
	d.Losses = at.sent.Losses
	if at.got.known {
		d.Usage, d.UsageKnown = at.got.usage, true
		at.charge(at.got.usage)
	}
	if at.got.about != nil {
		at.c.about = at.got.about
	}
}

// forLog tells of a failure without what a provider said, which can repeat a
// part of what it was asked.
func forLog(f *breaker.Failure) string {
	if _, said := errors.AsType[*transform.Error](f.Err); said {
		f = &breaker.Failure{Class: f.Class, Status: f.Status}
	}
	return f.Error()
}
