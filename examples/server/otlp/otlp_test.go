package otlp_test

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/examples/server/otlp"
)

func ExampleOpen() {
	env := func(string) string { return "" } // or os.Getenv
	spans, err := otlp.Open(context.Background(), env, "gateway", "1.0", slog.Default())
	if err != nil {
		fmt.Println(err)
		return
	}
	defer func() { _ = spans.Close(context.Background()) }()
	cfg := routex.Config{Tracer: spans.Tracer}
	fmt.Println(cfg.Tracer == nil) // no endpoint is named
	// Output: true
}
