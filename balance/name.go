package balance

import "fmt"

// The names of the balancers of this package, as [New] takes them.
const (
	NamePriority       = "priority"
	NameRoundRobin     = "round_robin"
	NameWeighted       = "weighted"
	NameLeastUsed      = "least_used"
	NameLeastInFlight  = "least_in_flight"
	NameLeastLatency   = "least_latency"
	NameLeastCost      = "least_cost"
	NameHeadroom       = "headroom"
	NameConsistentHash = "consistent_hash"
)

// NameCustom is what [Name] calls any other balancer.
const NameCustom = "custom"

// Names lists what [New] takes.
func Names() []string {
	return []string{
		NamePriority, NameRoundRobin, NameWeighted, NameLeastUsed,
		NameLeastInFlight, NameLeastLatency, NameLeastCost, NameHeadroom, NameConsistentHash,
	}
}

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
	case NameLeastInFlight:
		return LeastInFlight{}, nil
	case NameLeastLatency:
		return LeastLatency{}, nil
	case NameLeastCost:
		return LeastCost{}, nil
	case NameHeadroom:
		return Headroom{}, nil
	case NameConsistentHash:
		return ConsistentHash{}, nil
	}
	return nil, fmt.Errorf("balance: no strategy %q; there are %q", name, Names())
}

// Name gives the name of a balancer of this package, and [NameCustom] for others.
func Name(b Balancer) string {
	for _, name := range Names() {
		if own, _ := New(name); own == b {
			return name
		}
	}
	return NameCustom
}
