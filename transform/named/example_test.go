package named_test

import (
	"context"
	"fmt"

	"github.com/dctx-team/routex/transform"
	"github.com/dctx-team/routex/transform/named"
)

func ExampleNew() {
	limit, err := named.New("maxtoken", []byte(`{"max_tokens": 8192}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	r := &transform.Request{Dialect: transform.Anthropic, Body: []byte(`{"model":"claude-opus-4","max_tokens":64000}`)}
	if err := limit.Request(context.Background(), r); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(string(r.Body))
	_, err = named.New("maxtoken", []byte(`{"max_tokens": "many"}`))
	fmt.Println(err)
	// Output:
	// {"model":"claude-opus-4","max_tokens":8192}
	// transformer "maxtoken": max_tokens: must be a whole number from 1 to 10000000
}
