package sim_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/balance"
	"github.com/dctx-team/routex/router"
	"github.com/dctx-team/routex/routextest/sim"
	"github.com/dctx-team/routex/transform"
)

// anything is a scenario that follows from its seed: two minutes or so of all
// kinds of traffic over two to five channels that have all kinds of trouble.
func anything(seed uint64) sim.Scenario {
	r := rand.New(rand.NewPCG(seed, 7))
	s := sim.Scenario{Seed: seed, Length: time.Duration(60+r.IntN(120)) * time.Second, Providers: make(map[string]sim.Provider)}
	kinds := channels()
	for i := range 2 + r.IntN(4) {
		ch := kinds[r.IntN(len(kinds))]
		ch.Name = fmt.Sprintf("%s-%d", ch.Name, i)
		ch.Priority, ch.Weight = r.IntN(2), 1+r.IntN(3)
		if r.IntN(4) == 0 {
			ch.APIKeys = []string{"another"}
		}
		if r.IntN(8) == 0 {
			ch.MaxConcurrency = 1 + r.IntN(4)
		}
		s.Config.Channels = append(s.Config.Channels, ch)
		s.Providers[ch.Name] = anyProvider(r, s.Length)
	}
	names := balance.Names()
	s.Config.Balancer, _ = balance.New(names[r.IntN(len(names))])
	if r.IntN(4) == 0 {
		s.Config.Hedging.Share = .2
	}
	if r.IntN(4) == 0 {
		s.Config.Rescue = routex.RescueOff
	}
	if r.IntN(4) > 0 { // else there is little time for more than one rest
		s.Config.Breaker.OpenFor = time.Duration(5+r.IntN(60)) * time.Second
		s.Config.Breaker.Failures = 1 + r.IntN(6)
	}
	if r.IntN(3) == 0 {
		s.Config.Rules = anyRules(r, s.Config.Channels)
	}
	for range 1 + r.IntN(2) {
		s.Traffic = append(s.Traffic, anyTraffic(r))
	}
	return s
}

func anyProvider(r *rand.Rand, length time.Duration) sim.Provider {
	p := sim.Provider{
		FirstToken: sim.Latency{Median: time.Duration(200+r.IntN(2000)) * time.Millisecond, P99: time.Duration(1+r.IntN(8)) * time.Second},
		Speed:      float64(20 + r.IntN(150)),
		Price:      sim.Price{Input: 3, Cached: .3, Output: 15},
	}
	if r.IntN(2) == 0 {
		p.CacheLife = time.Duration(1+r.IntN(10)) * time.Minute
	}
	if r.IntN(3) == 0 {
		p.Requests = 10 + r.IntN(60)
	}
	if r.IntN(4) == 0 {
		p.Tokens = 10_000 + r.IntN(50_000)
	}
	kinds := []sim.Kind{sim.Refused, sim.Broken, sim.Overloaded, sim.Limited, sim.Silent, sim.Stalled, sim.Cut, sim.Slow}
	for range r.IntN(4) {
		tr := sim.Trouble{Kind: kinds[r.IntN(len(kinds))]}
		if r.IntN(2) == 0 {
			tr.Share = .01 + .3*r.Float64()
		} else {
			tr.From, tr.For = time.Duration(r.Int64N(int64(length))), time.Duration(r.Int64N(int64(length)))
		}
		p.Troubles = append(p.Troubles, tr)
	}
	return p
}

// anyRules are about the length of a conversation.
func anyRules(r *rand.Rand, channels []routex.Channel) []router.Rule {
	any := func() string { return channels[r.IntN(len(channels))].Name }
	rules := []router.Rule{
		{Name: "long", Condition: router.Condition{TokenThreshold: 1000}, TargetChannel: any(), Strict: r.IntN(4) == 0},
		{Name: "short", Type: router.Default},
	}
	switch r.IntN(3) {
	case 0:
		rules[1].Targets = []router.Target{{Channel: channels[0].Name, Weight: 9}, {Channel: channels[1].Name, Weight: 1}}
	case 1:
		rules[1].Shadow = any()
	case 2:
		rules[1].TargetChannel, rules[1].Shadow = any(), any()
	}
	return rules
}

func anyTraffic(r *rand.Rand) sim.Traffic {
	tr := sim.Traffic{
		Every:  time.Duration(2+r.IntN(10)) * time.Second,
		Turns:  1,
		Prompt: 10 + r.IntN(200), Answer: 10 + r.IntN(200),
		Named: r.IntN(2) == 0, SameWords: r.IntN(2) == 0,
		Whole: r.Float64() * r.Float64(), HangUps: .2 * r.Float64() * r.Float64(),
	}
	if r.IntN(2) == 0 {
		tr.Turns = 2 + r.IntN(6)
		tr.Every *= 4
		tr.Think = sim.Latency{Median: time.Second, P99: 10 * time.Second}
	}
	if r.IntN(3) == 0 {
		tr.Deadline = time.Duration(5+r.IntN(60)) * time.Second
	}
	if r.IntN(3) == 0 {
		all := transform.Dialects()
		tr.Protocols = []transform.Dialect{all[r.IntN(len(all))]}
	}
	return tr
}

// Whatever the traffic and the trouble, all that must hold does.
func TestInvariants(t *testing.T) {
	seeds := 1000
	if testing.Short() {
		seeds = 100
	}
	const workers = 8
	for worker := range workers {
		t.Run(fmt.Sprint(worker), func(t *testing.T) {
			t.Parallel()
			for seed := worker; seed < seeds; seed += workers {
				if report := sim.Run(t, anything(uint64(seed))); report.Violations != nil {
					t.Logf("%v", report)
				}
			}
		})
	}
}

// These once found something: a call that asked a channel again 30 ms after it
// had failed, because a rest of it was just over, and copies of calls that end
// long after all others.
func TestSeedsThatFoundSomething(t *testing.T) {
	for _, seed := range []uint64{1897, 2064, 2925} {
		sim.Run(t, anything(seed))
	}
}

// When half of everything fails for long, and circuits stay closed, what is
// tried again keeps its budget all the same.
func TestRetriesKeepTheirBudget(t *testing.T) {
	s := sim.Scenario{
		Seed: 1, Length: time.Minute,
		Config: routex.Config{Channels: channels()[:2]},
		Providers: map[string]sim.Provider{
			"claude": {Troubles: []sim.Trouble{{Kind: sim.Broken, Share: .5}}},
			"chat":   {Troubles: []sim.Trouble{{Kind: sim.Refused, Share: .5}}},
		},
		Traffic: []sim.Traffic{{Every: 100 * time.Millisecond}},
	}
	s.Config.Breaker.Failures = 1000
	r := sim.Run(t, s)
	again := 0
	for _, c := range r.Channels {
		again += c.Attempts
	}
	if again -= 2 * r.Calls; again > 0 || r.Attempts < r.Calls*3/2 {
		t.Errorf("%d attempts for %d calls", r.Attempts, r.Calls)
	}
}
