package trace

import (
	"maps"
	"math"
	"slices"
	"strings"
	"sync/atomic"
	"unicode"
	"unicode/utf8"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// The bounds of labels.
const (
	maxChannels  = 200  // at one time
	maxModels    = 200  // at one time
	maxTees      = 200  // at one time
	maxLabel     = 100  // bytes
	maxPairs     = 1000 // of a channel and a model, ever: histograms keep them
	maxListed    = 500  // of those, before there are calls
	maxOthers    = 900  // more, of a channel and all other models, ever
	maxGenSeries = 1000 // ever
)

// Series are what calls are counted in. The maps are never changed: a new
// series is in a new one.
type series struct {
	channels  map[string]*channelSeries // by the channel's name
	labels    map[string]*channelSeries // by the label
	pairs     map[pairKey]*pairSeries
	models    map[string]struct{} // that may be labels
	full      bool                // there are no further pairs
	none      *channelSeries
	other     *channelSeries
	gen       map[genKey]*genSeries
	genModels names // of gen
}

type pairKey struct{ channel, model string } // labels, or what becomes of them

// A channelSeries counts what has to do with one channel.
type channelSeries struct {
	label                           string
	failures, failovers             byClass
	retries, hedges, resumed, lossy atomic.Int64
	observe                         []metric.ObserveOption
	classes                         [][]metric.ObserveOption // of failures and failovers
}

// byClass counts by the class of a failure.
type byClass []atomic.Int64

func (b byClass) add(classes []string, class string) {
	if i := slices.Index(classes, class); i >= 0 {
		b[i].Add(1)
	}
}

// A pairSeries counts what has to do with one channel and one model.
type pairSeries struct {
	channel                                             *channelSeries
	model                                               string
	answered                                            atomic.Bool // the channel to the model
	attempts, input, output, cached, written, reasoning atomic.Int64
	cost                                                atomic.Uint64 // the bits of a float64
	record                                              []metric.RecordOption
	observe                                             []metric.ObserveOption
}

func (p *pairSeries) count(c *CallMetrics) {
	p.input.Add(c.Input)
	p.output.Add(c.Output)
	for _, add := range [...]struct {
		to *atomic.Int64
		n  int64
	}{{&p.cached, c.CacheRead}, {&p.written, c.CacheWrite}, {&p.reasoning, c.Reasoning}} {
		if add.n != 0 {
			add.to.Add(add.n)
		}
	}
	if c.Lossy {
		p.channel.lossy.Add(1)
	}
	for c.Cost > 0 {
		old := p.cost.Load()
		if p.cost.CompareAndSwap(old, math.Float64bits(math.Float64frombits(old)+c.Cost)) {
			break
		}
	}
}

func newSeries(classes []string) *series {
	return &series{
		channels: make(map[string]*channelSeries), labels: make(map[string]*channelSeries), pairs: make(map[pairKey]*pairSeries),
		models: make(map[string]struct{}), gen: make(map[genKey]*genSeries), genModels: make(names),
		none: newChannelSeries(NoChannel, classes), other: newChannelSeries(Other, classes),
	}
}

func newChannelSeries(label string, classes []string) *channelSeries {
	with := func(more ...attribute.KeyValue) []metric.ObserveOption {
		return []metric.ObserveOption{metric.WithAttributeSet(attribute.NewSet(append(more, attribute.String(LabelChannel, label))...))}
	}
	ch := &channelSeries{label: label, failures: make(byClass, len(classes)), failovers: make(byClass, len(classes)), observe: with()}
	for _, class := range classes {
		ch.classes = append(ch.classes, with(attribute.String(LabelClass, class)))
	}
	return ch
}

func newPairSeries(ch *channelSeries, model string) *pairSeries {
	set := metric.WithAttributeSet(attribute.NewSet(attribute.String(LabelChannel, ch.label), attribute.String(LabelModel, model)))
	return &pairSeries{channel: ch, model: model, record: []metric.RecordOption{set}, observe: []metric.ObserveOption{set}}
}

// named gives the series of a channel.
func (s *series) named(channel string) *channelSeries {
	if channel == "" {
		return s.none
	}
	if ch := s.channels[channel]; ch != nil {
		return ch
	}
	return s.other
}

// pair gives the series of a channel and a model, by their names. With
// answered, the model is one that the channel has answered to.
func (m *Metrics) pair(channel, model string, answered bool) *pairSeries {
	s := m.series.Load()
	p := s.find(channel, model, answered)
	if p == nil {
		p = m.newPair(channel, model, answered)
	}
	if answered && p.model != Other && !p.answered.Load() {
		p.answered.Store(true)
	}
	return p
}

// find gives the series that counts for a channel and a model, or nil when they
// are to have one of their own.
func (s *series) find(channel, model string, answered bool) *pairSeries {
	ch := s.named(channel)
	if len(model) <= maxLabel {
		if p := s.pairs[pairKey{ch.label, model}]; p != nil {
			return p
		}
	}
	if s.full || ch == s.none || !s.mayLabel(model, answered) {
		return s.pairs[pairKey{ch.label, Other}]
	}
	return nil
}

// mayLabel reports a model that is fit to be a label, and known to somebody
// else than the caller.
func (s *series) mayLabel(model string, answered bool) bool {
	if len(model) > maxLabel {
		return false
	}
	_, known := s.models[model]
	return known || answered && len(s.models) < maxModels && fit(model)
}

// fit reports a text that can be a label.
func fit(s string) bool {
	return s != "" && len(s) <= maxLabel && utf8.ValidString(s) && strings.IndexFunc(s, func(r rune) bool { return !unicode.IsPrint(r) }) < 0
}

func (m *Metrics) newPair(channel, model string, answered bool) *pairSeries {
	m.mu.Lock()
	defer m.mu.Unlock()
	old := m.series.Load()
	if p := old.find(channel, model, answered); p != nil {
		return p
	}
	s := *old
	s.pairs, s.models = maps.Clone(old.pairs), maps.Clone(old.models)
	model = strings.Clone(model) // it may be a part of a call's body
	s.models[model] = struct{}{}
	p := m.add(&s, s.named(channel), model, maxPairs)
	m.series.Store(&s)
	return p
}

// add puts the series of a channel and a model among the others, unless there
// have been too many; nil then.
func (m *Metrics) add(s *series, ch *channelSeries, model string, most int) *pairSeries {
	key := pairKey{ch.label, model}
	if p := s.pairs[key]; p != nil {
		return p
	}
	if _, known := m.ever[key]; !known && len(m.ever) >= most {
		return nil
	}
	m.ever[key] = struct{}{}
	s.full = len(m.ever) >= maxPairs
	p := newPairSeries(ch, model)
	s.pairs[key] = p
	return p
}
