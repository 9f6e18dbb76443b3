package routex

import (
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"time"

	"github.com/dctx-team/routex/balance"
	"github.com/dctx-team/routex/transform"
)

// session finds the channel that the session of the call is bound to.
func (c *call) session() {
	key, source := c.sessionOf()
	if key == "" {
		return
	}
	key = boundedKey(key)
	c.d.Affinity = &Affinity{Key: key, Source: source, Channel: c.s.affinity.Peek(key, c.start)}
}

// byConversation is the source of an Affinity that nobody has named.
const byConversation = "conversation"

// conversation finds the channel that has answered the conversation before, and
// so may have it cached, when no session is named. A call that begins one is
// balanced like any other: calls that are sent again and again are no session.
func (c *call) conversation() {
	_, said := c.req.Context().Value(sessionKey{}).(string)
	if said || c.d.Affinity != nil || c.s.cfg.Sessions.NamedOnly || c.endpoint.kind != callsModel || !c.plan.several() {
		return
	}
	hash, goesOn := c.view.Beginning()
	if hash == 0 {
		return
	}
	a := &Affinity{Key: strconv.FormatUint(hash, 16), Source: byConversation}
	if goesOn {
		a.Channel = c.s.conversations.Peek(a.Key, c.start)
	}
	c.d.Affinity = a
}

// bind keeps the session of a call on the channel that answers it.
func (c *call) bind(ch *channel, now time.Time) {
	a := c.d.Affinity
	if a == nil || c.aside(ch, now) {
		return
	}
	switch {
	case a.Source != byConversation:
		c.s.affinity.Bind(a.Key, ch.ID, now)
	case ch.dialect == transform.Anthropic:
		c.s.conversations.BindFor(a.Key, ch.ID, now, balance.AnthropicCacheLife)
	default:
		c.s.conversations.BindFor(a.Key, ch.ID, now, balance.CacheLife)
	}
}

// aside reports that the call leaves the session where it is: its channel only
// does not serve this model, or could have taken the call that a rule sends to
// another, as the side calls of agents.
func (c *call) aside(ch *channel, now time.Time) bool {
	a := c.d.Affinity
	old, ok := c.s.byRef[a.Channel]
	if !ok || a.Channel == "" || old == ch || old.Disabled {
		return false
	}
	o := c.plan.find(old.ID)
	return o == nil || a.Source != byConversation && !c.plan.shared && c.plan.prefers(ch) && o.unavailable(now) == ""
}

// boundedKey keeps a caller from filling the memory with long keys. It copies a
// key, which may stand in the body, whose memory is used again.
func boundedKey(key string) string {
	if len(key) <= 64 {
		return strings.Clone(key)
	}
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// bound gives the channel of the session, when it can take the call. One that
// drains is left as soon as there is another.
func (c *call) bound(now time.Time) *option {
	a := c.d.Affinity
	if a == nil || a.Channel == "" {
		return nil
	}
	o := c.plan.find(a.Channel)
	if o == nil || !o.ready(now) || o.ch.Drain && !o.share && c.plan.undrained(now) {
		return nil
	}
	return o
}

// hit notes that the channel of the session is asked first.
func (c *call) hit(o *option) {
	if a := c.d.Affinity; a != nil && o.ch.ID == a.Channel && len(c.d.Attempts)+len(c.d.Order) == 0 {
		a.Hit = true
	}
}

// ticket is taken when the balancer is asked for the first time.
func (c *call) ticket(set uint64) balance.Ticket {
	turn, random := c.draw(set)
	t := balance.Ticket{Turn: turn, Rand: random, Call: balance.Call{Now: c.start}}
	if a := c.d.Affinity; a != nil {
		t.Key = a.Key
		if ch, ok := c.s.byRef[a.Channel]; ok && a.Channel != "" {
			t.Bound = ch.Name
		}
	}
	if c.s.needs.tokens {
		t.Input = int64(c.view.Tokens())
	}
	return t
}

// draw takes the next turn of a set of channels, and the random number that
// follows from it, so that it can be foretold.
func (c *call) draw(set uint64) (turn, random uint64) {
	i := set % uint64(len(c.t.turns))
	if !c.explains {
		turn = c.t.turns[i].Add(1) - 1
	} else { // what is only looked at is still there the next time
		turn = c.t.turns[i].Load()
		for _, earlier := range c.drawn {
			if earlier == i {
				turn++
			}
		}
		c.drawn = append(c.drawn, i)
	}
	return turn, c.t.dice.mixed(set ^ mixed(turn))
}
