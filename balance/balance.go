// Package balance chooses one of several channels that could serve a call, and
// keeps a session on the channel that served it before.
//
// A [Balancer] is a pure choice: what it would have to remember between calls
// comes with the call as a [Ticket], so that a table can test it and a choice
// can be looked at without being made.
package balance

import (
	"fmt"
	"slices"
)

// A Ticket holds what differs from call to call. The zero value is valid.
type Ticket struct {
	Key  string // of the session; "" for none
	Turn uint64 // counts the calls over the same set of candidates
	Rand uint64 // uniformly random
}

// A Balancer picks one of the candidates, or nil when there is none. Pick must
// not block, keep state or change its arguments, and is called by many
// goroutines at the same time.
type Balancer interface {
	Pick(t Ticket, candidates []*Candidate) *Candidate
}

// Func is a function as a [Balancer].
type Func func(t Ticket, candidates []*Candidate) *Candidate

// Pick calls f.
func (f Func) Pick(t Ticket, candidates []*Candidate) *Candidate { return f(t, candidates) }

// The names of the balancers of this package, as [New] takes them.
const (
	NamePriority   = "priority"
	NameRoundRobin = "round_robin"
	NameWeighted   = "weighted"
	NameLeastUsed  = "least_used"
)

// Names lists what [New] takes.
func Names() []string { return []string{NamePriority, NameRoundRobin, NameWeighted, NameLeastUsed} }

// New gives the balancer of that name.
func New(name string) (Balancer, error) {
	switch name {
	case NamePriority:
		return Priority{}, nil
	case NameRoundRobin:
		return RoundRobin{}, nil
	case NameWeighted:
		return Weighted{}, nil
	case NameLeastUsed:
		return LeastUsed{}, nil
	}
	return nil, fmt.Errorf("balance: no strategy %q; there are %q", name, Names())
}

// Name gives the name of a balancer of this package, and "custom" for others.
func Name(b Balancer) string {
	for _, name := range Names() {
		if own, _ := New(name); own == b {
			return name
		}
	}
	return "custom"
}

// Priority picks the candidate with the smallest priority number; equal ones
// share by weight.
type Priority struct{}

// Pick implements [Balancer].
func (Priority) Pick(t Ticket, candidates []*Candidate) *Candidate {
	if len(candidates) == 0 {
		return nil
	}
	first := slices.MinFunc(candidates, func(a, b *Candidate) int { return a.Priority - b.Priority }).Priority
	return byWeight(t.Rand, candidates, func(c *Candidate) bool { return c.Priority == first })
}

// Weighted picks at random in proportion to the weights. A weight of 0 is
// picked only when no candidate has more.
type Weighted struct{}

// Pick implements [Balancer].
func (Weighted) Pick(t Ticket, candidates []*Candidate) *Candidate {
	return byWeight(t.Rand, candidates, func(*Candidate) bool { return true })
}

// RoundRobin picks one after the other.
type RoundRobin struct{}

// Pick implements [Balancer].
func (RoundRobin) Pick(t Ticket, candidates []*Candidate) *Candidate {
	if len(candidates) == 0 {
		return nil
	}
	return candidates[t.Turn%uint64(len(candidates))]
}

// LeastUsed picks the candidate with the fewest calls in flight, among equal
// ones the one that was used longest ago. What counts is the present, so that
// a new channel is not flooded for having no past.
type LeastUsed struct{}

// Pick implements [Balancer].
func (LeastUsed) Pick(_ Ticket, candidates []*Candidate) *Candidate {
	var best *Candidate
	var bestLoad, bestUsed int64
	for _, c := range candidates {
		load, used := c.InFlight(), c.lastUsed.Load()
		if best == nil || load < bestLoad || load == bestLoad && used < bestUsed {
			best, bestLoad, bestUsed = c, load, used
		}
	}
	return best
}

// byWeight picks among the candidates that are in, in proportion to weight.
func byWeight(random uint64, candidates []*Candidate, in func(*Candidate) bool) *Candidate {
	var total, count uint64
	for _, c := range candidates {
		if in(c) {
			total += c.weight()
			count++
		}
	}
	if count == 0 {
		return nil
	}
	even := total == 0 // all of them drain: there is nobody else
	if even {
		total = count
	}
	point := random % total
	for _, c := range candidates {
		if !in(c) {
			continue
		}
		share := c.weight()
		if even {
			share = 1
		}
		if point < share {
			return c
		}
		point -= share
	}
	return nil
}
