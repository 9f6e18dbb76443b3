package balance

import "math/bits"

// Priority picks the candidate with the smallest priority number: the first
// tier. Equal ones share by weight. A tier that is drained is passed over.
type Priority struct{}

// Pick implements [Balancer].
func (Priority) Pick(t Ticket, candidates []*Candidate) *Candidate {
	first, total := 0, uint64(0)
	for _, c := range candidates {
		w := c.weight()
		switch {
		case w == 0 || total > 0 && c.Priority > first:
		case total == 0 || c.Priority < first:
			first, total = c.Priority, w
		default:
			total += w
		}
	}
	if total == 0 {
		return firstTier(t, candidates)
	}
	point := draw(t.Rand, total)
	for _, c := range candidates {
		if c.Priority != first {
			continue
		}
		w := c.weight()
		if point < w {
			return c
		}
		point -= w
	}
	return nil
}

// firstTier picks evenly of the smallest priority, when all candidates drain.
func firstTier(t Ticket, candidates []*Candidate) *Candidate {
	first, count := 0, uint64(0)
	for _, c := range candidates {
		switch {
		case count == 0 || c.Priority < first:
			first, count = c.Priority, 1
		case c.Priority == first:
			count++
		}
	}
	point := draw(t.Rand, count)
	for _, c := range candidates {
		if c.Priority == first {
			if point == 0 {
				return c
			}
			point--
		}
	}
	return nil
}

// Weighted picks at random in proportion to the weights.
type Weighted struct{}

// Pick implements [Balancer].
func (Weighted) Pick(t Ticket, candidates []*Candidate) *Candidate {
	total := uint64(0)
	for _, c := range candidates {
		total += c.weight()
	}
	if total == 0 {
		return anyOf(t.Rand, candidates)
	}
	point := draw(t.Rand, total)
	for _, c := range candidates {
		w := c.weight()
		if point < w {
			return c
		}
		point -= w
	}
	return nil
}

// RoundRobin picks one after the other.
type RoundRobin struct{}

// Pick implements [Balancer].
func (RoundRobin) Pick(t Ticket, candidates []*Candidate) *Candidate {
	count := uint64(0)
	for _, c := range candidates {
		if c.Weight > 0 {
			count++
		}
	}
	switch {
	case len(candidates) == 0:
		return nil
	case count == 0 || count == uint64(len(candidates)):
		return candidates[t.Turn%uint64(len(candidates))]
	}
	turn := t.Turn % count
	for _, c := range candidates {
		if c.Weight > 0 {
			if turn == 0 {
				return c
			}
			turn--
		}
	}
	return nil
}

// anyOf picks evenly.
func anyOf(random uint64, candidates []*Candidate) *Candidate {
	if len(candidates) == 0 {
		return nil
	}
	return candidates[draw(random, uint64(len(candidates)))]
}

// draw gives a number under n by a random one.
func draw(random, n uint64) uint64 {
	high, _ := bits.Mul64(random, n)
	return high
}

// next makes a random number of another.
func next(random uint64) uint64 { return mix(random + 0x9e3779b97f4a7c15) }

// step is next where it is called often: its high bits are random.
func step(random uint64) uint64 { return random*0xd1342543de82ef95 + 1 }

// mix spreads every bit over all of them (the finisher of splitmix64).
func mix(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
