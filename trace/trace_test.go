package trace_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

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
	ctx, s := trace.Start(t.Context(), tr, "chat", time.Now(), attribute.String(trace.Rule, "r"))
	if oteltrace.SpanFromContext(ctx) != oteltrace.Span(tr.last) || !s.On() || tr.last.name != "chat" {
		t.Error("the span is not in the context")
	}
	s.Set(attribute.String(trace.Channel, "main"))
	s.Fail("timeout", "too slow")
	if tr.last.ended != 1 || tr.last.code != codes.Error || tr.last.message != "too slow" || len(tr.last.attrs) != 3 {
		t.Errorf("span %+v", tr.last)
	}
	traceID, spanID := s.IDs()
	if traceID.String() != "01000000000000000000000000000000" || spanID.String() != "0200000000000000" {
		t.Errorf("ids %s %s", traceID, spanID)
	}
	for name, end := range map[string]func(trace.Span){"ended": trace.Span.End, "left": func(s trace.Span) { s.Leave("hang-up") }} {
		_, s = trace.Start(t.Context(), tr, "chat", time.Now())
		if end(s); tr.last.ended != 1 || tr.last.code != codes.Unset {
			t.Errorf("a span that was %s: %+v", name, tr.last)
		}
	}
}

// A tracer that makes no spans gives that of the context, whose id is another's.
func TestIDsAreOnesOwn(t *testing.T) {
	parent := oteltrace.NewSpanContext(oteltrace.SpanContextConfig{TraceID: oteltrace.TraceID{7}, SpanID: oteltrace.SpanID{8}, Remote: true})
	ctx := oteltrace.ContextWithRemoteSpanContext(t.Context(), parent)
	for name, tr := range map[string]oteltrace.Tracer{"no tracer": nil, "a tracer that does nothing": noop.Tracer{}} {
		ctx, call := trace.Start(ctx, tr, "chat", time.Now())
		_, attempt := call.Child(ctx, tr, "chat", time.Now())
		callTrace, callID := call.IDs()
		attemptTrace, attemptID := attempt.IDs()
		if callTrace != (trace.TraceID{7}) || attemptTrace != callTrace {
			t.Errorf("%s: the trace goes on as %s and %s", name, callTrace, attemptTrace)
		}
		if callID == (trace.SpanID{8}) || attemptID == callID || attemptID == (trace.SpanID{}) {
			t.Errorf("%s: spans %s and %s", name, callID, attemptID)
		}
		if call.Parent() != (trace.SpanID{8}) || attempt.Parent() != callID {
			t.Errorf("%s: parents %s and %s", name, call.Parent(), attempt.Parent())
		}
	}
}

func TestNoTracerCostsNothing(t *testing.T) {
	ctx, now := t.Context(), time.Now()
	if n := testing.AllocsPerRun(100, func() {
		_, s := trace.Start(ctx, nil, "chat", now)
		_, child := s.Child(ctx, nil, "chat", now)
		if s.On() || child.On() {
			t.Error("nothing records")
		}
		child.Fail("server", "x")
		s.Leave("x")
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
	if id, ok := trace.ParseTraceID(a.String()); !ok || id != a {
		t.Errorf("read again: %s", id)
	}
	if id, ok := trace.ParseSpanID(as.String()); !ok || id != as {
		t.Errorf("read again: %s", id)
	}
	for _, text := range []string{"", "0", as.String() + "zz", strings.Repeat("g", 16), strings.Repeat("0", 1<<20)} {
		if _, ok := trace.ParseSpanID(text); ok {
			t.Errorf("%.40q is an id", text)
		}
	}
}

func TestHeader(t *testing.T) {
	const (
		traceID = "0af7651916cd43dd8448eb211c80319c"
		spanID  = "b7ad6b7169203331"
	)
	good := "00-" + traceID + "-" + spanID + "-01"
	tests := map[string]struct {
		parent []string
		ok     bool
	}{
		"W3C's example":         {[]string{good}, true},
		"not sampled":           {[]string{strings.TrimSuffix(good, "1") + "0"}, true},
		"a version to come":     {[]string{"cc" + good[2:] + "-what-the-future-will-be-like"}, true},
		"none":                  {nil, false},
		"two":                   {[]string{good, good}, false},
		"more than it may have": {[]string{good + "-00"}, false},
		"no version":            {[]string{"ff" + good[2:]}, false},
		"capitals":              {[]string{strings.ToUpper(good)}, false},
		"no trace":              {[]string{"00-00000000000000000000000000000000-" + spanID + "-01"}, false},
		"no span":               {[]string{"00-" + traceID + "-0000000000000000-01"}, false},
		"too short":             {[]string{"00-" + traceID[1:] + "-" + spanID + "-01"}, false},
		"no hex digits":         {[]string{"00-" + strings.Repeat("z", 32) + "-" + spanID + "-01"}, false},
		"endless":               {[]string{"cc" + good[2:] + "-" + strings.Repeat("0", 1<<20)}, false},
		"another format":        {[]string{traceID + ":" + spanID + ":0:1"}, false},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			h := http.Header{"Traceparent": tt.parent, "Tracestate": {"a=1,b=2"}}
			sc := trace.FromHeader(h)
			if sc.IsValid() != tt.ok {
				t.Fatalf("valid %v, want %v", sc.IsValid(), tt.ok)
			}
			if tt.ok && (sc.TraceID().String() != traceID || sc.SpanID().String() != spanID || !sc.IsRemote() || sc.TraceState().Get("b") != "2") {
				t.Errorf("it gives %+v", sc)
			}
		})
	}
	h := http.Header{"Traceparent": {good}, "Tracestate": {strings.Repeat("a=1,", 500) + "b=2"}}
	if sc := trace.FromHeader(h); !sc.IsValid() || sc.TraceState().Len() != 0 {
		t.Error("an oversized state is kept, or spoils the trace")
	}
	ctx := oteltrace.ContextWithRemoteSpanContext(t.Context(), trace.FromHeader(http.Header{"Traceparent": {good}, "Tracestate": {"a=1"}}))
	_, s := trace.Start(ctx, nil, "chat", time.Now())
	_, own := s.IDs()
	out := http.Header{}
	s.Put(out)
	if out.Get("traceparent") != "00-"+traceID+"-"+own.String()+"-01" || out.Get("tracestate") != "a=1" {
		t.Errorf("the next one is told %v", out)
	}
}

func ExampleStart() {
	// The program supplies a tracer; nil makes no spans, but ids.
	_, span := trace.Start(context.Background(), nil, "chat gpt-4o", time.Now())
	defer span.End()
	traceID, spanID := span.IDs()
	fmt.Println(span.On(), len(traceID.String()), len(spanID.String()))
	// Output: false 32 16
}

func ExampleFromHeader() {
	h := http.Header{}
	h.Set("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	traceID, _ := trace.IDs(trace.FromHeader(h))
	fmt.Println(traceID)
	// Output: 0af7651916cd43dd8448eb211c80319c
}
