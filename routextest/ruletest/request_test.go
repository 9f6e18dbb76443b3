package ruletest_test

import (
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/routextest/ruletest"
	"github.com/dctx-team/routex/transform"
)

func bodyOf(t *testing.T, r ruletest.Request) string {
	t.Helper()
	body, err := r.Body()
	if err != nil {
		t.Fatal(err)
	}
	if !gjson.ValidBytes(body) {
		t.Fatalf("no JSON: %s", body)
	}
	return string(body)
}

// All that a request can have goes together, and providers take it.
func TestRequestsWithEverything(t *testing.T) {
	for _, protocol := range transform.Dialects() {
		model := map[transform.Dialect]string{transform.Anthropic: "claude-sonnet-4-5", transform.Gemini: "gemini-2.5-pro"}[protocol]
		if model == "" {
			model = "gpt-5"
		}
		r := ruletest.Ask(protocol, model, "One <two> & \"three\"\n四").System("Be kind.").Image().Image().Assistant("Well.").
			User("And now?").Tools("a", "b").WebSearch().Stream().Assistant("I look.").Called("a", `{"input":"x"}`, "y").Called("b", `{"input":"z"}`, "")
		if protocol != transform.Anthropic { // which wants the thoughts back
			r = r.Thinking()
		}
		if why := taken(t, r); why != "" {
			t.Errorf("%s: %s\n%s", protocol, why, bodyOf(t, r))
		}
		if got := bodyOf(t, r); !strings.Contains(got, `One <two> & \"three\"\n四`) {
			t.Errorf("%s: the text is not as it was: %s", protocol, got)
		}
	}
}

func TestRequestsAreValues(t *testing.T) {
	base := ruletest.Chat("gpt-4o", "hi").Header("X-A", "1").Metadata("a", "1").Tools("one").Set("user", "u")
	before := bodyOf(t, base)
	left, right := base.Tools("left").User("left").Set("seed", 1), base.Tools("right").User("right").Set("seed", 2).Image().Header("X-A", "2").Metadata("a", "2")
	if got := bodyOf(t, left); !strings.Contains(got, `"left"`) || strings.Contains(got, `"right"`) || gjson.Get(got, "seed").Int() != 1 {
		t.Errorf("left is %s", got)
	}
	if got := bodyOf(t, right); !strings.Contains(got, `"right"`) || strings.Contains(got, `"left"`) || gjson.Get(got, "seed").Int() != 2 {
		t.Errorf("right is %s", got)
	}
	if after := bodyOf(t, base); after != before {
		t.Errorf("the request that they were made of is\n%s\nand was\n%s", after, before)
	}
	req, err := base.HTTP(t.Context())
	if err != nil || len(req.Header["X-A"]) != 1 {
		t.Errorf("%v, %v", req.Header, err)
	}
}

func TestMistakesInRequests(t *testing.T) {
	for want, r := range map[string]ruletest.Request{
		`no protocol "telex"; there are ["anthropic"`:             ruletest.Ask("telex", "m", "hi"),
		"Image: the last turn is not the user's":                  ruletest.Chat("m", "hi").Assistant("no").Image().At("noon"),
		"Image: the last turn":                                    ruletest.Chat("m", "").Image(),
		"User: the body is given as it is; Set changes it":        ruletest.Raw("/v1/messages", []byte("{}")).User("x"),
		`At: 1999-12-31T23:00:00Z is before 2000-01-01T00:00:00Z`: ruletest.Chat("m", "x").At("1999-12-31T23:00:00Z"),
		`Set: "": path cannot be empty`:                           ruletest.Chat("m", "x").Set("", 1),
		`invalid URL escape "%zz"`:                                ruletest.Chat("m", "x").Path("/%zz"),
	} {
		if _, err := r.HTTP(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

func TestRawBodiesStayAsTheyAre(t *testing.T) {
	body := []byte(`{ "model" : "gpt-4o", "messages": [] }`)
	r := ruletest.Raw("/llm/v1/chat/completions?x=1", body)
	body[0] = 'x'
	if got := bodyOf(t, r); got != `{ "model" : "gpt-4o", "messages": [] }` {
		t.Error(got)
	}
	if got := bodyOf(t, r.Set("metadata.team", "core")); gjson.Get(got, "metadata.team").Str != "core" {
		t.Error(got)
	}
	count := ruletest.Raw("/v1beta/models/gemini-2.5-pro:countTokens", []byte(`{"contents":[{"parts":[{"text":"a code review"}]}]}`))
	ruletest.Run(t, compiled(t, two), []ruletest.Case{{Name: "count", Request: count, Rule: "reviews", Channel: "chosen"}})
	ruletest.Run(t, config(two), []ruletest.Case{{Name: "raw", Request: r, Rule: ruletest.None, Order: []string{"plain", "chosen"}, Channel: "chosen"}})
}
