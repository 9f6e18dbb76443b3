package routex

import (
	"cmp"
	"maps"
	"net/url"
	"slices"
	"sync/atomic"

	lru "github.com/hashicorp/golang-lru/v2"

	"github.com/dctx-team/routex/balance"
	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/router"
	"github.com/dctx-team/routex/trace"
	"github.com/dctx-team/routex/transform"
)

// A snapshot is one configuration, ready for use. It is immutable: a call
// keeps the one it started with.
type snapshot struct {
	cfg      Config // with defaults
	rules    *router.Rules
	router   router.Router // cfg.Router, then rules
	channels []*channel    // in the order configured
	byRef    map[string]*channel
	affinity *balance.Affinity
	// conversations are the sessions that nobody names: there can be many,
	// and they are not to take the place of those that have a name.
	conversations *balance.Affinity
	needs         needs
	minted        *minted
	models        []listed
	metrics       *trace.Metrics // nil for none
	wishers       []wisher       // sinks that may want to know what is said
}

// A channel is a Channel with what belongs to it.
type channel struct {
	Channel
	dialect  transform.Dialect
	provider string // as spans and metrics call it
	url      url.URL
	proxy    *url.URL // nil for none of its own
	// proxySecrets are what nobody may be told of the proxy.
	proxySecrets []string
	target       transform.Target
	timeouts     Timeouts
	candidate    *balance.Candidate
	priced       map[string]*balance.Candidate // for models that have a price, by name or pattern
	seller       string                        // whose prices in the table are those of the channel
	load         *balance.Load
	counts       *counts
	account      *account
	keys         *keys // of the account
}

// counts are the attempts on a channel that are over. They outlive changes of
// its configuration.
type counts struct{ requests, successes, failures atomic.Int64 }

// An account is how the provider treats a channel. It outlives changes of the
// channel's configuration, but not of where it is and who pays: that is
// another when no key stays.
type account struct {
	circuit   *breaker.Circuit
	cooldown  breaker.Cooldown
	budget    breaker.Budget // for asking the channel again
	pace      pace
	noPrefill names // of models that refused to go on with an answer
	// calibration tells how the provider counts tokens.
	calibration router.Calibration
}

// newSnapshot takes over the state of the channels that prev has too.
func newSnapshot(cfg Config, rules *router.Rules, dice *dice, prev *snapshot) (*snapshot, error) {
	s := &snapshot{cfg: cfg, rules: rules, router: router.First(cfg.Router, rules), needs: needsOf(cfg.Balancer), byRef: make(map[string]*channel)}
	s.cfg.Channels, s.cfg.Sinks = slices.Clone(cfg.Channels), slices.Clone(cfg.Sinks)
	for _, sink := range s.cfg.Sinks {
		if w, ok := sink.(wisher); ok {
			s.wishers = append(s.wishers, w)
		}
	}
	for i := range s.cfg.Channels {
		ch, err := s.newChannel(s.cfg.Channels[i], dice, prev)
		if err != nil {
			return nil, err
		}
		s.channels = append(s.channels, ch)
	}
	for _, ch := range s.channels {
		s.byRef[ch.Name] = ch
	}
	for _, ch := range s.channels { // an ID wins over another channel's name
		s.byRef[ch.ID] = ch
	}
	s.models = listModels(s.channels)
	return s, s.remember(prev)
}

// remember takes over what prev knows of sessions and ids, or begins.
func (s *snapshot) remember(prev *snapshot) (err error) {
	if prev != nil && prev.cfg.Sessions == s.cfg.Sessions {
		s.affinity, s.conversations = prev.affinity, prev.conversations
	} else if s.affinity, err = balance.NewAffinity(s.cfg.Sessions.Max, s.cfg.Sessions.TTL); err != nil {
		return err
	} else if s.conversations, err = balance.NewAffinity(s.cfg.Sessions.Max, balance.CacheLife); err != nil {
		return err
	}
	s.minted = &minted{more: s.cfg.Bindings}
	if prev != nil && prev.cfg.MaxBindings == s.cfg.MaxBindings {
		s.minted.latest = prev.minted.latest
		return nil
	}
	s.minted.latest, err = lru.New[string, string](s.cfg.MaxBindings)
	return err
}

