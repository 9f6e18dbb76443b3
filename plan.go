package routex

import (
	"slices"
	"time"

	"github.com/dctx-team/routex/balance"
	"github.com/dctx-team/routex/router"
)

// A plan lists the channels that may take a call.
type plan struct {
	channels []*channel // all there are
	// preferred are those that a rule names, in its order; others are those
	// that serve the model besides.
	preferred, others []option
	endpoint          *endpoint
	strict            bool    // preferred or none
	shared            bool    // the preferred share the calls, by weight
	same              *option // to be asked with another key, before any other
	missing           []string
	allowed           *Allowed // nil for all

	ticket balance.Ticket // of the first pick; valid once pool is not nil
	pool   []*balance.Candidate

	othersRoom [4]option // where others and pool usually fit
	poolRoom   [4]*balance.Candidate
}

// An option is a channel that may take the call.
type option struct {
	ch    *channel
	model string // the name before the channel's own mapping
	share bool   // it has a share of the calls that a rule shares out
	tried bool
	again bool // it was asked a second time
	whole bool // it is to be asked the whole question, not to go on with an answer
	small bool // its context window is too small for the call
	// Whether the call could be put into its protocol, once that was checked.
	checked, unfit bool
	key            *key   // that it was asked with last
	keys           []*key // of those, the ones that were refused or limited
}

func (o *option) ready(now time.Time) bool { return !o.tried && o.unavailable(now) == "" }

// candidate is what a balancer sees of it.
func (o *option) candidate() *balance.Candidate { return o.ch.candidateFor(o.model) }

// unavailable says why the channel cannot take the call now; "" when it can.
func (o *option) unavailable(now time.Time) string { return o.ch.unavailable(o.model, now) }

// make fills the plan in for a call, which prefers the channels in this order.
func (p *plan) make(s *snapshot, choice router.Choice, order []string, model string, e *endpoint) {
	p.channels, p.endpoint, p.strict = s.channels, e, choice.Strict && len(choice.Channels) > 0
	named := model
	if choice.Model != "" {
		named = choice.Model
	}
	p.shared = len(choice.Weights) > 0
	for _, ref := range order {
		if ch, ok := s.byRef[ref]; !ok {
			p.missing = append(p.missing, ref)
		} else if p.open(ch) && !p.prefers(ch) {
			p.preferred = append(p.preferred, option{ch: ch, model: named, share: p.shared && weightOf(choice, ref) > 0})
		}
	}
	if len(choice.Channels) > 0 {
		named = model // what a rule asks of its channel is not asked of others
	}
	p.others = p.othersRoom[:0]
	for _, ch := range s.channels {
		if p.open(ch) && (named == "" || ch.Serves(named)) && !p.prefers(ch) {
			p.others = append(p.others, option{ch: ch, model: named})
		}
	}
}

// open reports a channel that the call could be for at all.
func (p *plan) open(ch *channel) bool { return p.endpoint.fits(ch) && p.allowed.channel(ch) }

func weightOf(choice router.Choice, ref string) int {
	if i := slices.Index(choice.Channels, ref); i >= 0 && i < len(choice.Weights) {
		return choice.Weights[i]
	}
	return 0
}

// several reports that there is a choice which a session could make.
func (p *plan) several() bool {
	n := 0
	if p.shared {
		n = len(p.preferred)
	}
	if !p.strict {
		n += len(p.others)
	}
	return n > 1
}

// only leaves one channel to take the call.
func (p *plan) only(s *snapshot, ch *channel, model string) {
	p.channels, p.strict = s.channels, true
	p.preferred = append(p.preferred, option{ch: ch, model: model})
}

// claimed reports that some channel is for the call, available or not.
func (p *plan) claimed() bool { return len(p.preferred)+len(p.others) > 0 }

// prefers reports that a rule names the channel.
func (p *plan) prefers(ch *channel) bool { return p.named(ch) >= 0 }

