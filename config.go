package routex

import (
	"cmp"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"time"

	"go.opentelemetry.io/otel/metric"
	oteltrace "go.opentelemetry.io/otel/trace"

	"github.com/dctx-team/routex/balance"
	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/router"
	"github.com/dctx-team/routex/tee"
	"github.com/dctx-team/routex/trace"
	"github.com/dctx-team/routex/trace/prices"
)

// The defaults of a Config.
const (
	DefaultMaxBody       = 32 << 20 // bytes
	DefaultMaxAttempts   = 6
	DefaultSessionHeader = "X-Session-ID"
	DefaultSessionTTL    = 5 * time.Hour
	DefaultSessions      = 10_000
	DefaultBindings      = 10_000
	DefaultMaxUpload     = 1 << 30 // bytes
	DefaultHeaderTimeout = time.Minute
	DefaultUnaryTimeout  = 10 * time.Minute
	DefaultIdleTimeout   = 2 * time.Minute
)

// maxAnswer bounds an answer that is not streamed, in bytes.
const maxAnswer = 64 << 20

// A LossPolicy says what happens when a call has something that the channel's
// protocol cannot carry.
type LossPolicy string

// The loss policies.
const (
	LossWarn   LossPolicy = "warn"   // the default: the header X-Routex-Lossy, the Decision and the log tell
	LossQuiet  LossPolicy = "lossy"  // only the Decision tells
	LossStrict LossPolicy = "strict" // the call is refused before it is sent
)

func (p LossPolicy) known() bool { return p == LossWarn || p == LossQuiet || p == LossStrict }

func (p LossPolicy) problem() string {
	return fmt.Sprintf("no policy %q; there are %q", p, []LossPolicy{LossWarn, LossQuiet, LossStrict})
}

// Config is everything that a [Transport] can be told. The zero value is valid
// but has no channel. A Transport keeps its own copy.
type Config struct {
	Channels []Channel
	// Rules are compiled by New and asked after Router.
	Rules []router.Rule
	// Funcs are what the condition customFunction of the Rules can name; see
	// [router.WithFunc].
	Funcs map[string]func(*router.Request) bool
	// Router is asked first; nil, or a Router that declines, leaves the
	// call to Rules, and then to every channel that serves the model.
	Router router.Router
	// Balancer chooses among the channels; nil means [balance.Priority]. For
	// LeastCost, Headroom and one of the host's own the tokens of a call are
	// estimated, which takes about as long as reading it twice.
	Balancer balance.Balancer
	// Sessions says how calls are kept on one channel.
	Sessions Sessions
	// Breaker configures the circuit of every channel.
	Breaker breaker.Settings
	// Timeouts of channels that set none of their own.
	Timeouts Timeouts
	// MaxAttempts bounds the attempts of one call, at the same channel and at
	// others, those that go on with a stream included; 0 means
	// [DefaultMaxAttempts].
	MaxAttempts int
	// MaxBody bounds a caller's body in bytes; 0 means [DefaultMaxBody].
	MaxBody int64
	// MaxUpload bounds a body that is streamed through unread, such as a file
	// or audio, in bytes; 0 means [DefaultMaxUpload].
	MaxUpload int64
	// Bindings remember which channel minted an id for longer than the
	// Transport does by itself. Nil is allowed.
	Bindings Bindings
	// MaxBindings bounds the ids that the Transport remembers; 0 means
	// [DefaultBindings].
	MaxBindings int
	// Losses says what to do when translation cannot carry everything; ""
	// means [LossWarn]. A channel may say otherwise.
	Losses LossPolicy
	// Rescue says what becomes of a stream that breaks off after a part of the
	// answer was handed over; "" means [RescueOn].
	Rescue RescuePolicy
	// Hedging asks a second channel when the first is late. The zero value
	// never does.
	Hedging Hedging
	// Base sends the requests; nil means a Transport of its own, made like
	// http.DefaultTransport with more idle connections, which alone can use
	// the ProxyURL of a channel.
	Base http.RoundTripper
	// Match narrows the requests that are routed: those for which it is
	// false go to Base untouched. Nil routes every call to a language model.
	Match func(*http.Request) bool
	// Tracer makes a span for each call and each attempt; nil makes none.
	Tracer oteltrace.Tracer
	// TraceUpstream sends W3C's traceparent and tracestate to providers, with
	// the span of the attempt. Else no provider is told of the trace, not even
	// of that which a caller names.
	TraceUpstream bool
	// TraceContent is how many bytes at most, about, the spans of calls have of
	// what was asked, of its instructions, of its tools and of the answer each.
	// Credentials are taken out as far as they can be told. 0 means that no
	// span has any of it.
	TraceContent int
	// Recent remembers the latest spans, whether there is a Tracer or not; nil
	// remembers none.
	Recent *trace.Ring
	// Meter counts calls, attempts, tokens and time, and tells how the
	// channels are doing; nil counts nothing, at no cost. [prom.New] makes one
	// for Prometheus. It is read until the Transport is closed, and a
	// Transport that has one must be.
	Meter metric.Meter
	// Sinks get a record of every call when it is over. They are called in
	// the caller's goroutine, with a context that does not end when the
	// caller leaves: [tee.Open] puts a queue before one that is slow. A
	// [tee.Set] can change while calls are made.
	Sinks []tee.Sink
	// OnDecision is called with the Decision of every call when it is over,
	// in the goroutine that ended it. It owns the Decision. Nil is allowed.
	OnDecision func(*Decision)
	// Seed makes all that is left to chance, such as which channel of equal
	// weight is asked or how long a pause is, the same each time, for tests; 0
	// means a seed of chance. It is that of New: Update changes nothing.
	Seed uint64
	// Prices are what calls cost of whose model the channel has no price; nil
	// means [prices.Default], the list prices of the providers. An empty Table
	// says nothing of any.
	Prices *prices.Table
	// Logger gets losses and failed attempts; nil means no log.
	Logger *slog.Logger
}

