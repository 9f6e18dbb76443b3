package balance_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/dctx-team/routex/balance"
)

// fits reports an error unless the shares of n picks are what they should be.
// The bound is one that chance passes once in a million times.
func fits(t *testing.T, n int, got, want map[string]float64) {
	t.Helper()
	chi := 0.0
	for name, p := range want {
		if p > 0 {
			chi += (got[name] - p) * (got[name] - p) / p * float64(n)
		}
	}
	for name, p := range got {
		if want[name] == 0 && p > 0 {
			t.Errorf("%s has a share of %.4f and should have none", name, p)
		}
	}
	if df := float64(len(want) - 1); chi > df+4.75*math.Sqrt(2*max(df, 1))+15 {
		t.Errorf("shares %v, want %v (chi-square %.1f)", got, want, chi)
	}
}

func mk(name string, priority, weight int) *balance.Candidate {
	return balance.NewCandidate(name, priority, weight)
}

func TestSharesGoByWeight(t *testing.T) {
	const n = 100_000
	list := func(weights ...int) (out []*balance.Candidate) {
		for i, w := range weights {
			out = append(out, mk(string(rune('a'+i)), 1, w))
		}
		return out
	}
	want := map[string]float64{"a": .1, "b": .2, "c": .3, "d": .4}
	for _, b := range []balance.Balancer{balance.Priority{}, balance.Weighted{}, balance.LeastCost{}, balance.Headroom{}, balance.ConsistentHash{}} {
		t.Run(balance.Name(b), func(t *testing.T) { fits(t, n, shares(b, n, list(1, 2, 3, 4)...), want) })
	}
	even := map[string]float64{"a": .25, "b": .25, "c": .25, "d": .25}
	for _, b := range []balance.Balancer{balance.LeastInFlight{}, balance.LeastLatency{}, balance.ConsistentHash{}, balance.RoundRobin{}} {
		t.Run(balance.Name(b)+", equal ones", func(t *testing.T) { fits(t, n, shares(b, n, list(3, 3, 3, 3)...), even) })
	}
}

func TestTiers(t *testing.T) {
	const n = 50_000
	for name, test := range map[string]struct {
		candidates []*balance.Candidate
		want       map[string]float64
	}{
		"the first shares by weight":     {[]*balance.Candidate{mk("a", 2, 1), mk("b", 1, 3), mk("c", 1, 1)}, map[string]float64{"b": .75, "c": .25}},
		"one that drains takes no share": {[]*balance.Candidate{mk("a", 1, 0), mk("b", 1, 3), mk("c", 1, 1)}, map[string]float64{"b": .75, "c": .25}},
		"a drained tier is passed over":  {[]*balance.Candidate{mk("a", 1, 0), mk("b", 2, 3), mk("c", 2, 1), mk("d", 3, 9)}, map[string]float64{"b": .75, "c": .25}},
		"all drain: the first tier":      {[]*balance.Candidate{mk("a", 1, 0), mk("b", 1, 0), mk("c", 2, 0)}, map[string]float64{"a": .5, "b": .5}},
		"negative numbers come first":    {[]*balance.Candidate{mk("a", 0, 5), mk("b", -1, 5)}, map[string]float64{"b": 1}},
	} {
		t.Run(name, func(t *testing.T) { fits(t, n, shares(balance.Priority{}, n, test.candidates...), test.want) })
	}
}

func TestDrainedChannelsTakeNoTurn(t *testing.T) {
	fits(t, 30_000, shares(balance.RoundRobin{}, 30_000, mk("a", 1, 1), mk("b", 1, 0), mk("c", 1, 7), mk("d", 1, 1)),
		map[string]float64{"a": 1. / 3, "c": 1. / 3, "d": 1. / 3})
}

func begin(c *balance.Candidate, n int) *balance.Candidate {
	for range n {
		c.Begin(time.Unix(1, 0))
	}
	return c
}

