package ruletest_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dctx-team/routex/router"
	"github.com/dctx-team/routex/routextest/ruletest"
)

func TestCoverage(t *testing.T) {
	rules := compiled(t, []router.Rule{
		{Name: "tools", Priority: 9, Condition: router.Condition{HasTools: new(true)}, TargetChannel: "a"},
		{Name: "shell", Priority: 8, Condition: router.Condition{ToolName: "bash"}, TargetChannel: "b"},
		{Name: "gpt", Priority: 7, Condition: router.Condition{ModelPattern: "gpt"}, TargetChannel: "a"},
		{Name: "night", Priority: 6, Condition: router.Condition{TimeOfDay: &router.TimeOfDay{From: "22:00", To: "23:00"}}, TargetChannel: "b"},
		{Name: "off", Priority: 5, Condition: router.Condition{ModelPattern: "x"}, TargetChannel: "b", Disabled: true},
		{Name: "rest", Type: router.Default, TargetChannel: "a"},
	})
	seen := ruletest.Run(t, rules, []ruletest.Case{
		{Name: "shell", Request: ruletest.Chat("gpt-4o", "x").Tools("bash").At("12:00"), Rule: "tools"},
		{Name: "plain", Request: ruletest.Chat("gpt-4o", "x").At("12:00"), Rule: "gpt"},
	})
	if diff := cmp.Diff([]string{
		`rule "shell": an earlier rule decides in every case that meets its condition`,
		`rule "gpt": every case meets its condition; none shows what it leaves to others`,
		`rule "night": no case meets its condition`,
		`rule "rest": an earlier rule decides in every case that meets its condition`,
	}, seen.Gaps()); diff != "" {
		t.Error(diff)
	}
	const table = `rule   decided  matched  missed
tools        1        1       1
shell        0        1       1
gpt          1        2       0
night        0        0       2
off          0        0       2
rest         0        2       0
`
	if diff := cmp.Diff(table, seen.String()); diff != "" {
		t.Error(diff)
	}
	var all ruletest.Coverage
	all.Add(seen)
	all.Add(ruletest.Run(t, rules, []ruletest.Case{
		{Name: "night", Request: ruletest.Gemini("gemini", "x").At("22:00"), Rule: "night"},
		{Name: "rest", Request: ruletest.Gemini("gemini", "x").At("12:00"), Rule: "rest"},
	}))
	if diff := cmp.Diff([]string{`rule "shell": an earlier rule decides in every case that meets its condition`}, all.Gaps()); diff != "" {
		t.Error(diff)
	}
}
