// Package sim plays hours of traffic against a [routex.Transport] in seconds of
// real time, to see in a test what a configuration is worth: how the load
// spreads, what is served while a provider is down, how many turns of an agent
// meet a cached prompt, what it costs. Nothing of the Transport is imitated. It
// runs in a testing/synctest bubble, whose clock jumps to the next event, over
// providers in memory that speak their real protocols and have scripted
// latencies, rate limits, prices and [Trouble].
//
// A [Scenario] says what is played, [Run] plays it and gives a [Report]:
//
//	report := sim.Run(t, sim.Scenario{
//		Seed:   1,
//		Config: routex.Config{Channels: channels, Balancer: balance.LeastLatency{}},
//		Providers: map[string]sim.Provider{
//			"first": {Troubles: []sim.Trouble{{Kind: sim.Refused, From: 10 * time.Minute, For: 5 * time.Minute}}},
//		},
//		Traffic: []sim.Traffic{{Every: 10 * time.Second, Turns: 10}},
//	})
//
// All that is left to chance follows from the seed, and no two events happen at
// the same instant, so that the same seed gives the same report to the byte.
// What callers ask, and when, does not depend on the configuration: two that
// are compared meet the same traffic.
//
// Every run also checks what must hold whatever happens, and reports each
// [Violation] with its seed, time and call; see [Invariant].
package sim
