package router

import (
	"context"
	"strings"
)

// Rules is a [Router] that follows rules. It is immutable and safe for
// concurrent use.
type Rules struct{ rules []compiled }

// A compiled rule is ready for use.
type compiled struct {
	Rule
	checks []check
	choice Choice
	denied *DeniedError
}

// A Verdict says whether a rule matched a call, and if not, what is missing.
type Verdict struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Matched bool   `json:"matched"`
	Why     string `json:"why,omitempty"` // each condition that does not hold

	Always   bool `json:"always,omitempty"` // the rule has no condition
	Disabled bool `json:"disabled,omitempty"`
}

// Route gives the choice of the first rule whose condition is met, or the
// [*DeniedError] of one that denies.
func (rs *Rules) Route(_ context.Context, r *Request) (Choice, error) {
	for i := range rs.rules {
		rule := &rs.rules[i]
		if rule.Disabled || !rule.holds(r) {
			continue
		}
		if rule.denied != nil {
			return rule.choice, rule.denied
		}
		return rule.choice, nil
	}
	return Choice{}, ErrNoRoute
}

// Explain says of each rule, in the order in which they are tried, whether it
// matches the call. Rules after the first that does are judged too.
func (rs *Rules) Explain(r *Request) []Verdict {
	out := make([]Verdict, 0, len(rs.rules))
	for i := range rs.rules {
		rule := &rs.rules[i]
		v := Verdict{ID: rule.ID, Name: rule.Name, Always: len(rule.checks) == 0, Disabled: rule.Disabled}
		if rule.Disabled {
			v.Why = "disabled"
		} else {
			v.Why = rule.why(r)
			v.Matched = v.Why == ""
		}
		out = append(out, v)
	}
	return out
}

// Targets lists the channels that rules name, shadows included, in the order
// in which the rules are tried. A name may come more than once.
func (rs *Rules) Targets() []string {
	var out []string
	for i := range rs.rules {
		out = append(out, rs.rules[i].choice.Channels...)
		if shadow := rs.rules[i].Shadow; shadow != "" {
			out = append(out, shadow)
		}
	}
	return out
}

func (c *compiled) holds(r *Request) bool {
	for _, check := range c.checks {
		if !check.holds(r) {
			return false
		}
	}
	return true
}

// why lists what does not hold; "" when all does.
func (c *compiled) why(r *Request) string {
	var missing []string
	for _, check := range c.checks {
		if !check.holds(r) {
			missing = append(missing, check.why(r))
		}
	}
	return strings.Join(missing, "; ")
}
