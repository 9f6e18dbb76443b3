package router_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/dctx-team/routex/router"
)

func ExampleReadRules() {
	_, err := router.ReadRules([]byte(`{"rules":[
		{"name":"reviews","condition":{"keyword":["code review"]},"targetChannel":"opus"},
		{"name":"maths","condition":{"userPattern":"(solve|compute"},"targetChannel":"thinker","priority":"high"}
	]}`))
	fmt.Println(err)
	// Output:
	// rules[0].condition.keyword: there is no such member; did you mean keywords?
	// rules[1].priority: must be a whole number, not a string
	// rules[1].condition.userPattern: not a RE2 pattern: error parsing regexp: missing closing ): `(?i)(solve|compute`
}

func ExampleWithFunc() {
	paid := router.WithFunc("paid", func(r *router.Request) bool { return r.Metadata["plan"] != "free" })
	rules, err := router.Compile([]router.Rule{
		{Name: "best", Condition: router.Condition{CustomFunction: "paid"}, TargetChannel: "opus"},
		{Name: "free", Type: router.Default, Deny: "Images are for paying customers.", Condition: router.Condition{HasImages: new(true)}},
	}, paid)
	if err != nil {
		fmt.Println(err)
		return
	}
	call, _ := router.Parse([]byte(`{"model":"m","messages":[{"role":"user","content":[{"type":"image"}]}]}`))
	call.Metadata = map[string]string{"plan": "free"}
	_, err = rules.Route(context.Background(), call)
	if denied, ok := errors.AsType[*router.DeniedError](err); ok {
		fmt.Println(denied.Message)
	}
	// Output: Images are for paying customers.
}

func ExampleLint() {
	for _, f := range router.Lint([]router.Rule{
		{Name: "reviews", Condition: router.Condition{Keywords: []string{"review"}}, TargetChannel: "opus"},
		{Name: "code", Condition: router.Condition{Keywords: []string{"code review", "reviewer"}}, TargetChannel: "sonnet"},
		{Name: "tools", Condition: router.Condition{HasTools: new(false), ToolName: "bash"}, TargetChannel: "opus"},
	}, []router.ChannelInfo{{Name: "opus"}}) {
		fmt.Printf("%s: %s: %s\n", f.Rule, f.Kind, f.Message)
	}
	// Output:
	// code: shadowed: every call that it matches is taken by the rule "reviews" before it
	// code: unknownTarget: no channel has the name or ID "sonnet"
	// tools: neverMatches: a call without tools has no name of a tool that could match
}

func ExampleChoice_Order() {
	canary := router.Choice{Channels: []string{"old", "new"}, Weights: []int{90, 10}}
	first := make(map[string]int)
	for i := range 1000 {
		first[canary.Order(fmt.Sprint("session-", i), 0)[0]]++
	}
	fmt.Println(first["new"] > 70 && first["new"] < 130)
	// Output: true
}
