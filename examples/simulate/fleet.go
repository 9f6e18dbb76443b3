package simulate

import (
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/routextest/sim"
	"github.com/dctx-team/routex/trace/prices"
	"github.com/dctx-team/routex/transform"
)

// Channels are the host's accounts: three that sell the same model, one of them
// cheap and slow.
func Channels() []routex.Channel {
	price := func(p sim.Price) map[string]prices.Price {
		return map[string]prices.Price{"*": {Rates: prices.Rates{Input: p.Input, CacheRead: new(p.Cached), Output: p.Output}}}
	}
	return []routex.Channel{
		{Name: "direct", Type: routex.TypeAnthropic, APIKey: "sk-direct", Prices: price(list)},
		{Name: "cloud", Type: routex.TypeAnthropic, APIKey: "sk-cloud", BaseURL: "https://cloud.example", Prices: price(list)},
		{Name: "bargain", Type: routex.TypeCustom, API: routex.APIChat, APIKey: "sk-bargain", BaseURL: "https://bargain.example", Prices: price(bargain)},
	}
}

// What a million tokens cost, in dollars.
var (
	list    = sim.Price{Input: 3, Cached: 0.3, Output: 15}
	bargain = sim.Price{Input: 1, Cached: 1, Output: 6}
)

// Providers are what the host knows of how these behave on a bad day.
func Providers() map[string]sim.Provider {
	return map[string]sim.Provider{
		"direct": {
			FirstToken: sim.Latency{Median: 700 * time.Millisecond, P99: 3 * time.Second}, Speed: 80,
			Requests: 50, CacheLife: 5 * time.Minute, Price: list,
		},
		"cloud": {
			FirstToken: sim.Latency{Median: 900 * time.Millisecond, P99: 4 * time.Second}, Speed: 70,
			CacheLife: 5 * time.Minute, Price: list,
			Troubles: []sim.Trouble{{Kind: sim.Overloaded, From: 20 * time.Minute, For: 5 * time.Minute}},
		},
		"bargain": {
			FirstToken: sim.Latency{Median: 3 * time.Second, P99: 15 * time.Second}, Speed: 30, Price: bargain,
			Troubles: []sim.Trouble{{Kind: sim.Cut, Share: .02}},
		},
	}
}

// Traffic is a third of a call per second: agents of a dozen turns, and people
// who ask one thing.
func Traffic() []sim.Traffic {
	return []sim.Traffic{
		{Every: time.Minute, Turns: 12, Named: true, System: 2000, Prompt: 300, Protocols: []transform.Dialect{transform.Anthropic}},
		{Every: 7 * time.Second, HangUps: .03},
	}
}
