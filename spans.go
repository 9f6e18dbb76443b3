package routex

import (
	"net/http"
	"strconv"
	"strings"

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
		span.Fail(string(class), trace.Clip(message, 1<<10))
	}
}

// tell gives the span of the call what came of it.
func (c *call) tell() {
	d := &c.d
	kv := make([]attribute.KeyValue, 0, 32)
	text := func(name, value string) {
		if value != "" {
			kv = append(kv, attribute.String(name, value))
		}
	}
	if ch, ok := c.s.byRef[d.ChannelID]; ok && d.ChannelID != "" {
		text(trace.ProviderName, ch.provider)
	}
	text(trace.Channel, d.Channel)
	text(trace.ChannelID, d.ChannelID)
	text(trace.Rule, d.Rule)
	text(trace.RuleID, d.RuleID)
	kv = append(kv, attribute.Bool(trace.RequestStream, d.Stream), attribute.Int(trace.Attempts, len(d.Attempts)))
	if n := len(d.Attempts); n > 0 && d.Attempts[0].Channel != d.Channel {
		text(trace.FallbackFrom, d.Attempts[0].Channel)
	}
	if a := d.Affinity; a != nil {
		text(trace.Session, a.Source)
		kv = append(kv, attribute.Bool(trace.SessionHit, a.Hit))
		if a.Source != byConversation {
			text(trace.ConversationID, a.Key)
		}
	}
	if d.Status != 0 {
		kv = append(kv, attribute.Int(trace.HTTPStatus, d.Status), attribute.Float64(trace.Commit, d.FirstByte.Seconds()))
	}
	if d.Wait > 0 {
		kv = append(kv, attribute.Float64(trace.Wait, d.Wait.Seconds()))
	}
	if c.about != nil && d.Stream { // an answer has begun
		kv = append(kv, attribute.Float64(trace.TimeToFirstChunk, d.FirstByte.Seconds()))
	}
	kv = appendAbout(kv, c.about)
	kv = appendLosses(kv, d.Losses)
	if d.UsageKnown || d.UsageEstimated {
		kv = appendUsage(kv, d.Usage, d.UsageEstimated)
	}
	if d.Cost != nil {
		kv = append(kv, attribute.Float64(trace.Cost, *d.Cost))
	}
	if c.s.cfg.TraceContent > 0 && c.said != nil {
		kv = c.said.appendContent(kv, d.Dialect, c.s.cfg.TraceContent)
	}
	c.span.Set(kv...)
}

