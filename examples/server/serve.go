package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime"
	"sync"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/examples/server/access"
	"github.com/dctx-team/routex/examples/server/admin"
	"github.com/dctx-team/routex/examples/server/events"
	"github.com/dctx-team/routex/examples/server/logs"
	"github.com/dctx-team/routex/examples/server/otlp"
	"github.com/dctx-team/routex/tee"
	"github.com/dctx-team/routex/trace"
)

// The limits of the HTTP server. There is none for writing: a stream may take
// as long as its model does.
const (
	headerTimeout = 10 * time.Second
	idleTimeout   = 2 * time.Minute
	patience      = 30 * time.Second       // with running calls, at the end
	lastSpans     = 5 * time.Second        // for the collector to take them
	farewell      = 250 * time.Millisecond // for answers that are cut off to tell that they are
)

// ballast is memory that is never touched, and so is none of the machine's. To
// the collector it is a part of the heap: it lets a heap that is small grow by
// about so much between two of its runs, rather than by a few MB, while a big
// one is collected as ever.
const ballast = 16 << 20

// serve runs the server until ctx ends and the running calls are over.
func serve(ctx context.Context, o options) (err error) {
	untouched := make([]byte, ballast)
	defer runtime.KeepAlive(untouched)
	// First, because a taken port means that another server may be at work.
	listener, err := net.Listen("tcp", o.addr)
	if err != nil {
		return fmt.Errorf("cannot listen: %w; choose another address with -addr", err)
	}
	defer func() { _ = listener.Close() }() // the HTTP server has closed it, unless it never began
	if o.rules != "" {
		if _, err := admin.ReadRuleFile(o.rules); err != nil {
			return fmt.Errorf("-rules: %w", err)
		}
	}
	if o.prices != "" {
		if _, err := admin.ReadPriceFile(o.prices); err != nil {
			return fmt.Errorf("-prices: %w", err)
		}
	}
	kept, err := o.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, kept.Close()) }()
	log := o.openLog()
	defer func() { err = errors.Join(err, log.Close()) }()
	o.logger = log.Module(logs.ModuleServer)
	sealed, err := o.sealed(ctx, kept)
	if err != nil {
		return err
	}
	calls, err := o.openRequests(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, calls.Close()) }()
	ids := kept.Bindings(0, log.Module(logs.ModuleStore))
	defer ids.Close()
	var providers demo
	if o.demo {
		if providers, err = startDemo(); err != nil {
			return err
		}
		defer providers.close()
	}

	counted, err := openMetrics(calls)
	if err != nil {
		return err
	}
	spans, err := otlp.Open(ctx, o.env, "routex", version(), log.Module(logs.ModuleServer))
	if err != nil {
		return err
	}
	defer o.sendRest(spans)

	copies := o.openTees(log)
	defer o.closeTees(copies)
	var transport *routex.Transport
	hub := events.New(events.Options{
		Channels: func() []routex.ChannelStatus { return transport.Status() },
		Tees:     copies.Stats,
	})
	defer hub.Close()
	cfg := routex.Config{
		Meter:  counted.Meter(),
		Logger: log.Module(logs.ModuleRoutex), Bindings: ids,
		OnDecision: func(d *routex.Decision) { log.Call(d); hub.Call(d); calls.Add(d) },
		Tracer:     spans.Tracer, TraceUpstream: o.traceUpstream, TraceContent: o.traceContent, Recent: trace.NewRing(0),
		Sinks:  []tee.Sink{&copies.Set}, // which has the Stats that are measured
		Rescue: routex.RescuePolicy(o.rescue), Hedging: routex.Hedging{Share: o.hedge},
	}
	transport, err = routex.New(cfg)
	if err != nil {
		return err
	}
	keys := new(access.Keys)
	guard, token, err := o.guard(ctx, sealed, access.Options{
		Loopback: isLoopback(listener.Addr()), Keys: keys, Logger: log.Module(logs.ModuleAccess),
	})
	if err != nil {
		return err
	}
	api, err := admin.New(ctx, admin.Options{
		Transport: transport, Store: sealed, Config: cfg,
		Ephemeral: providers.channels, RuleFile: o.rules, PriceFile: o.prices, Version: version(),
		Authorize: guard.Admin, Authenticated: guard.Authenticated, Keys: keys,
		Log: log, Locale: o.locale, Settings: o.settings, Logger: log.Module(logs.ModuleAdmin),
		Requests: calls, Tees: copies, Metrics: counted, Events: hub, Issues: func() []string { return issues(calls) },
	})
	if err != nil {
		return fmt.Errorf("cannot use what is in %s: %w", o.place(), err)
	}
	follow, stop := context.WithCancel(ctx)
	var following sync.WaitGroup
	following.Go(func() { api.Follow(follow) })
	defer following.Wait() // before the store is closed
	defer stop()
	server := &http.Server{
		Handler:           newMux(api, guard.Calls(transport.HandlerWith(o.handler())), version()),
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
		ErrorLog:          slog.NewLogLogger(o.logger.Handler(), slog.LevelError),
	}
	server.RegisterOnShutdown(hub.Close) // which would wait for those who listen
	greet(o, listener.Addr(), token)
	return untilDone(ctx, o, server, listener, transport)
}

// sendRest sends the spans that are left. A collector that is down keeps nobody
// waiting for long.
func (o *options) sendRest(spans *otlp.Spans) {
	limit, cancel := context.WithTimeout(context.Background(), lastSpans)
	defer cancel()
	if spans.Close(limit) != nil { // why was told
		o.logger.Warn("the last spans may be lost: the collector did not take them in time", "patience", lastSpans.String())
	}
}

// openLog begins the log. A file that cannot be written must not keep the
// server from serving.
func (o *options) openLog() *logs.Log {
	levels := logs.NewLevels(slog.LevelInfo)
	log, err := logs.Open(o.stdout, o.logs, levels)
	if err == nil {
		return log
	}
	log, _ = logs.Open(o.stdout, "", levels) // without a file it gives no error
	log.Module(logs.ModuleServer).Error("the log has no file, only standard output: choose another directory with -logs", "error", err)
	return log
}

// greet says where the server listens, and the admin token when it was made
// just now. It warns when whoever reaches the server can spend the channels'
// money.
func greet(o options, addr net.Addr, token string) {
	_, _ = fmt.Fprintf(o.stdout, "Routex listens on http://%s\n", addr)
	if token != "" {
		_, _ = fmt.Fprintf(o.stdout, "The admin token, which is shown only now: %s\n", token)
	}
	switch {
	case isLoopback(addr):
	case o.openCalls:
		o.logger.Warn("-open-v1: calls need no key, and this address can be reached from other machines", "addr", addr.String())
	default:
		o.logger.Info("calls need a client key here; make them with POST /api/keys", "addr", addr.String())
	}
}

// untilDone serves until ctx ends, then takes no more connections and waits
// for the calls that are running.
func untilDone(ctx context.Context, o options, server *http.Server, l net.Listener, t *routex.Transport) error {
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return fmt.Errorf("cannot serve: %w", err)
	case <-ctx.Done():
	}
	o.unlisten() // before anybody can see that the server is stopping
	o.logger.Info("stopping: running calls may end, a second signal cuts them off", "patience", patience.String())
	limit, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := server.Shutdown(limit); err != nil {
		o.logger.Warn("calls were cut off that did not end in time", "patience", patience.String())
	}
	if t.Close(limit) != nil { // what is still running is cancelled, and tells its callers so
		time.Sleep(farewell)
	}
	_ = server.Close() // of connections that are given up
	if err := <-failed; !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("cannot serve: %w", err)
	}
	return nil
}
