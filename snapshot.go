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
	minted   *minted
	models   []listed
}

// A channel is a Channel with what belongs to it.
type channel struct {
	Channel
	dialect   transform.Dialect
	url       url.URL
	target    transform.Target
	timeouts  Timeouts
	candidate *balance.Candidate
	load      *balance.Load
	counts    *counts
	account   *account
	keys      *keys // of the account
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
}

// newSnapshot takes over the state of the channels that prev has too.
func newSnapshot(cfg Config, rules *router.Rules, dice *dice, prev *snapshot) (*snapshot, error) {
	s := &snapshot{cfg: cfg, rules: rules, router: router.First(cfg.Router, rules), byRef: make(map[string]*channel)}
	s.cfg.Channels, s.cfg.Sinks = slices.Clone(cfg.Channels), slices.Clone(cfg.Sinks)
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
		s.affinity = prev.affinity
	} else if s.affinity, err = balance.NewAffinity(s.cfg.Sessions.Max, s.cfg.Sessions.TTL); err != nil {
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
	c.APIKeys, c.ContextWindow = slices.Clone(c.APIKeys), maps.Clone(c.ContextWindow)
	c.Transformers, c.PerModel = slices.Clone(c.Transformers), maps.Clone(c.PerModel)
	c.Type, c.API = c.speaks()
	c.readAzureURL()
	u, err := c.endpoint()
	if err != nil {
		return nil, err
	}
	c.Losses = cmp.Or(c.Losses, s.cfg.Losses)
	ch := &channel{Channel: c, dialect: c.Dialect(), url: *u, timeouts: c.Timeouts.over(s.cfg.Timeouts)}
	ch.target = c.target(u.Host)
	ch.inherit(&s.cfg, dice, prev)
	weight := cmp.Or(c.Weight, 1)
	if c.Drain {
		weight = 0
	}
	ch.candidate = &balance.Candidate{Name: c.Name, Priority: c.Priority, Weight: weight, Load: ch.load}
	return ch, nil
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
