package admin

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"time"

	dto "github.com/prometheus/client_model/go"
)

// The shapes of GET /api/metrics.
type (
	metricsView struct {
		Uptime   float64       `json:"uptime"` // seconds
		Requests requestTotals `json:"requests"`
		Tokens   tokenTotals   `json:"tokens"`
		Channels channelTotals `json:"channels"`
		Cache    cacheTotals   `json:"cache"`
		Cost     float64       `json:"cost"`
		Memory   memoryTotals  `json:"memory"`
	}
	requestTotals struct {
		Total       int64  `json:"total"`
		Success     int64  `json:"success"`
		Failed      int64  `json:"failed"`   // by no fault of the caller
		Rejected    int64  `json:"rejected"` // for what was wrong with the call
		Canceled    int64  `json:"canceled"` // by the caller
		SuccessRate string `json:"successRate"`
	}
	tokenTotals struct {
		Input  int64 `json:"input"`
		Output int64 `json:"output"`
		Cached int64 `json:"cached"`
	}
	channelTotals struct {
		Total   int64 `json:"total"`
		Enabled int64 `json:"enabled"`
	}
	// cacheTotals tell of the caches of providers.
	cacheTotals struct {
		Hits    int64  `json:"hits"` // calls whose input was cached in part
		Misses  int64  `json:"misses"`
		HitRate string `json:"hitRate"`
	}
	// memoryTotals are in bytes.
	memoryTotals struct {
		Heap     int64 `json:"heap"`
		RSS      int64 `json:"rss"`      // 0 where the system does not tell
		External int64 `json:"external"` // what the program has beside the heap
	}
)

// The shapes of GET /api/metrics/all.
type (
	allMetricsView struct {
		Counters   []metricView    `json:"counters"`
		Gauges     []metricView    `json:"gauges"`
		Histograms []histogramView `json:"histograms"`
		Summaries  []histogramView `json:"summaries"`
	}
	metricView struct {
		Name   string        `json:"name"`
		Help   string        `json:"help"`
		Type   string        `json:"type"`
		Value  float64       `json:"value"` // of all labels together
		Labels []labeledView `json:"labels"`
	}
	labeledView struct {
		Labels map[string]string `json:"labels"`
		Value  float64           `json:"value"`
	}
	histogramView struct {
		Name    string             `json:"name"`
		Help    string             `json:"help"`
		Type    string             `json:"type"`
		Sum     float64            `json:"sum"`
		Count   uint64             `json:"count"`
		Buckets []bucketView       `json:"buckets"`
		Labels  []labeledHistogram `json:"labels"`
	}
	labeledHistogram struct {
		Labels  map[string]string `json:"labels"`
		Sum     float64           `json:"sum"`
		Count   uint64            `json:"count"`
		Buckets []bucketView      `json:"buckets"`
	}
	bucketView struct {
		LE    *float64 `json:"le"` // null for all
		Count uint64   `json:"count"`
	}
)

func (a *API) metricsOperations() []operation {
	if a.metrics == nil {
		return nil
	}
	return []operation{
		{method: http.MethodGet, path: "/metrics", summary: "Tell Prometheus everything that is counted", plain: a.metrics.ServeHTTP, media: "text/plain", answer: ""},
		{method: http.MethodGet, path: "/api/metrics", summary: "Sum up what is counted", serve: a.sumUpMetrics, answer: metricsView{}},
		{method: http.MethodGet, path: "/api/metrics/all", summary: "Show everything that is counted", serve: a.allMetrics, answer: allMetricsView{}},
		{method: http.MethodPost, path: "/api/metrics/reset", summary: "Let the counters begin at zero again", serve: a.resetMetrics, takes: bodyOf(readsNothing), bodyOptional: true},
	}
}

// resetMetrics resets what /metrics tells too. Gauges tell how things are.
func (a *API) resetMetrics(_ *http.Request, body *object) (reply, error) {
	readsNothing(body)
	if err := body.wrong.err(); err != nil {
		return reply{}, err
	}
	if err := a.metrics.Reset(); err != nil {
		return reply{}, fmt.Errorf("cannot reset the metrics: %w", err)
	}
	return reply{message: "metrics reset"}, nil
}

