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

func TestHour(t *testing.T) {
	began := time.Now()
	report := sim.Run(t, hour(1))
	t.Logf("in %v\n%v", time.Since(began), report)
}
