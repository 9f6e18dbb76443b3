package routex

import (
	"time"

	"github.com/dctx-team/routex/transform"
)

// elsewhere reports that another channel can take the call, or one that is to be
// asked once more. It may be asked while an attempt is under way.
func (c *call) elsewhere(now time.Time) bool { return c.another(now, c.carried) }

// another is elsewhere for channels that meet a condition.
func (c *call) another(now time.Time, condition func(*option) bool) (found bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.upload != nil || c.endpoint.upgrade || c.final || !c.mayTry() {
		return false
	}
	for _, o := range c.again {
		found = found || o.unavailable(now) == ""
	}
	c.plan.options(func(o *option) { found = found || o.ready(now) && condition(o) })
	return found
}

// carried reports that the call can be put into the channel's protocol, which is
// found out by doing so, once: nobody is given up for one who would be refused.
func (c *call) carried(o *option) bool {
	t := transform.Translate(c.dialect, o.ch.dialect)
	if t == nil || c.endpoint.kind != callsModel || o.checked {
		return !o.unfit
	}
	body := c.body.share()
	if body == nil { // the call is over
		return false
	}
	defer body.release()
	r := c.asks(o.ch, o.ch.called(o.model))
	r.Body = body.bytes
	err := t.Request(c.ctx, &r)
	if err == nil && o.ch.Losses == LossStrict {
		err = strictly(r.Losses)
	}
	o.checked, o.unfit = true, err != nil
	return !o.unfit
}
