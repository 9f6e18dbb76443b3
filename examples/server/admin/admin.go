// Package admin is the REST API that manages the channels and rules of a
// [routex.Transport]. An [API] is an http.Handler that any program can mount;
// it serves the paths /api/... and /health... and keeps what it is told in a
// [store.Store].
//
// A write is durable and in effect when its response is sent. Without
// [Options.Authorize], who can reach the handler can change everything.
package admin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/examples/server/access"
	"github.com/dctx-team/routex/examples/server/events"
	"github.com/dctx-team/routex/examples/server/logs"
	"github.com/dctx-team/routex/examples/server/requests"
	"github.com/dctx-team/routex/examples/server/store"
	"github.com/dctx-team/routex/examples/server/tees"
	"github.com/dctx-team/routex/trace"
	"github.com/dctx-team/routex/trace/prom"
)

// Options are what an [API] is made of.
type Options struct {
	// Transport is managed; required. Nothing else may call its Update.
	Transport *routex.Transport
	// Store holds the configuration; required. The caller closes it.
	Store store.Store
	// Config is what the Transport has besides Channels, Rules and Balancer,
	// which the API fills in.
	Config routex.Config
	// Requests is the log of calls, which Config.OnDecision fills; nil means
	// that there is none to show. The caller closes it.
	Requests *requests.Log
	// Events are told at /api/events; nil means that there is no such path.
	// The caller closes it, and has Config.OnDecision tell it of calls.
	Events *events.Hub
	// Metrics are what Config.Meter counts, for /metrics and /api/metrics; nil
	// means that there are no such paths.
	Metrics *prom.Exporter
	// Ephemeral channels are served and can be changed like the stored ones,
	// but are never stored. One whose name the store has is left out.
	Ephemeral []store.Channel
	// RuleFile names a file of rules, in JSON or YAML, that hold beside the
	// stored ones and cannot be changed over the API; "" means none. It is
	// read again when the API is asked to.
	RuleFile string
	// PriceFile names a file of what models cost, in JSON or YAML, which goes
	// before Config.Prices; "" means none. It is read again as RuleFile is.
	PriceFile string
	// Authenticated reports that a request came with the admin token: who
	// only may do without one, as on this machine, is not shown stored keys.
	// Nil means that no request did.
	Authenticated func(*http.Request) bool
	// Issues says what else is wrong with the program, for /health/detailed;
	// nil means nothing.
	Issues func() []string
	// Version is told by /health; "" means "unknown".
	Version string
	// Keys are told of the client keys that are stored; nil means that nobody
	// needs to know.
	Keys *access.Keys
	// Authorize is asked about every request but those for /health..., and
	// refuses it with an error, whose text the caller is told; nil lets
	// everybody in.
	Authorize func(*http.Request) error
	// Tees get copies of what is known of calls, and are told of those that are
	// stored; nil means that there are none. It should be one of the Sinks of
	// Config. The caller closes it.
	Tees *tees.Set
	// Settings are what the program was told at its start, for /api/config.
	Settings []Setting
	// Locale is the language of messages for who does not ask for another, such
	// as zh-CN, until one is set; "" means the one that was set last.
	Locale string
	// Log is the program's, whose levels can be read and set at
	// /api/logging/...; nil means that there is no such path.
	Log *logs.Log
	// Logger gets the errors that callers are not told; nil means no log.
	Logger *slog.Logger
}

// An API is the handler of the management API. It is safe for concurrent use.
type API struct {
	transport *routex.Transport
	store     store.Store
	requests  *requests.Log  // nil for none
	metrics   *prom.Exporter // nil for none
	events    *events.Hub    // nil for none
	config    routex.Config
	ruleFile  string
	priceFile string
	version   string
	started   time.Time
	keys      *access.Keys
	tees      *tees.Set // nil for none
	authorize func(*http.Request) error
	logger    *slog.Logger

	authenticated func(*http.Request) bool // nil: none is
	issues        func() []string
	settings      []Setting
	startLocale   string        // "" for the one that was set last
	localeSet     atomic.Bool   // since the start
	log           *logs.Log     // nil: there is none
	probes        chan struct{} // as many as there may be at one time

	routes http.Handler
	origin *http.CrossOriginProtection

	writes sync.Mutex            // one change at a time
	state  atomic.Pointer[state] // replaced under writes
}

