package routex

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
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

// transformer gives everything that changes calls to the channel: translation,
// or what the protocol's own calls need, then the channel's own transformers.
func (at *attempt) transformer(asked string) transform.Transformer {
	switch at.c.endpoint.kind {
	case embedsText:
		if t := transform.TranslateEmbeddings(at.c.dialect, at.ch.dialect); t != nil {
			return t
		}
		return at.naming()
	case countsTokens:
		return at.naming()
	case passesOn:
		return nil
	}
	first := make([]transform.Transformer, 0, 4)
	if t := transform.Translate(at.c.dialect, at.ch.dialect); t != nil {
		first = append(first, t)
	} else {
		first = at.untranslated(first)
	}
	own := at.ch.transformersFor(asked, at.model)
	if len(first)+len(own) == 0 {
		return nil
	}
	return transform.Chain(slices.Concat(first, own)...)
}

// naming puts the provider's name of the model into bodies that name it beside
// the path, nil for others.
func (at *attempt) naming() transform.Transformer {
	if at.c.dialect != transform.Gemini || at.ch.dialect != transform.Gemini || at.model == at.c.view.Model {
		return nil
	}
	return transform.NameModel()
}

// untranslated appends what a call needs that is not translated.
func (at *attempt) untranslated(list []transform.Transformer) []transform.Transformer {
	if transform.HasForeign(at.c.body.bytes()) {
		list = append(list, transform.DropForeign(at.c.dialect))
	}
	if at.ch.Usage == UsageAlways && at.c.dialect == transform.OpenAIChat && at.c.view.Stream {
		list = append(list, transform.AskUsage())
	}
	if at.c.dialect == transform.Anthropic && at.ch.APIVersion != "" {
		list = append(list, transform.AnthropicVersion(at.ch.APIVersion))
	}
	return list
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

// request makes the request to the channel. What cannot be sent is refused:
// failure and answer are then set.
func (at *attempt) request() (out *http.Request, failure *breaker.Failure, refused *http.Response) {
	c := at.c
	at.sent = transform.Request{
		Dialect: c.dialect, Header: passing(c.req.Header, 4), RawQuery: c.req.URL.RawQuery,
		Model: at.model, Stream: c.view.Stream, Target: at.ch.target,
	}
	if err := at.prepare(); err != nil {
		e := at.refusal(err)
		return nil, &breaker.Failure{Class: breaker.Caller, Err: &refusedError{err}}, at.c.answer(e.Status, jsonHeader(), e.Body(c.dialect))
	}
	h := at.sent.Header
	at.ch.setHeader(h)
	h["Accept-Encoding"] = identity
	if c.endpoint.kind == passesOn {
		at.passHeader(h)
	}
	if h["User-Agent"] == nil {
		h["User-Agent"] = noValue // the caller sent none, so none is made up
	}
	at.url = at.urlOf(at.sent.RawQuery)
	out = c.req.WithContext(at.ctx) // a copy
	out.URL, out.Host, out.RequestURI = &at.url, "", ""
	out.Header, out.Trailer, out.TransferEncoding, out.Close = h, nil, nil, false
	out.Form, out.PostForm, out.MultipartForm, out.TLS, out.Response = nil, nil, nil, nil, nil
	if c.upload != nil {
		out.Body, out.GetBody = c.upload, nil
		return out, nil, nil
	}
	out.ContentLength = int64(len(at.parts[0]) + len(at.parts[1]) + len(at.parts[2]) + len(at.text))
	if out.ContentLength == 0 {
		out.Body, out.GetBody = nil, nil
		return out, nil, nil
	}
	out.Body, _ = at.body() // no error while RoundTrip runs
	out.GetBody = at.body
	return out, nil, nil
}

var (
	identity = []string{"identity"}
	noValue  = []string{""}
)

// prepare makes what is sent: the caller's bytes with the model's name put in,
// or what the transformers make of them.
func (at *attempt) prepare() error {
	if at.c.upload != nil {
		return nil
	}
	at.parts = at.c.named(at.model)
	if at.change == nil {
		return nil
	}
	at.sent.Body = join(at.parts)
	err := at.change.Request(at.ctx, &at.sent)
	if at.sent.Dialect == at.c.dialect { // it may still be in the caller's memory
		at.parts = [3][]byte{at.sent.Body}
	} else {
		at.parts, at.text = [3][]byte{}, at.sent.Body
	}
	at.sent.Body = nil // nobody may keep it
	at.c.d.Losses = at.sent.Losses
	if err == nil && at.ch.Losses == LossStrict {
		err = strictly(at.sent.Losses)
	}
	return err
}

// body gives the body from its beginning, for each time that it is sent.
func (at *attempt) body() (io.ReadCloser, error) {
	if at.text != nil {
		return plainBody(at.text), nil
	}
	return at.c.body.body(at.parts)
}

// named gives the caller's body with the model's name replaced, in pieces. It
// is the first piece alone when the name stays.
func (c *call) named(model string) [3][]byte {
	text := c.body.bytes()
	start, end := c.view.ModelSpan()
	if model == c.view.Model || end == 0 {
		return [3][]byte{text}
	}
	return [3][]byte{text[:start], jsonText(model), text[end:]}
}

// refusal is what a caller is told whose call cannot be sent to the channel.
// The body is at fault where a field of it is named, else a transformer of the
// channel is.
func (at *attempt) refusal(err error) *transform.Error {
	switch err.(type) { //nolint:errorlint // not those that a transformer wraps
	case *transform.FieldError, *strictError:
		return badRequest(err.Error())
	}
	e := &transform.Error{Status: http.StatusBadGateway, Message: fmt.Sprintf("channel %q: %v", at.ch.Name, err)}
	if _, ok := errors.AsType[*transform.FieldError](err); ok {
		e.Status = http.StatusBadRequest
	}
	return e
}

// A refusedError is why a call cannot be put into a channel's protocol. The
// next channel may speak another.
type refusedError struct{ error }

func (e *refusedError) Unwrap() error { return e.error }

// A strictError refuses a call that would lose something.
type strictError struct{ losses []transform.Loss }

// strictly gives the error for the losses that change what was asked for.
func strictly(losses []transform.Loss) error {
	var e strictError
	for _, l := range losses {
		if !l.Hint() {
			e.losses = append(e.losses, l)
		}
	}
	if len(e.losses) == 0 {
		return nil
	}
	return &e
}

func (e *strictError) Error() string {
	var b strings.Builder
	b.WriteString("the channel's protocol cannot carry everything, and losses are not allowed")
	for _, l := range e.losses {
		b.WriteString("; " + l.Field + ": " + l.Why)
	}
	return b.String()
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
