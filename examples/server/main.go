// Command server is Routex as a gateway: an HTTP server over the library with
// a management API and a store for what it is told.
//
//	go run ./examples/server -demo
//
// serves two built-in providers, so that calls are answered without a key.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // rules name time zones, which small images do not have

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/examples/server/access"
	"github.com/dctx-team/routex/examples/server/admin"
	"github.com/dctx-team/routex/examples/server/requests"
	"github.com/dctx-team/routex/tee"
)

const (
	defaultHost = "127.0.0.1"
	defaultPort = "3000"
	defaultLogs = "./logs"
)

func main() { os.Exit(run(os.Args[1:], os.Getenv, os.Stdout, os.Stderr)) }

// run is the program. It gives the exit code: 2 for arguments that cannot be
// used, 1 for what else goes wrong.
func run(args []string, env func(string) string, stdout, stderr io.Writer) int {
	o, err := parse(args, env, stderr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return 2
	case o.version:
		_, _ = fmt.Fprintln(stdout, "routex", version())
		return 0
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	o.unlisten = stop
	o.stdout, o.logger = stdout, slog.New(slog.NewJSONHandler(stderr, nil))
	work := serve
	switch {
	case o.rotateKey:
		work = rotate
	case o.newAdminToken:
		work = renewAdminToken
	}
	if err := work(ctx, o); err != nil {
		_, _ = fmt.Fprintln(stderr, "routex:", err)
		return 1
	}
	return 0
}

// options are what the command line says.
type options struct {
	addr    string
	data    string
	dsn     string // of PostgreSQL; "" for SQLite in data
	locale  string // of messages; "" for the one that was set last
	logs    string // the directory of the log's file; "" for none
	rules   string // a file of rules; "" for none
	prices  string // the same of prices
	demo    bool
	version bool

	loopbackAuth   bool
	openCalls      bool
	trustedProxies []netip.Prefix
	adminToken     string // "" for the one whose digest is stored
	newAdminToken  bool

	rotateKey    bool
	masterKey    string // "" for the one in the key file
	newMasterKey string // to rotate to

	requestAge  time.Duration // how long calls are kept in the request log
	requestSize int64         // how much of them, in MiB

	keepAlive   time.Duration // 0 for no pings
	earlyCommit bool
	rescue      string
	hedge       float64

	traceUpstream bool
	traceContent  int // bytes
	env           func(string) string
	teePaths      []string  // directories that files of tees may be in, besides the usual ones
	teeNetworks   tee.Guard // that webhooks may reach

	settings []admin.Setting // what of all this may be told

	unlisten func() // to signals: the next one kills

	stdout io.Writer
	logger *slog.Logger
}

// parse reads the command line. It has told the user of every error it gives.
func parse(args []string, env func(string) string, stderr io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("server", flag.ContinueOnError)
	f.SetOutput(stderr)
	f.StringVar(&o.addr, "addr", "", "listen on `host:port` (default "+defaultHost+":"+defaultPort+", or what HOST and PORT in the environment say)")
	f.StringVar(&o.data, "data", "./data", "keep the configuration in `dir`")
	f.StringVar(&o.dsn, "dsn", "", "keep the configuration in the PostgreSQL database at `postgres://...` instead (default what "+envDSN+" in the environment says)")
	f.StringVar(&o.logs, "logs", defaultLogs, "write the log to routex.log in `dir` too, not only to standard output; empty for no file. With -data it is logs below that")
	f.StringVar(&o.rules, "rules", "", "take rules from `file` too, in JSON or YAML; POST /api/routing/reload reads it again")
	f.StringVar(&o.prices, "prices", "", "take what models cost from `file`, in JSON or YAML, before the list prices; POST /api/config/reload reads it again")
	f.BoolVar(&o.demo, "demo", false, "serve two built-in providers that need no key")
	f.DurationVar(&o.keepAlive, "keepalive", routex.DefaultKeepAlive, "ping callers whose stream is silent for this `duration`; 0 never does")
	f.BoolVar(&o.earlyCommit, "early-commit", false, "begin a streamed answer with the first ping if no provider has answered before")
	f.StringVar(&o.rescue, "rescue", string(routex.RescueOn), "what becomes of a stream that breaks off: `rescue` or terminate")
	f.BoolVar(&o.traceUpstream, "trace-upstream", false, "tell providers of the trace that a call belongs to, by the header traceparent")
	f.IntVar(&o.traceContent, "trace-content", 0, "put so many `bytes` of what is asked and answered into spans")
	f.Float64Var(&o.hedge, "hedge", 0, "ask a second channel for at most this `share` of the calls that are late, from 0 to 1")
	f.BoolVar(&o.loopbackAuth, "loopback-auth", false, "ask for the admin token on a loopback address too")
	f.BoolVar(&o.openCalls, "open-v1", false, "answer calls without a client key, wherever they come from")
	f.Func("trusted-proxies", "believe X-Forwarded-For of these `addresses` and networks, separated by commas", func(list string) (err error) {
		o.trustedProxies, err = access.ParseProxies(list)
		return err
	})
	f.BoolVar(&o.newAdminToken, "new-admin-token", false, "make another admin token, print it and exit")
	f.DurationVar(&o.requestAge, "request-age", requests.DefaultAge, "keep calls in the request log for this `duration`")
	f.Int64Var(&o.requestSize, "request-size", requests.DefaultSize>>20, "keep about so many `MiB` of calls in the request log")
	f.Func("tee-paths", "let tees write files in these `directories` too, separated by commas, not only in that of -data and in ./logs", func(list string) error {
		o.teePaths = strings.Split(list, ",")
		return nil
	})
	f.Func("tee-networks", "let webhooks reach these `networks`, separated by commas, or with private those of this machine and its site, not only public addresses", func(list string) (err error) {
		o.teeNetworks, err = tee.ParseGuard(list)
		return err
	})
	f.BoolVar(&o.rotateKey, "rotate-key", false, "seal all secrets with another master key and exit")
	f.BoolVar(&o.version, "version", false, "print the version and exit")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	said := make(map[string]bool)
	f.Visit(func(f *flag.Flag) { said[f.Name] = true })
	if said["data"] && !said["logs"] {
		o.logs = filepath.Join(o.data, "logs")
	}
	o.env, o.locale = env, env("LOCALE")
	o.adminToken, o.masterKey, o.newMasterKey = env(envAdminToken), env(envMasterKey), env(envNewMasterKey)
	err := o.complete(f.Args(), env)
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "routex:", err)
	}
	o.tellSettings(f, said, env)
	return o, err
}

