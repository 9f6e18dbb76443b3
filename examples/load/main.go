// Command load measures a server under changes: how long it takes to start, what
// memory it needs, and whether calls notice that channels and rules are written.
//
//	go run ./examples/load
//
// The server is a process of its own, the provider is in this one, and both are
// on one machine: the figures are those of all that together.
package main

import (
	"context"
	"flag"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"time"

	"github.com/dctx-team/routex/routextest"
)

// options are what can be chosen.
type options struct {
	server        string // the program; "" to build it
	calls, writes int    // a second
	time          time.Duration
	starts        int
}

func main() {
	var o options
	flag.StringVar(&o.server, "server", "", "the `program` to measure; built from this module without it")
	flag.IntVar(&o.calls, "calls", 500, "calls a second")
	flag.IntVar(&o.writes, "writes", 200, "writes of channels and rules a second")
	flag.DurationVar(&o.time, "time", 10*time.Second, "how long calls flow, without writes and with them")
	flag.IntVar(&o.starts, "starts", 10, "how many times the server is started")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := measure(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "load:", err)
		os.Exit(1)
	}
}

func measure(ctx context.Context, o options) error {
	dir, err := os.MkdirTemp("", "routex-load-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if o.server == "" {
		o.server = filepath.Join(dir, "server")
		build := exec.CommandContext(ctx, "go", "build", "-o", o.server, "github.com/dctx-team/routex/examples/server")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			return fmt.Errorf("building the server: %w", err)
		}
	}
	provider := httptest.NewServer(&forgetful{p: routextest.NewProvider(routextest.Options{Name: "load", Lenient: true})})
	defer provider.Close()
	data := filepath.Join(dir, "data")
	if err := prepare(ctx, o.server, data, provider.URL); err != nil {
		return err
	}
	if err := measureStarts(ctx, o, data); err != nil {
		return err
	}
	s, err := start(ctx, o.server, data)
	if err != nil {
		return err
	}
	defer s.stop()
	fmt.Printf("memory, idle:                %d KiB\n", s.memory(ctx))
	without, _ := flow(ctx, s, o.calls, 0, o.time)
	fmt.Printf("%d calls/s alone:           %v\n", o.calls, without)
	with, written := flow(ctx, s, o.calls, o.writes, o.time)
	fmt.Printf("%d calls/s beside writes:   %v\n", o.calls, with)
	fmt.Printf("%d writes/s beside calls:   %v\n", o.writes, written)
	fmt.Printf("memory, idle after that:     %d KiB\n", s.memory(ctx))
	return ctx.Err()
}

// prepare makes the channel that calls go to.
func prepare(ctx context.Context, program, data, provider string) error {
	s, err := start(ctx, program, data)
	if err != nil {
		return err
	}
	defer s.stop()
	return s.ask(ctx, "POST", "/api/channels", `{"name":"load","type":"openai","models":["gpt-4o"],"baseUrl":"`+provider+`"}`, 201)
}

// measureStarts tells how long it takes from the start of the process to the
// end of the first call.
func measureStarts(ctx context.Context, o options, data string) error {
	var took sample
	for range o.starts {
		began := time.Now()
		s, err := start(ctx, o.server, data)
		if err != nil {
			return err
		}
		err = s.ask(ctx, "POST", "/v1/chat/completions", call, 200)
		took.add(time.Since(began), err)
		s.stop()
	}
	fmt.Printf("start to the first answer:   %v\n", &took)
	return ctx.Err()
}
