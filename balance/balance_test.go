package balance_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dctx-team/routex/balance"
)

// shares picks n times and gives each candidate's share of the picks.
func shares(b balance.Balancer, n int, candidates ...*balance.Candidate) map[string]float64 {
	r := rand.New(rand.NewPCG(1, 2))
	got := make(map[string]float64)
	for turn := range n {
		c := b.Pick(balance.Ticket{Turn: uint64(turn), Rand: r.Uint64()}, candidates)
		if c == nil {
			got["nobody"] += 1 / float64(n)
			continue
		}
		got[c.Name] += 1 / float64(n)
	}
	return got
}

func TestShares(t *testing.T) {
	mk := balance.NewCandidate
	for _, test := range []struct {
		name       string
		balancer   balance.Balancer
		candidates []*balance.Candidate
		want       map[string]float64
	}{
		{"priority takes the smallest number", balance.Priority{}, []*balance.Candidate{mk("b", 10, 1), mk("a", 1, 1), mk("c", 100, 9)}, map[string]float64{"a": 1}},
		{"priority shares among equals by weight", balance.Priority{}, []*balance.Candidate{mk("a", 1, 3), mk("b", 1, 1), mk("c", 2, 9)}, map[string]float64{"a": .75, "b": .25}},
		{"weighted shares by weight", balance.Weighted{}, []*balance.Candidate{mk("a", 1, 7), mk("b", 9, 2), mk("c", 5, 1)}, map[string]float64{"a": .7, "b": .2, "c": .1}},
		{"weight 0 takes no share", balance.Weighted{}, []*balance.Candidate{mk("a", 1, 0), mk("b", 1, 5)}, map[string]float64{"b": 1}},
		{"weight 0 serves when there is nobody else", balance.Weighted{}, []*balance.Candidate{mk("a", 1, 0), mk("b", 1, 0)}, map[string]float64{"a": .5, "b": .5}},
		{"round robin takes turns", balance.RoundRobin{}, []*balance.Candidate{mk("a", 1, 1), mk("b", 2, 9), mk("c", 3, 1), mk("d", 3, 1)}, map[string]float64{"a": .25, "b": .25, "c": .25, "d": .25}},
		{"nobody from nobody", balance.Priority{}, nil, map[string]float64{"nobody": 1}},
		{"nobody from nobody, weighted", balance.Weighted{}, nil, map[string]float64{"nobody": 1}},
		{"nobody from nobody, round robin", balance.RoundRobin{}, nil, map[string]float64{"nobody": 1}},
		{"nobody from nobody, least used", balance.LeastUsed{}, nil, map[string]float64{"nobody": 1}},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := shares(test.balancer, 20_000, test.candidates...)
			for name := range got {
				if _, ok := test.want[name]; !ok {
					t.Errorf("%s was picked, with a share of %.3f", name, got[name])
				}
			}
			for name, want := range test.want {
				if math.Abs(got[name]-want) > .015 {
					t.Errorf("%s has a share of %.3f, want %.3f", name, got[name], want)
				}
			}
		})
	}
}

func TestLeastUsedPrefersIdleThenLongestUnused(t *testing.T) {
	now := time.Unix(1_000_000, 0)
	a, b, c := balance.NewCandidate("a", 0, 1), balance.NewCandidate("b", 0, 1), balance.NewCandidate("c", 0, 1)
	all := []*balance.Candidate{a, b, c}
	pick := func() string { return balance.LeastUsed{}.Pick(balance.Ticket{}, all).Name }
	a.Begin(now)
	b.Begin(now.Add(1))
	if got := pick(); got != "c" {
		t.Errorf("picked %s; c has no call in flight", got)
	}
	c.Begin(now.Add(2))
	b.End()
	if got := pick(); got != "b" {
		t.Errorf("picked %s; b has no call in flight", got)
	}
	a.End()
	c.End()
	if got := pick(); got != "a" {
		t.Errorf("picked %s; all are idle and a was used longest ago", got)
	}
}