func TestLeastInFlight(t *testing.T) {
	const n = 30_000
	for name, test := range map[string]struct {
		candidates []*balance.Candidate
		want       map[string]float64
	}{
		"the idle one":                 {[]*balance.Candidate{begin(mk("a", 1, 1), 2), mk("b", 1, 1), begin(mk("c", 1, 1), 1)}, map[string]float64{"b": 1}},
		"equal ones alike":             {[]*balance.Candidate{begin(mk("a", 1, 1), 1), begin(mk("b", 1, 1), 5), begin(mk("c", 1, 1), 1), begin(mk("d", 1, 1), 1)}, map[string]float64{"a": 1. / 3, "c": 1. / 3, "d": 1. / 3}},
		"ten times the weight is room": {[]*balance.Candidate{begin(mk("a", 1, 10), 8), begin(mk("b", 1, 1), 1)}, map[string]float64{"a": 1}},
		"until it is as busy":          {[]*balance.Candidate{begin(mk("a", 1, 10), 19), begin(mk("b", 1, 1), 0)}, map[string]float64{"b": 1}},
		"one that drains only alone":   {[]*balance.Candidate{mk("a", 1, 0), begin(mk("b", 1, 1), 99)}, map[string]float64{"b": 1}},
		"of those that drain the idle": {[]*balance.Candidate{begin(mk("a", 1, 0), 1), mk("b", 1, 0)}, map[string]float64{"b": 1}},
	} {
		t.Run(name, func(t *testing.T) { fits(t, n, shares(balance.LeastInFlight{}, n, test.candidates...), test.want) })
	}
}

// In flight, calls spread by weight whatever the order in which they end.
func TestLeastInFlightKeepsCallsInProportion(t *testing.T) {
	candidates := []*balance.Candidate{mk("a", 1, 1), mk("b", 1, 2), mk("c", 1, 5)}
	r := rand.New(rand.NewPCG(5, 6))
	for range 800 {
		balance.LeastInFlight{}.Pick(balance.Ticket{Rand: r.Uint64()}, candidates).Begin(time.Unix(1, 0))
	}
	for i, want := range []int64{100, 200, 500} {
		if got := candidates[i].InFlight(); got < want-2 || got > want+2 {
			t.Errorf("%s has %d calls in flight, want %d", candidates[i].Name, got, want)
		}
	}
}

func slow(c *balance.Candidate, d time.Duration) *balance.Candidate {
	c.Observe(d)
	return c
}

func TestLeastLatency(t *testing.T) {
	const n = 100_000
	t.Run("of two the faster, but for those that explore", func(t *testing.T) {
		fits(t, n, shares(balance.LeastLatency{}, n, slow(mk("a", 1, 1), time.Second), slow(mk("b", 1, 1), 200*time.Millisecond)),
			map[string]float64{"a": 1. / 64, "b": 63. / 64})
	})
	t.Run("of three by how many are slower", func(t *testing.T) {
		// The fastest wins two of three pairs, the next one of three, but for those that explore.
		third := func(wins float64) float64 { return wins/3*31/32 + 1./96 }
		fits(t, n, shares(balance.LeastLatency{}, n, slow(mk("a", 1, 1), 3*time.Second), slow(mk("b", 1, 1), time.Second), slow(mk("c", 1, 1), 2*time.Second)),
			map[string]float64{"a": third(0), "b": third(2), "c": third(1)})
	})
	t.Run("one that is not known is asked first", func(t *testing.T) {
		got := shares(balance.LeastLatency{}, n, slow(mk("a", 1, 1), time.Millisecond), mk("new", 1, 1))
		if got["new"] < .97 {
			t.Errorf("the new one has a share of %.3f", got["new"])
		}
	})
	t.Run("but not flooded", func(t *testing.T) {
		got := shares(balance.LeastLatency{}, n, slow(mk("a", 1, 1), time.Millisecond), begin(mk("new", 1, 1), 1))
		if got["new"] > .03 {
			t.Errorf("the new one, which has not answered yet, has a share of %.3f", got["new"])
		}
	})
	t.Run("alike within an eighth, the less busy", func(t *testing.T) {
		got := shares(balance.LeastLatency{}, n, begin(slow(mk("a", 1, 1), 1000*time.Millisecond), 3), slow(mk("b", 1, 1), 1050*time.Millisecond))
		if got["b"] < .97 {
			t.Errorf("the less busy one has a share of %.3f", got["b"])
		}
	})
	t.Run("none that drains", func(t *testing.T) {
		got := shares(balance.LeastLatency{}, n, slow(mk("a", 1, 0), time.Millisecond), slow(mk("b", 1, 1), time.Second), slow(mk("c", 1, 1), 2*time.Second))
		fits(t, n, got, map[string]float64{"b": 63. / 64, "c": 1. / 64})
	})
}

