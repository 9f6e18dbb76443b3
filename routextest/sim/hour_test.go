package sim_test

import (
	"testing"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/routextest/sim"
)

// one of each protocol.
func channels() []routex.Channel {
	return []routex.Channel{
		{Name: "claude", Type: routex.TypeAnthropic, APIKey: "k"},
		{Name: "chat", Type: routex.TypeOpenAI, APIKey: "k"},
		{Name: "responses", Type: routex.TypeOpenAI, API: routex.APIResponses, APIKey: "k"},
		{Name: "gemini", Type: routex.TypeGoogle, APIKey: "k"},
	}
}

// hour is a call each second, most of them of agents.
func hour(seed uint64) sim.Scenario {
	return sim.Scenario{
		Seed:   seed,
		Config: routex.Config{Channels: channels()},
		Providers: map[string]sim.Provider{
			"claude": {CacheLife: 5 * time.Minute, Price: sim.Price{Input: 3, Cached: .3, Output: 15}, Troubles: []sim.Trouble{
				{Kind: sim.Refused, From: 10 * time.Minute, For: 5 * time.Minute},
				{Kind: sim.Limited, Share: .01},
			}},
			"chat": {CacheLife: 10 * time.Minute, Requests: 60, Price: sim.Price{Input: 2.5, Cached: 1.25, Output: 10}},
		},
		Traffic: []sim.Traffic{
			{Every: 2 * time.Second, HangUps: .02},
			{Every: 20 * time.Second, Turns: 10, Named: true},
		},
	}
}

// An hour of agents and single calls is played in about a second of real time,
// which the benchmark measures.
func TestHour(t *testing.T) {
	began := time.Now()
	r := sim.Run(t, hour(1))
	t.Logf("an hour in %v\n%v", time.Since(began), r)
	if r.Calls < 3000 || r.ServedShare() < .999 {
		t.Errorf("of %d calls, %d were served", r.Calls, r.Served)
	}
	if c := r.Channel("claude"); c.Recovery <= 0 || c.Recovery > 2*time.Minute {
		t.Errorf("claude was used again %v after its outage", c.Recovery)
	}
	if r.Kept == 0 || r.KeptShare() < .9 {
		t.Errorf("%d of %d turns found their prompt", r.Kept, r.Turns)
	}
	if r.FirstToken.P50 <= 0 || r.FirstToken.P99 < r.FirstToken.P50 || r.Whole.P50 <= r.FirstToken.P50 {
		t.Errorf("first token %v, whole %v", r.FirstToken, r.Whole)
	}
	if r.Cost <= 0 || r.Cached <= 0 || r.Cached >= r.Input {
		t.Errorf("cost %v for %d tokens, %d of which were cached", r.Cost, r.Input, r.Cached)
	}
}

// A bubble wants a *testing.T, which a benchmark does not have.
func BenchmarkHour(b *testing.B) {
	seed := uint64(0)
	for b.Loop() {
		seed++
		test := testing.InternalTest{Name: "hour", F: func(t *testing.T) { sim.Run(t, hour(seed)) }}
		if !testing.RunTests(func(_, _ string) (bool, error) { return true, nil }, []testing.InternalTest{test}) {
			b.Fatal("a run failed")
		}
	}
}
