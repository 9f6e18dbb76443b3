package main

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dctx-team/routex/routextest"
)

// A verdict is how a scenario went.
type verdict string

const (
	pass    verdict = "pass"    // rescued, and all that is asked of the conduct kept
	partial verdict = "partial" // rescued, but the conduct was wrong in a point
	safe    verdict = "safe"    // not rescued, but a clean error in time
	fail    verdict = "fail"    // a hang, an answer that looks complete and is not, or a provider that is hammered
)

// A result is one scenario as the caller and the providers saw it.
type result struct {
	began             time.Time
	outcomes          []outcome
	primary, fallback []routextest.Call
	healthy           string   // the model of the primary
	model             string   // of the fallback
	left              []string // what was left open
}

// tries are all calls that the providers got, in order.
func (r *result) tries() []routextest.Call {
	all := slices.Concat(r.primary, r.fallback)
	slices.SortFunc(all, func(a, b routextest.Call) int { return a.Time.Compare(b.Time) })
	return all
}

// judge gives the verdict and the reasons against a better one.
func (s *scenario) judge(r *result) (verdict, string) {
	worst, why := pass, []string{}
	note := func(v verdict, reason string) {
		if v.worse(worst) {
			worst = v
		}
		why = append(why, reason)
	}
	for i := range r.outcomes {
		if v, reason := s.received(&r.outcomes[i]); v != pass {
			note(v, fmt.Sprintf("call %d: %s", i+1, reason))
		}
	}
	tries := len(r.tries())
	switch {
	case tries > 2*max(s.tries, 6):
		note(fail, fmt.Sprintf("%d tries", tries))
	case tries > s.tries:
		note(partial, fmt.Sprintf("%d tries, where %d are enough", tries, s.tries))
	}
	if n := len(r.primary); s.primary > 0 && n > s.primary {
		note(partial, fmt.Sprintf("%d tries at the primary, where %d are enough", n, s.primary))
	}
	if s.conduct != nil {
		if reason := s.conduct(r); reason != "" {
			note(partial, reason)
		}
	}
	for _, left := range r.left {
		note(fail, left)
	}
	return worst, strings.Join(why, "; ")
}

func (v verdict) worse(than verdict) bool {
	order := []verdict{pass, partial, safe, fail}
	return slices.Index(order, v) > slices.Index(order, than)
}

// received judges what one call brought.
func (s *scenario) received(o *outcome) (verdict, string) {
	got := fmt.Sprintf("status %d, %d words, stop %q, error %q", o.Status, len(strings.Fields(o.Text)), o.Stop, o.Error)
	switch {
	case o.Took >= s.patience():
		return fail, "it hung: " + got
	case !strings.HasPrefix(answer, o.Text):
		return fail, "another text: " + o.Text
	case o.Cut != nil:
		return fail, fmt.Sprintf("the connection broke: %v: %s", o.Cut, got)
	case o.Flaw != "" && o.Error == "":
		return fail, o.Flaw + ": " + got
	case s.refusal:
		if o.refusedByProvider() {
			return pass, ""
		}
		return fail, "the provider's refusal is lost: " + got
	case o.Error != "":
		return safe, got + o.Flaw
	case !o.Ended:
		return fail, "it just ends: " + got
	case o.Text != answer || o.Stop != "stop":
		return fail, "it looks complete and is not: " + got
	case o.Took > s.within:
		return partial, fmt.Sprintf("whole only after %v", o.Took)
	}
	return pass, ""
}

// refusedByProvider reports a clean error that gives the provider's reason:
// its words, or in the protocols of which that is the manner a stop for the
// sake of the filter.
func (o *outcome) refusedByProvider() bool {
	if o.Error == "" {
		return o.Text == "" && o.Stop == "filter" && o.Ended
	}
	for _, word := range []string{"safety", "content", "policies"} {
		if strings.Contains(o.Error, word) {
			return o.Status >= 400 && o.Status < 500
		}
	}
	return false
}

// stillOpen notes the calls that a provider still answers although the caller
// has gone.
func (r *result) stillOpen() {
	for _, c := range r.tries() {
		if c.Ended.IsZero() {
			r.left = append(r.left, "a connection to a provider is still in use")
		}
	}
}

// view tells what the providers saw.
func view(r *result) string {
	var b strings.Builder
	show := func(name string, calls []routextest.Call) {
		_, _ = fmt.Fprintf(&b, "  %s:", name)
		for _, c := range calls {
			_, _ = fmt.Fprintf(&b, " at %v", c.Time.Sub(r.began).Round(time.Millisecond))
			if c.Prefill != "" {
				b.WriteString(" with prefill")
			}
			if !c.Gone.IsZero() {
				_, _ = fmt.Fprintf(&b, " left at %v", c.Gone.Sub(r.began).Round(time.Millisecond))
			}
		}
		if len(calls) == 0 {
			b.WriteString(" not asked")
		}
		b.WriteByte('\n')
	}
	show("primary", r.primary)
	show("fallback", r.fallback)
	return b.String()
}