func (a *API) sumUpMetrics(*http.Request, *object) (reply, error) {
	families, err := a.metrics.Gather()
	if err != nil {
		return reply{}, fmt.Errorf("cannot gather the metrics: %w", err)
	}
	sum := func(name string) (sum float64) {
		i := slices.IndexFunc(families, func(f *dto.MetricFamily) bool { return f.GetName() == name })
		if i < 0 {
			return 0
		}
		for _, m := range families[i].Metric {
			sum += valueOf(m)
		}
		return sum
	}
	n := func(name string) int64 { return int64(sum(name)) }
	v := metricsView{
		Uptime:   time.Since(a.started).Seconds(),
		Requests: requestTotals{n("routex_requests_total"), n("routex_requests_success_total"), n("routex_requests_failed_total"), n("routex_requests_rejected_total"), n("routex_requests_canceled_total"), ""},
		Tokens:   tokenTotals{n("routex_tokens_input_total"), n("routex_tokens_output_total"), n("routex_tokens_cached_total")},
		Channels: channelTotals{n("routex_channels_total"), n("routex_channels_enabled")},
		Cost:     sum("routex_cost_total"),
	}
	v.Requests.SuccessRate = percent(v.Requests.Success, v.Requests.Success+v.Requests.Failed)
	v.Cache.Hits = n("routex_requests_cached_total")
	v.Cache.Misses = max(v.Requests.Success-v.Cache.Hits, 0)
	v.Cache.HitRate = percent(v.Cache.Hits, v.Cache.Hits+v.Cache.Misses)
	memory := systemNow().Memory
	v.Memory = memoryTotals{Heap: int64(memory.Heap), RSS: n("process_resident_memory_bytes"), External: int64(memory.Total - memory.Heap)}
	return reply{data: v}, nil
}

// percent is the share as a text; all of nothing went well.
func percent(part, all int64) string {
	if all == 0 {
		return "0.00%"
	}
	return fmt.Sprintf("%.2f%%", 100*float64(part)/float64(all))
}

func (a *API) allMetrics(*http.Request, *object) (reply, error) {
	families, err := a.metrics.Gather()
	if err != nil {
		return reply{}, fmt.Errorf("cannot gather the metrics: %w", err)
	}
	v := allMetricsView{Counters: []metricView{}, Gauges: []metricView{}, Histograms: []histogramView{}, Summaries: []histogramView{}}
	for _, f := range families {
		switch f.GetType() {
		case dto.MetricType_COUNTER:
			v.Counters = append(v.Counters, viewMetric(f, "counter"))
		case dto.MetricType_HISTOGRAM:
			v.Histograms = append(v.Histograms, viewHistogram(f, "histogram"))
		case dto.MetricType_SUMMARY:
			v.Summaries = append(v.Summaries, viewHistogram(f, "summary"))
		default: // the number of channels has no type for Prometheus, because of its name
			v.Gauges = append(v.Gauges, viewMetric(f, "gauge"))
		}
	}
	return reply{data: v}, nil
}

func viewMetric(f *dto.MetricFamily, kind string) metricView {
	v := metricView{Name: f.GetName(), Help: f.GetHelp(), Type: kind, Labels: []labeledView{}}
	for _, m := range f.Metric {
		value := finite(valueOf(m))
		v.Value += value
		if len(m.Label) > 0 {
			v.Labels = append(v.Labels, labeledView{labelsOf(m), value})
		}
	}
	return v
}

func valueOf(m *dto.Metric) float64 {
	switch {
	case m.Counter != nil:
		return m.Counter.GetValue()
	case m.Gauge != nil:
		return m.Gauge.GetValue()
	}
	return m.Untyped.GetValue()
}

// viewHistogram shows a histogram, or a summary without its quantiles, which
// cannot be added up.
func viewHistogram(f *dto.MetricFamily, kind string) histogramView {
	v := histogramView{Name: f.GetName(), Help: f.GetHelp(), Type: kind, Buckets: []bucketView{}, Labels: []labeledHistogram{}}
	for _, m := range f.Metric {
		one := labeledHistogram{
			Labels: labelsOf(m), Sum: finite(m.GetHistogram().GetSampleSum() + m.GetSummary().GetSampleSum()),
			Count: m.GetHistogram().GetSampleCount() + m.GetSummary().GetSampleCount(), Buckets: bucketsOf(m.Histogram),
		}
		v.Sum, v.Count = v.Sum+one.Sum, v.Count+one.Count
		if len(v.Buckets) == 0 {
			v.Buckets = bucketsOf(m.Histogram)
		} else {
			for i := range min(len(v.Buckets), len(one.Buckets)) {
				v.Buckets[i].Count += one.Buckets[i].Count
			}
		}
		if len(m.Label) > 0 {
			v.Labels = append(v.Labels, one)
		}
	}
	return v
}

func bucketsOf(h *dto.Histogram) []bucketView {
	buckets := []bucketView{}
	for _, b := range h.GetBucket() {
		if le := b.GetUpperBound(); !math.IsInf(le, 1) {
			buckets = append(buckets, bucketView{&le, b.GetCumulativeCount()})
		}
	}
	if h != nil {
		buckets = append(buckets, bucketView{nil, h.GetSampleCount()})
	}
	return buckets
}

func labelsOf(m *dto.Metric) map[string]string {
	labels := make(map[string]string, len(m.Label))
	for _, l := range m.Label {
		labels[l.GetName()] = l.GetValue()
	}
	return labels
}

// finite is the number, or 0 for what JSON has no number for.
func finite(v float64) float64 {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		return 0
	}
	return v
}
