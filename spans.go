package routex

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
	"go.opentelemetry.io/otel/attribute"
	oteltrace "go.opentelemetry.io/otel/trace"

	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/tee"
	"github.com/dctx-team/routex/trace"
	"github.com/dctx-team/routex/transform"
)

// maxSpanText bounds what a caller can put into a span by the name of a model,
// in bytes.
const maxSpanText = 128

// beginSpan begins the span of the call, once, when it is known what is asked
// for. It began with the call.
func (c *call) beginSpan() {
	if c.traced {
		return
	}
	c.traced = true
	if c.s.cfg.Recent != nil && !c.explains {
		c.s.cfg.Recent.Begin()
	}
	if tracer := c.s.cfg.Tracer; tracer == nil || c.explains {
		_, c.span = trace.Start(c.ctx, nil, "", c.start)
	} else {
		model := trace.Clip(c.d.Model, maxSpanText)
		name := c.endpoint.operation()
		kv := [2]attribute.KeyValue{attribute.String(trace.OperationName, name), attribute.String(trace.RequestModel, model)}
		c.ctx, c.span = trace.Start(c.ctx, tracer, spanName(name, model), c.start, kv[:]...)
	}
	c.d.TraceID, c.d.SpanID = c.span.IDs()
	if c.span.On() && c.view != nil {
		c.params = c.parameters()
		c.span.Set(c.params...)
	}
}

func spanName(operation, model string) string {
	if model == "" {
		return operation
	}
	return operation + " " + model
}

// maxErrorText bounds what spans tell of a failure, in bytes.
const maxErrorText = 1 << 10

// errorText is what spans tell of a failure: some providers repeat the key in
// what they say of it.
func errorText(message string) string {
	if message == "" {
		return ""
	}
	return gjson.ParseBytes(tee.WithoutCredentials(jsonText(trace.Clip(message, maxErrorText)))).String()
}

// endSpan ends the span of the call, whose Decision is complete.
func (c *call) endSpan() {
	if c.span.On() {
		c.tell()
	}
	finish(c.span, c.d.Class, c.d.Error)
}

// finish ends a span. Who leaves does nothing wrong.
func finish(span trace.Span, class breaker.Class, message string) {
	switch class {
	case breaker.OK:
		span.End()
	case breaker.HangUp:
		span.Leave(string(class))
	default:
		if span.On() {
			message = errorText(message)
		}
		span.Fail(string(class), message)
	}
}

// beginSpan begins the span of an attempt.
func (at *attempt) beginSpan() {
	c := at.c
	tracer := c.s.cfg.Tracer
	if tracer == nil {
		at.ctx, at.span = c.span.Child(c.ctx, nil, "", at.started)
		return
	}
	model := trace.Clip(at.model, maxSpanText)
	name := c.endpoint.operation()
	kv := [...]attribute.KeyValue{
		attribute.String(trace.OperationName, name),
		attribute.String(trace.ProviderName, at.ch.provider),
		attribute.String(trace.RequestModel, model),
		attribute.String(trace.ServerAddress, at.ch.url.Hostname()),
		attribute.Int(trace.ServerPort, portOf(at.ch)),
		attribute.String(trace.Channel, at.ch.Name),
		attribute.String(trace.ChannelID, at.ch.ID),
		attribute.Int(trace.AttemptNumber, at.i+1),
	}
	at.ctx, at.span = c.span.Child(c.ctx, tracer, spanName(name, model), at.started, kv[:]...)
	if !at.span.On() {
		return
	}
	at.span.Set(c.params...)
	at.span.Set(attribute.String(trace.RequestModel, model), attribute.Bool(trace.RequestStream, c.d.Stream))
	if key := at.key.key.shown; key != "" {
		at.span.Set(attribute.String(trace.Key, key))
	}
	if at.i > 0 {
		if before := &c.d.Attempts[at.i-1]; before.Class != breaker.OK && before.Channel != at.ch.Name {
			at.span.Set(attribute.String(trace.FallbackFrom, before.Channel))
		}
	}
}

// listen gives what reads of a stream what the span wants to tell; nil when it
// wants nothing.
func (at *attempt) listen() transform.Stream {
	if !at.span.On() {
		return nil
	}
	at.got.about = transform.NewAbout(at.ch.dialect)
	return at.got.about
}

// parentOf puts the trace that a caller names in a header into the context of
// its request, unless that has one already.
func parentOf(r *http.Request) *http.Request {
	if r.Header["Traceparent"] == nil || oteltrace.SpanContextFromContext(r.Context()).IsValid() {
		return r
	}
	if sc := trace.FromHeader(r.Header); sc.IsValid() {
		return r.WithContext(oteltrace.ContextWithRemoteSpanContext(r.Context(), sc))
	}
	return r
}

// identify gives an answer the ids of a span, for a request that has no call.
func identify(h http.Header, r *http.Request) {
	traceID, spanID := trace.IDs(oteltrace.SpanContextFromContext(r.Context()))
	h["X-Trace-Id"], h["X-Span-Id"] = []string{traceID.String()}, []string{spanID.String()}
}

// portOf is where a channel's server listens.
func portOf(ch *channel) int {
	if port := ch.url.Port(); port != "" {
		n, _ := strconv.Atoi(port) // it was checked with the URL
		return n
	}
	if strings.EqualFold(ch.url.Scheme, "http") {
		return 80
	}
	return 443
}
