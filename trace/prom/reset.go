package prom

import (
	dto "github.com/prometheus/client_model/go"
)

// A baseline is what had been counted when it was last reset, by family and
// labels. The zero value is nothing.
type baseline map[string]map[string]*dto.Metric

func baselineOf(families []*dto.MetricFamily) baseline {
	b := make(baseline)
	for _, f := range families {
		series := make(map[string]*dto.Metric)
		for _, m := range f.Metric {
			if m.Counter != nil || m.Histogram != nil {
				series[labelsKey(m)] = m
			}
		}
		b[f.GetName()] = series
	}
	return b
}

// subtract takes the baseline from what is counted now. A series that has
// begun anew since, or is gone, has none any more; one that is gone and there
// again before anybody looks cannot be told from one that was there.
func (b baseline) subtract(families []*dto.MetricFamily) {
	if len(b) == 0 {
		return
	}
	seen := make(map[string]bool)
	for _, f := range families {
		old := b[f.GetName()]
		here := make(map[string]bool, len(f.Metric))
		for _, m := range f.Metric {
			key := labelsKey(m)
			before := old[key]
			if here[key] = before != nil && grownFrom(m, before); here[key] {
				less(m, before)
			}
		}
		for key := range old {
			if !here[key] {
				delete(old, key)
			}
		}
		seen[f.GetName()] = true
	}
	for name := range b {
		if !seen[name] {
			delete(b, name)
		}
	}
}

// grownFrom reports that a series cannot have begun anew since before.
func grownFrom(m, before *dto.Metric) bool {
	if m.Counter != nil && before.Counter != nil {
		return m.Counter.GetValue() >= before.Counter.GetValue()
	}
	h, old := m.Histogram, before.Histogram
	return h != nil && old != nil && h.GetSampleCount() >= old.GetSampleCount() && len(h.Bucket) == len(old.Bucket)
}

func less(m, before *dto.Metric) {
	if m.Counter != nil {
		m.Counter.Value = new(m.Counter.GetValue() - before.Counter.GetValue())
		return
	}
	h, old := m.Histogram, before.Histogram
	h.SampleCount = new(h.GetSampleCount() - old.GetSampleCount())
	h.SampleSum = new(h.GetSampleSum() - old.GetSampleSum())
	for i, bucket := range h.Bucket {
		bucket.CumulativeCount = new(bucket.GetCumulativeCount() - old.Bucket[i].GetCumulativeCount())
	}
}