// named gives the index of the channel among the preferred, or -1.
func (p *plan) named(ch *channel) int {
	return slices.IndexFunc(p.preferred, func(o option) bool { return o.ch == ch })
}

// find gives the option for a channel, or nil.
func (p *plan) find(id string) *option {
	for _, list := range [][]option{p.preferred, p.others} {
		for i := range list {
			if list[i].ch.ID == id {
				return &list[i]
			}
		}
	}
	return nil
}

// preferredNow gives the first of the preferred that can take the call.
func (p *plan) preferredNow(now time.Time) *option {
	for i := range p.preferred {
		if p.preferred[i].ready(now) {
			return &p.preferred[i]
		}
	}
	return nil
}

// pick asks the balancer to choose among the others that can take the call.
func (p *plan) pick(b balance.Balancer, ticket func(set uint64) balance.Ticket, now time.Time) *option {
	first := p.pool == nil
	if first {
		p.pool = p.poolRoom[:0]
	}
	p.pool = p.pool[:0]
	for i := range p.others {
		if p.others[i].ready(now) {
			p.pool = append(p.pool, p.others[i].candidate())
		}
	}
	if len(p.pool) == 0 {
		return nil
	}
	if first {
		p.ticket = ticket(p.set())
	}
	chosen := b.Pick(p.ticket, p.pool)
	for i := range p.others {
		if p.others[i].candidate() == chosen && !p.others[i].tried { // a Balancer may insist
			return &p.others[i]
		}
	}
	return nil
}

// set names the set of others, whether they are available or not, so that
// turns are counted for each set.
func (p *plan) set() uint64 {
	h := hashSeed
	for i := range p.others {
		h = hashOn(h, p.others[i].ch.ID)
	}
	return h ^ h>>32
}

// ready reports that a channel that was not tried can take the call.
func (p *plan) ready(now time.Time) bool {
	if p.preferredNow(now) != nil {
		return true
	}
	return !p.strict && slices.ContainsFunc(p.others, func(o option) bool { return o.ready(now) })
}

// undrained reports that one of the others that does not drain can take the call.
func (p *plan) undrained(now time.Time) bool {
	return slices.ContainsFunc(p.others, func(o option) bool { return !o.ch.Drain && o.ready(now) })
}

// options gives all of them to f, but those that a strict rule leaves out.
func (p *plan) options(f func(*option)) {
	for i := range p.preferred {
		f(&p.preferred[i])
	}
	if p.strict {
		return
	}
	for i := range p.others {
		f(&p.others[i])
	}
}

// anyReady reports that some channel, tried or not, takes calls now.
func (p *plan) anyReady(now time.Time) (found bool) {
	p.options(func(o *option) { found = found || o.unavailable(now) == "" })
	return found
}

// resting gives the channel whose cool-down ends first, if nothing else keeps
// calls from it, and when that is.
func (p *plan) resting(now time.Time) (first *option, until time.Time) {
	p.options(func(o *option) {
		t := o.ch.limitedUntil(o.model, now)
		if t.IsZero() || o.ch.Disabled || o.small || !o.ch.account.circuit.Ready() {
			return
		}
		if first == nil || t.Before(until) {
			first, until = o, t
		}
	})
	return first, until
}

// larger leaves only the options whose context window is larger than that of
// one that was too small. Of a window that is not known every known one is
// hoped to be larger.
func (p *plan) larger(than *option) {
	limit := than.window()
	p.options(func(o *option) {
		if o.window() <= limit {
			o.tried, o.small = true, true
		}
	})
}

func (o *option) window() int { return o.ch.window(o.model) }

// retryAt is when the first channel that is cooling down, or whose circuit is
// open, can be asked again; the zero time when none is.
func (p *plan) retryAt(now time.Time) (first time.Time) {
	p.options(func(o *option) {
		t := later(o.ch.limitedUntil(o.model, now), o.ch.account.circuit.Until(now))
		if !t.IsZero() && !o.ch.Disabled {
			first = sooner(first, t)
		}
	})
	return first
}
