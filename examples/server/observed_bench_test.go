package main

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/examples/server/logs"
	"github.com/dctx-team/routex/examples/server/requests"
	"github.com/dctx-team/routex/tee"
	"github.com/dctx-team/routex/trace"
	"github.com/dctx-team/routex/trace/prom"
)

const observedAnswer = `{"id":"msg_1","type":"message","role":"assistant","model":"claude-sonnet-4","content":[{"type":"text","text":"` +
	`It is a long way, and the answer to it is short."}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":312,"output_tokens":15}}`

// canned is a provider that answers at once.
type canned struct{}

func (canned) RoundTrip(r *http.Request) (*http.Response, error) {
	_, _ = io.Copy(io.Discard, r.Body)
	_ = r.Body.Close()
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, ContentLength: int64(len(observedAnswer)),
		Body: io.NopCloser(strings.NewReader(observedAnswer)), Request: r,
	}, nil
}

// BenchmarkObserved tells what it costs a call to be traced, measured, logged
// and copied to a file: the CPU time of the whole process, with what is done
// in the background until the last byte is written, once with nothing of it
// and once with what the name says, in turns.
func BenchmarkObserved(b *testing.B) {
	for _, o := range []struct {
		name string
		with observed
	}{
		{"spans", observed{spans: true}},
		{"exported-spans", observed{exported: true}},
		{"metrics", observed{metrics: true}},
		{"requests", observed{requests: true}},
		{"tee", observed{tee: true}},
		{"line", observed{line: true}},
		{"all-but-line", observed{spans: true, metrics: true, requests: true, tee: true}},
		{"all", observed{spans: true, metrics: true, requests: true, tee: true, line: true}},
	} {
		b.Run(o.name, func(b *testing.B) { benchmarkObserved(b, o.with) })
	}
}

func benchmarkObserved(b *testing.B, with observed) {
	const calls = 10_000
	var plain, more time.Duration
	rounds := 0
	for b.Loop() {
		rounds++
		plain += cpuOf(func() { makeCalls(b, routex.Config{}, calls) })
		cfg, finish := with.begin(b)
		more += cpuOf(func() {
			makeCalls(b, cfg, calls)
			finish()
		})
	}
	each := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 / float64(rounds*calls) }
	b.ReportMetric(0, "ns/op") // of a round says nothing
	b.ReportMetric(each(plain), "µs-without/call")
	b.ReportMetric(each(more), "µs-with/call")
	b.ReportMetric(each(more-plain), "µs-difference/call")
}

// observed says what looks at the calls.
type observed struct{ spans, exported, metrics, requests, tee, line bool }

// begin gives a configuration with all that looks at the calls, as the server
// has it, and what ends it.
func (o observed) begin(b *testing.B) (cfg routex.Config, finish func()) {
	dir := b.TempDir()
	var ends []func() error
	var told []func(*routex.Decision)
	if o.spans {
		cfg.Recent = trace.NewRing(0)
	}
	if o.exported { // to a collector that takes all at once
		provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(tracetest.NewNoopExporter()))
		cfg.Tracer = provider.Tracer("routex")
		ends = append(ends, func() error { return provider.Shutdown(b.Context()) })
	}
	if o.metrics {
		metrics, err := prom.New()
		must(b, err)
		cfg.Meter = metrics.Meter()
	}
	if o.line {
		log, err := logs.Open(io.Discard, dir, logs.NewLevels(slog.LevelInfo))
		must(b, err)
		ends, told = append(ends, log.Close), append(told, log.Call)
	}
	if o.requests {
		calls, err := requests.Open(b.Context(), dir, requests.Options{})
		must(b, err)
		ends, told = append(ends, calls.Close), append(told, calls.Add)
	}
	if o.tee {
		copied, err := tee.Open(tee.Destination{ID: "file", Sink: tee.NewFile(filepath.Join(dir, "calls.jsonl"), tee.FileOptions{})})
		must(b, err)
		tees := new(tee.Set)
		must(b, tees.Put(b.Context(), copied))
		cfg.Sinks = []tee.Sink{tees}
		ends = append(ends, func() error {
			if s := copied.Stats(); s.Dropped+s.Failed > 0 {
				b.Errorf("the tee lost records: %+v", s)
			}
			return tees.Close(b.Context())
		})
	}
	if told != nil {
		cfg.OnDecision = func(d *routex.Decision) {
			for _, tell := range told {
				tell(d)
			}
		}
	}
	return cfg, func() {
		for _, end := range ends {
			must(b, end())
		}
	}
}

// makeCalls makes calls one after the other.
func makeCalls(b *testing.B, cfg routex.Config, calls int) {
	cfg.Base = canned{}
	cfg.Channels = []routex.Channel{{Name: "main", Type: "anthropic", BaseURL: "https://provider.invalid", APIKey: "k"}}
	transport, err := routex.New(cfg)
	must(b, err)
	defer func() { must(b, transport.Close(context.Background())) }()
	body := `{"model":"claude-sonnet-4","max_tokens":512,"messages":[{"role":"user","content":"` + strings.Repeat("How far is it? ", 60) + `"}]}`
	for range calls {
		req, err := http.NewRequestWithContext(b.Context(), http.MethodPost, "https://gateway.invalid/v1/messages", strings.NewReader(body))
		must(b, err)
		req.Header.Set("Content-Type", "application/json")
		resp, err := transport.RoundTrip(req)
		must(b, err)
		_, err = io.Copy(io.Discard, resp.Body)
		must(b, err)
		must(b, resp.Body.Close())
	}
}

// cpuOf is the processor time that the whole process takes while f runs.
func cpuOf(f func()) time.Duration {
	before := cpuTime()
	f()
	return cpuTime() - before
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func must(b *testing.B, err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}
