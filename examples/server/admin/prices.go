package admin

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/dctx-team/routex/balance"
)

// prices are those of a channel, by the name of a model or a pattern.
type prices = map[string]balance.Prices

// readPrices reads {pattern: {input, output, cacheRead}}.
func readPrices(raw json.RawMessage, fail failFunc) prices {
	o := parts(raw, fail)
	if o == nil {
		return nil
	}
	out := make(prices, len(o.members))
	for _, model := range slices.Sorted(maps.Keys(o.members)) {
		out[model] = readPrice(o.members[model], inside(fail, fmt.Sprintf("[%q]", model)))
	}
	o.report(fail)
	return out
}

func readPrice(raw json.RawMessage, fail failFunc) (p balance.Prices) {
	o := parts(raw, fail)
	if o == nil {
		return p
	}
	for _, name := range []string{"input", "output"} {
		if _, ok := o.members[name]; !ok {
			o.wrong.add(name, codeRequired, "required: the price of a million tokens")
		}
	}
	read(o, "input", &p.Input, 0, price)
	read(o, "output", &p.Output, 0, price)
	read(o, "cacheRead", &p.CacheRead, 0, price)
	o.finish()
	o.report(fail)
	return p
}

// price reads a number that is not below 0.
func price(raw json.RawMessage, fail failFunc) float64 {
	n, err := strconv.ParseFloat(string(raw), 64)
	switch {
	case raw[0] != '-' && (raw[0] < '0' || raw[0] > '9'):
		fail("", codeType, "must be a number")
	case err != nil || n < 0:
		fail("", codeValue, "must be a price: a number that is not below 0")
	}
	return n
}
