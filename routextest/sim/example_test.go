package sim_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/balance"
	"github.com/dctx-team/routex/routextest/sim"
)

// TestOutage is how it stands in the tests of a host.
func ExampleRun() {
	TestOutage := func(t *testing.T) {
		report := sim.Run(t, sim.Scenario{
			Seed: 1,
			Config: routex.Config{
				Balancer: balance.LeastLatency{},
				Channels: []routex.Channel{
					{Name: "claude", Type: routex.TypeAnthropic, APIKey: "k"},
					{Name: "gpt", Type: routex.TypeOpenAI, APIKey: "k"},
				},
			},
			Providers: map[string]sim.Provider{
				"claude": {CacheLife: 5 * time.Minute, Troubles: []sim.Trouble{
					{Kind: sim.Overloaded, From: 10 * time.Minute, For: 5 * time.Minute},
				}},
			},
			Traffic: []sim.Traffic{{Every: 10 * time.Second, Turns: 10, Named: true}},
		})
		if report.ServedShare() < .999 || report.Channel("claude").Recovery > time.Minute {
			t.Error(report)
		}
	}
	_ = TestOutage // go test runs it
}

func ExampleReport_String() {
	report := sim.Report{
		Seed: 1, Length: time.Hour, Calls: 1000, Served: 990, Refused: 8, Left: 2, Attempts: 1100,
		Turns: 500, Kept: 480, Input: 2_000_000, Cached: 1_500_000, Output: 120_000, Cost: 3.75,
		FirstToken: sim.Spread{P50: 700 * time.Millisecond, P90: 1200 * time.Millisecond, P99: 3 * time.Second, Max: 9 * time.Second},
		Whole:      sim.Spread{P50: 2 * time.Second, P90: 4 * time.Second, P99: 9 * time.Second, Max: 20 * time.Second},
		Channels: []sim.ChannelReport{
			{Name: "claude", Served: 690, Share: .697, Attempts: 790, Failures: 90, Limited: 10, Recovery: 21 * time.Second, Input: 1_500_000, Cached: 1_500_000, Cost: 2.5},
			{Name: "gpt", Served: 300, Share: .303, Attempts: 310, Input: 500_000, Cost: 1.25},
		},
	}
	fmt.Print(report.String())
	// Output:
	// 1000 calls in 1h0m0s, seed 1
	//   served 990 (99.2 %), broken off 0, refused 8, late 0, left 2
	//   attempts 1100, 1.100 for each call
	//   first token p50 700ms, p90 1.2s, p99 3s, at most 9s
	//   whole answer p50 2s, p90 4s, p99 9s, at most 20s
	//   turns with a cached prompt 480 of 500 (96.0 %)
	//   tokens in 2000000, of which cached 1500000 (75.0 %), out 120000
	//   cost 3.7500
	//   channel  served   share  attempts  failed  limited  back after   cached    cost
	//    claude     690  69.7 %       790      90       10         21s  100.0 %  2.5000
	//       gpt     300  30.3 %       310       0        0           -    0.0 %  1.2500
}
