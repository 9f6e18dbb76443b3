package ruletest_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/router"
	"github.com/dctx-team/routex/routextest/ruletest"
	"github.com/dctx-team/routex/transform"
)

type asking = func(protocol transform.Dialect) ruletest.Request

func says(text string) asking {
	return func(p transform.Dialect) ruletest.Request { return ruletest.Ask(p, "m-1", text) }
}

func after(ask asking, change func(ruletest.Request) ruletest.Request) asking {
	return func(p transform.Dialect) ruletest.Request { return change(ask(p)) }
}

const program = "Why does this panic?\n```go\nvar m map[string]int\nm[\"a\"] = 1\n```"

// conditions has for each condition a call that meets it and one that does not.
var conditions = []struct {
	name      string
	condition router.Condition
	hit, miss asking
	why       string // the second does not
}{
	{"tokenThreshold", router.Condition{TokenThreshold: 5000}, after(says("Sum up."), func(r ruletest.Request) ruletest.Request { return r.Long(6000) }), says("Sum up."), "tokens, under 5000"},
	{"tokenThreshold, of what tools tell", router.Condition{TokenThreshold: 1000}, after(says("Go on."), func(r ruletest.Request) ruletest.Request {
		return r.Tools("read").Called("read", `{"input":"a"}`, strings.Repeat("func f() error { return nil }\n", 200))
	}), says("Go on."), "under 1000"},
	{"keywords", router.Condition{Keywords: []string{"code review", "代码审查"}}, says("Do a CODE Review."), says("Write code."), `none of ["code review" "代码审查"]`},
	{"keywords in Chinese", router.Condition{Keywords: []string{"code review", "代码审查"}}, says("请做代码审查。"), says("请写代码。"), "none of"},
	{"keywords of an earlier turn", router.Condition{Keywords: []string{"audit"}}, after(says("An audit."), func(r ruletest.Request) ruletest.Request { return r.Assistant("Of what?").User("Of this.") }), after(says("Hi."), func(r ruletest.Request) ruletest.Request { return r.Assistant("An audit?").User("No.") }), "none of"},
	{"userPattern", router.Condition{UserPattern: `\b(solve|compute)\b`}, says("Solve x + 1 = 2."), says("It dissolves."), "does not match"},
	{"modelPattern", router.Condition{ModelPattern: "^m-"}, says("x"), func(p transform.Dialect) ruletest.Request { return ruletest.Ask(p, "other", "x") }, `model "other" does not match "^m-"`},
	{"hasTools", router.Condition{HasTools: new(true)}, after(says("x"), func(r ruletest.Request) ruletest.Request { return r.Tools("bash") }), says("x"), "the call has no tools"},
	{"hasTools, without", router.Condition{HasTools: new(false)}, says("x"), after(says("x"), func(r ruletest.Request) ruletest.Request { return r.Tools("bash") }), "the call has tools"},
	{"hasImages", router.Condition{HasImages: new(true)}, after(says("x"), ruletest.Request.Image), says("an image"), "the call has no images"},
	{"hasThinking", router.Condition{HasThinking: new(true)}, after(says("x"), ruletest.Request.Thinking), says("think hard"), "the call has no reasoning"},
	{"toolName", router.Condition{ToolName: "^(bash|shell)$"}, after(says("x"), func(r ruletest.Request) ruletest.Request { return r.Tools("read", "bash") }), after(says("x"), func(r ruletest.Request) ruletest.Request { return r.Tools("read", "bash_output") }), "no tool has a name"},
	{"contentCategory", router.Condition{ContentCategory: router.OneOf{router.Coding}}, says(program), says("Write a poem about the sea."), "category: creative, not coding"},
	{"complexityLevel", router.Condition{ComplexityLevel: router.OneOf{router.Simple}}, says("What time is it?"), after(says("x"), func(r ruletest.Request) ruletest.Request { return r.Long(4000) }), "not simple"},
	{"intent", router.Condition{Intent: router.OneOf{router.Review}}, says("Review this change, please."), says("What time is it?"), "intent: question, not review"},
	{"programmingLanguage", router.Condition{ProgrammingLanguage: router.OneOf{"rust", "go"}}, says(program), says("Fix this:\n```python\nprint(1)\n```"), "programming language: python, not rust or go"},
	{"hasCode", router.Condition{HasCode: new(true)}, says(program), says("What is a map?"), "the call has no code"},
	{"minWordCount", router.Condition{MinWordCount: 4}, says("one two three four"), says("one two three"), "3 words, under 4"},
	{"maxWordCount", router.Condition{MaxWordCount: 3}, says("one two three"), says("one two three four"), "4 words, over 3"},
	{"customFunction", router.Condition{CustomFunction: "loud"}, says("HELP"), says("help"), `the function "loud" says no`},
	{"header", router.Condition{Header: map[string]string{"X-Team": "^core$"}}, after(says("x"), func(r ruletest.Request) ruletest.Request { return r.Header("X-Team", "core") }), after(says("x"), func(r ruletest.Request) ruletest.Request { return r.Header("X-Team", "web") }), "the header X-Team does not match"},
	{"path", router.Condition{Path: "^/team/"}, func(p transform.Dialect) ruletest.Request {
		return ruletest.Ask(p, "m-1", "x").Path(pathOf(p, "/team"))
	}, says("x"), `does not match "^/team/"`},
	{"metadata", router.Condition{Metadata: map[string]string{"plan": "^gold$"}}, after(says("x"), func(r ruletest.Request) ruletest.Request { return r.Metadata("plan", "gold") }), after(says("x"), func(r ruletest.Request) ruletest.Request { return r.Metadata("plan", "free") }), "the metadata plan does not match"},
	{"timeOfDay", router.Condition{TimeOfDay: &router.TimeOfDay{From: "22:00", To: "06:30"}}, after(says("x"), func(r ruletest.Request) ruletest.Request { return r.At("06:29") }), after(says("x"), func(r ruletest.Request) ruletest.Request { return r.At("06:30") }), "it is 06:30, not from 22:00 to 06:30"},
	{"timeOfDay elsewhere", router.Condition{TimeOfDay: &router.TimeOfDay{From: "09:00", To: "17:00", Zone: "Asia/Shanghai"}}, after(says("x"), func(r ruletest.Request) ruletest.Request { return r.At("2026-03-28T02:30:00+01:00") }), after(says("x"), func(r ruletest.Request) ruletest.Request { return r.At("2026-03-28T12:30:00+01:00") }), "it is 19:30, not from 09:00 to 17:00 in Asia/Shanghai"},
}