// In a simulated hour the strategy finds the fast channel, and finds it again
// after another has become the fastest.
func TestLeastLatencyFollowsTheProviders(t *testing.T) {
	candidates := []*balance.Candidate{mk("a", 1, 1), mk("b", 1, 1), mk("c", 1, 1)}
	latency := map[string]time.Duration{"a": 300 * time.Millisecond, "b": 900 * time.Millisecond, "c": 2 * time.Second}
	r := rand.New(rand.NewPCG(7, 8))
	serve := func(n int) map[string]int {
		got := map[string]int{}
		for range n {
			c := balance.LeastLatency{}.Pick(balance.Ticket{Rand: r.Uint64()}, candidates)
			c.Observe(time.Duration(float64(latency[c.Name]) * (.8 + .4*r.Float64())))
			got[c.Name]++
		}
		return got
	}
	if got := serve(3000); got["a"] < got["b"] || got["b"] < got["c"] || got["c"] == 0 {
		t.Errorf("calls %v with latencies %v", got, latency)
	}
	latency["c"] = 100 * time.Millisecond
	serve(1000) // until that is known
	if got := serve(3000); got["c"] < got["a"] || got["a"] < got["b"] {
		t.Errorf("calls %v with latencies %v", got, latency)
	}
}

func priced(c *balance.Candidate, input, output, cached float64) *balance.Candidate {
	c.Prices = &balance.Prices{Input: input, Output: output, CacheRead: cached}
	return c
}

func TestLeastCost(t *testing.T) {
	all := func() []*balance.Candidate {
		return []*balance.Candidate{
			priced(mk("in", 1, 1), 1, 20, .1), priced(mk("out", 1, 1), 4, 4, .4), priced(mk("dear", 1, 9), 15, 75, 1.5), mk("unknown", 1, 9),
		}
	}
	for name, test := range map[string]struct {
		call       balance.Call
		candidates []*balance.Candidate
		want       map[string]float64
	}{
		"long questions where input is cheap": {balance.Call{Input: 50_000, Output: 500}, all(), map[string]float64{"in": 1}},
		"long answers where output is cheap":  {balance.Call{Input: 500, Output: 5_000}, all(), map[string]float64{"out": 1}},
		"no more known":                       {balance.Call{}, all(), map[string]float64{"out": 1}},
		"a session stays with its cache":      {balance.Call{Input: 50_000, Output: 500, Bound: "out"}, all(), map[string]float64{"out": 1}},
		"or where it costs no more":           {balance.Call{Bound: "b"}, []*balance.Candidate{priced(mk("a", 1, 9), 1, 1, 0), priced(mk("b", 1, 1), 1, 1, 0)}, map[string]float64{"b": 1}},
		"or where no price is known":          {balance.Call{Bound: "b"}, []*balance.Candidate{mk("a", 1, 9), mk("b", 1, 1)}, map[string]float64{"b": 1}},
		"but not where calls drain":           {balance.Call{Bound: "b"}, []*balance.Candidate{mk("a", 1, 9), mk("b", 1, 0)}, map[string]float64{"a": 1}},
		"but not at any price":                {balance.Call{Input: 50_000, Output: 500, Bound: "dear"}, all(), map[string]float64{"in": 1}},
		"equal ones by weight":                {balance.Call{}, []*balance.Candidate{priced(mk("a", 1, 1), 1, 1, 0), priced(mk("b", 1, 3), 1, 1, 0), priced(mk("c", 1, 1), 2, 2, 0)}, map[string]float64{"a": .25, "b": .75}},
		"free is cheaper than cheap":          {balance.Call{}, []*balance.Candidate{priced(mk("a", 1, 1), 0, 0, 0), priced(mk("b", 1, 3), 1, 1, 0)}, map[string]float64{"a": 1}},
		"none known":                          {balance.Call{}, []*balance.Candidate{mk("a", 1, 1), mk("b", 1, 3)}, map[string]float64{"a": .25, "b": .75}},
		"the cheapest drains":                 {balance.Call{}, []*balance.Candidate{priced(mk("a", 1, 0), 1, 1, 0), mk("b", 1, 3)}, map[string]float64{"b": 1}},
		"all drain":                           {balance.Call{}, []*balance.Candidate{priced(mk("a", 1, 0), 2, 1, 0), priced(mk("b", 1, 0), 1, 1, 0), mk("c", 1, 0)}, map[string]float64{"b": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			call := test.call
			b := balance.Func(func(ticket balance.Ticket, candidates []*balance.Candidate) *balance.Candidate {
				ticket.Call = call
				return balance.LeastCost{}.Pick(ticket, candidates)
			})
			fits(t, 20_000, shares(b, 20_000, test.candidates...), test.want)
		})
	}
}

