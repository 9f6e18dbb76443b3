package ruletest

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/router"
	. "github.com/dctx-team/routex/routextest/ruletest"
	"github.com/dctx-team/routex/transform"
)

func config(t *testing.T) routex.Config {
	t.Helper()
	cfg, err := Config()
	if err != nil {
		t.Fatal(err)
	}
	return cfg
}

// What lint finds is wrong for every call.
func TestRulesAreMeant(t *testing.T) {
	cfg := config(t)
	var channels []router.ChannelInfo
	for _, ch := range cfg.Channels {
		channels = append(channels, router.ChannelInfo{ID: ch.ID, Name: ch.Name, Disabled: ch.Disabled})
	}
	for _, f := range router.Lint(cfg.Rules, channels, router.WithFunc("onTrial", onTrial)) {
		t.Errorf("%s: %s: %s %s", f.Rule, f.Kind, f.Field, f.Message)
	}
}

func TestRules(t *testing.T) {
	ask := Anthropic("claude-sonnet-4-5", "Please review this.")
	look := Anthropic("claude-sonnet-4-5", "What is on it?").Image()
	Run(t, config(t), []Case{
		{Name: "an image on trial", Request: look.Metadata("plan", "trial"), Rule: "trial without images", Refused: "paid plans", Status: 403, Channel: None},
		{Name: "an image that is paid for", Request: look.Metadata("plan", "gold"), Channel: "sonnet", WhyNot: map[string]string{"trial without images": `"onTrial" says no`}},
		{Name: "a trial without images", Request: Anthropic("claude-sonnet-4-5", "Hi").Metadata("plan", "trial"), Channel: "sonnet", WhyNot: map[string]string{"trial without images": "no images"}},

		{Name: "a book", Request: ask.Long(70_000), Rule: "long", Channel: "gemini", Model: "gemini-2.5-pro"},

		{Name: "a review by day", Request: ask.At("2026-03-02T08:00:00+01:00"), Rule: "reviews", Channel: "opus", Model: "claude-opus-4-5", Order: []string{"opus", "sonnet"}},
		{Name: "a review by night", Request: ask.At("2026-03-02T18:00:00+01:00"), Rule: None, Channel: "sonnet", WhyNot: map[string]string{"reviews": "it is 18:00"}},
		{Name: "a review in Chinese", Request: Chat("claude-sonnet-4-5", "请做代码审查").At("2026-07-01T12:00:00+02:00"), Rule: "reviews", Channel: "opus"},

		{Name: "the web team", Request: ask.Header("X-Team", "web"), Rule: "canary", OneOf: []string{"sonnet", "opus"}, Model: "claude-sonnet-4-5"},
		{Name: "another team", Request: ask.Header("X-Team", "core"), Rule: None, WhyNot: map[string]string{"canary": "X-Team does not match"}},

		{Name: "an errand", Request: SampleBackground(transform.Anthropic), Rule: "errands", Channel: "cheap", Model: "gpt-4o-mini", Losses: []string{}},
		{Name: "a coding agent", Request: SampleAgent(transform.Anthropic), Rule: None, Channel: "sonnet", WhyNot: map[string]string{"gemini": "does not serve the model"}},
	}).Require(t) // that every rule was tried, in both ways
}

// A tenth of the sessions is not a tenth of ten: a few hundred are asked.
func TestOneInTenTriesTheNewModel(t *testing.T) {
	rules, err := router.Compile(config(t).Rules, router.WithFunc("onTrial", onTrial))
	if err != nil {
		t.Fatal(err)
	}
	first := make(map[string]int)
	var cases []Case
	for i := range 500 {
		cases = append(cases, Case{
			Name: fmt.Sprint("session ", i), Request: Anthropic("claude-sonnet-4-5", "Hi").Header("X-Team", "web").Session(fmt.Sprint("s-", i)), Rule: "canary",
			Also: func(d *routex.Decision) error { first[d.Channel]++; return nil },
		})
	}
	Run(t, rules, cases)
	if n := first["opus"]; n < 30 || n > 75 {
		t.Errorf("%d of 500 sessions try opus, want about 50", n)
	}
}

// A mistake keeps the whole file from being taken, and is told with its path.
func TestAMistakeIsTold(t *testing.T) {
	broken := strings.Replace(string(rulesFile), "hasImages", "hasImage", 1)
	if _, err := readRules([]byte(broken)); err == nil || !strings.Contains(err.Error(), "rules[0].condition.hasImage: there is no such member; did you mean hasImages?") {
		t.Errorf("a misspelt condition gives %v", err)
	}
}
