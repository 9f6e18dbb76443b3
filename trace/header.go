package trace

import (
	"context"
	"net/http"

	"go.opentelemetry.io/otel/propagation"
	oteltrace "go.opentelemetry.io/otel/trace"
)

// The bounds of what is read of W3C's headers, in bytes. The first leaves room
// for versions to come.
const (
	maxTraceparent = 128
	maxTracestate  = 512
)

// FromHeader reads W3C's traceparent and tracestate. What it gives is not valid
// when there are none, or when they are malformed or oversized.
func FromHeader(h http.Header) oteltrace.SpanContext {
	lines := h["Traceparent"]
	if len(lines) != 1 || len(lines[0]) > maxTraceparent {
		return oteltrace.SpanContext{}
	}
	from := propagation.MapCarrier{"traceparent": lines[0]}
	if state := h["Tracestate"]; len(state) == 1 && len(state[0]) <= maxTracestate {
		from["tracestate"] = state[0]
	}
	ctx := propagation.TraceContext{}.Extract(context.Background(), from)
	return oteltrace.SpanContextFromContext(ctx)
}

// Put writes the span into the headers of a request, in W3C's format.
func (s Span) Put(h http.Header) {
	ctx := oteltrace.ContextWithSpanContext(context.Background(), s.ids)
	propagation.TraceContext{}.Inject(ctx, propagation.HeaderCarrier(h))
}