// appendContent tells what was said, in the words of the caller's protocol.
func (k *capture) appendContent(kv []attribute.KeyValue, d transform.Dialect, limit int) []attribute.KeyValue {
	answer := k.answer
	if k.heard > 0 {
		answer, _ = transform.Assemble(d, k.events) // nothing, if the caller left before there was any
	}
	said := transform.ReadContent(d, k.request, answer, limit)
	for _, one := range [...]struct{ name, text string }{
		{trace.InputMessages, said.Input}, {trace.SystemInstructions, said.Instructions},
		{trace.ToolDefinitions, said.Tools}, {trace.OutputMessages, said.Output},
	} {
		if one.text != "" {
			kv = append(kv, attribute.String(one.name, string(tee.WithoutCredentials([]byte(one.text)))))
		}
	}
	return kv
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

// tell gives the span of an attempt what came of it.
func (at *attempt) tell(f *breaker.Failure) {
	kv := make([]attribute.KeyValue, 0, 16)
	if at.got.status != 0 {
		kv = append(kv, attribute.Int(trace.HTTPStatus, at.got.status))
	}
	if at.got.begun && at.c.d.Stream {
		kv = append(kv, attribute.Float64(trace.TimeToFirstChunk, at.got.firstByte.Seconds()))
	}
	if at.resumed != nil {
		kv = append(kv, attribute.Bool(trace.Resumes, true))
	}
	if f != nil && f.Reason != "" {
		kv = append(kv, attribute.String(trace.Reason, string(f.Reason)))
	}
	kv = appendAbout(kv, at.got.about)
	kv = appendLosses(kv, at.sent.Losses)
	usage, known := at.got.usage, at.got.known
	if at.watch != nil { // what the provider has told so far
		usage, known = at.watch.Usage()
	}
	if known {
		kv = appendUsage(kv, usage, false)
	}
	at.span.Set(kv...)
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

func appendAbout(kv []attribute.KeyValue, a *transform.About) []attribute.KeyValue {
	if a == nil {
		return kv
	}
	if a.ID != "" {
		kv = append(kv, attribute.String(trace.ResponseID, trace.Clip(a.ID, maxSpanText)))
	}
	if a.Model != "" {
		kv = append(kv, attribute.String(trace.ResponseModel, trace.Clip(a.Model, maxSpanText)))
	}
	if len(a.FinishReasons) > 0 {
		kv = append(kv, attribute.StringSlice(trace.ResponseFinishReasons, a.FinishReasons))
	}
	return kv
}

// maxLosses bounds the fields that a span names.
const maxLosses = 16

func appendLosses(kv []attribute.KeyValue, losses []transform.Loss) []attribute.KeyValue {
	if len(losses) == 0 {
		return kv
	}
	fields := make([]string, 0, maxLosses)
	for _, l := range losses[:min(len(losses), maxLosses)] {
		fields = append(fields, trace.Clip(l.Field, maxSpanText))
	}
	return append(kv, attribute.Int(trace.LossCount, len(losses)), attribute.StringSlice(trace.Losses, fields))
}

// appendUsage: the conventions count what is read from a cache, or written to
// it, as input too.
func appendUsage(kv []attribute.KeyValue, u transform.Usage, estimated bool) []attribute.KeyValue {
	kv = append(kv,
		attribute.Int64(trace.InputTokens, u.Input+u.CacheRead+u.CacheWrite),
		attribute.Int64(trace.OutputTokens, u.Output),
	)
	for _, more := range [...]attribute.KeyValue{
		attribute.Int64(trace.CacheReadTokens, u.CacheRead),
		attribute.Int64(trace.CacheWriteTokens, u.CacheWrite),
		attribute.Int64(trace.ReasoningTokens, u.Reasoning),
	} {
		if more.Value.AsInt64() > 0 {
			kv = append(kv, more)
		}
	}
	if estimated {
		kv = append(kv, attribute.Bool(trace.Estimated, true))
	}
	return kv
}

// remember adds the spans of a call that is over to the recent ones.
func (c *call) remember() {
	ring := c.s.cfg.Recent
	if ring == nil {
		return
	}
	d := &c.d
	for i := range d.Attempts {
		a := &d.Attempts[i]
		ring.Add(&trace.Recent{
			TraceID: d.TraceID, SpanID: a.SpanID, ParentID: d.SpanID, Name: trace.NameAttempt,
			Start: a.StartedAt, Duration: a.Duration, Latency: a.FirstByte, Method: c.req.Method, Path: d.Path,
			Model: a.Model, ChannelID: a.ChannelID, Channel: a.Channel, Key: a.Key,
			Status: a.Status, Class: string(a.Class), Reason: string(a.Reason), Error: a.Error,
			Attempt: i + 1, Stream: d.Stream, Hedge: a.Hedge, Resumes: a.Resumes,
		})
	}
	ring.Add(&trace.Recent{
		TraceID: d.TraceID, SpanID: d.SpanID, ParentID: c.span.Parent(), Name: trace.NameCall,
		Start: d.Time, Duration: d.Duration, Latency: d.FirstByte, Method: c.req.Method, Path: d.Path,
		Model: d.Model, ChannelID: d.ChannelID, Channel: d.Channel, RuleID: d.RuleID, Rule: d.Rule,
		Status: d.Status, Class: string(d.Class), Error: d.Error,
		Attempt: len(d.Attempts), Stream: d.Stream, Input: d.Usage.Input, Output: d.Usage.Output,
	})
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
