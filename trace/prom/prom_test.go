package prom_test

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/collectors"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/routextest"
	"github.com/dctx-team/routex/trace/prom"
)

// requiredPrometheus in the environment makes a test fail that would skip
// because the machine has no Prometheus.
const requiredPrometheus = "ROUTEX_PROMETHEUS"

func newExporter(t testing.TB) *prom.Exporter {
	t.Helper()
	p, err := prom.New()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// get gives what the exporter serves.
func get(p http.Handler, accept string) (text, kind string) {
	w := httptest.NewRecorder()
	r := httptest.NewRequest(http.MethodGet, "/metrics", nil)
	r.Header.Set("Accept", accept)
	p.ServeHTTP(w, r)
	return w.Body.String(), w.Header().Get("Content-Type")
}

// samples gives the samples of a text without comments, by name and labels.
func samples(text string) map[string]string {
	found := make(map[string]string)
	for line := range strings.Lines(text) {
		if line[0] == '#' {
			continue
		}
		at := strings.LastIndexByte(line, ' ')
		found[line[:at]] = strings.TrimSpace(line[at:])
	}
	return found
}

func expect(t *testing.T, p http.Handler, want map[string]string) {
	t.Helper()
	text, _ := get(p, "")
	got := samples(text)
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if v, there := got[name]; v != want[name] || there != (want[name] != "") {
			t.Errorf("%s is %q, want %q", name, v, want[name])
		}
	}
}

// A gateway is a Transport with two channels, of which the first may fail.
type gateway struct {
	*routex.Transport
	t     *testing.T
	first *routextest.Provider
	cfg   routex.Config
}

func newGateway(t *testing.T, p *prom.Exporter) *gateway {
	t.Helper()
	g := &gateway{t: t, first: routextest.NewProvider(routextest.Options{})}
	second := routextest.NewProvider(routextest.Options{})
	for i, provider := range []*routextest.Provider{g.first, second} {
		server := provider.Start()
		t.Cleanup(server.Close)
		g.cfg.Channels = append(g.cfg.Channels, routex.Channel{
			Name: []string{"first", "second"}[i], Type: routex.TypeOpenAI, BaseURL: server.URL, Priority: i, Models: []string{"gpt-4o"},
		})
	}
	g.cfg.Meter = p.Meter()
	var err error
	if g.Transport, err = routex.New(g.cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = g.Close(t.Context()) })
	return g
}