// complete checks what was said, and fills in the address.
func (o *options) complete(rest []string, env func(string) string) error {
	if len(rest) > 0 {
		return fmt.Errorf("unexpected argument %q; flags begin with -", rest[0])
	}
	if o.dsn == "" {
		o.dsn = env(envDSN)
	}
	switch {
	case o.data == "":
		return errors.New("-data: the directory must not be empty")
	case o.dsn != "" && !strings.HasPrefix(o.dsn, "postgres://") && !strings.HasPrefix(o.dsn, "postgresql://"):
		return errors.New("-dsn: the URL of a database begins with postgres://") // it may hold a password
	case o.requestAge <= 0:
		return fmt.Errorf("-request-age: %v is no time to keep calls for", o.requestAge)
	case o.requestSize < 1 || o.requestSize > 1<<30:
		return fmt.Errorf("-request-size: %d MiB is not from 1 to %d", o.requestSize, 1<<30)
	case o.keepAlive < 0:
		return fmt.Errorf("-keepalive: %v is negative; 0 means no pings", o.keepAlive)
	case o.rescue != string(routex.RescueOn) && o.rescue != string(routex.RescueOff):
		return fmt.Errorf("-rescue: %q is neither %s nor %s", o.rescue, routex.RescueOn, routex.RescueOff)
	case o.traceContent < 0 || o.traceContent > 1<<20:
		return fmt.Errorf("-trace-content: %d bytes is not from 0 to %d", o.traceContent, 1<<20)
	case !(o.hedge >= 0 && o.hedge <= 1):
		return fmt.Errorf("-hedge: %v is not a share from 0 to 1", o.hedge)
	case o.adminToken != "" && len(o.adminToken) < minAdminToken:
		return fmt.Errorf("%s: a token of fewer than %d characters can be guessed", envAdminToken, minAdminToken)
	case o.keepAlive == 0 && o.earlyCommit:
		return errors.New("-early-commit: there is no first ping to begin with when -keepalive is 0")
	}
	source := "-addr"
	if o.addr == "" {
		source = "HOST and PORT"
		host, port := env("HOST"), env("PORT")
		if host == "" {
			host = defaultHost
		}
		if port == "" {
			port = defaultPort
		}
		o.addr = net.JoinHostPort(host, port)
	}
	_, port, err := net.SplitHostPort(o.addr)
	if err != nil {
		return fmt.Errorf("%s: %w; write it as 127.0.0.1:3000", source, err)
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return fmt.Errorf("%s: %q is not a port; use a number from 0 to 65535", source, port)
	}
	return nil
}

// handler is how calls are served.
func (o *options) handler() routex.HandlerOptions {
	h := routex.HandlerOptions{KeepAlive: o.keepAlive, EarlyCommit: o.earlyCommit}
	if h.KeepAlive == 0 { // which would be the default
		h.KeepAlive = -1
	}
	return h
}

// version is that of the module, as far as the build knows it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok || info.Main.Version == "" || info.Main.Version == "(devel)" {
		return "devel"
	}
	return info.Main.Version
}
