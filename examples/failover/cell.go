package main

import (
	"context"
	"net/http"
	"strings"
	"time"

	"github.com/dctx-team/routex/routextest"
)

// A cell is a scenario with a protocol for the caller and one for the
// channels.
type cell struct {
	scenario        scenario
	caller, channel protocol
}

func (c *cell) name() string {
	return c.scenario.id + "-" + c.caller.name + "-" + c.channel.name
}

// cells are those that are wanted; "" wants all.
func cells(divisor time.Duration, scenario, caller, channel string) (out []cell) {
	for _, s := range scenarios(divisor) {
		for _, from := range protocols() {
			for _, to := range protocols() {
				if (scenario == "" || scenario == s.id) && (caller == "" || caller == from.name) && (channel == "" || channel == to.name) {
					out = append(out, cell{s, from, to})
				}
			}
		}
	}
	return out
}

// spare is the fallback's model.
func (c *cell) spare() string {
	if c.scenario.larger {
		return c.channel.larger
	}
	return c.channel.fallback
}

// providers makes the primary and the fallback.
func (c *cell) providers(pace time.Duration) (primary, fallback *routextest.Provider) {
	says := func(u routextest.Usage) func(*routextest.Call) routextest.Answer {
		return func(call *routextest.Call) routextest.Answer {
			u := u
			if c.scenario.spare != routextest.PrefillIgnore { // it counts only what it adds
				u.Output -= len(strings.Fields(call.Prefill))
			}
			return routextest.Answer{Text: answer, Usage: u}
		}
	}
	primary = routextest.NewProvider(routextest.Options{Name: "primary", Pace: pace, Models: []string{c.channel.primary}, Answer: says(primaryUsage)})
	fallback = routextest.NewProvider(routextest.Options{
		Name: "fallback", Pace: pace, Models: []string{c.spare()}, Answer: says(fallbackUsage), Prefill: c.scenario.spare,
	})
	return primary, fallback
}

// length is about how long the cell takes.
func (c *cell) length() time.Duration {
	return max(time.Duration(c.scenario.calls)*c.scenario.every, c.scenario.within)
}

// run makes the calls of a cell, whose caller sets no limit.
func (c *cell) run(ctx context.Context, client *http.Client, base, model string, primary, fallback *routextest.Provider, r *result) {
	s := &c.scenario
	r.began = time.Now()
	s.play(primary)
	if s.both {
		s.play(fallback)
	}
	for i := range s.calls {
		if i > 0 && s.every > 0 {
			time.Sleep(time.Until(r.began.Add(time.Duration(i) * s.every)))
		}
		one, cancel := context.WithCancel(ctx)
		stop := time.AfterFunc(s.patience(), cancel)
		r.outcomes = append(r.outcomes, c.caller.ask(one, client, base, model))
		stop.Stop()
		cancel()
	}
}