// New loads the configuration from the store and puts it into effect. It gives
// an error when the store cannot be read or the Transport refuses what it
// holds.
func New(ctx context.Context, o Options) (*API, error) {
	if o.Transport == nil || o.Store == nil {
		return nil, errors.New("admin: Options.Transport and Options.Store are required")
	}
	if o.Keys == nil {
		o.Keys = new(access.Keys)
	}
	a := &API{
		keys:      o.Keys,
		requests:  o.Requests,
		events:    o.Events,
		metrics:   o.Metrics,
		tees:      o.Tees,
		transport: o.Transport, store: o.Store, config: o.Config, ruleFile: o.RuleFile, priceFile: o.PriceFile, version: o.Version,
		started: time.Now(), authorize: o.Authorize, authenticated: o.Authenticated, issues: o.Issues, settings: o.Settings, startLocale: matchEnvironment(o.Locale), log: o.Log, logger: o.Logger,
		probes: make(chan struct{}, maxProbes), origin: http.NewCrossOriginProtection(),
	}
	if a.version == "" {
		a.version = "unknown"
	}
	if a.logger == nil {
		a.logger = slog.New(slog.DiscardHandler)
	}
	a.routes = a.newRoutes(a.operations())
	contents, err := o.Store.Load(ctx)
	if err != nil {
		return nil, fmt.Errorf("admin: %w", err)
	}
	s := newState(contents, o.Ephemeral)
	if s.fileRules, err = a.fileRules(); err != nil {
		return nil, fmt.Errorf("admin: %w", err)
	}
	if s.filePrices, err = a.readPriceFile(); err != nil {
		return nil, fmt.Errorf("admin: %w", err)
	}
	cfg, err := a.compose(s)
	if err != nil {
		return nil, fmt.Errorf("admin: %w", err)
	}
	if err := a.transport.Update(cfg); err != nil {
		return nil, fmt.Errorf("admin: the store holds what cannot be used: %w", err)
	}
	a.publish(s)
	for i := range s.fileRules {
		if name := s.fileRules[i].Name; slices.ContainsFunc(s.rules, func(r store.Rule) bool { return r.Name == name }) {
			a.logger.WarnContext(ctx, "a rule of the file has the name of a stored one; rename one of them", "rule", name)
		}
	}
	for i := range s.channels {
		if why := brokenReason(&s.channels[i].Channel); why != "" {
			a.logger.ErrorContext(ctx, "a channel is broken", "channel", s.channels[i].Name, "why", why)
		}
	}
	return a, nil
}

// ServeHTTP implements http.Handler.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("X-Request-Id", requestID(r))
	traceID, spanID := trace.IDs(trace.FromHeader(r.Header))
	h.Set("X-Trace-Id", traceID.String())
	h.Set("X-Span-Id", spanID.String())
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if err := a.admit(r); err != nil {
		if err.status == http.StatusUnauthorized {
			h.Set("WWW-Authenticate", `Bearer realm="routex"`)
		}
		a.writeError(w, r, err)
		return
	}
	a.routes.ServeHTTP(w, r)
}

// admit says why a request must not be answered; nil when it may.
func (a *API) admit(r *http.Request) *problem {
	if a.origin.Check(r) != nil {
		return crossOrigin()
	}
	if open := r.URL.Path == "/health" || strings.HasPrefix(r.URL.Path, "/health/"); open || a.authorize == nil {
		return nil
	}
	if err := a.authorize(r); err != nil {
		return unauthorized(err)
	}
	return nil
}
