// Package balance chooses one of several channels that could serve a call, and
// keeps a session on the channel that served it before.
//
// A [Balancer] is a pure choice: what it would have to remember between calls
// comes with the call as a [Ticket] or stands in the [Candidate], so that a
// table can test it and a choice can be looked at without being made.
//
//	name             balancer          picks
//	priority         [Priority]        the smallest priority; equal ones by weight
//	round_robin      [RoundRobin]      one after the other
//	weighted         [Weighted]        at random, by weight
//	least_used       [LeastUsed]       the fewest calls in flight, then the one that was used longest ago
//	least_in_flight  [LeastInFlight]   the fewest calls in flight for its weight
//	least_latency    [LeastLatency]    of two at random the one whose answers begin sooner
//	least_cost       [LeastCost]       the lowest price for the call, with what is cached; equal ones by weight
//	headroom         [Headroom]        at random, by how many such calls the rate limits leave room for
//	consistent_hash  [ConsistentHash]  always the same one for a session, by weight
//
// A weight of 0 drains a channel, with every balancer: it is picked only when
// all that there are have no more.
package balance

// A Ticket holds what differs from call to call. The zero value is valid.
type Ticket struct {
	Key  string // of the session; "" for none
	Turn uint64 // counts the calls over the same set of candidates
	Rand uint64 // uniformly random
	Call        // what the call is like
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
