package sim

import (
	"slices"
	"time"
)

// A Report is what came of a run.
type Report struct {
	Seed   uint64
	Length time.Duration // from the beginning to the end of the last call

	Calls   int
	Served  int // callers that got a whole answer
	Broken  int // that got a part of one, and an error
	Refused int // that got an error status
	Late    int // whose deadline passed
	Left    int // that left

	// Attempts came to providers.
	Attempts int
	// Turns are those that were served while some provider had the session's
	// prompt in its cache, and Kept those that were served there, or where
	// most of it was when there were several.
	Turns, Kept int
	// Tokens as the providers bill them, those of answers that broke off or
	// that nobody waited for included. Input includes Cached.
	Input, Cached, Output int64
	Cost                  float64 // in the currency of the prices

	FirstToken Spread // of calls that were served and streamed
	Whole      Spread // until the end of all that were served

	Channels   []ChannelReport // in the order of the Config
	Violations []Violation     // in the order of time, at most 5 of each invariant
}

// A ChannelReport is one channel's part of it.
type ChannelReport struct {
	ID, Name string
	Served   int     // calls whose answer ended here
	Share    float64 // of all that were served, from 0 to 1
	Attempts int
	Failures int // without those that nobody is to blame for
	Limited  int // of the attempts, by the provider's rate limit
	// Recovery is the longest time from the end of an outage until a call that
	// came after it was answered; 0 when there was none.
	Recovery              time.Duration
	Input, Cached, Output int64
	Cost                  float64
}

// A Spread is how times are distributed. The zero value is that of none.
type Spread struct{ P50, P90, P99, Max time.Duration }

func spreadOf(times []time.Duration) Spread {
	if len(times) == 0 {
		return Spread{}
	}
	slices.Sort(times)
	at := func(percent int) time.Duration { return times[(len(times)-1)*percent/100] }
	return Spread{at(50), at(90), at(99), at(100)}
}

// Channel gives the part of a channel, by its name or ID; the zero value for one
// that is not there.
func (r *Report) Channel(ref string) ChannelReport {
	for _, c := range r.Channels {
		if c.Name == ref || c.ID == ref {
			return c
		}
	}
	return ChannelReport{}
}

// ServedShare is the share of the calls that were served, of those whose callers
// stayed; 1 when there were none.
func (r *Report) ServedShare() float64 { return share(r.Served, r.Calls-r.Left) }

// KeptShare is the share of the turns that found their prompt cached, of those
// that could have; 1 when there were none.
func (r *Report) KeptShare() float64 { return share(r.Kept, r.Turns) }

// CachedShare is the share of the input that was cached; 1 when there was none.
func (r *Report) CachedShare() float64 { return share(int(r.Cached), int(r.Input)) }

func share(part, of int) float64 {
	if of == 0 {
		return 1
	}
	return float64(part) / float64(of)
}

// tell adds a call that is over to the report.
func (w *world) tell(t *turn) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := &w.report
	r.Calls++
	switch t.result {
	case served:
		r.Served++
	case broke:
		r.Broken++
	case refused:
		r.Refused++
	case late:
		r.Late++
	case left:
		r.Left++
	}
	if t.by == nil {
		return
	}
	t.by.up.tally.Served++
	w.whole = append(w.whole, t.whole)
	if t.stream {
		w.first = append(w.first, t.first)
	}
	if t.warm > 0 {
		r.Turns++
		if t.by.cached >= t.warm {
			r.Kept++
		}
	}
}

// summary ends the report.
func (w *world) summary() *Report {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.report
	r.Seed = w.seed
	r.FirstToken, r.Whole = spreadOf(w.first), spreadOf(w.whole)
	for _, up := range w.upstreams {
		c := up.tally
		c.Share = share(c.Served, max(r.Served, 1))
		r.Channels = append(r.Channels, c)
		r.Attempts += c.Attempts
		r.Input, r.Cached, r.Output, r.Cost = r.Input+c.Input, r.Cached+c.Cached, r.Output+c.Output, r.Cost+c.Cost
	}
	r.Violations = slices.Clone(w.violations)
	sortViolations(r.Violations)
	return &r
}
