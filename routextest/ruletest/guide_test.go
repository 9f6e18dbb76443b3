package ruletest_test

import (
	"testing"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/router"
	"github.com/dctx-team/routex/routextest/ruletest"
	"github.com/dctx-team/routex/transform"
)

// guideRules are the examples of the user guide.
const guideRules = `{"rules":[
	{"name":"Long Context to Gemini","type":"longContext","condition":{"tokenThreshold":60000},
	 "targetChannel":"gemini-channel-id","targetModel":"gemini-2.5-pro","priority":100,"enabled":true},
	{"name":"Code Review to Opus","type":"custom","condition":{"keywords":["code review","review this","analyze code"]},
	 "targetChannel":"claude-opus-id","priority":90,"enabled":true},
	{"name":"Math Questions","type":"custom","condition":{"regex":"\\b(calculate|compute|solve|equation)\\b"},
	 "targetChannel":"math-specialist-id","priority":85}
]}`

func TestTheGuidesRules(t *testing.T) {
	rules, err := router.ReadRules([]byte(guideRules))
	if err != nil {
		t.Fatal(err)
	}
	cfg := routex.Config{Rules: rules, Channels: []routex.Channel{
		{ID: "main-id", Name: "main", Type: routex.TypeAnthropic, APIKey: "k"},
		{ID: "gemini-channel-id", Name: "gemini", Type: routex.TypeGoogle, APIKey: "k", Priority: 1},
		{ID: "claude-opus-id", Name: "opus", Type: routex.TypeAnthropic, APIKey: "k", Priority: 1},
		{ID: "math-specialist-id", Name: "mathematician", Type: routex.TypeOpenAI, APIKey: "k", Priority: 1, ModelMap: map[string]string{"m": "o4"}},
	}}
	const long, review, sums = "Long Context to Gemini", "Code Review to Opus", "Math Questions"
	for _, p := range transform.Dialects() {
		ask := func(text string) ruletest.Request { return ruletest.Ask(p, "m", text) }
		t.Run(string(p), func(t *testing.T) {
			ruletest.Run(t, cfg, []ruletest.Case{
				{Name: "a long text", Request: ask("Sum up.").Long(61_000), Rule: long, Channel: "gemini", Model: "gemini-2.5-pro"},
				{Name: "a long text to be reviewed", Request: ask("Review this.").Long(61_000), Rule: long, Channel: "gemini-channel-id"},
				{Name: "a text that is long enough for others", Request: ask("Sum up.").Long(59_000), Rule: ruletest.None, Channel: "main", Model: "m", WhyNot: map[string]string{long: "under 60000"}},
				{Name: "a review", Request: ask("Do a CODE REVIEW, please."), Rule: review, Channel: "opus", Model: "m", WhyNot: map[string]string{long: "tokens"}},
				{Name: "a review of an earlier turn", Request: ask("Please analyze code.").Assistant("Which?").User("That one."), Rule: review, Channel: "claude-opus-id"},
				{Name: "a review of a computation", Request: ask("Review this and solve it."), Rule: review, Channel: "opus"},
				{Name: "a sum", Request: ask("Solve x + 1 = 2."), Rule: sums, Channel: "mathematician", Model: "o4", WhyNot: map[string]string{review: "none of"}},
				{Name: "a word that has a word of sums in it", Request: ask("It dissolves in the computer."), Rule: ruletest.None, Channel: "main", WhyNot: map[string]string{sums: "does not match"}},
				{Name: "what only the model said", Request: ask("Hi.").Assistant("Shall I review this equation?").User("No."), Rule: ruletest.None, Channel: "main"},
				{Name: "what only the instructions say", Request: ask("Hi.").System("Solve every equation."), Rule: ruletest.None, Channel: "main"},
			}).Require(t)
		})
	}
}
