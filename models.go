package routex

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// A listed is a model that callers can ask for by name.
type listed struct {
	name  string
	owner ChannelType // of the first channel that lists it
}

// listModels gives the exact names, never patterns, in Models and ModelMap of
// the channels that are not disabled, in order.
func listModels(channels []*channel) []listed {
	owners := make(map[string]ChannelType)
	for _, ch := range channels {
		if ch.Disabled {
			continue
		}
		for _, name := range slices.Concat(ch.Models, slices.Collect(maps.Keys(ch.ModelMap))) {
			if _, taken := owners[name]; !taken && !strings.Contains(name, "*") {
				owners[name] = ch.Type
			}
		}
	}
	list := make([]listed, 0, len(owners))
	for name, owner := range owners {
		list = append(list, listed{name, owner})
	}
	slices.SortFunc(list, func(a, b listed) int { return cmp.Compare(a.name, b.name) })
	return list
}

// Models lists the models that callers can ask for by name: the exact names,
// never patterns, in Models and ModelMap of the channels that are not
// disabled. The slice is the caller's.
func (t *Transport) Models() []string {
	list := t.current.Load().models
	names := make([]string, 0, len(list))
	for _, m := range list {
		names = append(names, m.name)
	}
	return names
}

// model gives what is known of a model, which also a pattern may claim.
func (s *snapshot) model(name string) (listed, bool) {
	i, found := slices.BinarySearchFunc(s.models, name, func(m listed, name string) int { return cmp.Compare(m.name, name) })
	if found {
		return s.models[i], true
	}
	for _, ch := range s.channels {
		if !ch.Disabled && ch.Serves(name) {
			return listed{name, ch.Type}, true
		}
	}
	return listed{}, false
}
