package prices_test

import (
	"fmt"

	"github.com/dctx-team/routex/trace/prices"
)

func Example() {
	table := prices.Default()
	if own, err := prices.Parse([]byte(`{"models": {"my-model": {"input": 0.5, "output": 2}}}`)); err == nil {
		table = table.Merge(own)
	}
	price, found := table.Lookup("openai", "my-model")
	fmt.Println(found, price.Cost(prices.Usage{Input: 1_000, Output: 200}))
	// Output: true 0.0009
}

func ExampleParse() {
	_, err := prices.Parse([]byte(`{"models": {"a": {"input": -1, "output": 2, "cached": 1}}}`))
	fmt.Println(err)
	// Output:
	// models["a"].cached: no such field; there are cacheRead, cacheWrite, cacheWriteHour, input, later, long, names, output, peak, reasoning
	// models["a"].input: must be what a million tokens cost: a number that is not below 0
}
