package balance

import (
	"cmp"
	"math"
)

// Prices are what tokens cost, in any currency that all candidates share, by
// the million.
type Prices struct {
	Input     float64 `json:"input"`
	Output    float64 `json:"output"`
	CacheRead float64 `json:"cacheRead,omitempty"` // input that the provider has cached; 0 means as any
}

// LeastCost picks the candidate for which the call costs least, by its Prices
// and the tokens of the [Call]. For the candidate that the session is bound to
// the input counts as cached, so that a session does not leave for a price that
// is lower only on paper, and it stays where nothing is lower. Others that are
// equal share by weight. One whose Prices are not known is picked when those of
// no other are.
type LeastCost struct{}

// Pick implements [Balancer].
func (LeastCost) Pick(t Ticket, candidates []*Candidate) *Candidate {
	input, output := t.tokens()
	in, out := float64(input), float64(output)
	var best *Candidate
	least, total, random := math.Inf(1), uint64(0), t.Rand
	drained, special := true, t.Bound != ""
	for _, c := range candidates {
		if c.drained() {
			continue
		}
		drained = false
		p := c.Prices
		if p == nil {
			continue
		}
		cost := in*p.Input + out*p.Output
		if special || c.Correction != nil {
			cost = c.cost(in, out, t.Bound)
		}
		switch {
		case cost > least:
		case cost < least:
			best, least, total = c, cost, c.weight()
		default:
			total += c.weight()
			if random = step(random); draw(random, total) < c.weight() { // each by its weight
				best = c
			}
		}
	}
	if c := boundOf(t, candidates); c != nil && c.cost(in, out, t.Bound) <= least {
		return c
	}
	switch {
	case best != nil:
		return best
	case drained:
		return leastCostDrained(in, out, t, candidates)
	}
	return Weighted{}.Pick(t, candidates) // no price is known
}

// boundOf gives the candidate of the session, unless it drains; nil for none.
func boundOf(t Ticket, candidates []*Candidate) *Candidate {
	if t.Bound == "" {
		return nil
	}
	for _, c := range candidates {
		if c.Name == t.Bound && !c.drained() {
			return c
		}
	}
	return nil
}

// leastCostDrained picks the first of the cheapest, when all candidates drain.
func leastCostDrained(in, out float64, t Ticket, candidates []*Candidate) *Candidate {
	if len(candidates) == 0 {
		return nil
	}
	best := candidates[0]
	for _, c := range candidates[1:] {
		if c.cost(in, out, t.Bound) < best.cost(in, out, t.Bound) {
			best = c
		}
	}
	return best
}

// cost is the price of a call times a million; infinite when it is not known.
func (c *Candidate) cost(input, output float64, bound string) float64 {
	p := c.Prices
	if p == nil {
		return math.Inf(1)
	}
	if c.Correction != nil {
		input *= c.Correction.Factor()
	}
	if bound != "" && c.Name == bound {
		return input*cmp.Or(p.CacheRead, p.Input) + output*p.Output
	}
	return input*p.Input + output*p.Output
}
