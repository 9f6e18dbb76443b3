package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/routextest"
)

// Sixteen scenarios, with every protocol for the caller and for the channels,
// in the default configuration.
func TestEveryScenarioInEveryProtocol(t *testing.T) {
	all := cells(1, "", "", "")
	m := newMatrix(all)
	for i := range all {
		c := &all[i]
		t.Run(c.name(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := inMemory(t, c)
				v, why := c.scenario.judge(r)
				m.verdicts[c.name()] = v
				if v != pass {
					t.Errorf("%s: %s\n%s", v, why, view(r))
				}
			})
		})
	}
	var b strings.Builder
	m.print(&b)
	t.Log("\n" + b.String())
}

// inMemory plays a cell in a bubble, over a network of its own.
func inMemory(t *testing.T, c *cell) *result {
	net := routextest.NewNetwork()
	defer net.Close()
	primary, fallback := c.providers(20 * time.Millisecond)
	transport, err := routex.New(routex.Config{
		Base: net.Transport(),
		Channels: []routex.Channel{
			{
				Name: "primary", Type: c.channel.kind, API: c.channel.api, BaseURL: net.Add("primary.test", primary),
				ModelMap: map[string]string{"assistant": c.channel.primary},
			},
			{
				Name: "fallback", Type: c.channel.kind, API: c.channel.api, BaseURL: net.Add("fallback.test", fallback),
				ModelMap: map[string]string{"assistant": c.spare()}, Priority: 1,
			},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	r := &result{healthy: c.channel.primary, model: c.spare()}
	c.run(t.Context(), &http.Client{Transport: transport}, "https://gateway.test", "assistant", primary, fallback, r)
	synctest.Wait()
	r.primary, r.fallback = primary.Calls(), fallback.Calls()
	for _, s := range transport.Status() {
		if s.InFlight != 0 {
			r.left = append(r.left, fmt.Sprintf("%d calls in flight at the %s", s.InFlight, s.Name))
		}
	}
	r.stillOpen()
	if err := transport.Close(t.Context()); err != nil {
		r.left = append(r.left, "the transport cannot be closed: "+err.Error())
	}
	return r
}
