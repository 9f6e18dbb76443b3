package ruletest

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/dctx-team/routex"
)

var errExpectsNothing = errors.New("the case expects nothing")

// problems says where a decision is not what the case expects.
func (c *Case) problems(d *routex.Decision) []string {
	var p problems
	if c.expectsNothing() {
		p.add("%v", errExpectsNothing)
	}
	p.named("rule", c.Rule, d.RuleID, d.Rule)
	p.named("channel", c.Channel, d.ChannelID, d.Channel)
	p.named("model", c.Model, "", d.UpstreamModel)
	p.named("shadow", c.Shadow, "", d.Shadow)
	if c.OneOf != nil && !slices.Contains(c.OneOf, d.Channel) && !slices.Contains(c.OneOf, d.ChannelID) {
		p.add("channel %s, want one of %q", shown(d.Channel), c.OneOf)
	}
	if c.Order != nil && !slices.Equal(names(d, c.Order), d.Order) {
		p.add("order %q, want %q", d.Order, c.Order)
	}
	if c.Refused != "" && !strings.Contains(d.Error, c.Refused) {
		p.add("refused: %s, want a message with %q", shown(d.Error), c.Refused)
	}
	if c.Status != 0 && d.Status != c.Status {
		p.add("status %d, want %d", d.Status, c.Status)
	}
	for _, name := range sortedKeys(c.WhyNot) {
		if problem := whyNot(d, name, c.WhyNot[name]); problem != "" {
			p.add("%s", problem)
		}
	}
	if c.Losses != nil {
		p.losses(c.Losses, d)
	}
	if c.Also != nil {
		if err := c.Also(d); err != nil {
			p.add("%v", err)
		}
	}
	return p
}

func (c *Case) expectsNothing() bool {
	return c.Rule+c.Channel+c.Model+c.Shadow+c.Refused == "" && c.Status == 0 && len(c.OneOf)+len(c.Order)+len(c.WhyNot) == 0 &&
		c.Losses == nil && c.Also == nil
}

type problems []string

func (p *problems) add(format string, args ...any) { *p = append(*p, fmt.Sprintf(format, args...)) }

// named compares something that has a name and perhaps an ID.
func (p *problems) named(what, want, id, name string) {
	switch {
	case want == "", want == name, want == id && id != "", want == None && name == "" && id == "":
	default:
		p.add("%s %s, want %s", what, shown(name), shown(strings.TrimPrefix(want, None)))
	}
}

func (p *problems) losses(want []string, d *routex.Decision) {
	var got []string
	for _, l := range d.Losses {
		got = append(got, l.Field)
	}
	want = slices.Clone(want)
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		p.add("losses %q, want %q", got, want)
	}
}

// names puts names in the place of IDs.
func names(d *routex.Decision, refs []string) []string {
	out := slices.Clone(refs)
	for i, ref := range out {
		for _, c := range d.Candidates {
			if c.ID == ref {
				out[i] = c.Name
			}
		}
	}
	return out
}

// whyNot looks a rule or a channel up, and compares why it was left out.
func whyNot(d *routex.Decision, name, want string) string {
	var found []string
	for _, v := range d.Rules {
		if v.Name == name || v.ID == name {
			if !v.Matched && strings.Contains(v.Why, want) {
				return ""
			}
			found = append(found, saidOf("rule", name, v.Matched, "matches", v.Why))
		}
	}
	for _, c := range d.Candidates {
		if c.Name == name || c.ID == name {
			if !c.Included && strings.Contains(c.Why, want) {
				return ""
			}
			found = append(found, saidOf("channel", name, c.Included, "may be asked", c.Why))
		}
	}
	if found == nil {
		return fmt.Sprintf("no rule and no channel is called %q, want why not: %q", name, want)
	}
	return fmt.Sprintf("%s, want why not: %q", strings.Join(found, "; "), want)
}

func saidOf(what, name string, in bool, does, why string) string {
	if in {
		why = does
	}
	return fmt.Sprintf("%s %q: %s", what, name, why)
}

// shown quotes a name, if there is one.
func shown(name string) string {
	if name == "" {
		return "none"
	}
	return fmt.Sprintf("%q", name)
}