func pathOf(p transform.Dialect, prefix string) string {
	if p == transform.Gemini {
		return prefix + "/v1beta/models/m-1:generateContent"
	}
	return prefix + p.Path()
}

func TestEveryConditionHasATable(t *testing.T) {
	tested := make(map[string]bool)
	for _, c := range conditions {
		for field, value := range reflect.ValueOf(c.condition).Fields() {
			tested[field.Name] = tested[field.Name] || !value.IsZero()
		}
	}
	for field := range tested {
		if !tested[field] {
			t.Errorf("no call meets or misses %s", field)
		}
	}
}

// Each condition is met and missed by calls in each protocol.
func TestConditions(t *testing.T) {
	for _, c := range conditions {
		rules := []router.Rule{
			{Name: "tested", Priority: 2, Condition: c.condition, TargetChannel: "chosen"},
			{Name: "rest", Priority: 1, Type: router.Default, TargetChannel: "plain"},
		}
		var cases []ruletest.Case
		for _, p := range transform.Dialects() {
			cases = append(cases,
				ruletest.Case{Name: "met in " + string(p), Request: c.hit(p), Rule: "tested", Channel: "chosen"},
				ruletest.Case{Name: "missed in " + string(p), Request: c.miss(p), Rule: "rest", Channel: "plain", WhyNot: map[string]string{"tested": c.why}})
		}
		t.Run(c.name, func(t *testing.T) {
			ruletest.Run(t, compiled(t, rules, router.WithFunc("loud", loud)), cases).Require(t)
			ruletest.Run(t, config(rules), cases).Require(t)
		})
	}
}

// config has the channels that the tables name.
func config(rules []router.Rule) routex.Config {
	return routex.Config{
		Rules: rules, Funcs: map[string]func(*router.Request) bool{"loud": loud},
		Channels: []routex.Channel{
			{Name: "plain", Type: routex.TypeAnthropic, APIKey: "k"},
			{Name: "chosen", Type: routex.TypeOpenAI, APIKey: "k", Priority: 1},
		},
	}
}

func loud(r *router.Request) bool { return strings.Contains(r.UserText(), "HELP") }

func compiled(t *testing.T, rules []router.Rule, opts ...router.Option) *router.Rules {
	t.Helper()
	out, err := router.Compile(rules, opts...)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
