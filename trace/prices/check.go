package prices

import (
	"fmt"
	"math"
	"time"
)

// check finds what is wrong with a price, wherever it comes from.
func (r *reader) check(at string, p *Price) {
	r.checkRates(at, &p.Rates)
	above := int64(0)
	for i := range p.Long {
		t, at := &p.Long[i], fmt.Sprintf("%s[%d]", inside(at, "long"), i)
		if t.Above <= above {
			r.fail(inside(at, "above"), "must be a number of tokens above %d", above)
		}
		above = max(above, t.Above)
		r.checkRates(at, &t.Rates)
	}
	for i := range p.Peak {
		w, at := &p.Peak[i], fmt.Sprintf("%s[%d]", inside(at, "peak"), i)
		r.checkTime(inside(at, "from"), clock, w.From)
		r.checkTime(inside(at, "to"), clock, w.To)
		r.checkRates(at, &w.Rates)
	}
	from := ""
	for i := range p.Later {
		c, at := &p.Later[i], fmt.Sprintf("%s[%d]", inside(at, "later"), i)
		r.checkTime(inside(at, "from"), time.DateOnly, c.From)
		if c.From <= from && c.From != "" {
			r.fail(inside(at, "from"), "must be after %s", from)
		}
		from = c.From
		r.checkRates(at, &c.Rates)
	}
}

func (r *reader) checkTime(at, layout, s string) {
	if _, err := time.Parse(layout, s); err != nil || len(s) != len(layout) { // they are compared as texts
		r.fail(at, "must be of the form %s", layout)
	}
}

func (r *reader) checkRates(at string, rates *Rates) {
	for _, rate := range []struct {
		name  string
		value *float64
	}{
		{"input", &rates.Input},
		{"output", &rates.Output},
		{"cacheRead", rates.CacheRead},
		{"cacheWrite", rates.CacheWrite},
		{"cacheWriteHour", rates.CacheWriteHour},
		{"reasoning", rates.Reasoning},
	} {
		if v := rate.value; v != nil && !(*v >= 0 && *v <= math.MaxFloat32) { // NaN too
			r.fail(inside(at, rate.name), "must be what a million tokens cost: a number that is not below 0")
		}
	}
}
