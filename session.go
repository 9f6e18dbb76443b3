package routex

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"time"

	"github.com/dctx-team/routex/balance"
)

// session finds the channel that the session of the call is bound to.
func (c *call) session() {
	key, source := c.sessionOf()
	if key == "" {
		return
	}
	key = strings.Clone(key) // it may stand in the body, whose memory is used again
	c.d.Affinity = &Affinity{Key: key, Source: source, Channel: c.s.affinity.Peek(boundedKey(key), c.start)}
}

// boundedKey keeps a caller from filling the memory with long keys.
func boundedKey(key string) string {
	if len(key) <= 64 {
		return key
	}
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// bound gives the channel of the session, when it can take the call and none
// has failed yet.
func (c *call) bound(now time.Time) *option {
	if a := c.d.Affinity; a != nil && a.Channel != "" && len(c.d.Attempts) == 0 {
		if o := c.plan.find(a.Channel); o != nil && o.ready(now) {
			a.Hit = true
			return o
		}
	}
	return nil
}

// ticket is taken when the balancer is asked for the first time.
func (c *call) ticket(set uint64) balance.Ticket {
	t := balance.Ticket{Turn: c.t.turns[set%uint64(len(c.t.turns))].Add(1) - 1, Rand: random()}
	if c.d.Affinity != nil {
		t.Key = c.d.Affinity.Key
	}
	return t
}
