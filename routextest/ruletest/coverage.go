package ruletest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dctx-team/routex"
)

// Coverage says what cases have seen of rules. The zero value has seen nothing.
// It is not safe for concurrent use.
type Coverage struct {
	Rules []RuleCoverage // in the order in which they are tried
}

// A RuleCoverage says how often one rule was seen doing what.
type RuleCoverage struct {
	ID, Name string
	Decided  int  // it decided what became of a call
	Matched  int  // its condition was met, whether it decided or an earlier one
	Missed   int  // its condition was not met
	Always   bool // it has no condition, and matches every call
	Disabled bool // it matches none
}

// Add takes over what other cases have seen.
func (c *Coverage) Add(other *Coverage) {
	for _, o := range other.Rules {
		r := c.rule(o.ID, o.Name)
		r.Decided, r.Matched, r.Missed = r.Decided+o.Decided, r.Matched+o.Matched, r.Missed+o.Missed
		r.Always, r.Disabled = o.Always, o.Disabled
	}
}

func (c *Coverage) rule(id, name string) *RuleCoverage {
	for i := range c.Rules {
		if c.Rules[i].ID == id {
			return &c.Rules[i]
		}
	}
	c.Rules = append(c.Rules, RuleCoverage{ID: id, Name: name})
	return &c.Rules[len(c.Rules)-1]
}

func (c *Coverage) add(d *routex.Decision) {
	for _, v := range d.Rules {
		r := c.rule(v.ID, v.Name)
		r.Always, r.Disabled = v.Always, v.Disabled
		switch {
		case v.Matched && v.ID == d.RuleID:
			r.Decided, r.Matched = r.Decided+1, r.Matched+1
		case v.Matched:
			r.Matched++
		default:
			r.Missed++
		}
	}
}

// Gaps lists what no case has seen: rules that decided nothing, and rules that
// matched every call although they have a condition. Disabled rules have none.
func (c *Coverage) Gaps() []string {
	var out []string
	for _, r := range c.Rules {
		switch {
		case r.Disabled:
		case r.Matched == 0:
			out = append(out, fmt.Sprintf("rule %q: no case meets its condition", r.Name))
		case r.Decided == 0:
			out = append(out, fmt.Sprintf("rule %q: an earlier rule decides in every case that meets its condition", r.Name))
		case r.Missed == 0 && !r.Always:
			out = append(out, fmt.Sprintf("rule %q: every case meets its condition; none shows what it leaves to others", r.Name))
		}
	}
	return out
}

// Require fails the test for every gap, and when no case has seen any rule.
func (c *Coverage) Require(t testing.TB) {
	t.Helper()
	if len(c.Rules) == 0 {
		t.Error("no case has seen a rule")
	}
	for _, gap := range c.Gaps() {
		t.Error(gap)
	}
}

// String is a table: how often each rule decided, matched and did not.
func (c *Coverage) String() string {
	var b strings.Builder
	width := len("rule")
	for _, r := range c.Rules {
		width = max(width, len(r.Name))
	}
	fmt.Fprintf(&b, "%-*s  decided  matched  missed\n", width, "rule")
	for _, r := range c.Rules {
		fmt.Fprintf(&b, "%-*s  %7d  %7d  %6d\n", width, r.Name, r.Decided, r.Matched, r.Missed)
	}
	return b.String()
}
