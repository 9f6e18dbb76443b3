// Command failover plays every way in which a provider breaks against the
// server of examples/server, which it builds and starts, and says what the
// callers got.
//
//	go run ./examples/failover [-profile short|full] [-only S08] [-caller chat] [-channel anthropic]
//
// The full profile takes the times of real life and the server's defaults; the
// short one takes a fifth of both where the server can be told to. The exit
// status is 1 when a scenario is anything but passed, and 2 for arguments that
// cannot be used.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"
)

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

func run(args []string, stdout, stderr io.Writer) int {
	o, err := parse(args, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	m, err := playAll(ctx, o, stdout)
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "failover:", err)
		return 1
	}
	m.print(stdout)
	if m.count(pass) < len(m.cells) {
		return 1
	}
	return 0
}

// options are what the command line says.
type options struct {
	profile profile
	cells   []cell
	server  string // the program; "" builds it
	at      int    // cells at the same time
}

// A profile is how real the times are.
type profile struct {
	divisor  time.Duration
	pace     time.Duration    // between two words of a provider
	timeouts map[string]int64 // of the channels, in milliseconds; nil leaves the server's defaults
}

func parse(args []string, stderr io.Writer) (o options, err error) {
	f := flag.NewFlagSet("failover", flag.ContinueOnError)
	f.SetOutput(stderr)
	name := f.String("profile", "short", "`short` or full: a fifth of the times, or all")
	only := f.String("only", "", "play only this `scenario`, such as S08")
	caller := f.String("caller", "", "ask only in this `protocol`: anthropic, chat, responses or gemini")
	channel := f.String("channel", "", "let the channels speak only this `protocol`")
	f.StringVar(&o.server, "server", "", "the server's `program`; it is built otherwise")
	f.IntVar(&o.at, "parallel", 64, "play `n` cells at the same time")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	complain := func(problem string) error {
		_, _ = fmt.Fprintln(stderr, "failover:", problem)
		return errors.New(problem)
	}
	switch *name {
	case "short":
		o.profile = profile{divisor: 5, pace: 2 * time.Millisecond, timeouts: map[string]int64{"header": 4000, "firstToken": 1000, "idle": 1500}}
	case "full":
		o.profile = profile{divisor: 1, pace: 20 * time.Millisecond}
	default:
		return o, complain("no profile " + *name)
	}
	o.cells = cells(o.profile.divisor, *only, *caller, *channel)
	if len(o.cells) == 0 || f.NArg() > 0 || o.at < 1 {
		return o, complain("no such scenario or protocol")
	}
	return o, nil
}
