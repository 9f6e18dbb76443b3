package balance_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/dctx-team/routex/balance"
)

// randomCandidates gives candidates in any state.
func randomCandidates(r *rand.Rand, n int) []*balance.Candidate {
	out := make([]*balance.Candidate, n)
	for i := range out {
		c := balance.NewCandidate(fmt.Sprint("channel ", i), r.IntN(3), r.IntN(5)-1)
		for range r.IntN(4) {
			c.Begin(time.Unix(int64(r.IntN(1000)), 0))
		}
		if r.IntN(2) == 0 {
			c.Observe(time.Duration(r.IntN(3000)) * time.Millisecond)
		}
		if r.IntN(2) == 0 {
			c.Prices = &balance.Prices{Input: float64(r.IntN(4)), Output: float64(r.IntN(9)), CacheRead: r.Float64()}
		}
		if r.IntN(2) == 0 {
			c.ObserveLimits(balance.Limits{
				Requests: balance.Limit{Limit: 60, Remaining: int64(r.IntN(3)) * 30, Reset: time.Unix(int64(r.IntN(100)), 0)},
				Tokens:   balance.Limit{Limit: 90_000, Remaining: int64(r.IntN(90_000))},
			})
		}
		out[i] = c
	}
	return out
}

func randomTicket(r *rand.Rand, n int) balance.Ticket {
	t := balance.Ticket{Turn: r.Uint64(), Rand: r.Uint64()}
	if r.IntN(2) == 0 {
		t.Key = fmt.Sprint("session ", r.IntN(50))
	}
	if r.IntN(2) == 0 {
		t.Call = balance.Call{Now: time.Unix(int64(r.IntN(100)), 0), Input: int64(r.IntN(100_000)), Bound: fmt.Sprint("channel ", r.IntN(n+1))}
	}
	return t
}

// Whatever the state of the candidates is, one of them is picked, it is not one
// that drains while another does not, and it is the same one again.
func TestEveryBalancerPicksOneThatMayBePicked(t *testing.T) {
	for _, name := range balance.Names() {
		b, err := balance.New(name)
		if err != nil {
			t.Fatal(err)
		}
		r := rand.New(rand.NewPCG(3, 4))
		for range 20_000 {
			n := r.IntN(8)
			candidates, ticket := randomCandidates(r, n), randomTicket(r, n)
			before := slices.Clone(candidates)
			got := b.Pick(ticket, candidates)
			switch {
			case n == 0:
				if got != nil {
					t.Fatalf("%s picked %v of nobody", name, got.Name)
				}
				continue
			case !slices.Contains(candidates, got):
				t.Fatalf("%s picked %v, which is none of them", name, got)
			case got.Weight <= 0 && slices.ContainsFunc(candidates, func(c *balance.Candidate) bool { return c.Weight > 0 }):
				t.Fatalf("%s picked a channel that drains", name)
			case !slices.Equal(before, candidates):
				t.Fatalf("%s changed the list", name)
			case b.Pick(ticket, candidates) != got:
				t.Fatalf("%s picked another one for the same ticket", name)
			}
		}
	}
}

// When all drain, there is nobody else: somebody has to serve, and not always
// the same one where shares are random.
func TestChannelsThatAllDrainStillServe(t *testing.T) {
	for _, name := range balance.Names() {
		b, _ := balance.New(name)
		a, c := balance.NewCandidate("a", 1, 0), balance.NewCandidate("b", 1, 0)
		got := shares(b, 2000, a, c)
		if got["nobody"] > 0 || got["a"]+got["b"] < .999 {
			t.Errorf("%s: %v", name, got)
		}
	}
}

// Weights are a host's numbers: absurd ones must not make a sum overflow.
func TestHugeWeights(t *testing.T) {
	for _, name := range balance.Names() {
		b, _ := balance.New(name)
		candidates := manyCandidates(500)
		for _, c := range candidates {
			c.Weight = 1 << 62
		}
		r := rand.New(rand.NewPCG(1, 1))
		for range 200 {
			if b.Pick(balance.Ticket{Rand: r.Uint64(), Turn: r.Uint64()}, candidates) == nil {
				t.Fatalf("%s picked nobody", name)
			}
		}
	}
}
