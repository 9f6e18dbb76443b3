package trace_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/dctx-team/routex/trace"
)

// A meter reads what Metrics tell.
type meter struct {
	metric.Meter
	reader *sdkmetric.ManualReader
}

func newMeter() *meter {
	reader := sdkmetric.NewManualReader()
	return &meter{sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader), sdkmetric.WithCardinalityLimit(0)).Meter("test"), reader}
}

// read gives the values of all series, and the number of values of histograms,
// by name and attributes, as name{a=b,c=d}.
func (m *meter) read(t testing.TB) map[string]float64 {
	t.Helper()
	var all metricdata.ResourceMetrics
	if err := m.reader.Collect(context.Background(), &all); err != nil {
		t.Fatal(err)
	}
	values := make(map[string]float64)
	note := func(name string, set attribute.Set, v float64) {
		if set.Len() > 0 {
			name += "{" + set.Encoded(attribute.DefaultEncoder()) + "}"
		}
		values[name] = v
	}
	for _, scope := range all.ScopeMetrics {
		for _, got := range scope.Metrics {
			switch data := got.Data.(type) {
			case metricdata.Sum[int64]:
				for _, p := range data.DataPoints {
					note(got.Name, p.Attributes, float64(p.Value))
				}
			case metricdata.Sum[float64]:
				for _, p := range data.DataPoints {
					note(got.Name, p.Attributes, p.Value)
				}
			case metricdata.Histogram[int64]:
				for _, p := range data.DataPoints {
					note(got.Name, p.Attributes, float64(p.Count))
				}
			case metricdata.Histogram[float64]:
				for _, p := range data.DataPoints {
					note(got.Name, p.Attributes, float64(p.Count))
				}
			default:
				t.Fatalf("%s is a %T", got.Name, data)
			}
		}
	}
	return values
}

func newMetrics(t testing.TB, on *meter, channels ...trace.ChannelModels) *trace.Metrics {
	t.Helper()
	m, err := trace.NewMetrics(on, []string{"caller", "server"}, func() trace.MetricsState { return trace.MetricsState{} })
	if err != nil {
		t.Fatal(err)
	}
	m.Configure(channels)
	return m
}

func answer(channel, model string) *trace.CallMetrics {
	return &trace.CallMetrics{
		Channel: channel, Model: model, Operation: "chat", Provider: "openai", UsageKnown: true, Input: 3, Output: 2, CacheRead: 1,
		Cost: 0.5, Duration: 2 * time.Second, First: time.Second, PerChunk: time.Millisecond, Own: time.Microsecond,
	}
}

// labels lists the values of an attribute of the series of an instrument.
func labels(values map[string]float64, name, label string) map[string]bool {
	found := make(map[string]bool)
	for key := range values {
		if rest, ok := strings.CutPrefix(key, name+"{"); ok {
			for pair := range strings.SplitSeq(strings.TrimSuffix(rest, "}"), ",") {
				if v, ok := strings.CutPrefix(pair, label+"="); ok {
					found[v] = true
				}
			}
		}
	}
	return found
}

func expect(t *testing.T, values map[string]float64, want map[string]float64) {
	t.Helper()
	for key, v := range want {
		if got, ok := values[key]; !ok || got != v {
			t.Errorf("%s is %v (there: %t), want %v", key, got, ok, v)
		}
	}
}

