package routex

import (
	"cmp"

	"github.com/dctx-team/routex/transform"
)

// Cost is what a call for a model, by the caller's or the provider's name for
// it, costs by the channel's Prices. What is written to a cache counts as any
// input. known is false when the model has no price.
func (c *Channel) Cost(model string, u transform.Usage) (cost float64, known bool) {
	for _, name := range [...]string{model, c.UpstreamModel(model)} {
		if p, ok := bestMatch(c.Prices, name); ok {
			input := float64(u.Input + u.CacheWrite)
			return (input*p.Input + float64(u.CacheRead)*cmp.Or(p.CacheRead, p.Input) + float64(u.Output)*p.Output) / 1e6, true
		}
	}
	return 0, false
}
