package routex_test

import (
	"io"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/trace"
)

// healthyTransport answers every call at once.
func healthyTransport(t testing.TB, change func(*routex.Config)) func() {
	cfg := routex.Config{Channels: []routex.Channel{anthropicChannel("a", "https://a.test")}, Base: roundTrip(healthy)}
	change(&cfg)
	tr, err := routex.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		req, _ := newCall(t, "https://x.test/v1/messages", anthropicCall)
		resp, err := tr.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
}

// A tracer that is not there, or the ring, costs no memory.
func TestTracingThatIsOffCostsNothing(t *testing.T) {
	if underRace {
		t.Skip("the race detector allocates")
	}
	plain := testing.AllocsPerRun(500, healthyTransport(t, func(*routex.Config) {}))
	for name, change := range map[string]func(*routex.Config){
		"the ring":  func(c *routex.Config) { c.Recent = trace.NewRing(0) },
		"no tracer": func(c *routex.Config) { c.Tracer, c.TraceContent = nil, 1000 },
	} {
		if n := testing.AllocsPerRun(500, healthyTransport(t, change)); n > plain {
			t.Errorf("with %s a call takes %v allocations, without %v", name, n, plain)
		}
	}
}

func BenchmarkSpans(b *testing.B) {
	for name, change := range map[string]func(*routex.Config){
		"none": func(*routex.Config) {},
		"ring": func(c *routex.Config) { c.Recent = trace.NewRing(0) },
		"noop": func(c *routex.Config) { c.Tracer = noop.Tracer{} },
		"sdk":  func(c *routex.Config) { c.Tracer = sdktrace.NewTracerProvider().Tracer("test") },
	} {
		b.Run(name, func(b *testing.B) {
			call := healthyTransport(b, change)
			b.ReportAllocs()
			for b.Loop() {
				call()
			}
		})
	}
}
