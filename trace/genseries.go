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

// names are those of models.
type names map[string]struct{}

// room gives the name if it is there or there is room for it, else [Other].
func (n names) room(model string) string {
	if _, known := n[model]; known || len(n) < maxModels {
		return model
	}
	return Other
}

// gen gives the series of a key, or nil when there are too many. What a meter
// has been told once it tells for ever: models beyond those that there is room
// for share a name, also when others are gone.
func (m *Metrics) gen(key genKey) *genSeries {
	s := m.series.Load()
	key.model = s.genModels.room(key.model)
	if g := s.gen[key]; g != nil || len(s.gen) >= maxGenSeries {
		return g
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	s = m.series.Load()
	key.model = s.genModels.room(key.model)
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
	next.gen, next.genModels = maps.Clone(s.gen), maps.Clone(s.genModels)
	next.gen[key], next.genModels[key.model] = g, struct{}{}
	m.series.Store(&next)
	return g
}
