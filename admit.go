package routex

import (
	"fmt"
	"time"

	"github.com/dctx-team/routex/breaker"
)

// keysPerCall is how many keys of a channel one call tries while another
// channel can be asked.
const keysPerCall = 3

// An admission is what an attempt at a channel needs: the leave of the circuit,
// a place among the channel's calls, and a key. The attempt gives all of it
// back when it is over.
type admission struct {
	done  func(error) // of the circuit
	key   grant
	model string // the provider's name for it
}

// admit takes all that an attempt needs, or nothing. With force it also takes
// a key that was refused.
func (o *option) admit(now time.Time, force bool) (a admission, ok bool) {
	ch := o.ch
	a.model = ch.called(o.model)
	a.key = ch.keys.pick(a.model, now, o.keys, force)
	if a.key.key == nil {
		return a, false
	}
	if !ch.load.TryBegin(now, ch.MaxConcurrency) {
		a.key.over(notAsked(), now)
		return a, false
	}
	var err error
	if a.done, err = ch.account.circuit.Allow(); err != nil {
		ch.load.End()
		a.key.over(notAsked(), now)
		return a, false
	}
	o.key = a.key.key
	return a, true
}

// giveBack returns what was taken for an attempt that is not made.
func (a admission) giveBack(ch *channel) {
	a.done(notAsked())
	ch.load.End()
	a.key.over(notAsked(), time.Now())
}

// notAsked is why nothing is known of a key that was picked in vain.
func notAsked() *breaker.Failure { return &breaker.Failure{Class: breaker.HangUp} }

// nextKey lets a channel be asked next whose key was refused or limited, when
// it has another. A channel that has refused several is not worth the tries
// that another channel could have.
func (p *plan) nextKey(o *option, f *breaker.Failure, now time.Time) {
	if f.Class != breaker.Credential && f.Class != breaker.Rate {
		return
	}
	if o.keys = append(o.keys, o.key); len(o.keys) >= len(o.ch.keys.list) {
		return
	}
	if len(o.keys) < keysPerCall || !p.ready(now) {
		o.tried, p.same = false, o
	}
}

// sameNow gives the channel that has another key, once.
func (p *plan) sameNow(now time.Time) *option {
	o := p.same
	p.same = nil
	if o == nil || !o.ready(now) {
		return nil
	}
	return o
}

// refused gives the channel to ask when all are out for no other reason than
// that their keys were refused: what the provider says now is a better answer
// than that nobody was asked. It is nil when another reason may pass sooner.
func (p *plan) refused(now time.Time) (best *option) {
	other := false
	p.options(func(o *option) {
		switch {
		case o.ch.Disabled:
		case o.tried || !o.refused(now):
			other = true
		case best == nil, !p.prefers(best.ch) && o.ch.Priority < best.ch.Priority:
			best = o
		}
	})
	if other {
		return nil
	}
	return best
}

// refused reports that the channel could take the call but for its keys, which
// were refused.
func (o *option) refused(now time.Time) bool {
	out, isOut := o.ch.outage(o.model, now)
	return isOut && out.refused && o.ch.blocked(now) == ""
}

// called is the provider's name for a model that the caller names; "" for none.
func (c *Channel) called(model string) string {
	if model == "" {
		return ""
	}
	return c.UpstreamModel(model)
}

// outage reports whether no key of the channel can serve a model that the
// caller names.
func (ch *channel) outage(model string, now time.Time) (outage, bool) {
	if ch.keys.quiet(now) {
		return outage{}, false
	}
	return ch.keys.outage(ch.called(model), now)
}

// keyless says why no key of the channel can serve the model; "" when one can.
func (ch *channel) keyless(model string, now time.Time) string {
	o, out := ch.outage(model, now)
	if !out {
		return ""
	}
	until, many := o.until.UTC().Format(time.RFC3339), len(ch.keys.list) > 1
	switch {
	case !o.refused && many:
		return "all keys are cooling down until " + until
	case !o.refused:
		return "cooling down until " + until
	case many:
		return "all keys are retired until " + until
	case !o.whole:
		return "its key was refused for the model; tried again at " + until
	}
	return "its key was refused; tried again at " + until
}

// full says that the channel has as many calls as it may; "" when it has not.
func (ch *channel) full() string {
	if limit := ch.MaxConcurrency; limit > 0 && ch.load.InFlight() >= int64(limit) {
		return fmt.Sprintf("at its limit of %d calls", limit)
	}
	return ""
}

// coolingUntil is when the channel's provider takes calls again that it limits
// now; the zero time when it does not.
func (ch *channel) coolingUntil(now time.Time) time.Time {
	return later(ch.account.cooldown.Until(now), ch.keys.limitedUntil(now))
}

// limitedUntil is when the channel can be asked for the model again that its
// provider limits; the zero time when that is not what keeps calls from it.
func (ch *channel) limitedUntil(model string, now time.Time) time.Time {
	until := ch.account.cooldown.Until(now)
	if o, out := ch.outage(model, now); out {
		if o.limited.IsZero() {
			return time.Time{}
		}
		until = later(until, o.limited)
	}
	return until
}