func (s *snapshot) newChannel(c Channel, dice *dice, prev *snapshot) (*channel, error) {
	c.ID = cmp.Or(c.ID, c.Name)
	c.Headers, c.Models, c.ModelMap = maps.Clone(c.Headers), slices.Clone(c.Models), maps.Clone(c.ModelMap)
	c.APIKeys, c.ContextWindow, c.Prices = slices.Clone(c.APIKeys), maps.Clone(c.ContextWindow), maps.Clone(c.Prices)
	c.Transformers, c.PerModel = slices.Clone(c.Transformers), maps.Clone(c.PerModel)
	c.Type, c.API = c.speaks()
	c.readAzureURL()
	u, err := c.endpoint()
	if err != nil {
		return nil, err
	}
	proxy, err := c.proxy()
	if err != nil {
		return nil, err
	}
	c.Losses = cmp.Or(c.Losses, s.cfg.Losses)
	ch := &channel{Channel: c, dialect: c.Dialect(), url: *u, proxy: proxy, proxySecrets: proxySecrets(proxy), timeouts: c.Timeouts.over(s.cfg.Timeouts)}
	ch.target, ch.provider = c.target(u.Host), c.providerName(u.Hostname())
	ch.seller = c.seller(s.cfg.Prices, u.Hostname())
	ch.inherit(&s.cfg, dice, prev)
	ch.candidate = ch.newCandidate(nil)
	if len(c.Prices) > 0 {
		ch.priced = make(map[string]*balance.Candidate, len(c.Prices))
		for model, price := range c.Prices {
			ch.priced[model] = ch.newCandidate(weighed(&price))
		}
	}
	return ch, nil
}

func (ch *channel) newCandidate(prices *balance.Prices) *balance.Candidate {
	weight := cmp.Or(ch.Weight, 1)
	if ch.Drain {
		weight = 0
	}
	return &balance.Candidate{
		Name: ch.Name, Priority: ch.Priority, Weight: weight,
		Prices: prices, Correction: &ch.account.calibration, Load: ch.load,
	}
}

// candidateFor is what a balancer sees of the channel for a model, by the
// caller's name for it.
func (ch *channel) candidateFor(asked string) *balance.Candidate {
	if ch.priced == nil {
		return ch.candidate
	}
	for _, name := range [...]string{asked, ch.called(asked)} {
		if c, ok := bestMatch(ch.priced, name); ok {
			return c
		}
	}
	return ch.candidate
}

// needs is what a balancer asks of a call.
type needs struct {
	tokens bool // how many it has, by estimate
	limits bool // what providers tell of their rate limits
	cost   bool // the balancer weighs what a session has cached itself
}

// needsOf: a balancer of the host's may look at anything.
func needsOf(b balance.Balancer) needs {
	switch balance.Name(b) {
	case balance.NameLeastCost:
		return needs{tokens: true, cost: true}
	case balance.NameHeadroom, balance.NameCustom:
		return needs{tokens: true, limits: true}
	}
	return needs{}
}

// target is what transformers may know of the channel. What an account of
// OpenAI's encrypts, no other can read; the signatures of the others are their
// provider's.
func (c *Channel) target(host string) transform.Target {
	provider := string(c.Type) + " " + host
	if c.Dialect() == transform.OpenAIResponses {
		provider += " " + c.ID
	}
	return transform.Target{Provider: provider, Flavor: string(c.Type), Version: c.APIVersion}
}

// inherit takes the state of the channel from an earlier snapshot, or begins.
func (ch *channel) inherit(cfg *Config, dice *dice, prev *snapshot) {
	ch.load, ch.counts = new(balance.Load), new(counts)
	ch.account = &account{circuit: breaker.New(cfg.Breaker)}
	values := ch.keyValues()
	old := prev.same(ch)
	if old == nil {
		ch.keys = newKeys(values, ch.credential, dice, nil)
		return
	}
	ch.load, ch.counts = old.load, old.counts
	if old.url != ch.url || old.Type != ch.Type || old.dialect != ch.dialect || !old.keys.shares(values) {
		ch.keys = newKeys(values, ch.credential, dice, nil)
		return
	}
	ch.keys = newKeys(values, ch.credential, dice, old.keys)
	if old.ProxyURL != ch.ProxyURL { // it failed perhaps for that
		return
	}
	if cfg.Breaker.Failures == prev.cfg.Breaker.Failures && cfg.Breaker.OpenFor == prev.cfg.Breaker.OpenFor {
		ch.account = old.account
	}
}

// same gives the channel with the ID of ch, or nil. The snapshot may be nil.
func (s *snapshot) same(ch *channel) *channel {
	if s == nil {
		return nil
	}
	if old, ok := s.byRef[ch.ID]; ok && old.ID == ch.ID {
		return old
	}
	return nil
}

// lossesOf is the policy of a channel.
func (s *snapshot) lossesOf(id string) LossPolicy {
	if ch, ok := s.byRef[id]; ok {
		return ch.Losses
	}
	return s.cfg.Losses
}
