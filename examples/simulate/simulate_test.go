package simulate

import (
	"testing"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/balance"
	"github.com/dctx-team/routex/routextest/sim"
)

// play is an hour with a balancer. Whatever it is, what must hold of every run
// is checked on the way: Run fails the test otherwise.
func play(t *testing.T, b balance.Balancer) *sim.Report {
	t.Helper()
	r := sim.Run(t, sim.Scenario{
		Seed:      2026,
		Config:    routex.Config{Channels: Channels(), Balancer: b},
		Providers: Providers(),
		Traffic:   Traffic(),
	})
	t.Logf("%s: %v", balance.Name(b), r)
	return r
}

func TestBalancers(t *testing.T) {
	even, fast, cheap := play(t, balance.Weighted{}), play(t, balance.LeastLatency{}), play(t, balance.LeastCost{})

	// What the host runs with: an outage of five minutes and a rate limit are
	// no caller's concern.
	if fast.ServedShare() < .999 {
		t.Errorf("%.4f of the calls were served, wanted 0.999", fast.ServedShare())
	}
	if fast.KeptShare() < .95 {
		t.Errorf("%.3f of the turns found their prompt cached, wanted 0.95", fast.KeptShare())
	}
	if c := fast.Channel("cloud"); c.Recovery == 0 || c.Recovery > 2*time.Minute {
		t.Errorf("cloud was used again %v after its outage, wanted two minutes at most", c.Recovery)
	}
	// Why it is not even shares: the slow one makes callers wait.
	if fast.FirstToken.P90 > even.FirstToken.P90/2 {
		t.Errorf("one of ten waits for %v, with even shares for %v", fast.FirstToken.P90, even.FirstToken.P90)
	}
	// Why it is not the least cost: prices that are lower for want of a cache
	// hardly save anything.
	if cheap.Cost < .9*fast.Cost {
		t.Errorf("with the least cost the hour costs %.2f, without %.2f: time to think again", cheap.Cost, fast.Cost)
	}
}
