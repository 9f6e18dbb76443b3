package routex

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dctx-team/routex/router"
)

// A ConfigError lists every mistake in a Config.
type ConfigError struct{ Fields []FieldError }

// A FieldError is one mistake in a Config.
type FieldError struct {
	Field   string // its path, such as Channels[2].BaseURL
	Problem string // and what to do about it
}

// Error lists the mistakes, one per line.
func (e *ConfigError) Error() string {
	lines := make([]string, len(e.Fields))
	for i, f := range e.Fields {
		lines[i] = f.Field + ": " + f.Problem
	}
	return "routex: invalid Config:\n\t" + strings.Join(lines, "\n\t")
}

// Validate gives the error that [New] and [Transport.Update] would give, a
// [*ConfigError] that lists every mistake, and puts nothing into effect.
func (c Config) Validate() error {
	c = c.withDefaults()
	_, err := c.validate()
	return err
}

// validate reports every mistake at once, and gives the compiled rules.
func (c *Config) validate() (*router.Rules, error) {
	var bad ConfigError
	fail := func(field, problem string) { bad.Fields = append(bad.Fields, FieldError{field, problem}) }
	targets := make(map[string]bool, 2*len(c.Channels))
	names, ids := make(map[string]int), make(map[string]int)
	for i := range c.Channels {
		ch := &c.Channels[i]
		at := fmt.Sprintf("Channels[%d].", i)
		ch.validate(func(field, problem string) { fail(at+field, problem) })
		ch.validateProxy(c.Base, func(field, problem string) { fail(at+field, problem) })
		unique(names, ch.Name, i, func(p string) { fail(at+"Name", p) })
		unique(ids, cmp.Or(ch.ID, ch.Name), i, func(p string) { fail(at+"ID", p) })
		targets[ch.Name], targets[ch.ID] = true, true
	}
	rules, err := router.Compile(c.Rules, c.RuleOptions()...)
	for _, e := range ruleErrors(err) {
		fail(fmt.Sprintf("Rules[%d].%s", e.Index, e.Field), e.Err.Error())
	}
	for i, r := range c.Rules {
		check := func(field, ref string) {
			if ref != "" && !targets[ref] {
				fail(fmt.Sprintf("Rules[%d].%s", i, field), fmt.Sprintf("no channel has the name or ID %q", ref))
			}
		}
		check("TargetChannel", r.TargetChannel)
		check("Shadow", r.Shadow)
		for j, target := range r.Targets {
			check(fmt.Sprintf("Targets[%d].Channel", j), target.Channel)
		}
	}
	c.validateLimits(fail)
	if len(bad.Fields) > 0 {
		slices.SortStableFunc(bad.Fields, func(a, b FieldError) int { return strings.Compare(a.Field, b.Field) })
		return nil, &bad
	}
	return rules, nil
}

func (c *Config) validateLimits(fail func(field, problem string)) {
	if err := c.Breaker.Validate(); err != nil {
		fail("Breaker", err.Error())
	}
	c.Timeouts.validate(fail)
	for field, n := range map[string]int64{
		"MaxAttempts": int64(c.MaxAttempts), "MaxBody": c.MaxBody, "MaxUpload": c.MaxUpload, "MaxBindings": int64(c.MaxBindings), "TraceContent": int64(c.TraceContent),
		"Sessions.TTL": int64(c.Sessions.TTL), "Sessions.Max": int64(c.Sessions.Max),
	} {
		if n < 0 {
			fail(field, "must not be negative")
		}
	}
	if !c.Losses.known() {
		fail("Losses", c.Losses.problem())
	}
	if !c.Rescue.known() {
		fail("Rescue", fmt.Sprintf("no policy %q; there are %q and %q", c.Rescue, RescueOn, RescueOff))
	}
	if !(c.Hedging.Share >= 0 && c.Hedging.Share <= 1) {
		fail("Hedging.Share", "must be from 0, for never, to 1")
	}
	if !validHeaderName(c.Sessions.Header) {
		fail("Sessions.Header", "not a valid name of a header")
	}
	for i, sink := range c.Sinks {
		if sink == nil {
			fail(fmt.Sprintf("Sinks[%d]", i), "must not be nil")
		}
	}
}

// unique reports a value that an earlier channel has.
func unique(seen map[string]int, value string, i int, fail func(string)) {
	if first, taken := seen[value]; taken && value != "" {
		fail(fmt.Sprintf("%q is that of Channels[%d] too", value, first))
		return
	}
	seen[value] = i
}

// ruleErrors gives the errors that router.Compile joined.
func ruleErrors(err error) []*router.RuleError {
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		return nil
	}
	var out []*router.RuleError
	for _, e := range joined.Unwrap() {
		if re, ok := errors.AsType[*router.RuleError](e); ok {
			out = append(out, re)
		}
	}
	return out
}