// Sessions says how the calls of a session are kept on one channel. The zero
// value means the defaults.
type Sessions struct {
	Header string        // that names the session; "" means X-Session-ID
	TTL    time.Duration // since the last call; 0 means five hours
	Max    int           // sessions remembered; 0 means 10,000, and as many conversations
	// NamedOnly balances every call that names no session by itself. Else one
	// that goes on with a conversation stays where that is cached.
	NamedOnly bool
}

// withDefaults fills in what was left at zero.
func (c Config) withDefaults() Config {
	c.Timeouts = c.Timeouts.over(Timeouts{Unary: DefaultUnaryTimeout, Idle: DefaultIdleTimeout})
	c.Sessions.Header = http.CanonicalHeaderKey(cmp.Or(c.Sessions.Header, DefaultSessionHeader))
	c.Sessions.TTL = cmp.Or(c.Sessions.TTL, DefaultSessionTTL)
	c.Sessions.Max = cmp.Or(c.Sessions.Max, DefaultSessions)
	c.MaxAttempts = cmp.Or(c.MaxAttempts, DefaultMaxAttempts)
	c.MaxBody = cmp.Or(c.MaxBody, DefaultMaxBody)
	c.MaxUpload = cmp.Or(c.MaxUpload, DefaultMaxUpload)
	c.MaxBindings = cmp.Or(c.MaxBindings, DefaultBindings)
	c.Losses = cmp.Or(c.Losses, LossWarn)
	c.Rescue = cmp.Or(c.Rescue, RescueOn)
	if c.Balancer == nil {
		c.Balancer = balance.Priority{}
	}
	if c.Prices == nil {
		c.Prices = prices.Default()
	}
	if c.Logger == nil {
		c.Logger = slog.New(slog.DiscardHandler)
	}
	return c
}

// RuleOptions are what [router.Compile], [router.ReadRules] and [router.Lint]
// need in order to see the Rules as a Transport with this Config does.
func (c *Config) RuleOptions() []router.Option {
	opts := make([]router.Option, 0, len(c.Funcs))
	for _, name := range slices.Sorted(maps.Keys(c.Funcs)) {
		opts = append(opts, router.WithFunc(name, c.Funcs[name]))
	}
	return opts
}
