package prices

import (
	"cmp"
	"math"
	"time"
)

// perToken is how many tokens a rate is for.
const perToken = 1e6

// Rates are what a million tokens cost, in the currency of the table. A rate
// that is nil is that of the tokens which it would tell apart: what is read from
// a cache or written to it costs as any input, and reasoning as any output.
type Rates struct {
	Input      float64  `json:"input"`
	Output     float64  `json:"output"`
	CacheRead  *float64 `json:"cacheRead,omitempty"`  // input that the provider had cached
	CacheWrite *float64 `json:"cacheWrite,omitempty"` // input that it has cached now
	// CacheWriteHour is for what it keeps for an hour; nil means as CacheWrite.
	CacheWriteHour *float64 `json:"cacheWriteHour,omitempty"`
	Reasoning      *float64 `json:"reasoning,omitempty"`
}

// A Price is what calls of a model cost. Its own Rates hold unless one of the
// others says otherwise: Long before Peak, and Peak before Later.
type Price struct {
	Rates
	Long  []Tier   `json:"long,omitempty"`  // for long calls, the shortest first
	Peak  []Window `json:"peak,omitempty"`  // for some hours of the day
	Later []Change `json:"later,omitempty"` // from a day on, the first first
}

// A Tier is what a call costs that has more input tokens than Above, those of
// caches included. It is for all tokens of the call, the output too.
type Tier struct {
	Above int64 `json:"above"`
	Rates
}

// A Window is what a call costs that begins between two times of the day. They
// are of the form 15:04, in UTC; one that ends before it begins goes on after
// midnight.
type Window struct {
	From     string `json:"from"`
	To       string `json:"to"`                 // which does not belong to it
	Weekdays bool   `json:"weekdays,omitempty"` // not on Saturdays and Sundays
	Rates
}

// A Change is what a call costs from a day on, in UTC.
type Change struct {
	From string `json:"from"` // 2006-01-02
	Rates
}

// Usage is what a call has used, in tokens. A count below 0 counts as 0.
type Usage struct {
	Input          int64 // without those of caches
	CacheRead      int64
	CacheWrite     int64
	CacheWriteHour int64 // those of CacheWrite that are kept for an hour
	Output         int64
	Reasoning      int64 // those of Output that are reasoning
	// At is when the call began, for prices that depend on it. The zero time
	// means that nothing of Peak and Later holds.
	At time.Time
}

// Cost is what a call has cost. It is exact to the millionth of a millionth of
// a unit of the currency, to which it is rounded, up to thousands of units;
// above that it is as exact as a float64.
func (p *Price) Cost(u Usage) float64 {
	r := p.rates(&u)
	write := max(u.CacheWrite, 0)
	hour := min(max(u.CacheWriteHour, 0), write)
	output := max(u.Output, 0)
	reasoning := min(max(u.Reasoning, 0), output)
	short := or(r.CacheWrite, r.Input)
	sum := tokens(u.Input)*r.Input +
		tokens(u.CacheRead)*or(r.CacheRead, r.Input) +
		float64(write-hour)*short + float64(hour)*or(r.CacheWriteHour, short) +
		float64(output-reasoning)*r.Output + float64(reasoning)*or(r.Reasoning, r.Output)
	return round(sum / perToken)
}

func tokens(n int64) float64 { return float64(max(n, 0)) }

func or(rate *float64, other float64) float64 {
	if rate != nil {
		return *rate
	}
	return other
}

// round takes away what the sums of float64 leave at the far end, so that the
// same usage gives the same text whatever the order of the sums.
func round(cost float64) float64 {
	const unit = 1e12
	if cost > 1<<53/unit {
		return cost
	}
	return math.Round(cost*unit) / unit
}

// rates are those that hold for a call.
func (p *Price) rates(u *Usage) *Rates {
	input := max(u.Input, 0) + max(u.CacheRead, 0) + max(u.CacheWrite, 0)
	for i := len(p.Long) - 1; i >= 0; i-- {
		if input > p.Long[i].Above {
			return &p.Long[i].Rates
		}
	}
	if u.At.IsZero() || len(p.Peak)+len(p.Later) == 0 {
		return &p.Rates
	}
	at := u.At.UTC()
	for i := range p.Peak {
		if p.Peak[i].holds(at) {
			return &p.Peak[i].Rates
		}
	}
	for i := len(p.Later) - 1; i >= 0; i-- {
		if p.Later[i].From <= at.Format(time.DateOnly) {
			return &p.Later[i].Rates
		}
	}
	return &p.Rates
}

func (w *Window) holds(at time.Time) bool {
	if day := at.Weekday(); w.Weekdays && (day == time.Saturday || day == time.Sunday) {
		return false
	}
	now := at.Format(clock)
	if cmp.Less(w.To, w.From) {
		return now >= w.From || now < w.To
	}
	return now >= w.From && now < w.To
}

const clock = "15:04"
