package routex

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"go.opentelemetry.io/otel/attribute"

	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/trace"
	"github.com/dctx-team/routex/transform"
)

var errHeaderTimeout = errors.New("no answer within the time allowed")

// An attempt is one request to one channel.
type attempt struct {
	c      *call
	ch     *channel
	i      int // in Decision.Attempts
	model  string
	done   func(error) // of the circuit; nil once called
	ctx    context.Context
	cancel context.CancelCauseFunc
	span   trace.Span
	change transform.Transformer // nil when nothing is changed
	sent   transform.Request
	url    url.URL
	parts  [3][]byte // of the body: the caller's, with the model's name put in
	text   []byte    // the body that a translator made instead
}

func (c *call) newAttempt(o *option, done func(error)) *attempt {
	now := time.Now()
	at := &attempt{c: c, ch: o.ch, i: len(c.d.Attempts), done: done}
	if o.model != "" {
		at.model = o.ch.UpstreamModel(o.model)
	}
	at.change = at.transformer(o.model)
	ctx, span := trace.Start(c.ctx, c.s.cfg.Tracer, "attempt")
	at.span = span
	at.describe()
	at.ctx, at.cancel = context.WithCancelCause(ctx)
	c.d.Attempts = append(c.d.Attempts, Attempt{ChannelID: o.ch.ID, Channel: o.ch.Name, Model: at.model, StartedAt: now})
	c.current.Store(at)
	if c.closing.Load() { // it was set before current was
		at.cancel(errClosing)
	}
	c.d.Losses = nil
	c.d.ChannelID, c.d.Channel, c.d.UpstreamModel = o.ch.ID, o.ch.Name, at.model
	o.ch.load.Begin(now)
	return at
}

// send makes the request and judges the answer. It gives a response alone for
// success, a failure and perhaps the provider's answer to it otherwise.
func (at *attempt) send() (*http.Response, *breaker.Failure) {
	out, failure, refused := at.request()
	if refused != nil {
		return refused, failure
	}
	timer := time.AfterFunc(at.patience(), func() { at.cancel(errHeaderTimeout) })
	defer timer.Stop()
	if at.c.upload != nil { // it may take its time as long as it moves
		defer at.c.upload.waiting(timer, at.patience())()
	}
	up, err := at.c.s.cfg.Base.RoundTrip(out)
	if err == nil && up == nil {
		err = errors.New("the base RoundTripper gave neither an answer nor an error")
	}
	if err != nil {
		return nil, at.failed(err)
	}
	fillIn(up)
	at.c.d.Attempts[at.i].Status = up.StatusCode
	if at.c.view.Stream || at.c.endpoint.kind == passesOn && up.StatusCode != http.StatusSwitchingProtocols {
		timer.Stop() // from here on every part has its own limit
		if up.StatusCode >= http.StatusBadRequest || isDocument(up.Header) {
			timer.Reset(at.ch.timeouts.Unary) // it is read whole
		}
		up.Body = newGuarded(up.Body, at.ch.timeouts.Idle, at.cancel)
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

// patience is how long the answer may take to begin, or, when it is not
// streamed, to be whole.
func (at *attempt) patience() time.Duration {
	if at.c.view.Stream {
		return at.ch.timeouts.Header
	}
	return at.ch.timeouts.Unary
}

// failed sorts an error of the base RoundTripper, or of reading an answer.
func (at *attempt) failed(err error) *breaker.Failure {
	cause := context.Cause(at.ctx)
	switch {
	case at.c.gone():
		return at.c.hangUp()
	case at.c.uploadError() != nil: // the caller's own
		return &breaker.Failure{Class: breaker.Caller, Err: at.c.uploadError()}
	case errors.Is(cause, errHeaderTimeout), errors.Is(cause, errIdle):
		return &breaker.Failure{Class: breaker.Timeout, Err: cause}
	case errors.Is(err, transform.ErrEventTooLong), errors.Is(err, errNoAnswer):
		return &breaker.Failure{Class: breaker.Server, Err: err}
	}
	return &breaker.Failure{Class: breaker.Network, Err: err}
}

// over settles an attempt once: circuit, cool-down, load, counters, span. A
// nil failure is success.
func (at *attempt) over(f *breaker.Failure) {
	done := at.done
	if done == nil {
		return
	}
	at.done = nil
	a := &at.c.d.Attempts[at.i]
	now := time.Now()
	a.Duration = max(now.Sub(a.StartedAt), 1)
	at.ch.load.End()
	at.ch.counts.requests.Add(1)
	if f == nil {
		at.ch.counts.successes.Add(1)
		at.ch.account.cooldown.Reset()
		done(nil)
		at.span.End("", "")
	} else {
		a.Class, a.Error = f.Class, f.Error()
		if f.Class != breaker.HangUp && f.Class != breaker.Caller {
			at.ch.counts.failures.Add(1)
		}
		done(f)
		at.c.s.cfg.Logger.WarnContext(at.c.req.Context(), "attempt failed",
			"traceId", at.c.d.TraceID, "channel", at.ch.Name, "class", string(f.Class), "status", f.Status, "error", a.Error)
		at.span.End(string(f.Class), a.Error)
	}
}

// describe gives the span of an attempt what is known when it is sent.
func (at *attempt) describe() {
	if at.span.On() {
		at.span.Set(
			attribute.String(trace.Channel, at.ch.Name),
			attribute.Int(trace.AttemptNumber, at.i+1),
			attribute.String(trace.RequestModel, at.model),
			attribute.String(trace.ProviderName, string(at.ch.Type)),
		)
	}
}