func TestMetricsCountACall(t *testing.T) {
	on := newMeter()
	m := newMetrics(t, on, trace.ChannelModels{Channel: "a", Models: []string{"m"}})
	expect(t, on.read(t), map[string]float64{ // from the start
		"routex.requests": 0, "routex.tokens.input{channel=a,model=m}": 0, "routex.channel.requests{channel=a,model=m}": 0,
		"routex.channel.failures{channel=a,class=server}": 0, "routex.tokens.input{channel=none,model=other}": 0,
	})
	m.Attempt(&trace.AttemptMetrics{Channel: "a", Model: "m", Class: "server", Failover: true})
	m.Attempt(&trace.AttemptMetrics{Channel: "a", Model: "m", Retry: true, Hedge: true, Resumed: true})
	m.Call(t.Context(), answer("a", "m"))
	failed := answer("a", "m")
	failed.Outcome, failed.Class, failed.Lossy, failed.Own = trace.Failed, "server", true, -1
	m.Call(t.Context(), failed)
	unseen := answer("a", "m")
	unseen.Copy = true
	m.Call(t.Context(), unseen)
	expect(t, on.read(t), map[string]float64{
		"routex.requests": 2, "routex.requests.success": 1, "routex.requests.failed": 1, "routex.requests.cached": 2,
		"routex.tokens.input{channel=a,model=m}": 9, "routex.tokens.output{channel=a,model=m}": 6, "routex.tokens.cached{channel=a,model=m}": 3,
		"routex.cost{channel=a,model=m}": 1.5, "routex.requests.lossy{channel=a}": 1,
		"routex.channel.requests{channel=a,model=m}": 2, "routex.channel.failures{channel=a,class=server}": 1,
		"routex.failovers{channel=a,class=server}": 1, "routex.retries{channel=a}": 1, "routex.hedges{channel=a}": 1, "routex.streams.resumed{channel=a}": 1,
		"routex.request.duration{channel=a,model=m}": 2, "routex.first_token{channel=a,model=m}": 2, "routex.output_tokens_per_second{channel=a,model=m}": 1,
		"routex.overhead": 1,
		"gen_ai.client.token.usage{gen_ai.operation.name=chat,gen_ai.provider.name=openai,gen_ai.request.model=m,gen_ai.token.type=input}":               3,
		"gen_ai.client.operation.duration{gen_ai.operation.name=chat,gen_ai.provider.name=openai,gen_ai.request.model=m}":                                2,
		"gen_ai.client.operation.duration{error.type=server,gen_ai.operation.name=chat,gen_ai.provider.name=openai,gen_ai.request.model=m}":              1,
		"gen_ai.client.operation.time_to_first_chunk{gen_ai.operation.name=chat,gen_ai.provider.name=openai,gen_ai.request.model=m}":                     2,
		"gen_ai.client.operation.time_per_output_chunk{error.type=server,gen_ai.operation.name=chat,gen_ai.provider.name=openai,gen_ai.request.model=m}": 1,
	})
}

// What callers write in the field model is theirs, and endless.
func TestNoiseMakesNoLabels(t *testing.T) {
	on := newMeter()
	m := newMetrics(t, on, trace.ChannelModels{Channel: "a", Models: []string{"listed", "bad\x00name"}})
	noise := answer("a", strings.Repeat("x", 1<<20))
	m.Call(t.Context(), noise)
	for _, name := range []string{"a\nb", "\xff", "", strings.Repeat("y", 101)} {
		m.Call(t.Context(), answer("a", name))
	}
	refused := answer("a", "guess")
	refused.Outcome, refused.Class = trace.Rejected, "caller"
	m.Call(t.Context(), refused)
	m.Attempt(&trace.AttemptMetrics{Channel: "a", Model: "guess too", Class: "server"})
	values := on.read(t)
	for _, name := range []string{"routex.tokens.input", "routex.request.duration"} {
		for model := range labels(values, name, "model") {
			if model != "listed" && model != "other" {
				t.Errorf("%s has a model of %d bytes: %.20q", name, len(model), model)
			}
		}
	}
	expect(t, values, map[string]float64{"routex.tokens.input{channel=a,model=other}": 18})
	for i := range 5000 { // a channel that answers to everything
		m.Call(t.Context(), answer("a", fmt.Sprint("made-up-", i)))
	}
	values = on.read(t)
	for _, name := range []string{"routex.tokens.input", "routex.request.duration"} {
		if got := labels(values, name, "model"); len(got) > 201 || !got["listed"] && name == "routex.tokens.input" {
			t.Errorf("%s has %d models", name, len(got))
		}
	}
	if got := labels(values, "gen_ai.client.operation.duration", "gen_ai.request.model"); len(got) > 201 {
		t.Errorf("there are %d models by the conventions", len(got))
	}
	expect(t, values, map[string]float64{"routex.requests": 5006})
}

func TestManyChannelsShareALabel(t *testing.T) {
	on := newMeter()
	var channels []trace.ChannelModels
	for i := range 300 {
		channels = append(channels, trace.ChannelModels{Channel: fmt.Sprint("c", i), Models: []string{"m1", "m2", "m3", "m4", "m5", "m6", "m7"}})
	}
	m := newMetrics(t, on, channels...)
	for _, c := range channels {
		for _, model := range c.Models {
			m.Attempt(&trace.AttemptMetrics{Channel: c.Channel, Model: model})
			m.Call(t.Context(), answer(c.Channel, model))
		}
	}
	values := on.read(t)
	total := 0.0
	for key, v := range values {
		if strings.HasPrefix(key, "routex.channel.requests{") {
			total += v
		}
	}
	if got := labels(values, "routex.channel.requests", "channel"); len(got) > 202 || total != 2100 {
		t.Errorf("%d channels have made %v attempts", len(got), total)
	}
	if n := len(labels(values, "routex.request.duration", "channel")); n > 202 {
		t.Errorf("there are times of %d channels", n)
	}
}

