package trace

import (
	"math"
	"strings"
	"unicode/utf8"
)

// A ChannelModels is a channel and the models that it lists by name.
type ChannelModels struct {
	Channel string
	Models  []string
}

// Configure says which channels there are. Those that were there before keep
// their numbers; those that are gone have none any more. Every channel counts
// from zero from here on, so that the first call is an increase.
func (m *Metrics) Configure(channels []ChannelModels) {
	if m == nil {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	old := m.series.Load()
	s := newSeries(m.classes)
	s.none, s.other, s.gen, s.genModels, s.full = old.none, old.other, old.gen, old.genModels, old.full
	s.models = listed(channels)
	m.add(s, s.none, Other, math.MaxInt)
	m.add(s, s.other, Other, math.MaxInt)
	for _, c := range channels {
		ch := s.take(c.Channel, old, m.classes)
		if m.add(s, ch, Other, maxPairs+maxOthers) == nil {
			ch = s.other
		}
		s.channels[c.Channel] = ch
	}
	s.keep(old)
	for _, c := range channels {
		for _, model := range c.Models {
			if _, known := s.models[model]; known && s.channels[c.Channel] != s.other {
				m.add(s, s.channels[c.Channel], model, maxListed)
			}
		}
	}
	m.series.Store(s)
}

// take gives a channel a label, and the numbers that it had under it.
func (s *series) take(name string, old *series, classes []string) *channelSeries {
	label := bounded(name)
	switch ch := s.labels[label]; {
	case ch != nil:
		return ch
	case label == NoChannel, label == Other, len(s.labels) >= maxChannels:
		return s.other
	}
	ch := old.labels[label]
	if ch == nil {
		ch = newChannelSeries(label, classes)
	}
	s.labels[label] = ch
	return ch
}

// keep takes over what old counts of channels that are still there, for models
// that are still listed or that were answered to.
func (s *series) keep(old *series) {
	for key, p := range old.pairs {
		if p.channel != s.none && p.channel != s.other && s.labels[key.channel] != p.channel {
			continue
		}
		_, known := s.models[key.model]
		if !known && key.model != Other {
			if !p.answered.Load() || len(s.models) >= maxModels {
				continue
			}
			s.models[key.model] = struct{}{}
		}
		s.pairs[key] = p
	}
}

// bounded is what the name of a channel or a destination is as a label.
func bounded(name string) string {
	name = strings.ToValidUTF8(name, "\uFFFD")
	for len(name) > maxLabel {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	return name
}

// listed are the models that channels list, as far as there is room for them.
func listed(channels []ChannelModels) map[string]struct{} {
	all := make(map[string]struct{})
	for _, c := range channels {
		for _, model := range c.Models {
			if len(all) < maxModels && fit(model) {
				all[strings.Clone(model)] = struct{}{}
			}
		}
	}
	return all
}