func limited(c *balance.Candidate, requests, tokens int64) *balance.Candidate {
	l := balance.Limits{}
	if requests >= 0 {
		l.Requests = balance.Limit{Limit: 1000, Remaining: requests, Reset: time.Unix(1000, 0)}
	}
	if tokens >= 0 {
		l.Tokens = balance.Limit{Limit: 1_000_000, Remaining: tokens, Reset: time.Unix(1000, 0)}
	}
	c.ObserveLimits(l)
	return c
}

func TestHeadroom(t *testing.T) {
	at := func(seconds int64) balance.Call {
		return balance.Call{Now: time.Unix(seconds, 0), Input: 900, Output: 100}
	}
	for name, test := range map[string]struct {
		call       balance.Call
		candidates []*balance.Candidate
		want       map[string]float64
	}{
		"by requests":                     {at(1), []*balance.Candidate{limited(mk("a", 1, 1), 100, -1), limited(mk("b", 1, 1), 300, -1)}, map[string]float64{"a": .25, "b": .75}},
		"by tokens":                       {at(1), []*balance.Candidate{limited(mk("a", 1, 1), -1, 100_000), limited(mk("b", 1, 1), 1000, 300_000)}, map[string]float64{"a": .25, "b": .75}},
		"by the one that is nearest":      {at(1), []*balance.Candidate{limited(mk("a", 1, 1), 1000, 100_000), limited(mk("b", 1, 1), 100, 900_000)}, map[string]float64{"a": .5, "b": .5}},
		"by weight too":                   {at(1), []*balance.Candidate{limited(mk("a", 1, 3), 100, -1), limited(mk("b", 1, 1), 300, -1)}, map[string]float64{"a": .5, "b": .5}},
		"one with no room waits":          {at(1), []*balance.Candidate{limited(mk("a", 1, 1), 0, -1), limited(mk("b", 1, 1), 3, -1)}, map[string]float64{"b": 1}},
		"one with too little for this":    {at(1), []*balance.Candidate{limited(mk("a", 1, 1), 10, 999), limited(mk("b", 1, 1), 3, -1)}, map[string]float64{"b": 1}},
		"until its limit is over":         {at(1000), []*balance.Candidate{limited(mk("a", 1, 1), 0, -1), limited(mk("b", 1, 1), 3, -1)}, map[string]float64{"a": .5, "b": .5}},
		"no clock, no end":                {balance.Call{}, []*balance.Candidate{limited(mk("a", 1, 1), 0, -1), limited(mk("b", 1, 1), 3, -1)}, map[string]float64{"b": 1}},
		"one that does not tell":          {at(1), []*balance.Candidate{limited(mk("a", 1, 1), 100, -1), limited(mk("b", 1, 1), 300, -1), mk("c", 1, 1)}, map[string]float64{"a": 1. / 6, "b": .5, "c": 2. / 6}},
		"none that tells":                 {at(1), []*balance.Candidate{mk("a", 1, 1), mk("b", 1, 3)}, map[string]float64{"a": .25, "b": .75}},
		"no room anywhere, by weight":     {at(1), []*balance.Candidate{limited(mk("a", 1, 1), 0, -1), limited(mk("b", 1, 3), 0, -1)}, map[string]float64{"a": .25, "b": .75}},
		"no room, and one does not tell":  {at(1), []*balance.Candidate{limited(mk("a", 1, 1), 0, -1), mk("b", 1, 3)}, map[string]float64{"b": 1}},
		"the one with most of all drains": {at(1), []*balance.Candidate{limited(mk("a", 1, 0), 1000, -1), limited(mk("b", 1, 1), 1, -1)}, map[string]float64{"b": 1}},
	} {
		t.Run(name, func(t *testing.T) {
			b := balance.Func(func(ticket balance.Ticket, candidates []*balance.Candidate) *balance.Candidate {
				ticket.Call = test.call
				return balance.Headroom{}.Pick(ticket, candidates)
			})
			// After the end of a limit all of it is there: 1000 of 1000 requests.
			for _, c := range test.candidates {
				if test.call.Now.Unix() == 1000 && c.Limits().Requests.Limit != 1000 {
					t.Fatal("the limit is not known")
				}
			}
			fits(t, 20_000, shares(b, 20_000, test.candidates...), test.want)
		})
	}
}

