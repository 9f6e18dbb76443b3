package trace

import (
	"maps"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

type genKey struct{ operation, provider, model, class string }

// A genSeries is what OpenTelemetry's conventions tell calls apart by.
type genSeries struct{ call, input, output []metric.RecordOption }

// gen gives the series of a key, or nil when there are too many.
func (m *Metrics) gen(key genKey) *genSeries {
	s := m.series.Load()
	if g := s.gen[key]; g != nil || len(s.gen) >= maxGenSeries {
		return g
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	s = m.series.Load()
	if g := s.gen[key]; g != nil || len(s.gen) >= maxGenSeries {
		return g
	}
	common := []attribute.KeyValue{
		attribute.String(OperationName, key.operation), attribute.String(ProviderName, key.provider), attribute.String(RequestModel, key.model),
	}
	with := func(more ...attribute.KeyValue) []metric.RecordOption {
		return []metric.RecordOption{metric.WithAttributeSet(attribute.NewSet(append(slices.Clone(common), more...)...))}
	}
	g := &genSeries{call: with(), input: with(attribute.String(TokenType, "input")), output: with(attribute.String(TokenType, "output"))}
	if key.class != "" {
		g.call = with(attribute.String(ErrorType, key.class))
	}
	next := *s
	next.gen = maps.Clone(s.gen)
	next.gen[key] = g
	m.series.Store(&next)
	return g
}
