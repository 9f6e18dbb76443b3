package balance

// LeastUsed picks the candidate with the fewest calls in flight, among equal
// ones the one that was used longest ago. What counts is the present, so that
// a new channel is not flooded for having no past.
type LeastUsed struct{}

// Pick implements [Balancer].
func (LeastUsed) Pick(_ Ticket, candidates []*Candidate) *Candidate {
	var best *Candidate
	var bestLoad, bestUsed int64
	for _, c := range candidates {
		if best != nil && c.drained() && !best.drained() {
			continue
		}
		load, used := c.InFlight(), c.lastUsed.Load()
		if best == nil || load < bestLoad || load == bestLoad && used < bestUsed || best.drained() && !c.drained() {
			best, bestLoad, bestUsed = c, load, used
		}
	}
	return best
}

// LeastInFlight picks the candidate that would have the fewest calls in flight
// for its weight, with this one. Equal ones share evenly.
type LeastInFlight struct{}

// Pick implements [Balancer].
func (LeastInFlight) Pick(t Ticket, candidates []*Candidate) *Candidate {
	var best *Candidate
	bestLoad, bestWeight := uint64(1), uint64(0) // a load is a fraction of the weight
	random, equal := t.Rand, uint64(1)
	for _, c := range candidates {
		load, weight := uint64(max(c.InFlight(), 0)+1), c.weight()
		if weight == 0 {
			continue
		}
		mine, its := load*bestWeight, bestLoad*weight // of two fractions, multiplied out
		if mine > its {
			continue
		}
		if mine == its {
			equal++
			if random = step(random); draw(random, equal) != 0 { // each of them alike
				continue
			}
		} else {
			equal = 1
		}
		best, bestLoad, bestWeight = c, load, weight
	}
	if best == nil {
		return LeastUsed{}.Pick(t, candidates) // all drain
	}
	return best
}