// Of many candidates some are weighed: still each has its share, and none is
// overlooked that alone has room.
func TestHeadroomOfMany(t *testing.T) {
	candidates := make([]*balance.Candidate, 650)
	for i := range candidates {
		candidates[i] = limited(mk(fmt.Sprint(i), 1, 1), int64(10+10*(i/325)), -1) // a sorted list
	}
	r := rand.New(rand.NewPCG(9, 9))
	got := map[string]float64{}
	const n = 65_000
	for range n {
		c := balance.Headroom{}.Pick(balance.Ticket{Rand: r.Uint64()}, candidates)
		got[fmt.Sprint(c.Limits().Requests.Remaining)] += 1. / n
	}
	if math.Abs(got["20"]-2./3) > .02 {
		t.Errorf("shares %v, want two thirds for the half with twice the room", got)
	}
	for _, c := range candidates {
		limited(c, 0, -1)
	}
	limited(candidates[333], 1, -1)
	for range 1000 {
		if c := (balance.Headroom{}).Pick(balance.Ticket{Rand: r.Uint64()}, candidates); c != candidates[333] {
			t.Fatalf("picked %s, which has no room", c.Name)
		}
	}
}

func TestConsistentHashKeepsSessions(t *testing.T) {
	const sessions = 20_000
	list := func(names ...string) (out []*balance.Candidate) {
		for _, name := range names {
			out = append(out, mk(name, 1, 2))
		}
		return out
	}
	pick := func(candidates []*balance.Candidate) map[string]string {
		got := map[string]string{}
		for i := range sessions {
			key := fmt.Sprint("session-", i)
			got[key] = balance.ConsistentHash{}.Pick(balance.Ticket{Key: key, Rand: uint64(i), Turn: uint64(i)}, candidates).Name
		}
		return got
	}
	before := pick(list("a", "b", "c", "d"))
	counts := map[string]float64{}
	for _, name := range before {
		counts[name] += 1. / sessions
	}
	fits(t, sessions, counts, map[string]float64{"a": .25, "b": .25, "c": .25, "d": .25})

	for key, name := range pick(list("d", "b", "a", "c")) {
		if before[key] != name {
			t.Fatalf("%s moved from %s to %s when the order changed", key, before[key], name)
		}
	}
	moved := map[string]float64{}
	for key, name := range pick(list("a", "b", "c", "d", "e")) {
		if name != before[key] && name != "e" {
			t.Fatalf("%s moved from %s to %s when e was added", key, before[key], name)
		}
		if name == "e" {
			moved[before[key]] += 1. / sessions
		}
	}
	for name, share := range moved {
		if math.Abs(share-.05) > .01 {
			t.Errorf("%s gave %.3f of all sessions to e, want .05", name, share)
		}
	}
	for key, name := range pick(list("a", "b", "d")) {
		if before[key] != "c" && before[key] != name {
			t.Fatalf("%s moved from %s to %s when c was removed", key, before[key], name)
		}
	}
	heavier := list("a", "b", "c", "d")
	heavier[0].Weight = 6 // a half of all
	for key, name := range pick(heavier) {
		if name != before[key] && name != "a" {
			t.Fatalf("%s moved from %s to %s when a became heavier", key, before[key], name)
		}
	}
}

func TestConsistentHashOfNoSessionGoesAnywhere(t *testing.T) {
	fits(t, 40_000, shares(balance.ConsistentHash{}, 40_000, mk("a", 1, 1), mk("b", 1, 3)), map[string]float64{"a": .25, "b": .75})
}
