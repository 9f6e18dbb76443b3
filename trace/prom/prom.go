// Package prom serves the metrics of a [routex.Transport] to Prometheus:
//
//	p, err := prom.New()
//	cfg.Meter = p.Meter()
//	http.Handle("/metrics", p)
//
// It is the only package of the module that needs OpenTelemetry's SDK and the
// client library of Prometheus; a program that does not import it links
// neither.
//
// [routex.Transport]: https://pkg.go.dev/github.com/dctx-team/routex#Transport
package prom

import (
	"net/http"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	otelprom "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
)

// scope is what the meter is called.
const scope = "github.com/dctx-team/routex"

// An Exporter collects what Transports count and serves it. It is safe for
// concurrent use.
type Exporter struct {
	meter    metric.Meter
	counted  *prometheus.Registry // what comes by the meter
	others   *prometheus.Registry
	text     http.Handler
	open     http.Handler // for who takes OpenMetrics
	mu       sync.Mutex
	baseline baseline // under mu
}

// New makes an Exporter.
func New() (*Exporter, error) {
	e := &Exporter{counted: prometheus.NewRegistry(), others: prometheus.NewRegistry()}
	reader, err := otelprom.New(otelprom.WithRegisterer(e.counted), otelprom.WithoutTargetInfo(), otelprom.WithoutScopeInfo())
	if err != nil {
		return nil, err
	}
	provider := sdkmetric.NewMeterProvider(
		sdkmetric.WithReader(reader), sdkmetric.WithResource(resource.Empty()),
		sdkmetric.WithCardinalityLimit(0), // none: the library has bounds of its own
	)
	e.meter = provider.Meter(scope)
	e.text = promhttp.HandlerFor(prometheus.GathererFunc(e.Gather), promhttp.HandlerOpts{})
	e.open = promhttp.HandlerFor(prometheus.GathererFunc(e.gatherOpen), promhttp.HandlerOpts{EnableOpenMetrics: true})
	return e, nil
}

// Meter is for [routex.Config], and for instruments of the host's own. Several
// Transports may have it: what they count adds up.
//
// [routex.Config]: https://pkg.go.dev/github.com/dctx-team/routex#Config
func (e *Exporter) Meter() metric.Meter { return e.meter }

// Register serves what a collector has too, such as those of the package
// collectors for the process. Reset leaves it alone.
func (e *Exporter) Register(c prometheus.Collector) error { return e.others.Register(c) }

// ServeHTTP answers with all metrics, in the text format of Prometheus or, to
// who accepts it, as OpenMetrics.
func (e *Exporter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if expfmt.NegotiateAccept(r.Header, expfmt.DefaultOpenMetricsAcceptedFormats()...).FormatType() == expfmt.TypeOpenMetrics {
		e.open.ServeHTTP(w, r)
		return
	}
	e.text.ServeHTTP(w, r)
}

// Gather gives all metrics, by name.
func (e *Exporter) Gather() ([]*dto.MetricFamily, error) {
	return prometheus.Gatherers{prometheus.GathererFunc(e.gatherCounted), e.others}.Gather()
}

func (e *Exporter) gatherCounted() ([]*dto.MetricFamily, error) {
	families, err := e.counted.Gather()
	if err != nil {
		return nil, err
	}
	e.mu.Lock()
	e.baseline.subtract(families)
	e.mu.Unlock()
	return untyped(align(families)), nil
}

// gatherOpen is Gather for OpenMetrics, which names a counter without its
// _total, and allows nothing else that name.
func (e *Exporter) gatherOpen() ([]*dto.MetricFamily, error) {
	families, err := e.Gather()
	if err != nil {
		return nil, err
	}
	return withoutClashes(families), nil
}

// Reset lets every counter and histogram that comes by the Meter begin at zero
// again, as after a restart. Gauges tell how things are and stay as they are.
func (e *Exporter) Reset() error {
	families, err := e.counted.Gather()
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.baseline = baselineOf(families)
	return nil
}