func TestModelsThatComeAndGoShareALabel(t *testing.T) {
	on := newMeter()
	m := newMetrics(t, on)
	for i := range 300 {
		model := fmt.Sprint("m", i)
		m.Configure([]trace.ChannelModels{{Channel: "c", Models: []string{model}}})
		m.Call(t.Context(), answer("c", model))
	}
	if n := len(labels(on.read(t), "gen_ai.client.operation.duration", "gen_ai.request.model")); n > 201 {
		t.Errorf("there are times of %d models", n)
	}
}

func TestChannelsThatAreGoneHaveNoSeries(t *testing.T) {
	on := newMeter()
	m := newMetrics(t, on, trace.ChannelModels{Channel: "a", Models: []string{"m"}}, trace.ChannelModels{Channel: "b"})
	m.Call(t.Context(), answer("a", "m"))
	m.Call(t.Context(), answer("b", "any"))
	m.Configure([]trace.ChannelModels{{Channel: "b"}, {Channel: "new"}})
	m.Call(t.Context(), answer("a", "m")) // it had begun before
	values := on.read(t)
	for key := range values {
		if strings.Contains(key, "channel=a") && !strings.HasPrefix(key, "routex.request.duration") && !strings.HasPrefix(key, "routex.first") && !strings.HasPrefix(key, "routex.output") {
			t.Errorf("there still is %s", key)
		}
	}
	expect(t, values, map[string]float64{
		"routex.tokens.input{channel=b,model=any}": 3, "routex.tokens.input{channel=new,model=other}": 0,
		"routex.tokens.input{channel=other,model=m}": 3, "routex.requests": 3,
	})
	for i := range 5000 { // names that change all the time
		m.Configure([]trace.ChannelModels{{Channel: "b"}, {Channel: fmt.Sprint("n", i), Models: []string{"m"}}})
		m.Call(t.Context(), answer(fmt.Sprint("n", i), "m"))
	}
	if n := len(labels(on.read(t), "routex.request.duration", "channel")); n > 2000 {
		t.Errorf("%d names of channels are kept for ever", n)
	}
}

func TestClosedMetricsTellNothing(t *testing.T) {
	on := newMeter()
	m := newMetrics(t, on, trace.ChannelModels{Channel: "a"})
	if err := m.Close(); err != nil {
		t.Fatal(err)
	}
	m.Call(t.Context(), answer("a", "m")) // must not panic
	if values := on.read(t); labels(values, "routex.tokens.input", "channel")["a"] {
		t.Errorf("after Close there is %v", values)
	}
}

func TestNoMetricsCostNothing(t *testing.T) {
	var m *trace.Metrics
	call, attempt := answer("a", "m"), &trace.AttemptMetrics{Channel: "a"}
	if n := testing.AllocsPerRun(100, func() { m.Call(t.Context(), call); m.Attempt(attempt); m.Configure(nil) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
	if err := m.Close(); err != nil {
		t.Error(err)
	}
}

func TestMetricsAllocateNothing(t *testing.T) {
	m := newMetrics(t, newMeter(), trace.ChannelModels{Channel: "a", Models: []string{"m"}})
	call, attempt := answer("a", "m"), &trace.AttemptMetrics{Channel: "a", Model: "m"}
	ctx := t.Context()
	if n := testing.AllocsPerRun(100, func() { m.Attempt(attempt); m.Call(ctx, call) }); n != 0 {
		t.Errorf("%v allocations per call", n)
	}
}

func TestMetricsAreSafeForConcurrentUse(t *testing.T) {
	on := newMeter()
	m := newMetrics(t, on, trace.ChannelModels{Channel: "a"}, trace.ChannelModels{Channel: "b"})
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for n := range 200 {
				m.Attempt(&trace.AttemptMetrics{Channel: "a", Model: "m"})
				m.Call(t.Context(), answer("a", fmt.Sprint("m", n%50)))
				if n%50 == i {
					m.Configure([]trace.ChannelModels{{Channel: "a"}, {Channel: fmt.Sprint("c", i)}})
					on.read(t)
				}
			}
		})
	}
	all.Wait()
	if got := on.read(t)["routex.requests"]; got != 1600 {
		t.Errorf("%v calls are counted", got)
	}
}

// BenchmarkMetrics is what counting a streamed call with one attempt costs.
func BenchmarkMetrics(b *testing.B) {
	m := newMetrics(b, newMeter(), trace.ChannelModels{Channel: "openai-main", Models: []string{"gpt-4o-mini"}})
	call, attempt := answer("openai-main", "gpt-4o-mini"), &trace.AttemptMetrics{Channel: "openai-main", Model: "gpt-4o-mini"}
	ctx := context.Background()
	b.ReportAllocs()
	for b.Loop() {
		m.Attempt(attempt)
		m.Call(ctx, call)
	}
}
