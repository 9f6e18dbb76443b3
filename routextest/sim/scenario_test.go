package sim_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/balance"
	"github.com/dctx-team/routex/routextest/sim"
	"github.com/dctx-team/routex/transform"
)

// A scenario with mistakes is not played, and all of them are told.
func TestMistakes(t *testing.T) {
	_, err := sim.Play(sim.Scenario{
		Length: -1,
		Config: routex.Config{Channels: channels()},
		Providers: map[string]sim.Provider{
			"nobody": {},
			"claude": {Troubles: []sim.Trouble{{Kind: "bad luck", Share: 2}}},
		},
		Traffic: []sim.Traffic{{Whole: -1, HangUps: 1.5, Protocols: []transform.Dialect{"morse"}}},
	})
	if err == nil {
		t.Fatal("it was played")
	}
	for _, want := range []string{
		"Length", `Providers["nobody"]: no such channel`, `no kind "bad luck"`, `Troubles[0].Share: a share`,
		"Traffic[0].Whole: a share", "Traffic[0].HangUps: a share", `no protocol "morse"`,
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("nothing tells %q: %v", want, err)
		}
	}
	var bad *routex.ConfigError
	if _, err := sim.Play(sim.Scenario{Config: routex.Config{Channels: []routex.Channel{{Name: "x"}}}}); !errors.As(err, &bad) {
		t.Errorf("a Config with mistakes gives %v", err)
	}
}

// Configurations that are compared meet the same calls: with the same words, and
// at the same times as long as answers take the same time.
func TestTrafficIsThatOfTheSeed(t *testing.T) {
	play := func(seed uint64, b balance.Balancer) *sim.Report {
		return sim.Run(t, sim.Scenario{
			Seed: seed, Length: 5 * time.Minute,
			Config:  routex.Config{Channels: channels(), Balancer: b},
			Traffic: []sim.Traffic{{Every: 3 * time.Second, SameWords: true}, {Every: 30 * time.Second, Turns: 5, SameWords: true}},
		})
	}
	one, other := play(1, balance.Priority{}), play(1, balance.RoundRobin{})
	if one.Calls != other.Calls || one.Output != other.Output || one.Input != other.Input {
		t.Errorf("%d calls of %d and %d tokens, with another balancer %d of %d and %d", one.Calls, one.Input, one.Output, other.Calls, other.Input, other.Output)
	}
	if next := play(2, balance.Priority{}); next.Output == one.Output {
		t.Error("another seed has the same calls")
	}
}

// Providers tell of their limits so that a balancer can keep away from them.
func TestHeadroomKeepsFromLimits(t *testing.T) {
	play := func(b balance.Balancer) *sim.Report {
		return sim.Run(t, sim.Scenario{
			Seed: 4, Length: 20 * time.Minute,
			Config: routex.Config{Channels: channels()[:2], Balancer: b},
			Providers: map[string]sim.Provider{
				"claude": {Requests: 20},
				"chat":   {Requests: 200},
			},
			Traffic: []sim.Traffic{{Every: time.Second}},
		})
	}
	even, headroom := play(balance.Weighted{}), play(balance.Headroom{})
	if even.Channel("claude").Limited < 20 {
		t.Errorf("even shares met the limit only %d times", even.Channel("claude").Limited)
	}
	if few, many := headroom.Channel("claude").Limited, even.Channel("claude").Limited; few > many/4 {
		t.Errorf("by headroom the limit was met %d times, with even shares %d times", few, many)
	}
	if headroom.ServedShare() < 1 || even.ServedShare() < 1 {
		t.Errorf("%d and %d of %d calls were served", headroom.Served, even.Served, even.Calls)
	}
}
