package routex_test

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/routextest"
	"github.com/dctx-team/routex/tee"
	"github.com/dctx-team/routex/trace/prices"
)

// A meter reads what a Transport counts.
type meter struct {
	metric.Meter
	t      *testing.T
	reader *sdkmetric.ManualReader
}

func newMeter(t *testing.T) *meter {
	reader := sdkmetric.NewManualReader()
	return &meter{sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader)).Meter("test"), t, reader}
}

// sum adds up all series of an instrument that have the attribute values: what
// was counted, or the values of a histogram and their number.
func (m *meter) sum(name string, with ...string) (sum float64, n uint64) {
	m.t.Helper()
	var all metricdata.ResourceMetrics
	if err := m.reader.Collect(context.Background(), &all); err != nil {
		m.t.Fatal(err)
	}
	for _, scope := range all.ScopeMetrics {
		i := slices.IndexFunc(scope.Metrics, func(got metricdata.Metrics) bool { return got.Name == name })
		if i < 0 {
			continue
		}
		switch data := scope.Metrics[i].Data.(type) {
		case metricdata.Sum[int64]:
			for _, p := range data.DataPoints {
				if has(p.Attributes.MarshalLog(), with) {
					sum, n = sum+float64(p.Value), n+1
				}
			}
		case metricdata.Sum[float64]:
			for _, p := range data.DataPoints {
				if has(p.Attributes.MarshalLog(), with) {
					sum, n = sum+p.Value, n+1
				}
			}
		case metricdata.Histogram[float64]:
			for _, p := range data.DataPoints {
				if has(p.Attributes.MarshalLog(), with) {
					sum, n = sum+p.Sum, n+p.Count
				}
			}
		case metricdata.Histogram[int64]:
			for _, p := range data.DataPoints {
				if has(p.Attributes.MarshalLog(), with) {
					sum, n = sum+float64(p.Sum), n+p.Count
				}
			}
		}
	}
	return sum, n
}

// has reports that attributes have all the values.
func has(attributes any, values []string) bool {
	byName := attributes.(map[string]string)
	for _, want := range values {
		found := false
		for _, v := range byName {
			found = found || v == want
		}
		if !found {
			return false
		}
	}
	return true
}

func (m *meter) expect(want float64, name string, with ...string) {
	m.t.Helper()
	if got, _ := m.sum(name, with...); got != want {
		m.t.Errorf("%s of %q is %v, want %v", name, with, got, want)
	}
}

func TestWhatAFailoverCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMeter(t)
		first, second := at("first", chatWire()), at("second", chatWire())
		l := newLab(t, routex.Config{Meter: m}, first, second)
		first.Fail(routextest.Fault{Status: http.StatusInternalServerError}, routextest.Fault{Status: http.StatusInternalServerError})
		if h := l.hear(chatWire()); !h.whole() {
			t.Fatalf("%+v", h)
		}
		m.expect(1, "routex.requests")
		m.expect(1, "routex.requests.success")
		m.expect(2, "routex.channel.requests", "first")
		m.expect(2, "routex.channel.failures", "first", "server")
		m.expect(1, "routex.retries", "first")
		m.expect(1, "routex.failovers", "first", "server")
		m.expect(0, "routex.failovers", "second")
		if _, n := m.sum("gen_ai.client.operation.duration", "chat", "openai"); n != 1 {
			t.Errorf("%d operations by the conventions, want one for the call", n)
		}
		if _, n := m.sum("gen_ai.client.operation.time_to_first_chunk"); n != 1 {
			t.Errorf("%d times to the first chunk", n)
		}
		if _, n := m.sum("routex.output_tokens_per_second", "second"); n > 1 {
			t.Errorf("%d rates", n)
		}
	})
}

func TestWhatACircuitTells(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMeter(t)
		first, second := at("first", chatWire()), at("second", chatWire())
		l := newLab(t, routex.Config{Meter: m, Breaker: breaker.Settings{Failures: 2, OpenFor: time.Minute}}, first, second)
		for range 2 {
			first.Fail(routextest.Fault{Status: http.StatusServiceUnavailable})
			l.hear(chatWire())
		}
		m.expect(1, "routex.circuit_breaker.open", "first")
		m.expect(1, "routex.circuit_breaker.open.total", "first")
		m.expect(0, "routex.circuit_breaker.open", "second")
		time.Sleep(time.Hour) // a probe may come: it is still not closed
		m.expect(1, "routex.circuit_breaker.open", "first")
		first.Fail(routextest.Fault{Status: http.StatusServiceUnavailable})
		l.hear(chatWire())
		m.expect(1, "routex.circuit_breaker.open.total", "first")
		time.Sleep(time.Hour)
		l.hear(chatWire())
		m.expect(0, "routex.circuit_breaker.open", "first")
		m.expect(1, "routex.circuit_breaker.open.total", "first")
	})
}

// What callers do is nobody's failure.
func TestWhoseFailureACallIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMeter(t)
		only := at("only", chatWire())
		l := newLab(t, routex.Config{Meter: m, MaxAttempts: 1}, only)
		bad := chatWire()
		bad.body = "{"
		l.hear(bad)
		only.Fail(routextest.Fault{Stall: time.Hour, StallAfter: -1})
		ctx, leave := context.WithTimeout(t.Context(), time.Second)
		defer leave()
		l.hear(chatWire(), func(r *http.Request) { *r = *r.WithContext(ctx) })
		only.Fail(routextest.Fault{Status: http.StatusServiceUnavailable})
		l.hear(chatWire())
		m.expect(3, "routex.requests")
		m.expect(0, "routex.requests.success")
		m.expect(1, "routex.requests.rejected")
		m.expect(1, "routex.requests.canceled")
		m.expect(1, "routex.requests.failed")
		if _, err := l.Explain(l.request(chatWire())); err != nil {
			t.Fatal(err)
		}
		m.expect(3, "routex.requests")
	})
}

