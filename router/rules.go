package router

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Rules is a [Router] that follows rules. It is immutable and safe for
// concurrent use.
type Rules struct{ rules []compiled }

type compiled struct {
	Rule
	tests  []test
	choice Choice
}

// A test is one condition. why says what is missing when it does not hold.
type test struct {
	holds func(*Request) bool
	why   func(*Request) string
}

// A Verdict says whether a rule matched a call, and why not.
type Verdict struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Matched bool   `json:"matched"`
	Why     string `json:"why,omitempty"`
}

// Compile checks the rules and puts them in order. It reports every mistake at
// once, each as a [*RuleError].
func Compile(rules []Rule) (*Rules, error) {
	var errs []error
	out := make([]compiled, 0, len(rules))
	seen := make(map[string]int, len(rules))
	for i, r := range rules {
		fail := func(field string, err error) {
			errs = append(errs, &RuleError{Index: i, Field: field, Err: err})
		}
		if r.ID == "" {
			r.ID = r.Name
		}
		if first, taken := seen[r.ID]; taken {
			fail("ID", fmt.Errorf("%q is the ID of Rules[%d] too", r.ID, first))
		}
		seen[r.ID] = i
		out = append(out, compileRule(r, fail))
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	slices.SortStableFunc(out, func(a, b compiled) int { return cmp.Compare(b.Priority, a.Priority) })
	return &Rules{rules: out}, nil
}

func compileRule(r Rule, fail func(string, error)) compiled {
	if strings.TrimSpace(r.Name) == "" {
		fail("Name", errRequired)
	}
	if r.TargetChannel == "" && r.TargetModel == "" {
		fail("TargetChannel", errNoTarget)
	}
	c := compiled{Rule: r, choice: Choice{Model: r.TargetModel, RuleID: r.ID, Rule: r.Name, Strict: r.Strict}}
	if r.TargetChannel != "" {
		c.choice.Channels = []string{r.TargetChannel}
	}
	if r.Condition.empty() {
		c.tests = natural(r.Type, fail)
	} else {
		natural(r.Type, func(field string, err error) { // only to check the type
			if field == "Type" {
				fail(field, err)
			}
		})
		c.tests = r.Condition.compile(func(field string, err error) { fail("Condition."+field, err) })
	}
	return c
}

// natural gives the condition of a rule that names none.
func natural(t Type, fail func(string, error)) []test {
	switch t {
	case "", Custom:
		fail("Condition", errCondition)
	case Default:
	case Background:
		return []test{modelTest(regexp.MustCompile("(?i)haiku|mini|flash|lite"))}
	case Think:
		return []test{boolTest("reasoning", true, (*Request).HasThinking)}
	case LongContext:
		return []test{tokenTest(LongContextTokens)}
	case WebSearch:
		return []test{boolTest("a web search tool", true, (*Request).HasWebSearch)}
	case Image:
		return []test{boolTest("images", true, (*Request).HasImages)}
	default:
		fail("Type", fmt.Errorf("no type %q; there are %q", t,
			[]Type{Custom, Default, Background, Think, LongContext, WebSearch, Image}))
	}
	return nil
}

// Route gives the choice of the first rule whose condition is met.
func (rs *Rules) Route(_ context.Context, r *Request) (Choice, error) {
	for i := range rs.rules {
		if rule := &rs.rules[i]; !rule.Disabled && rule.failing(r) == nil {
			return rule.choice, nil
		}
	}
	return Choice{}, ErrNoRoute
}

// Explain says of each rule, in the order in which they are tried, whether it
// matches the call. Rules after the first that does are judged too.
func (rs *Rules) Explain(r *Request) []Verdict {
	out := make([]Verdict, 0, len(rs.rules))
	for i := range rs.rules {
		rule := &rs.rules[i]
		v := Verdict{ID: rule.ID, Name: rule.Name}
		if rule.Disabled {
			v.Why = "disabled"
		} else if t := rule.failing(r); t != nil {
			v.Why = t.why(r)
		} else {
			v.Matched = true
		}
		out = append(out, v)
	}
	return out
}

// Targets lists the channels that rules name, in the order of Compile's
// argument by priority. A name may come more than once.
func (rs *Rules) Targets() []string {
	var out []string
	for i := range rs.rules {
		out = append(out, rs.rules[i].choice.Channels...)
	}
	return out
}

// failing gives the first test that does not hold, or nil.
func (c *compiled) failing(r *Request) *test {
	for i := range c.tests {
		if !c.tests[i].holds(r) {
			return &c.tests[i]
		}
	}
	return nil
}
