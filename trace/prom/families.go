package prom

import (
	"slices"
	"strings"

	dto "github.com/prometheus/client_model/go"

	"github.com/dctx-team/routex/trace"
)

// pairsFamily has a series for every channel and model that are counted by
// themselves now.
const pairsFamily = "routex_tokens_input_total"

// align gives the histograms of channels and models the same series that the
// counters have: the SDK keeps what it has seen once, and has none before.
func align(families []*dto.MetricFamily) []*dto.MetricFamily {
	byName := make(map[string]*dto.MetricFamily, len(families))
	for _, f := range families {
		byName[f.GetName()] = f
	}
	pairs := byName[pairsFamily].GetMetric()
	for _, h := range trace.Histograms() {
		want := pairs
		switch {
		case len(h.Labels) == 0 && len(pairs) > 0:
			want = []*dto.Metric{{}}
		case !slices.Contains(h.Labels, trace.LabelChannel):
			continue
		}
		name := familyName(h)
		f := byName[name]
		if f == nil {
			f = &dto.MetricFamily{Name: new(name), Help: new(h.Description), Type: dto.MetricType_HISTOGRAM.Enum()}
			families = append(families, f)
		}
		f.Metric = matched(f.Metric, want, h.Buckets)
	}
	families = slices.DeleteFunc(families, func(f *dto.MetricFamily) bool { return len(f.Metric) == 0 })
	slices.SortFunc(families, func(a, b *dto.MetricFamily) int { return strings.Compare(a.GetName(), b.GetName()) })
	return families
}

// matched gives a histogram for each that is wanted, by its labels.
func matched(have, want []*dto.Metric, buckets []float64) []*dto.Metric {
	byLabels := make(map[string]*dto.Metric, len(have))
	for _, m := range have {
		byLabels[labelsKey(m)] = m
	}
	out := make([]*dto.Metric, 0, len(want))
	for _, w := range want {
		m := byLabels[labelsKey(w)]
		if m == nil {
			m = &dto.Metric{Label: w.Label, Histogram: &dto.Histogram{SampleCount: new(uint64(0)), SampleSum: new(0.0)}}
			for _, le := range buckets {
				m.Histogram.Bucket = append(m.Histogram.Bucket, &dto.Bucket{UpperBound: new(le), CumulativeCount: new(uint64(0))})
			}
		}
		out = append(out, m)
	}
	return out
}

// familyName is what Prometheus calls an instrument.
func familyName(i trace.Instrument) string {
	name := strings.ReplaceAll(i.Name, ".", "_")
	if i.Unit == "s" {
		name += "_seconds"
	}
	return name
}

// labelsKey tells the series of a family apart.
func labelsKey(m *dto.Metric) string {
	var b strings.Builder
	for _, l := range m.GetLabel() { // they are sorted
		b.WriteString(l.GetName())
		b.WriteByte('\xff') // which is in no text
		b.WriteString(l.GetValue())
		b.WriteByte('\xff')
	}
	return b.String()
}

// untyped takes the type from gauges that are named like counters, as the
// number of channels is: they would be mistaken for one.
func untyped(families []*dto.MetricFamily) []*dto.MetricFamily {
	for _, f := range families {
		if f.GetType() != dto.MetricType_GAUGE || !strings.HasSuffix(f.GetName(), "_total") {
			continue
		}
		f.Type = dto.MetricType_UNTYPED.Enum()
		for _, m := range f.Metric {
			m.Untyped, m.Gauge = &dto.Untyped{Value: new(m.GetGauge().GetValue())}, nil
		}
	}
	return families
}

// withoutClashes takes the type from counters whose name without _total is
// another's.
func withoutClashes(families []*dto.MetricFamily) []*dto.MetricFamily {
	names := make(map[string]struct{}, len(families))
	for _, f := range families {
		names[f.GetName()] = struct{}{}
	}
	for _, f := range families {
		short, _ := strings.CutSuffix(f.GetName(), "_total")
		if _, taken := names[short]; !taken || short == f.GetName() || f.GetType() != dto.MetricType_COUNTER {
			continue
		}
		f.Type = dto.MetricType_UNTYPED.Enum()
		for _, m := range f.Metric {
			m.Untyped, m.Counter = &dto.Untyped{Value: new(m.GetCounter().GetValue())}, nil
		}
	}
	return families
}