func (g *gateway) call(body string) int {
	g.t.Helper()
	resp, err := (&http.Client{Transport: g}).Post("http://models.test/v1/chat/completions", "application/json", strings.NewReader(body))
	if err != nil {
		g.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}

const call = `{"model":"gpt-4o","messages":[{"role":"user","content":"hi"}]}`

// guideNames are those that the guide prints.
var guideNames = []string{
	"routex_requests_total", "routex_requests_success_total", "routex_requests_failed_total", "routex_request_duration_seconds",
	"routex_tokens_input_total", "routex_tokens_output_total", "routex_tokens_cached_total",
	"routex_channels_total", "routex_channels_enabled", "routex_channel_requests_total",
	"routex_circuit_breaker_open_total", "routex_circuit_breaker_open",
}

// families parses a text strictly.
func families(t *testing.T, text string) map[string]*dto.MetricFamily {
	t.Helper()
	parser := expfmt.NewTextParser(model.LegacyValidation)
	got, err := parser.TextToMetricFamilies(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestEveryNameIsThereFromTheStart(t *testing.T) {
	p := newExporter(t)
	tr, err := routex.New(routex.Config{Meter: p.Meter()})
	if err != nil {
		t.Fatal(err)
	}
	check := func(when string) {
		text, _ := get(p, "")
		got := families(t, text)
		for _, name := range guideNames {
			if len(got[name].GetMetric()) == 0 {
				t.Errorf("%s: %s has no sample", when, name)
			}
		}
	}
	check("without channels")
	if err := tr.Update(routex.Config{Meter: p.Meter(), Channels: []routex.Channel{{Name: "a", Type: routex.TypeOpenAI, Models: []string{"gpt-4o"}}}}); err != nil {
		t.Fatal(err)
	}
	check("with one")
	expect(t, p, map[string]string{
		"routex_requests_total": "0", "routex_requests_success_total": "0", "routex_requests_failed_total": "0",
		"routex_channels_total": "1", "routex_channels_enabled": "1",
		`routex_circuit_breaker_open{channel="a"}`: "0", `routex_circuit_breaker_open_total{channel="a"}`: "0",
		`routex_channel_requests_total{channel="a",model="gpt-4o"}`:                    "0",
		`routex_tokens_input_total{channel="a",model="gpt-4o"}`:                        "0",
		`routex_request_duration_seconds_count{channel="a",model="gpt-4o"}`:            "0",
		`routex_request_duration_seconds_bucket{channel="a",model="gpt-4o",le="+Inf"}`: "0",
		"routex_overhead_seconds_count":                                                "0",
	})
}

func TestCallsAreCounted(t *testing.T) {
	p := newExporter(t)
	g := newGateway(t, p)
	g.first.Fail(routextest.Fault{Status: http.StatusServiceUnavailable})
	for range 3 {
		if status := g.call(call); status != http.StatusOK {
			t.Fatalf("status %d", status)
		}
	}
	g.call(`{"model":"gpt-4o","stream":true,"messages":[{"role":"user","content":"hi"}]}`)
	if status := g.call(`{"model":"` + strings.Repeat("noise", 100) + `","messages":[]}`); status != http.StatusNotFound {
		t.Fatalf("status %d for a model that nobody has", status)
	}
	expect(t, p, map[string]string{
		"routex_requests_total": "5", "routex_requests_success_total": "4", "routex_requests_failed_total": "0", "routex_requests_rejected_total": "1",
		`routex_channel_requests_total{channel="first",model="gpt-4o"}`:          "4",
		`routex_channel_requests_total{channel="second",model="gpt-4o"}`:         "1",
		`routex_channel_failures_total{channel="first",class="overload"}`:        "1",
		`routex_failovers_total{channel="first",class="overload"}`:               "1",
		`routex_request_duration_seconds_count{channel="first",model="gpt-4o"}`:  "3",
		`routex_request_duration_seconds_count{channel="second",model="gpt-4o"}`: "1",
		`routex_request_duration_seconds_count{channel="none",model="other"}`:    "1",
		`routex_first_token_seconds_count{channel="first",model="gpt-4o"}`:       "1",
		"routex_overhead_seconds_count":                                          "5",
	})
	text, _ := get(p, "")
	if strings.Contains(text, "noise") {
		t.Error("a model that a caller made up is a label")
	}
}

// The series of a channel are there as long as the channel is.
func TestChangesOfTheConfiguration(t *testing.T) {
	p := newExporter(t)
	g := newGateway(t, p)
	g.call(call)
	cfg := g.cfg
	update := func(change func(*routex.Config)) {
		t.Helper()
		cfg.Channels = slices.Clone(cfg.Channels)
		change(&cfg)
		if err := g.Update(cfg); err != nil {
			t.Fatal(err)
		}
	}
	update(func(c *routex.Config) {
		c.Channels[0].ID = "first"
		c.Channels[0].Name = "renamed"
		c.Channels[1].Disabled = true
	})
	expect(t, p, map[string]string{
		"routex_channels_total": "2", "routex_channels_enabled": "1",
		`routex_circuit_breaker_open{channel="first"}`: "", `routex_circuit_breaker_open{channel="renamed"}`: "0",
		`routex_channel_enabled{channel="second"}`: "0", `routex_channel_enabled{channel="renamed"}`: "1",
		`routex_channel_requests_total{channel="renamed",model="gpt-4o"}`: "0",
	})
	g.call(call)
	update(func(c *routex.Config) { c.Channels = c.Channels[1:] })
	text, _ := get(p, "")
	for _, gone := range []string{`"first"`, `"renamed"`} {
		if strings.Contains(text, gone) {
			t.Errorf("there still are series of %s", gone)
		}
	}
	expect(t, p, map[string]string{"routex_channels_total": "1", "routex_channels_enabled": "0", "routex_requests_total": "2"})
	update(func(c *routex.Config) { c.Meter = nil })
	if text, _ := get(p, ""); strings.Contains(text, "routex_channels") {
		t.Error("a Transport without a Meter is still counted")
	}
	update(func(c *routex.Config) { c.Meter = p.Meter() })
	expect(t, p, map[string]string{"routex_channels_total": "1"})
	if err := g.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if text, _ := get(p, ""); strings.Contains(text, "routex_channels") {
		t.Error("a closed Transport is still counted")
	}
	update(func(*routex.Config) {})
	if text, _ := get(p, ""); strings.Contains(text, "routex_channels") {
		t.Error("a closed Transport is counted again after Update")
	}
}

func TestTheGaugeOfACircuit(t *testing.T) {
	p := newExporter(t)
	g := newGateway(t, p)
	for range 5 {
		g.first.Fail(routextest.Fault{Status: http.StatusServiceUnavailable})
		g.call(call)
	}
	expect(t, p, map[string]string{
		`routex_circuit_breaker_open{channel="first"}`: "1", `routex_circuit_breaker_open_total{channel="first"}`: "1",
		`routex_circuit_breaker_open{channel="second"}`: "0",
	})
}

func TestSeveralTransportsAddUp(t *testing.T) {
	p := newExporter(t)
	one, two := newGateway(t, p), newGateway(t, p)
	one.call(call)
	two.call(call)
	expect(t, p, map[string]string{"routex_requests_total": "2", "routex_channels_total": "4", "routex_channels_enabled": "4"})
}

func TestReset(t *testing.T) {
	p := newExporter(t)
	if err := p.Register(collectors.NewGoCollector()); err != nil {
		t.Fatal(err)
	}
	g := newGateway(t, p)
	g.call(call)
	if err := p.Reset(); err != nil {
		t.Fatal(err)
	}
	first := `{channel="first",model="gpt-4o"}`
	expect(t, p, map[string]string{
		"routex_requests_total": "0", "routex_channel_requests_total" + first: "0", "routex_tokens_output_total" + first: "0",
		"routex_request_duration_seconds_count" + first: "0", "routex_request_duration_seconds_sum" + first: "0",
		"routex_channels_total": "2", "routex_channels_enabled": "2", `routex_channel_enabled{channel="first"}`: "1",
	})
	g.call(call)
	expect(t, p, map[string]string{
		"routex_requests_total": "1", "routex_channel_requests_total" + first: "1", "routex_request_duration_seconds_count" + first: "1",
	})
	// A channel that is made anew begins at zero by itself.
	without := g.cfg
	without.Channels = g.cfg.Channels[1:]
	for _, cfg := range []routex.Config{without, g.cfg} {
		if err := g.Update(cfg); err != nil {
			t.Fatal(err)
		}
		get(p, "") // in between, as Prometheus does
	}
	g.call(call)
	expect(t, p, map[string]string{"routex_requests_total": "2", "routex_channel_requests_total" + first: "1"})
}

func TestOpenMetrics(t *testing.T) {
	p := newExporter(t)
	g := newGateway(t, p)
	g.call(call)
	text, kind := get(p, "application/openmetrics-text;version=1.0.0,text/plain;q=0.5")
	if !strings.HasPrefix(kind, "application/openmetrics-text") || !strings.HasSuffix(text, "# EOF\n") {
		t.Errorf("%s does not end as OpenMetrics does: %.100s", kind, text)
	}
	types := make(map[string]bool)
	for line := range strings.Lines(text) {
		if rest, ok := strings.CutPrefix(line, "# TYPE "); ok {
			name, _, _ := strings.Cut(rest, " ")
			if types[name] {
				t.Errorf("there are two families of the name %s", name)
			}
			types[name] = true
		}
	}
	got := samples(text)
	for _, name := range []string{"routex_requests_total", `routex_circuit_breaker_open_total{channel="first"}`, `routex_circuit_breaker_open{channel="first"}`, "routex_channels_total"} {
		if got[name] == "" {
			t.Errorf("%s is missing", name)
		}
	}
	if text, kind := get(p, ""); !strings.HasPrefix(kind, "text/plain; version=0.0.4") || !strings.Contains(text, "# TYPE routex_circuit_breaker_open_total counter") {
		t.Errorf("without Accept: %s", kind)
	}
}

func TestPromtoolFindsNoFault(t *testing.T) {
	promtool, err := exec.LookPath("promtool")
	if err != nil {
		if os.Getenv(requiredPrometheus) != "" {
			t.Fatal("there is no promtool on this machine, and " + requiredPrometheus + " is set")
		}
		t.Skip("there is no promtool on this machine")
	}
	p := newExporter(t)
	g := newGateway(t, p)
	g.first.Fail(routextest.Fault{Status: http.StatusServiceUnavailable})
	g.call(call)
	text, _ := get(p, "")
	cmd := exec.CommandContext(t.Context(), promtool, "check", "metrics")
	cmd.Stdin = strings.NewReader(text)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := cmd.Run(); err != nil || out.Len() > 0 {
		t.Errorf("%v: %s", err, out.String())
	}
}

func Example() {
	p, err := prom.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	transport, err := routex.New(routex.Config{
		Meter:    p.Meter(),
		Channels: []routex.Channel{{Name: "main", Type: routex.TypeAnthropic}, {Name: "spare", Type: routex.TypeOpenAI, Disabled: true}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = transport // under an http.Client

	mux := http.NewServeMux()
	mux.Handle("GET /metrics", p)
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	for line := range strings.Lines(w.Body.String()) {
		if strings.HasPrefix(line, "routex_channels_") || strings.HasPrefix(line, "routex_requests_total") {
			fmt.Print(line)
		}
	}
	// Output:
	// routex_channels_enabled 1
	// routex_channels_total 2
	// routex_requests_total 0
}
