package routex_test

import (
	"context"
	"sync"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	oteltrace "go.opentelemetry.io/otel/trace"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/trace"
)

// An auditor is a tracer that looks whether every span that was begun has ended,
// and only once. Every test has one.
type auditor struct {
	oteltrace.Tracer
	mu   sync.Mutex
	ends map[*audited]int // under mu
}

// audited is a span of the SDK.
type audited struct {
	oteltrace.Span
	a    *auditor
	name string
}

func newAuditor() *auditor {
	return &auditor{Tracer: sdktrace.NewTracerProvider().Tracer("test"), ends: make(map[*audited]int)}
}

func (a *auditor) Start(ctx context.Context, name string, o ...oteltrace.SpanStartOption) (context.Context, oteltrace.Span) {
	ctx, span := a.Tracer.Start(ctx, name, o...)
	s := &audited{Span: span, a: a, name: name}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.ends[s] = 0
	return ctx, s
}

func (s *audited) End(o ...oteltrace.SpanEndOption) {
	s.Span.End(o...)
	s.a.mu.Lock()
	defer s.a.mu.Unlock()
	s.a.ends[s]++
}

// problems tells of the spans that did not end once.
func (a *auditor) problems() (open, again int, name string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for s, n := range a.ends {
		switch {
		case n == 0:
			open, name = open+1, s.name
		case n > 1:
			again, name = again+1, s.name
		}
	}
	return open, again, name
}

// audit has a Transport under test watched, unless the test has a tracer of its
// own.
func audit(t testing.TB, cfg *routex.Config) {
	if _, plain := t.(*testing.T); !plain {
		return
	}
	if cfg.Recent == nil {
		cfg.Recent = trace.NewRing(100)
	}
	ring := cfg.Recent
	if cfg.Tracer != nil {
		return
	}
	a := newAuditor()
	cfg.Tracer = a
	t.Cleanup(func() {
		open, again, name := a.problems()
		for range 100 { // what others do may be under way
			if open == 0 || t.Failed() {
				break
			}
			time.Sleep(time.Millisecond)
			open, again, name = a.problems()
		}
		s := ring.Stats()
		if again > 0 || open > 0 || s.Total != s.Completed {
			t.Errorf("of %d spans %d are open and %d have ended more than once, as %q; of the recent ones %d are said to run", len(a.ends), open, again, name, s.Total-s.Completed)
		}
	})
}
