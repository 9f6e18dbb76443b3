package main

import (
	"fmt"
	"slices"
	"time"

	"github.com/dctx-team/routex/routextest"
)

// slack is what the time of a real machine may be off.
const slack = 100 * time.Millisecond

// noEarlyReturn wants the primary to be left alone for as long as it asked.
func noEarlyReturn(wait time.Duration) func(*result) string {
	return func(r *result) string {
		for i := 1; i < len(r.primary); i++ {
			if gap := r.primary[i].Time.Sub(r.primary[i-1].Time); gap < wait-slack {
				return fmt.Sprintf("the primary is asked again after %v, and not %v", gap, wait)
			}
		}
		return ""
	}
}

// backsOff wants at most four tries in three seconds, and none on the heels of
// another at the same provider.
func backsOff(r *result) string {
	tries := r.tries()
	for i := range tries {
		if i >= 4 && tries[i].Time.Sub(tries[i-4].Time) < 3*time.Second {
			return fmt.Sprintf("five tries within %v", tries[i].Time.Sub(tries[i-4].Time))
		}
	}
	for i := 1; i < len(r.primary); i++ {
		if gap := r.primary[i].Time.Sub(r.primary[i-1].Time); gap < 100*time.Millisecond {
			return fmt.Sprintf("the primary is asked again after %v", gap)
		}
	}
	return ""
}

func retriedThere(r *result) string {
	if len(r.primary) != 2 || len(r.fallback) != 0 {
		return fmt.Sprintf("%d tries at the primary and %d at the fallback: one retry there would do", len(r.primary), len(r.fallback))
	}
	return ""
}

// hungUp wants a primary that is given up to be told so at once.
func hungUp(r *result) string {
	for i, c := range r.primary {
		switch {
		case c.Gone.IsZero():
			return fmt.Sprintf("try %d at the primary is waited for to its end", i+1)
		case len(r.fallback) > 0 && c.Gone.After(r.fallback[0].Time.Add(slack)):
			return fmt.Sprintf("try %d at the primary is cancelled %v after the fallback was asked", i+1, c.Gone.Sub(r.fallback[0].Time))
		}
	}
	return ""
}

func sawTheStall(r *result) string {
	if len(r.primary) == 0 || r.primary[0].Gone.IsZero() {
		return "the stall is waited out"
	}
	if second := r.outcomes[1]; second.Took > 10*time.Second {
		return fmt.Sprintf("the next call takes %v", second.Took)
	}
	return countedOnce(r)
}

// countedOnce wants the usage of a rescued answer to be that of one answer: what
// the provider tells that gave its end, with what another had given before in
// place of what this one was not asked for. Words stand for tokens, about.
func countedOnce(r *result) string {
	for i := range r.outcomes {
		o, want := &r.outcomes[i], primaryUsage
		if slices.ContainsFunc(r.fallback, o.spans) {
			want = fallbackUsage
		}
		if off := o.Output - want.Output; o.Input != want.Input || off < -2 || off > 2 {
			return toldUsage(o, want)
		}
	}
	return ""
}

// spans reports that a provider was asked while the call was under way.
func (o *outcome) spans(c routextest.Call) bool {
	return !c.Time.Before(o.Began) && c.Time.Before(o.Began.Add(o.Took))
}

// finishedAtOnce wants the end right after the provider's, and the usage that
// it told. Responses tells none before the mark that is missing.
func finishedAtOnce(r *result) string {
	o := r.outcomes[0]
	switch late := o.Began.Add(o.Took).Sub(r.primary[0].Ended); {
	case late > time.Second:
		return fmt.Sprintf("it ends %v after the provider", late)
	case o.Input == 0 || o.Output == 0:
		return fmt.Sprintf("the usage is not reported: %d and %d tokens", o.Input, o.Output)
	case r.primary[0].Protocol == "openai-responses":
		return ""
	}
	return toldUsage(&o, primaryUsage)
}

// The usage that the providers tell.
var (
	primaryUsage  = routextest.Usage{Input: 111, Output: 61} //nolint:gochecknoglobals // constants
	fallbackUsage = routextest.Usage{Input: 222, Output: 62} //nolint:gochecknoglobals // constants
)

func toldUsage(o *outcome, want routextest.Usage) string {
	if o.Input != want.Input || o.Output != want.Output {
		return fmt.Sprintf("the usage is %d and %d tokens, and not %d and %d", o.Input, o.Output, want.Input, want.Output)
	}
	return ""
}

func toldTheFallbacks(r *result) string {
	o := r.outcomes[0]
	if o.Model != r.model {
		return fmt.Sprintf("the model is %q, and not the fallback's %q", o.Model, r.model)
	}
	return toldUsage(&o, fallbackUsage)
}

// cameBack wants the fallback's answers and few tries at the primary while that
// is down, and answers of the primary again soon after.
func cameBack(r *result) string {
	probes, again := 0, time.Duration(0)
	for _, c := range r.primary {
		if c.Time.Sub(r.began) < outage {
			probes++
		}
	}
	for i, o := range r.outcomes {
		at := o.Began.Sub(r.began)
		switch {
		case at+o.Took < outage && o.Model != r.model:
			return fmt.Sprintf("call %d is answered by %q while the primary is down", i+1, o.Model)
		case at >= outage && o.Model == r.healthy && again == 0:
			again = at - outage + 1
		}
	}
	switch {
	case probes > 10:
		return fmt.Sprintf("%d tries at the primary while it is down", probes)
	case again == 0:
		return "the primary is not used again within 30s"
	case again > 30*time.Second:
		return fmt.Sprintf("the primary is used again only after %v", again)
	}
	return ""
}
