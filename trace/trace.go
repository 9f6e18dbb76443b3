// Package trace makes the OpenTelemetry spans of a call and of its attempts,
// with the names of the semantic conventions for generative AI, and remembers
// the latest of them in a [Ring]. It uses the OpenTelemetry API only: which
// spans are kept, and where they go, is decided by the program that supplies
// the tracer.
package trace

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	oteltrace "go.opentelemetry.io/otel/trace"
)

// A Span is one step of a call. The zero value records nothing and has no ids.
type Span struct {
	s      oteltrace.Span // nil for none
	ids    oteltrace.SpanContext
	parent SpanID
}

// Start begins a span below the one that the context has, if any, and puts it
// into the context. Without a tracer the context stays as it is, and the Span
// has nothing but ids: the trace goes on, so that answers and logs can be
// matched either way.
func Start(ctx context.Context, tracer oteltrace.Tracer, name string, at time.Time, kv ...attribute.KeyValue) (context.Context, Span) {
	return start(ctx, tracer, oteltrace.SpanContextFromContext(ctx), name, at, kv)
}

// Child begins a span below s, with the context that came with s.
func (s Span) Child(ctx context.Context, tracer oteltrace.Tracer, name string, at time.Time, kv ...attribute.KeyValue) (context.Context, Span) {
	return start(ctx, tracer, s.ids, name, at, kv)
}

func start(ctx context.Context, tracer oteltrace.Tracer, parent oteltrace.SpanContext, name string, at time.Time, kv []attribute.KeyValue) (context.Context, Span) {
	s := Span{parent: SpanID(parent.SpanID())}
	if tracer != nil {
		ctx, s.s = tracer.Start(ctx, name, oteltrace.WithSpanKind(oteltrace.SpanKindClient),
			oteltrace.WithTimestamp(at), oteltrace.WithAttributes(kv...))
		s.ids = s.s.SpanContext()
	}
	if !s.ids.IsValid() || s.ids.SpanID() == parent.SpanID() { // a tracer that makes no spans gives the parent's
		s.ids = below(parent)
	}
	return ctx, s
}

// On reports whether the span records anything.
func (s Span) On() bool { return s.s != nil && s.s.IsRecording() }

// IDs are those that name the span in answers and logs.
func (s Span) IDs() (TraceID, SpanID) { return TraceID(s.ids.TraceID()), SpanID(s.ids.SpanID()) }

// Parent is the span above, which may be that of another program; zero for none.
func (s Span) Parent() SpanID { return s.parent }

// Set adds attributes.
func (s Span) Set(kv ...attribute.KeyValue) {
	if s.On() {
		s.s.SetAttributes(kv...)
	}
}

// End ends the span.
func (s Span) End() {
	if s.s != nil {
		s.s.End()
	}
}

// Fail ends the span as an error of the class.
func (s Span) Fail(class, message string) {
	if s.On() {
		s.s.SetAttributes(attribute.String(ErrorType, class), attribute.String(Class, class))
		s.s.SetStatus(codes.Error, message)
	}
	s.End()
}

// Leave ends the span of what was given up, for which nobody is to blame: it is
// no error, but has the class.
func (s Span) Leave(class string) {
	if s.On() {
		s.s.SetAttributes(attribute.String(Class, class))
	}
	s.End()
}
