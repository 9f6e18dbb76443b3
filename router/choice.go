package router

import (
	"cmp"
	"math"
	"slices"
)

// A Choice says where a call should go. The zero value leaves everything open:
// any channel that serves the model.
type Choice struct {
	// Channels by name or ID, the first preferred, unless there are weights.
	// They are taken even if they do not list the model. Empty means every
	// channel that serves it.
	Channels []string
	// Weights say how calls are shared among Channels, each with the weight
	// in the same place, 0 when there is none: see [Choice.Order]. Nil means
	// that the first comes first.
	Weights []int
	Model   string // asked of the chosen channels; "" keeps the caller's
	Shadow  string // channel that gets a copy of the call; "" for none
	RuleID  string // of the rule that chose; "" for none
	Rule    string // its name
	// Strict refuses the call when none of Channels can take it, instead of
	// going on to the other channels that serve the model.
	Strict bool
}

// Order gives the channels in the order in which the call should try them.
// With weights, each comes first in its share of the calls, and those without
// weight come last, in their order. A session, when key is not empty, keeps its
// order as long as channels and weights stay; when a weight changes, only as
// many sessions move as must. Any other call goes by the random number. The list must not be
// changed.
func (c Choice) Order(key string, random uint64) []string {
	if len(c.Weights) == 0 || len(c.Channels) < 2 {
		return c.Channels
	}
	seed := random
	if key != "" {
		seed = hashText(hashText(offset, c.RuleID), key)
	}
	// Each draws a time, those of more weight shorter ones, and the shortest
	// wins: as likely as its share of the weight, whoever else takes part.
	draws := make([]draw, len(c.Channels))
	for i, name := range c.Channels {
		draws[i] = draw{name, math.Inf(1)}
		if i < len(c.Weights) && c.Weights[i] > 0 {
			h := mix(hashText(seed, name))
			even := (float64(h>>11) + 0.5) / (1 << 53) // over 0 and under 1
			draws[i].time = -math.Log(even) / float64(c.Weights[i])
		}
	}
	slices.SortStableFunc(draws, func(a, b draw) int { return cmp.Compare(a.time, b.time) })
	out := make([]string, len(draws))
	for i := range draws {
		out[i] = draws[i].name
	}
	return out
}

type draw struct {
	name string
	time float64
}

const offset = 14695981039346656037 // of FNV-1a

func hashText(h uint64, s string) uint64 {
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return (h ^ 0xff) * 1099511628211
}

// mix spreads every bit over all of them.
func mix(h uint64) uint64 {
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}
