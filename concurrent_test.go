package routex_test

import (
	"fmt"
	"net/http"
	"sync"
	"testing"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/balance"
	"github.com/dctx-team/routex/router"
	"github.com/dctx-team/routex/trace/prices"
)

// Calls, explanations and changes of the whole Config at the same time get
// along, and every call is answered.
func TestCallsExplainAndUpdateAtOnce(t *testing.T) {
	config := func(i int) routex.Config {
		cfg := routex.Config{
			Channels: channels("a", "b", "c", "d"), Base: statuses{},
			Rules: []router.Rule{
				{Name: "copied", Condition: router.Condition{ModelPattern: "1$"}, Shadow: "d"},
				{Name: "shared", Condition: router.Condition{ModelPattern: "2$"}, Shadow: "d", Targets: []router.Target{{Channel: "a", Weight: 1 + i%3}, {Channel: "b", Weight: 2}}},
				{Name: "asked", Condition: router.Condition{CustomFunction: "f", HasCode: new(false), Metadata: map[string]string{"user_id": ""}}, TargetChannel: "c"},
			},
			Funcs: map[string]func(*router.Request) bool{"f": func(r *router.Request) bool { return r.Words() > 0 }},
		}
		cfg.Channels[i%3].Drain = i%2 == 0
		cfg.Balancer, _ = balance.New(balance.Names()[i%len(balance.Names())])
		cfg.Channels[0].Prices = map[string]prices.Price{"*": {Rates: prices.Rates{Input: 1, Output: float64(i)}}}
		return cfg
	}
	tr := newTransport(t, config(0))
	var all sync.WaitGroup
	for worker := range 4 {
		all.Go(func() {
			for i := range 100 {
				req, _ := newCall(t, "https://x.test/v1/messages", asking(fmt.Sprint("m", i%4)))
				if i%3 == 0 {
					req.Header.Set("X-Session-ID", fmt.Sprint(i%5))
				}
				if worker == 0 {
					if err := tr.Update(config(i)); err != nil {
						t.Error(err)
					}
				}
				if d, err := tr.Explain(req); err != nil || len(d.Order) == 0 {
					t.Errorf("%+v, %v", d, err)
				}
				if resp, _ := call(t, tr, asking(fmt.Sprint("m", i%4)), func(r *http.Request) { r.Header = req.Header }); resp.StatusCode != http.StatusOK {
					t.Error(resp.Status)
				}
			}
		})
	}
	all.Wait()
	if err := tr.Close(t.Context()); err != nil {
		t.Error(err)
	}
}
