package sim_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/balance"
	"github.com/dctx-team/routex/routextest/sim"
	"github.com/dctx-team/routex/transform"
)

// agent is 100 turns over five equal channels whose provider keeps prompts for
// five minutes, and says at random that there are too many calls.
func agent(seed uint64, limited float64, named bool) sim.Scenario {
	s := sim.Scenario{
		Seed: seed, Providers: make(map[string]sim.Provider),
		Traffic: []sim.Traffic{{
			Sessions: 1, Turns: 100, Named: named, System: 50, Prompt: 30, Answer: 20,
			Protocols: []transform.Dialect{transform.Anthropic},
		}},
	}
	s.Config.Balancer = balance.RoundRobin{}
	for i := range 5 {
		name := fmt.Sprintf("claude-%d", i)
		s.Config.Channels = append(s.Config.Channels, routex.Channel{Name: name, Type: routex.TypeAnthropic, APIKey: "k"})
		s.Providers[name] = sim.Provider{CacheLife: 5 * time.Minute, Troubles: []sim.Trouble{{Kind: sim.Limited, Share: limited}}}
	}
	return s
}

// An agent stays where its prompt is cached, whether it names its session or
// not, leaves a channel that is limited at once, and is always served.
func TestAgentKeepsItsCache(t *testing.T) {
	seeds := uint64(8)
	if testing.Short() {
		seeds = 2
	}
	for _, named := range []bool{true, false} {
		for _, test := range []struct {
			limited float64
			each    float64 // kept by every one
			all     float64 // and on average
		}{
			{.01, .95, .98},
			{.03, .90, .95},
		} {
			t.Run(fmt.Sprintf("named %v, limited %v", named, test.limited), func(t *testing.T) {
				t.Parallel()
				turns, kept := 0, 0
				for seed := range seeds {
					r := sim.Run(t, agent(seed, test.limited, named))
					if r.Served != 100 {
						t.Errorf("seed %d: %d of 100 turns were served", seed, r.Served)
					}
					if r.Turns != 99 || r.KeptShare() < test.each {
						t.Errorf("seed %d: %d of %d turns found their prompt", seed, r.Kept, r.Turns)
					}
					turns, kept = turns+r.Turns, kept+r.Kept
				}
				if share := float64(kept) / float64(turns); share < test.all {
					t.Errorf("%.3f of all turns found their prompt, wanted %v", share, test.all)
				} else {
					t.Logf("%.3f of all turns found their prompt", share)
				}
			})
		}
	}
}

// Without a session the calls of an agent go round.
func TestCallsWithoutSessionGoRound(t *testing.T) {
	s := agent(1, .01, true)
	s.Config.Sessions.Header = "X-Another" // which the caller sends, so that it names the session
	if r := sim.Run(t, s); r.KeptShare() < .9 {
		t.Errorf("a session named in another header is not kept: %d of %d", r.Kept, r.Turns)
	}
	s = agent(1, .01, false)
	s.Traffic[0].Turns, s.Traffic[0].Sessions = 1, 100
	r := sim.Run(t, s)
	for _, c := range r.Channels {
		if c.Served < 10 {
			t.Errorf("%s served %d of 100 calls", c.Name, c.Served)
		}
	}
}
