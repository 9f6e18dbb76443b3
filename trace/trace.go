// Package trace makes the OpenTelemetry spans of a call and of its attempts,
// with the names of the semantic conventions for generative AI. It uses the
// OpenTelemetry API only: which spans are kept, and where they go, is decided
// by the program that supplies the tracer.
package trace

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	oteltrace "go.opentelemetry.io/otel/trace"
)

// Names of attributes: gen_ai.* and error.type as the semantic conventions
// define them, routex.* for what they lack.
const (
	OperationName    = "gen_ai.operation.name"
	ProviderName     = "gen_ai.provider.name"
	RequestModel     = "gen_ai.request.model"
	RequestStream    = "gen_ai.request.stream"
	InputTokens      = "gen_ai.usage.input_tokens"
	OutputTokens     = "gen_ai.usage.output_tokens"
	CacheReadTokens  = "gen_ai.usage.cache_read.input_tokens"
	CacheWriteTokens = "gen_ai.usage.cache_creation.input_tokens"
	ErrorType        = "error.type"
	Channel          = "routex.channel"
	Rule             = "routex.rule"
	AttemptNumber    = "routex.attempt"
	Class            = "routex.class"
)

// A Span is one step of a call. The zero value records nothing.
type Span struct{ s oteltrace.Span }

// Start begins a span and puts it into the context. With a nil tracer both
// stay as they are, at no cost.
func Start(ctx context.Context, tracer oteltrace.Tracer, name string) (context.Context, Span) {
	if tracer == nil {
		return ctx, Span{}
	}
	ctx, s := tracer.Start(ctx, name, oteltrace.WithSpanKind(oteltrace.SpanKindClient))
	return ctx, Span{s}
}

// On reports whether the span records anything.
func (s Span) On() bool { return s.s != nil && s.s.IsRecording() }

// Context gives the ids of the span; invalid for one that records nothing.
func (s Span) Context() oteltrace.SpanContext {
	if s.s == nil {
		return oteltrace.SpanContext{}
	}
	return s.s.SpanContext()
}

// Set adds attributes.
func (s Span) Set(kv ...attribute.KeyValue) {
	if s.On() {
		s.s.SetAttributes(kv...)
	}
}

// End ends the span. A class other than "" makes it an error of that type.
func (s Span) End(class, message string) {
	if s.s == nil {
		return
	}
	if class != "" {
		s.s.SetAttributes(attribute.String(ErrorType, class), attribute.String(Class, class))
		s.s.SetStatus(codes.Error, message)
	}
	s.s.End()
}
