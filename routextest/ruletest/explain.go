package ruletest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/dctx-team/routex"
)

// Explain writes down what [routex.Transport.Explain] says, for people: the
// rules in the order in which they are tried, with the one that decides, the
// channels with the order in which they would be asked, and what would be lost.
func Explain(d *routex.Decision) string {
	var b strings.Builder
	stream := ""
	if d.Stream {
		stream = ", streamed"
	}
	fmt.Fprintf(&b, "call     %s (%s), model %s%s\n", d.Path, d.Dialect, shown(d.Model), stream)
	if a := d.Affinity; a != nil {
		key := a.Key + " "
		if a.Source == "conversation" { // nobody has named it
			key = ""
		}
		fmt.Fprintf(&b, "session  %sby %s, %s\n", key, a.Source, bound(d, a))
	}
	if d.Error != "" {
		fmt.Fprintf(&b, "refused  %d %s\n", d.Status, d.Error)
	}
	explainRules(&b, d)
	explainChannels(&b, d)
	if d.Shadow != "" {
		fmt.Fprintf(&b, "copy     to %s\n", d.Shadow)
	}
	for _, l := range d.Losses {
		fmt.Fprintf(&b, "lost     %s: %s\n", l.Field, l.Why)
	}
	return b.String()
}

// bound says where the session is.
func bound(d *routex.Decision, a *routex.Affinity) string {
	if a.Channel == "" {
		return "new"
	}
	name := a.Channel
	for _, c := range d.Candidates {
		if c.ID == a.Channel {
			name = c.Name
		}
	}
	if !a.Hit {
		return "bound to " + name + ", which does not get the call"
	}
	return "bound to " + name
}

func explainRules(b *strings.Builder, d *routex.Decision) {
	fmt.Fprintf(b, "rule     %s\n", shown(d.Rule))
	width := 0
	for _, v := range d.Rules {
		width = max(width, len(v.Name))
	}
	for _, v := range d.Rules {
		mark, why := " ", v.Why
		switch {
		case v.Matched && v.ID == d.RuleID:
			mark, why = ">", "matches, and decides"
		case v.Matched:
			why = "matches too"
		}
		fmt.Fprintf(b, "       %s %-*s  %s\n", mark, width, v.Name, why)
	}
}

func explainChannels(b *strings.Builder, d *routex.Decision) {
	model := ""
	if d.UpstreamModel != "" {
		model = ", for the model " + shown(d.UpstreamModel)
	}
	fmt.Fprintf(b, "channel  %s%s\n", shown(d.Channel), model)
	width := 0
	for _, c := range d.Candidates {
		width = max(width, len(c.Name))
	}
	passed := slices.Index(d.Order, d.Channel) // those before it refuse the call
	if passed < 0 {
		passed = len(d.Order)
	}
	for _, c := range inOrder(d) {
		mark, why := " ", c.Why
		if c.Name == d.Channel {
			mark = ">"
		}
		i := slices.Index(d.Order, c.Name)
		switch {
		case i >= 0 && i < passed:
			why = "passed over: the call cannot be put into its words"
		case i >= 0:
			why = fmt.Sprintf("asked as number %d", i-passed+1)
		case c.Included:
			why = "could be asked"
		}
		fmt.Fprintf(b, "       %s %-*s  %s\n", mark, width, c.Name, why)
	}
}

// inOrder gives the channels that would be asked, then the others.
func inOrder(d *routex.Decision) []routex.Candidate {
	out := slices.Clone(d.Candidates)
	place := func(c routex.Candidate) int {
		if i := slices.Index(d.Order, c.Name); i >= 0 {
			return i
		}
		return len(d.Order)
	}
	slices.SortStableFunc(out, func(a, b routex.Candidate) int { return cmp.Compare(place(a), place(b)) })
	return out
}

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
