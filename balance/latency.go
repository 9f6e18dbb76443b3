package balance

// LeastLatency looks at two candidates at random and picks the one whose
// answers begin sooner, by [Load.Latency]; of two that are alike within an
// eighth, the one with fewer calls in flight. Looking at two keeps all calls
// from going to the one that was fastest a moment ago.
//
// A candidate whose latency is not known is preferred until a call to it is
// under way, and one in 32 calls goes to the first of the two whatever is known
// of it, so that one that was slow is asked again.
type LeastLatency struct{}

// Pick implements [Balancer].
func (LeastLatency) Pick(t Ticket, candidates []*Candidate) *Candidate {
	const explore = 32
	count := 0
	for _, c := range candidates {
		if !c.drained() {
			count++
		}
	}
	all := count == 0 || count == len(candidates)
	if all {
		count = len(candidates)
	}
	if count == 0 {
		return nil
	}
	i := draw(t.Rand, uint64(count))
	random := next(t.Rand)
	first := nth(candidates, i, all)
	if count == 1 || random%explore == 0 {
		return first
	}
	j := draw(random, uint64(count-1))
	if j >= i {
		j++
	}
	if second := nth(candidates, j, all); second.sooner(first) {
		return second
	}
	return first
}

// nth gives a candidate by its place among all, or among those that do not
// drain.
func nth(candidates []*Candidate, n uint64, all bool) *Candidate {
	if all {
		return candidates[n]
	}
	for _, c := range candidates {
		if c.drained() {
			continue
		}
		if n == 0 {
			return c
		}
		n--
	}
	return nil
}

// sooner reports that the answer of c will probably begin sooner than that of
// other.
func (c *Candidate) sooner(other *Candidate) bool {
	a, b := c.Latency(), other.Latency()
	busy, otherBusy := c.InFlight(), other.InFlight()
	switch {
	case a == 0 && b == 0:
		return busy < otherBusy
	case a == 0: // its first calls are to tell
		return busy <= 0
	case b == 0:
		return otherBusy > 0
	case a-a/8 > b || b-b/8 > a:
		return a < b
	}
	return busy < otherBusy
}
