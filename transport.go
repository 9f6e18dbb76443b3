package routex

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
)

// A Transport is an http.RoundTripper that routes calls to language models and
// lets every other request pass. It is safe for concurrent use.
type Transport struct {
	current atomic.Pointer[snapshot]
	updates sync.Mutex // one Update at a time
	metered bool       // under updates: metrics may be registered
	gate    *gate
	hedges  tally
	copies  copies // of calls, that are under way
	dice    *dice
	turns   [64]atomic.Uint64 // calls over sets of candidates, by the set's hash
}

// New makes a Transport. A Config with mistakes gives a [*ConfigError] that
// lists them all.
func New(cfg Config) (*Transport, error) {
	t := &Transport{gate: newGate(), dice: newDice(cfg.Seed), metered: true}
	if cfg.Base == nil {
		cfg.Base = newBase()
	}
	if err := t.Update(cfg); err != nil {
		return nil, err
	}
	return t, nil
}

// newBase is http.DefaultTransport for a program that talks to few hosts over
// many connections, and through the proxies of channels.
func newBase() http.RoundTripper {
	base, ok := http.DefaultTransport.(*http.Transport)
	if !ok {
		return http.DefaultTransport
	}
	base = base.Clone()
	base.MaxIdleConns, base.MaxIdleConnsPerHost = 0, 512
	base.DisableCompression = true
	base.WriteBufferSize = 32 << 10 // requests are long
	base.ReadBufferSize = 16 << 10  // the events of a stream come many at once
	withBodyConns(base)
	return withProxies(base)
}

// Update replaces the whole configuration. Calls that have begun keep the one
// they began with; the next call sees the new one. What is known of a channel
// survives: its load and counters while its ID stays, the state of its circuit
// and its cool-down while its URL, its ProxyURL and one of its keys stay too,
// and what is known of each key that stays. A nil Base keeps the present one. On an error
// nothing changes.
func (t *Transport) Update(cfg Config) error {
	t.updates.Lock()
	defer t.updates.Unlock()
	prev := t.current.Load()
	cfg = cfg.withDefaults()
	if cfg.Base == nil {
		cfg.Base = prev.cfg.Base
	}
	rules, err := cfg.validate()
	if err != nil {
		return err
	}
	next, err := newSnapshot(cfg, rules, t.dice, prev)
	if err != nil {
		return err
	}
	if next.metrics, err = t.meter(next, prev); err != nil {
		return err
	}
	t.current.Store(next)
	prev.unmeter(next)
	return nil
}

// RoundTrip routes a call to a language model, and whatever else is asked of a
// provider whose protocol a channel speaks; it sends every other request on
// untouched. For a call it always gives an answer in the caller's protocol,
// with an error status when nothing else can be had; the only error is that of
// the request's own context.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	return t.roundTrip(req, endpointOf(req, false), nil)
}

// roundTrip tells the pulse, if there is one, that the call has begun.
func (t *Transport) roundTrip(req *http.Request, e endpoint, p *pulse) (*http.Response, error) {
	s := t.current.Load()
	if e.passesBy(s) || s.cfg.Match != nil && !s.cfg.Match(req) {
		return s.cfg.Base.RoundTrip(req)
	}
	return t.call(s, req, e, p)
}

// call answers a request that is one for here.
func (t *Transport) call(s *snapshot, req *http.Request, e endpoint, p *pulse) (resp *http.Response, err error) {
	c := newCall(t, s, req, e)
	defer func() {
		if resp == nil && err == nil { // a panic
			c.unwind()
		}
	}()
	if !t.gate.enter(c) {
		closeBody(req)
		c.beginSpan()
		return c.refuse(closedError())
	}
	bad := c.read()
	c.beginSpan()
	if bad != nil {
		if c.ctx.Err() != nil { // the caller left amid its own request
			return c.abandon()
		}
		return c.refuse(bad)
	}
	defer func() {
		if !c.kept {
			c.body.end()
		}
	}()
	p.await(c)
	if err := c.route(); err != nil {
		c.closeUpload()
		return c.refuse(err)
	}
	return c.serve()
}

// CloseIdleConnections closes those of the base RoundTripper, if it can.
func (t *Transport) CloseIdleConnections() {
	if c, ok := t.current.Load().cfg.Base.(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// Close refuses new calls and waits for the open ones, streams included. When
// ctx ends first it cancels what is still open and gives ctx's error. It does
// not close sinks. Its counters and gauges leave the Meter: who exports what is
// counted until the end does that before.
func (t *Transport) Close(ctx context.Context) error {
	err := t.gate.close(ctx)
	t.CloseIdleConnections()
	t.endMetrics()
	return err
}