func TestLoad(t *testing.T) {
	var l balance.Load
	if !l.LastUsed().IsZero() || l.Latency() != 0 || l.InFlight() != 0 {
		t.Error("the zero Load is not idle")
	}
	now := time.Unix(5, 0)
	l.Begin(now)
	if l.InFlight() != 1 || !l.LastUsed().Equal(now) {
		t.Errorf("after Begin: %d in flight, last used %v", l.InFlight(), l.LastUsed())
	}
	l.Observe(100)
	l.Observe(200)
	if got := l.Latency(); got != 120 {
		t.Errorf("latency after 100 and 200 is %d, want 120", got)
	}
}

func TestNewKnowsItsNames(t *testing.T) {
	for _, name := range balance.Names() {
		b, err := balance.New(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := balance.Name(b); got != name {
			t.Errorf("the balancer %q is called %q", name, got)
		}
	}
	if _, err := balance.New("fastest"); err == nil {
		t.Error("an unknown name gave no error")
	}
	custom := balance.Func(func(_ balance.Ticket, c []*balance.Candidate) *balance.Candidate { return c[0] })
	if got := balance.Name(&custom); got != "custom" {
		t.Errorf("a host's balancer is called %q", got)
	}
}

func TestPicksDoNotAllocate(t *testing.T) {
	for _, name := range balance.Names() {
		b, _ := balance.New(name)
		candidates := manyCandidates(10)
		if n := testing.AllocsPerRun(100, func() { b.Pick(balance.Ticket{Turn: 3, Rand: 99}, candidates) }); n != 0 {
			t.Errorf("%s allocates %v times a pick", name, n)
		}
	}
}

func manyCandidates(n int) []*balance.Candidate {
	out := make([]*balance.Candidate, n)
	for i := range out {
		out[i] = balance.NewCandidate(fmt.Sprint(i), i%3, 1+i%5)
		if i%2 == 0 {
			out[i].Observe(time.Duration(i%7+1) * time.Second)
			out[i].Prices = &balance.Prices{Input: float64(i%11 + 1), Output: 10}
			out[i].ObserveLimits(balance.Limits{Tokens: balance.Limit{Limit: 1_000_000, Remaining: int64(i%13) * 70_000}})
		}
	}
	return out
}

func BenchmarkPick(b *testing.B) {
	for _, name := range balance.Names() {
		for _, n := range []int{10, 1000} {
			b.Run(fmt.Sprintf("%s/%d", name, n), func(b *testing.B) {
				balancer, _ := balance.New(name)
				candidates := manyCandidates(n)
				b.ReportAllocs()
				for turn := uint64(0); b.Loop(); turn++ {
					balancer.Pick(balance.Ticket{Turn: turn, Rand: turn * 0x9e3779b97f4a7c15}, candidates)
				}
			})
		}
	}
}

func ExampleBalancer() {
	candidates := []*balance.Candidate{
		balance.NewCandidate("main", 1, 10),
		balance.NewCandidate("spare", 10, 5),
	}
	fmt.Println(balance.Priority{}.Pick(balance.Ticket{}, candidates).Name)
	fmt.Println(balance.RoundRobin{}.Pick(balance.Ticket{Turn: 7}, candidates).Name)
	// Output:
	// main
	// spare
}

func TestTryBeginNeverGoesOverTheLimit(t *testing.T) {
	var l balance.Load
	var begun atomic.Int64
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			for range 200 {
				if !l.TryBegin(time.Now(), 7) {
					continue
				}
				begun.Add(1)
				if n := l.InFlight(); n > 7 {
					t.Errorf("%d calls are in flight", n)
				}
				l.End()
			}
		})
	}
	wg.Wait()
	if l.InFlight() != 0 || begun.Load() == 0 || l.LastUsed().IsZero() {
		t.Errorf("in the end %d are in flight; %d had begun", l.InFlight(), begun.Load())
	}
	for range 100 {
		if !l.TryBegin(time.Now(), 0) {
			t.Fatal("0 is no limit")
		}
	}
	if l.TryBegin(time.Now(), 100) || !l.TryBegin(time.Now(), 101) {
		t.Error("a limit that comes later is not heeded")
	}
}
