package admin

import (
	"encoding/json"
	"errors"
	"strconv"

	"github.com/dctx-team/routex/trace/prices"
)

// A priceMap has prices by the name of a model or a pattern.
type priceMap = map[string]prices.Price

func channelPrices() parser[priceMap] { return mapOf(priceOf(), "must be an object") }

// priceOf reads what calls of a model cost.
func priceOf() parser[prices.Price] {
	p := nested(readPrice)
	return then(p, p.takes, func(price prices.Price, fail failFunc) prices.Price {
		if wrong, ok := errors.AsType[*prices.Error](price.Validate()); ok {
			for _, m := range wrong.Mistakes {
				fail("."+m.Field, codeValue, m.Problem)
			}
		}
		return price
	})
}

func readPrice(o *object, p *prices.Price) {
	readRates(o, &p.Rates)
	read(o, "long", &p.Long, nil, listOf(nested(func(o *object, t *prices.Tier) {
		read(o, "above", &t.Above, 0, integer(0, 1<<53))
		readRates(o, &t.Rates)
	}), "must be an array"))
	read(o, "peak", &p.Peak, nil, listOf(nested(func(o *object, w *prices.Window) {
		read(o, "from", &w.From, "", text())
		read(o, "to", &w.To, "", text())
		read(o, "weekdays", &w.Weekdays, false, boolean())
		readRates(o, &w.Rates)
	}), "must be an array"))
	read(o, "later", &p.Later, nil, listOf(nested(func(o *object, c *prices.Change) {
		read(o, "from", &c.From, "", text())
		readRates(o, &c.Rates)
	}), "must be an array"))
}

func readRates(o *object, r *prices.Rates) {
	for _, name := range []string{"input", "output"} {
		if _, ok := o.members[name]; !ok {
			o.wrong.add(name, codeRequired, "required: the price of a million tokens")
		}
	}
	read(o, "input", &r.Input, 0, rate())
	read(o, "output", &r.Output, 0, rate())
	read(o, "cacheRead", &r.CacheRead, nil, ownRate())
	read(o, "cacheWrite", &r.CacheWrite, nil, ownRate())
	read(o, "cacheWriteHour", &r.CacheWriteHour, nil, ownRate())
	read(o, "reasoning", &r.Reasoning, nil, ownRate())
}

// rate reads a number that is not below 0.
func rate() parser[float64] {
	takes := func() *schema { return &schema{Type: typeNames{"number"}, Minimum: new(float64)} }
	return parser[float64]{takes, func(raw json.RawMessage, fail failFunc) float64 {
		n, err := strconv.ParseFloat(string(raw), 64)
		switch {
		case raw[0] != '-' && (raw[0] < '0' || raw[0] > '9'):
			fail("", codeType, "must be a number")
		case err != nil || n < 0:
			fail("", codeValue, "must be a price: a number that is not below 0")
		}
		return n
	}}
}

// ownRate reads one that need not be there.
func ownRate() parser[*float64] {
	return then(rate(), rate().takes, func(n float64, _ failFunc) *float64 { return &n })
}
