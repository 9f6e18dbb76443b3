package routex

import (
	"time"

	"github.com/dctx-team/routex/breaker"
)

// explain says of every channel whether it may take the call now.
func (p *plan) explain(now time.Time) []Candidate {
	out := make([]Candidate, 0, len(p.channels)+len(p.missing))
	others := p.others // in the order of channels
	for _, ch := range p.channels {
		c := Candidate{ID: ch.ID, Name: ch.Name}
		var o *option
		if i := p.named(ch); i >= 0 {
			o = &p.preferred[i]
		} else if len(others) > 0 && others[0].ch == ch {
			o, others = &others[0], others[1:]
		}
		switch {
		case p.strict && !p.prefers(ch):
			c.Why = p.whyOnly()
		case p.endpoint != nil && !p.endpoint.fits(ch):
			c.Why = "does not speak the protocol"
		case !p.allowed.channel(ch):
			c.Why = "is not allowed for this call"
		case o == nil:
			c.Why = "does not serve the model"
		default:
			c.Why = o.unavailable(now)
		}
		c.Included = c.Why == ""
		out = append(out, c)
	}
	for _, ref := range p.missing {
		out = append(out, Candidate{Name: ref, Why: "no such channel"})
	}
	return out
}

func (p *plan) whyOnly() string {
	if p.endpoint == nil {
		return "the call belongs to another channel"
	}
	return "the rule allows only its own channel"
}

// unavailable says why the channel cannot take a call for the model now; ""
// when it can.
func (ch *channel) unavailable(model string, now time.Time) string {
	if why := ch.blocked(now); why != "" {
		return why
	}
	return ch.keyless(model, now)
}

// blocked says why the channel cannot take a call now, whatever keys it has.
func (ch *channel) blocked(now time.Time) string {
	if ch.Disabled {
		return "disabled"
	}
	if until := ch.account.cooldown.Until(now); !until.IsZero() {
		return "cooling down until " + until.UTC().Format(time.RFC3339)
	}
	if !ch.account.circuit.Ready() {
		if ch.account.circuit.State() == breaker.HalfOpen {
			return "circuit half-open, a probe is under way"
		}
		return "circuit open"
	}
	return ch.full()
}
