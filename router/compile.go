package router

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// An Option adds to what rules can name.
type Option func(*options)

type options struct {
	funcs map[string]func(*Request) bool
}

// WithFunc gives rules a function to ask: the condition customFunction names
// it. It is called by many goroutines at the same time, for each call that
// meets the other conditions of the rule, and must not keep the Request.
func WithFunc(name string, f func(*Request) bool) Option {
	return func(o *options) {
		if o.funcs == nil {
			o.funcs = make(map[string]func(*Request) bool)
		}
		o.funcs[name] = f
	}
}

// Compile checks the rules and puts them in order. It reports every mistake at
// once, each as a [*RuleError].
func Compile(rules []Rule, opts ...Option) (*Rules, error) {
	compiled, errs := compileAll(rules, opts)
	if len(errs) > 0 {
		joined := make([]error, len(errs))
		for i, e := range errs {
			joined[i] = e
		}
		return nil, errors.Join(joined...)
	}
	return compiled, nil
}

// compileAll leaves out rules with mistakes.
func compileAll(rules []Rule, opts []Option) (*Rules, []*RuleError) {
	c := compiler{ids: make(map[literal]int), finder: new(finder)}
	for _, opt := range opts {
		opt(&c.options)
	}
	var errs []*RuleError
	out := make([]compiled, 0, len(rules))
	seen := make(map[string]int, len(rules))
	for i, r := range rules {
		before := len(errs)
		fail := func(field string, err error) {
			errs = append(errs, &RuleError{Index: i, Field: field, Err: err})
		}
		r.ID = cmp.Or(r.ID, r.Name)
		if first, taken := seen[r.ID]; taken && r.ID != "" { // which is the name's mistake
			fail("ID", fmt.Errorf("%q is the ID of Rules[%d] too", r.ID, first))
		}
		seen[r.ID] = i
		if rule := c.rule(r, fail); len(errs) == before {
			out = append(out, rule)
		}
	}
	*c.finder = *newFinder(c.literals)
	slices.SortStableFunc(out, func(a, b compiled) int { return cmp.Compare(b.Priority, a.Priority) })
	return &Rules{rules: out}, errs
}

// A compiler collects what all rules look for.
type compiler struct {
	options
	literals []literal
	ids      map[literal]int
	finder   *finder // filled in at the end
}

type failFunc func(field string, err error)

func (c *compiler) rule(r Rule, fail failFunc) compiled {
	if strings.TrimSpace(r.Name) == "" {
		fail("Name", errRequired)
	}
	r.checkTargets(fail)
	out := compiled{Rule: r, choice: r.choice()}
	if r.Deny != "" {
		out.denied = &DeniedError{RuleID: r.ID, Rule: r.Name, Message: r.Deny}
	}
	if r.Condition.empty() {
		out.checks = natural(r.Type, fail)
		return out
	}
	natural(r.Type, func(field string, err error) { // only to check the type
		if field == "Type" {
			fail(field, err)
		}
	})
	out.checks = c.condition(&r.Condition, func(field string, err error) { fail("Condition."+field, err) })
	return out
}

// checkTargets looks at what becomes of a call.
func (r *Rule) checkTargets(fail failFunc) {
	targets := r.TargetChannel != "" || r.Targets != nil
	switch {
	case r.Deny != "" && (targets || r.TargetModel != "" || r.Shadow != ""):
		fail("Deny", errDenied)
	case r.TargetChannel != "" && r.Targets != nil:
		fail("Targets", errTwice)
	case !targets && r.TargetModel == "" && r.Deny == "" && r.Shadow == "":
		fail("TargetChannel", errNoTarget)
	}
	if r.Targets == nil {
		return
	}
	sum, seen := 0, make(map[string]int)
	for i, t := range r.Targets {
		field := fmt.Sprintf("Targets[%d].", i)
		if strings.TrimSpace(t.Channel) == "" {
			fail(field+"Channel", errRequired)
		} else if first, taken := seen[t.Channel]; taken {
			fail(field+"Channel", fmt.Errorf("%q is that of Targets[%d] too", t.Channel, first))
		}
		seen[t.Channel] = i
		if t.Weight < 0 {
			fail(field+"Weight", errNegative)
		}
		sum += max(t.Weight, 0)
	}
	if sum == 0 {
		fail("Targets", errWeights)
	}
}

// natural gives the condition of a rule that names none.
func natural(t Type, fail failFunc) []check {
	switch t {
	case "", Custom:
		fail("Condition", errCondition)
	case Default:
	case Background:
		// As words: every gemini has mini in it.
		p, err := newPattern(`(?:^|[^a-z])(?:haiku|mini|flash|lite)(?:[^a-z]|$)`)
		if err != nil {
			fail("Type", err) // it is constant
		}
		return []check{&fieldCheck{pattern: p, what: "model", get: modelOf}}
	case Think:
		return []check{newFlagCheck(flagThinking, true)}
	case LongContext:
		return []check{tokenCheck(LongContextTokens)}
	case WebSearch:
		return []check{newFlagCheck(flagWebSearch, true)}
	case Image:
		return []check{newFlagCheck(flagImages, true)}
	default:
		fail("Type", fmt.Errorf("no type %q; there are %q", t,
			[]Type{Custom, Default, Background, Think, LongContext, WebSearch, Image}))
	}
	return nil
}

// function looks a function of the host up.
func (c *compiler) function(name string, fail failFunc) check {
	f := c.funcs[name]
	switch {
	case f == nil && len(c.funcs) == 0:
		fail("CustomFunction", fmt.Errorf("no function %q; none was given", name))
	case f == nil:
		fail("CustomFunction", fmt.Errorf("no function %q; there are %q", name, slices.Sorted(maps.Keys(c.funcs))))
	}
	return funcCheck{name: name, f: f}
}
