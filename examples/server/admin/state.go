package admin

import (
	"slices"

	"github.com/dctx-team/routex/balance"
	"github.com/dctx-team/routex/examples/server/store"
	"github.com/dctx-team/routex/router"
	"github.com/dctx-team/routex/trace/prices"
)

// settingStrategy is the key of the balancer's name in the store.
const settingStrategy = "strategy"

// A state is all that is configured at one time. It is immutable once stored
// in an API.
type state struct {
	revision int64     // of the store
	channels []channel // in the order in which they were made, ephemeral ones last
	rules    []store.Rule
	strategy string
	locale   string // "" when none was set
	// clientKeys are those that were revoked too.
	clientKeys []store.ClientKey
	tees       []store.Tee
	// fileRules come from a file and cannot be changed here.
	fileRules []store.Rule
	// prices are those set over the API, as they are stored; see ownPrices.
	prices     string
	filePrices *prices.Table // from a file; nil for none
}

// A channel is a record, and whether it is kept out of the store.
type channel struct {
	store.Channel
	ephemeral bool
}

func newState(c store.Contents, ephemeral []store.Channel) *state {
	s := &state{
		revision: c.Revision, rules: c.Rules, strategy: c.Settings[settingStrategy], locale: c.Settings[settingLocale], clientKeys: c.ClientKeys, tees: c.Tees,
		prices: c.Settings[settingPrices],
	}
	if s.strategy == "" {
		s.strategy = balance.NamePriority
	}
	for _, ch := range c.Channels {
		s.channels = append(s.channels, channel{Channel: ch})
	}
	for _, ch := range ephemeral {
		if s.named(ch.Name) < 0 {
			s.channels = append(s.channels, channel{Channel: ch, ephemeral: true})
		}
	}
	return s
}

// ephemeral lists the channels that are kept out of the store.
func (s *state) ephemeral() []store.Channel {
	var list []store.Channel
	for _, c := range s.channels {
		if c.ephemeral {
			list = append(list, c.Channel)
		}
	}
	return list
}

// clone gives a state whose lists can be changed. Records are replaced as a
// whole, never changed in place.
func (s *state) clone() *state {
	c := *s
	c.channels, c.rules, c.clientKeys = slices.Clone(s.channels), slices.Clone(s.rules), slices.Clone(s.clientKeys)
	c.tees = slices.Clone(s.tees)
	return &c
}

// channel gives the index of the channel with that ID, else with that exact
// name, or -1.
func (s *state) channel(ref string) int {
	if i := slices.IndexFunc(s.channels, func(c channel) bool { return c.ID == ref }); i >= 0 {
		return i
	}
	return s.named(ref)
}

func (s *state) named(name string) int {
	return slices.IndexFunc(s.channels, func(c channel) bool { return c.Name == name })
}

// allRules lists the stored rules and those of the file.
func (s *state) allRules() []store.Rule { return slices.Concat(s.rules, s.fileRules) }

// rule gives the index of the stored rule with that ID, else of the only one
// with that exact name, or -1.
func (s *state) rule(ref string) int { return ruleIn(s.rules, ref) }

func ruleIn(rules []store.Rule, ref string) int {
	if i := slices.IndexFunc(rules, func(r store.Rule) bool { return r.ID == ref }); i >= 0 {
		return i
	}
	found := -1
	for i := range rules {
		if rules[i].Name != ref {
			continue
		}
		if found >= 0 {
			return -1
		}
		found = i
	}
	return found
}

// hasRule reports that a rule, stored or of the file, goes by that name or ID,
// but for the stored one with the ID except.
func (s *state) hasRule(ref, except string) bool {
	return slices.ContainsFunc(s.allRules(), func(r store.Rule) bool { return r.ID != except && (r.ID == ref || r.Name == ref) })
}

// rests reports that a rule has no effect because none of the channels that it
// sends calls to exists.
func (s *state) rests(r *store.Rule) bool {
	if len(r.Targets) == 0 {
		return r.TargetChannel != "" && s.channel(r.TargetChannel) < 0
	}
	return !slices.ContainsFunc(r.Targets, func(t router.Target) bool { return t.Weight > 0 && s.channel(t.Channel) >= 0 })
}

// missing lists the channels that a rule names and that do not exist.
func (s *state) missing(r *store.Rule) []string {
	refs := []string{r.TargetChannel, r.Shadow}
	for _, t := range r.Targets {
		refs = append(refs, t.Channel)
	}
	return slices.DeleteFunc(refs, func(ref string) bool { return ref == "" || s.channel(ref) >= 0 })
}

// effective is what the library is told of a rule: without the channels that
// do not exist.
func (s *state) effective(r *store.Rule) router.Rule {
	rule := libraryRule(r)
	exists := func(ref string) bool { return s.channel(ref) >= 0 }
	if rule.Targets != nil {
		rule.Targets = slices.DeleteFunc(slices.Clone(rule.Targets), func(t router.Target) bool { return !exists(t.Channel) })
	}
	if !exists(rule.Shadow) {
		rule.Shadow = ""
	}
	return rule
}

// nowResting names the rules that a change leaves without their channel.
func nowResting(before, after *state) []string {
	var names []string
	for i := range after.rules {
		if r := &after.rules[i]; after.rests(r) && !before.rests(r) {
			names = append(names, r.Name)
		}
	}
	return names
}
