package trace_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	oteltrace "go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/dctx-team/routex/trace"
)

// tracer keeps the last span that it made.
type tracer struct {
	noop.Tracer
	last *span
}

type span struct {
	noop.Span
	name, message string
	attrs         []attribute.KeyValue
	code          codes.Code
	ended         int
}

func (t *tracer) Start(ctx context.Context, name string, _ ...oteltrace.SpanStartOption) (context.Context, oteltrace.Span) {
	t.last = &span{name: name}
	return oteltrace.ContextWithSpan(ctx, t.last), t.last
}

func (s *span) IsRecording() bool                         { return true }
func (s *span) SetAttributes(kv ...attribute.KeyValue)    { s.attrs = append(s.attrs, kv...) }
func (s *span) SetStatus(code codes.Code, message string) { s.code, s.message = code, message }
func (s *span) End(...oteltrace.SpanEndOption)            { s.ended++ }
func (s *span) SpanContext() oteltrace.SpanContext {
	return oteltrace.NewSpanContext(oteltrace.SpanContextConfig{TraceID: oteltrace.TraceID{1}, SpanID: oteltrace.SpanID{2}})
}

func TestSpan(t *testing.T) {
	tr := new(tracer)
	ctx, s := trace.Start(t.Context(), tr, "chat")
	if oteltrace.SpanFromContext(ctx) != oteltrace.Span(tr.last) || !s.On() || tr.last.name != "chat" {
		t.Error("the span is not in the context")
	}
	s.Set(attribute.String(trace.Channel, "main"))
	s.End("timeout", "too slow")
	if tr.last.ended != 1 || tr.last.code != codes.Error || tr.last.message != "too slow" || len(tr.last.attrs) != 3 {
		t.Errorf("span %+v", tr.last)
	}
	_, s = trace.Start(t.Context(), tr, "chat")
	s.End("", "")
	if tr.last.ended != 1 || tr.last.code != codes.Unset || len(tr.last.attrs) != 0 {
		t.Errorf("a good span %+v", tr.last)
	}
	traceID, spanID := trace.IDs(s.Context())
	if traceID.String() != "01000000000000000000000000000000" || spanID.String() != "0200000000000000" {
		t.Errorf("ids %s %s", traceID, spanID)
	}
}

func TestNoTracerCostsNothing(t *testing.T) {
	ctx := t.Context()
	if n := testing.AllocsPerRun(100, func() {
		_, s := trace.Start(ctx, nil, "chat")
		if s.On() || s.Context().IsValid() {
			t.Error("nothing records")
		}
		s.Set()
		s.End("server", "x")
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestIDsWithoutATracer(t *testing.T) {
	a, as := trace.IDs(oteltrace.SpanContext{})
	b, bs := trace.IDs(oteltrace.SpanContext{})
	if a == b || as == bs || as == (trace.SpanID{}) || a == (trace.TraceID{}) {
		t.Errorf("ids %s %s, %s %s", a, as, b, bs)
	}
	got, err := json.Marshal([]any{a, as})
	if want := fmt.Sprintf(`["%s","%s"]`, a, as); err != nil || string(got) != want {
		t.Errorf("as JSON %s, want %s", got, want)
	}
}

func ExampleStart() {
	// The program supplies a tracer; nil makes no spans.
	_, span := trace.Start(context.Background(), nil, "chat")
	defer span.End("", "")
	fmt.Println(span.On())
	// Output: false
}
