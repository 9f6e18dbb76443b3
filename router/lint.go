package router

import (
	"fmt"
	"slices"
)

// A FindingKind says what is wrong with a rule.
type FindingKind string

// The kinds of findings.
const (
	Invalid        FindingKind = "invalid"        // it has a mistake, and is not compiled
	NeverMatches   FindingKind = "neverMatches"   // its conditions exclude each other
	Shadowed       FindingKind = "shadowed"       // an earlier rule takes every call that it would
	UnknownTarget  FindingKind = "unknownTarget"  // it names a channel that does not exist
	DisabledTarget FindingKind = "disabledTarget" // it names a channel that is disabled
	TypeUnused     FindingKind = "typeUnused"     // its condition leaves out what its type would ask for
)

// A Finding is something in a rule that can hardly be meant.
type Finding struct {
	RuleID  string      `json:"id"`
	Rule    string      `json:"name"`
	Kind    FindingKind `json:"kind"`
	Field   string      `json:"field,omitempty"` // as JSON has it, such as targets[1].channel
	Message string      `json:"message"`
	By      string      `json:"by,omitempty"` // the ID of the rule that shadows it
}

// ChannelInfo is what Lint has to know of a channel.
type ChannelInfo struct {
	ID, Name string
	Disabled bool
}

// Lint compiles the rules and tells what is wrong with them, mistakes
// included; rules that have any are not examined further. Nil channels leave
// the targets unexamined. Rules that are disabled are passed over.
func Lint(rules []Rule, channels []ChannelInfo, opts ...Option) []Finding {
	compiled, errs := compileAll(rules, opts)
	var out []Finding
	for _, e := range errs {
		r := &rules[e.Index]
		out = append(out, Finding{RuleID: r.ID, Rule: r.Name, Kind: Invalid, Field: e.Member(), Message: e.Err.Error()})
	}
	return append(out, compiled.Lint(channels)...)
}

// Lint tells which rules no call can reach and which name channels that cannot
// be used, in the order in which the rules are tried. What it claims is so; it
// does not see everything: a rule may be out of reach in ways that do not show.
func (rs *Rules) Lint(channels []ChannelInfo) []Finding {
	var out []Finding
	for i := range rs.rules {
		if rule := &rs.rules[i]; !rule.Disabled {
			l := linter{rule: rule}
			l.contradictions()
			if len(l.found) == 0 {
				l.shadows(rs.rules[:i])
			}
			if channels != nil {
				l.targets(channels)
			}
			l.typeOf()
			out = append(out, l.found...)
		}
	}
	return out
}

// A linter examines one rule.
type linter struct {
	rule  *compiled
	found []Finding
}

func (l *linter) find(kind FindingKind, field, format string, args ...any) {
	l.found = append(l.found, Finding{
		RuleID: l.rule.ID, Rule: l.rule.Name, Kind: kind, Field: field, Message: fmt.Sprintf(format, args...),
	})
}

// contradictions looks for conditions that cannot hold together, or at all.
func (l *linter) contradictions() {
	tools, noTools := false, false
	for _, c := range l.rule.checks {
		switch c := c.(type) {
		case wordCheck:
			if c.most != 0 && c.least > c.most {
				l.find(NeverMatches, "condition.minWordCount", "no text has at least %d words and at most %d", c.least, c.most)
			}
		case timeCheck:
			if c.never() {
				l.find(NeverMatches, "condition.timeOfDay", "the time from %s to %s never comes", c.said.From, c.said.To)
			}
		case flagCheck:
			noTools = noTools || c.what == flagTools && !c.want
		case toolCheck:
			tools = true
		case *namedCheck:
			if c.what == "header" && c.name == "Host" {
				l.find(NeverMatches, `condition.header["Host"]`, "the host is not among the headers")
			}
		}
		if p := patternOf(c); p != nil && p.never {
			l.find(NeverMatches, "condition", "no text matches %q", p.text)
		}
	}
	if tools && noTools {
		l.find(NeverMatches, "condition.hasTools", "a call without tools has no name of a tool that could match")
	}
}

func patternOf(c check) *pattern {
	switch c := c.(type) {
	case *textCheck:
		return c.pattern
	case *fieldCheck:
		return c.pattern
	case *namedCheck:
		return c.pattern
	case toolCheck:
		return c.pattern
	}
	return nil
}

// shadows looks for an earlier rule whose every condition follows from those
// of this one.
func (l *linter) shadows(earlier []compiled) {
	for i := range earlier {
		e := &earlier[i]
		if e.Disabled || slices.ContainsFunc(e.checks, func(c check) bool { return !l.implies(c) }) {
			continue
		}
		l.find(Shadowed, "", "every call that it matches is taken by the rule %q before it", e.Name)
		l.found[len(l.found)-1].By = e.ID
		return
	}
}

func (l *linter) implies(c check) bool {
	if slices.ContainsFunc(l.rule.checks, c.impliedBy) {
		return true
	}
	return len(l.rule.checks) == 0 && c.impliedBy(nil) // what always holds needs no reason
}

func (l *linter) targets(channels []ChannelInfo) {
	look := func(field, ref string) {
		i := find(channels, ref)
		switch {
		case i < 0:
			l.find(UnknownTarget, field, "no channel has the name or ID %q", ref)
		case channels[i].Disabled:
			l.find(DisabledTarget, field, "the channel %q is disabled", ref)
		}
	}
	if l.rule.TargetChannel != "" {
		look("targetChannel", l.rule.TargetChannel)
	}
	for i, t := range l.rule.Targets {
		look(fmt.Sprintf("targets[%d].channel", i), t.Channel)
	}
	if l.rule.Shadow != "" {
		look("shadow", l.rule.Shadow)
	}
}

// find finds a channel by its ID, else by its name.
func find(channels []ChannelInfo, ref string) int {
	if i := slices.IndexFunc(channels, func(c ChannelInfo) bool { return c.ID == ref }); i >= 0 {
		return i
	}
	return slices.IndexFunc(channels, func(c ChannelInfo) bool { return c.Name == ref })
}

// typeOf looks for a type that says what the condition does not.
func (l *linter) typeOf() {
	c, t := &l.rule.Condition, l.rule.Type
	asks := map[Type]bool{
		Custom: true, Background: c.ModelPattern != "", Think: isTrue(c.HasThinking), LongContext: c.TokenThreshold > 0,
		WebSearch: c.ToolName != "", Image: isTrue(c.HasImages),
	}
	if t != "" && !c.empty() && !asks[t] {
		l.find(TypeUnused, "type", "the condition takes the place of what the type %s would ask for by itself", t)
	}
}

func isTrue(b *bool) bool { return b != nil && *b }
