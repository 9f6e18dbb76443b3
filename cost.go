package routex

import (
	"cmp"
	"fmt"
	"math"

	"github.com/dctx-team/routex/balance"
	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/trace/prices"
	"github.com/dctx-team/routex/transform"
)

// Cost is what a call for a model, by the caller's or the provider's name for
// it, costs by the channel's Prices, without those that depend on the time.
// known is false when the model has no price.
func (c *Channel) Cost(model string, u transform.Usage) (cost float64, known bool) {
	p := c.price(model, c.UpstreamModel(model))
	if p == nil {
		return 0, false
	}
	return p.Cost(used(u)), true
}

// price is that of the first name that has one; nil for none.
func (c *Channel) price(names ...string) *prices.Price {
	if len(c.Prices) == 0 {
		return nil
	}
	for _, name := range names {
		if p, ok := bestMatch(c.Prices, name); ok {
			return &p
		}
	}
	return nil
}

func (c *Channel) validatePrices(fail func(field, problem string)) {
	for model, p := range c.Prices {
		at := fmt.Sprintf("Prices[%q]", model)
		if model == "" {
			fail(at, "needs a model")
		}
		wrong, _ := p.Validate().(*prices.Error) //nolint:errorlint // it is what it gives
		for i := 0; wrong != nil && i < len(wrong.Mistakes); i++ {
			fail(at+"."+wrong.Mistakes[i].Field, wrong.Mistakes[i].Problem)
		}
	}
}

// weighed is what a balancer weighs of a price. There a price of 0 for what is
// read from a cache means that of any input.
func weighed(p *prices.Price) *balance.Prices {
	b := &balance.Prices{Input: p.Input, Output: p.Output}
	if p.CacheRead != nil {
		b.CacheRead = cmp.Or(*p.CacheRead, math.SmallestNonzeroFloat64)
	}
	return b
}

// seller is the provider in the table whose prices are the channel's: the one
// that is known by its host, else the one that its type says.
func (c *Channel) seller(t *prices.Table, host string) string {
	return cmp.Or(t.Provider(host), string(c.Type))
}

func used(u transform.Usage) prices.Usage {
	return prices.Usage{
		Input: u.Input, CacheRead: u.CacheRead, CacheWrite: u.CacheWrite, CacheWriteHour: u.CacheWriteHour,
		Output: u.Output, Reasoning: u.Reasoning,
	}
}

// price is what a call of the attempt's model costs; nil when nobody says. A
// deployment of Azure's has a name of its own, which says nothing.
func (at *attempt) price() *prices.Price {
	if p := at.ch.price(at.c.d.Model, at.o.model, at.model); p != nil {
		return p
	}
	p, ok := at.c.s.cfg.Prices.Lookup(at.ch.seller, at.model)
	if !ok && at.ch.Deployment != "" {
		p, _ = at.c.s.cfg.Prices.Lookup(at.ch.seller, at.o.model)
	}
	return p
}

// A bill is what the attempts of a call have cost. The zero value is empty.
type bill struct {
	latest  *attempt // that used something; nil for none
	earlier float64  // the cost of those before it
	unknown bool     // the price of one of them is
}

// charge puts what the attempt has used on the call's bill, in place of what was
// known of it before.
func (at *attempt) charge(u transform.Usage) {
	b := &at.c.bill
	if b.latest != at {
		b.earlier -= at.cost // others may have been asked in vain since
		if b.latest != nil {
			b.earlier += b.latest.cost
		}
		b.latest = at
	}
	at.cost = 0
	tokens := used(u)
	if tokens == (prices.Usage{}) {
		return
	}
	p := at.price()
	if p == nil {
		b.unknown = true
		return
	}
	tokens.At = at.started
	at.cost = p.Cost(tokens)
}

// cost is what the whole call has cost; nil when nobody can say.
func (c *call) cost() *float64 {
	b := &c.bill
	if b.unknown || b.latest == nil && c.mayHaveUsed() {
		return nil
	}
	sum := b.earlier
	if b.latest != nil {
		sum += b.latest.cost
	}
	return &sum
}

// mayHaveUsed reports that a provider was at work of which nothing was heard.
// What it refuses, and the counting of tokens, is free.
func (c *call) mayHaveUsed() bool {
	if len(c.d.Attempts) == 0 || c.endpoint.kind == countsTokens {
		return false
	}
	switch c.d.Class {
	case breaker.OK, breaker.HangUp, breaker.Timeout:
		return true
	}
	return false
}
