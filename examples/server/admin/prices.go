package admin

import (
	"encoding/json"
	"strconv"

	"github.com/dctx-team/routex/balance"
)

// prices are those of a channel, by the name of a model or a pattern.
type prices = map[string]balance.Prices

// readPrices reads {pattern: {input, output, cacheRead}}.
func readPrices() parser[prices] {
	return mapOf(nested(func(o *object, p *balance.Prices) {
		for _, name := range []string{"input", "output"} {
			if _, ok := o.members[name]; !ok {
				o.wrong.add(name, codeRequired, "required: the price of a million tokens")
			}
		}
		read(o, "input", &p.Input, 0, price())
		read(o, "output", &p.Output, 0, price())
		read(o, "cacheRead", &p.CacheRead, 0, price())
	}), "must be an object")
}

// price reads a number that is not below 0.
func price() parser[float64] {
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