// What providers, callers and pauses take is not Routex's own time. In a
// bubble nothing else takes any.
func TestOwnTimeLeavesOutWhatIsWaitedFor(t *testing.T) {
	for name, body := range map[string]string{"whole": anthropicCall, "streamed": strings.Replace(anthropicCall, "{", `{"stream":true,`, 1)} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m := newMeter(t)
				calls := 0
				tr := newTransport(t, routex.Config{Meter: m, Channels: []routex.Channel{anthropicChannel("a", "https://a.test")}, Base: roundTrip(func(r *http.Request) (*http.Response, error) {
					_ = r.Body.Close()
					time.Sleep(time.Second)
					if calls++; calls == 1 { // asked again after a pause
						return respond(500, "application/json", `{"type":"error","error":{"type":"api_error","message":"x"}}`), nil
					}
					resp := respond(200, "application/json", anthropicAnswer)
					if name == "streamed" {
						resp = respond(200, "text/event-stream", string(anthropicStream(3)))
					}
					resp.Body = &lagging{resp.Body}
					return resp, nil
				})})
				req, _ := newCall(t, "https://x.test/v1/messages", body)
				req.Body = &lagging{req.Body}
				resp, err := tr.RoundTrip(req)
				if err != nil {
					t.Fatal(err)
				}
				readBody(t, resp)
				own, n := m.sum("routex.overhead")
				took, _ := m.sum("routex.request.duration")
				if n != 1 || own > 0.001 || took < 2.3 {
					t.Errorf("of %v s it took %v s itself, %d values", took, own, n)
				}
			})
		})
	}
}

// lagging is a body whose every Read takes a while.
type lagging struct{ r io.Reader }

func (s *lagging) Read(p []byte) (int, error) { time.Sleep(100 * time.Millisecond); return s.r.Read(p) }
func (s *lagging) Close() error               { return nil }

func TestHedgesAreCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMeter(t)
		l, first, _ := hedged(t, 1, 30)
		cfg := l.cfg
		cfg.Meter = m
		if err := l.Update(cfg); err != nil {
			t.Fatal(err)
		}
		first.Fail(routextest.Fault{Stall: time.Hour, StallAfter: -1})
		if h := l.hear(chatWire()); !h.whole() {
			t.Fatalf("%+v", h)
		}
		synctest.Wait()
		m.expect(1, "routex.hedges", "second")
		m.expect(0, "routex.failovers", "first")
		m.expect(1, "routex.channel.requests", "second")
		if own, _ := m.sum("routex.overhead"); own > 0.001 {
			t.Errorf("it took %v s itself", own)
		}
	})
}

func TestTokensAndCostAreCounted(t *testing.T) {
	m := newMeter(t)
	ch := anthropicChannel("a", "https://a.test")
	ch.Models, ch.Prices = []string{"m"}, map[string]prices.Price{"m": {Rates: prices.Rates{Input: 1e6, Output: 2e6}}}
	tr := newTransport(t, routex.Config{Meter: m, Channels: []routex.Channel{ch}, Base: roundTrip(func(r *http.Request) (*http.Response, error) {
		_ = r.Body.Close()
		return respond(200, "application/json", anthropicAnswer), nil
	})})
	for range 2 {
		req, _ := newCall(t, "https://x.test/v1/messages", anthropicCall)
		resp, err := tr.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		readBody(t, resp)
	}
	m.expect(6, "routex.tokens.input", "a", "m")
	m.expect(4, "routex.tokens.output", "a", "m")
	m.expect(14, "routex.cost", "a", "m")
	m.expect(6, "gen_ai.client.token.usage", "anthropic", "m", "input")
	m.expect(4, "gen_ai.client.token.usage", "anthropic", "m", "output")
}

func TestTeesAreMeasured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMeter(t)
		var copies tee.Set
		one, err := tee.Open(tee.Destination{ID: "1", Name: "copies", Sink: tee.Each(tee.Func(func(context.Context, *tee.Record) error { return nil }))})
		if err != nil {
			t.Fatal(err)
		}
		if err := copies.Put(t.Context(), one); err != nil {
			t.Fatal(err)
		}
		l := newLab(t, routex.Config{Meter: m, Sinks: []tee.Sink{&copies}}, at("only", chatWire()))
		l.hear(chatWire())
		time.Sleep(time.Minute)
		m.expect(1, "routex.tee.sent", "copies")
		m.expect(0, "routex.tee.queue_size", "copies")
		m.expect(0, "routex.tee.dropped", "copies")
		if err := copies.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	})
}

func TestAStreamThatIsSavedIsCounted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMeter(t)
		first, second := at("first", chatWire()), at("second", chatWire())
		l := newLab(t, routex.Config{Meter: m}, first, second)
		first.Fail(routextest.Fault{ErrorEvent: true, ErrorAfter: 7, Code: routextest.Overloaded})
		if h := l.hear(chatWire()); !h.whole() {
			t.Fatalf("%+v", h)
		}
		m.expect(1, "routex.streams.resumed", "second")
		m.expect(1, "routex.requests.success")
		if mean, n := m.sum("gen_ai.client.operation.time_per_output_chunk"); n != 1 || mean < 0.02 || mean > 0.2 {
			t.Errorf("%d means of the time per chunk, %v s", n, mean)
		}
	})
}
