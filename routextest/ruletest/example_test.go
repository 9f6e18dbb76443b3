package ruletest_test

import (
	"context"
	"fmt"
	"log"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/router"
	"github.com/dctx-team/routex/routextest/ruletest"
)

func ExampleExplain() {
	transport, err := routex.New(routex.Config{
		Channels: []routex.Channel{
			{Name: "haiku", Type: routex.TypeAnthropic, APIKey: "k", Models: []string{"claude-*"}},
			{Name: "opus", Type: routex.TypeAnthropic, APIKey: "k", Models: []string{"claude-opus-*"}, Disabled: true},
			{Name: "gemini", Type: routex.TypeGoogle, APIKey: "k", Models: []string{"gemini-*"}},
		},
		Rules: []router.Rule{
			{Name: "images", Priority: 2, Type: router.Image, TargetChannel: "gemini", TargetModel: "gemini-2.5-pro"},
			{Name: "reviews", Priority: 1, Condition: router.Condition{Keywords: []string{"code review"}}, TargetChannel: "opus"},
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	req, err := ruletest.Anthropic("claude-sonnet-4-5", "Do a code review of this change.").HTTP(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	d, err := transport.Explain(req)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(ruletest.Explain(d))
	// Output:
	// call     /v1/messages (anthropic), model "claude-sonnet-4-5"
	// rule     "reviews"
	//          images   the call has no images
	//        > reviews  matches, and decides
	// channel  "haiku", for the model "claude-sonnet-4-5"
	//        > haiku   asked as number 1
	//          opus    disabled
	//          gemini  does not serve the model
}

func ExampleRequest() {
	r := ruletest.Chat("gpt-4o", "Where is my order?").System("Be short.").
		Called("find_order", `{"number":7}`, "sent yesterday").Set("user", "u-1").Header("X-Team", "shop")
	body, err := r.Body()
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(string(body))
	// Output:
	// {"model":"gpt-4o","messages":[{"role":"system","content":"Be short."},{"role":"user","content":"Where is my order?"},{"role":"assistant","content":null,"tool_calls":[{"id":"call_00000001","type":"function","function":{"name":"find_order","arguments":"{\"number\":7}"}}]},{"role":"tool","tool_call_id":"call_00000001","content":"sent yesterday"}],"user":"u-1"}
}

// A Transport that has calls behind it, such as one that runs, is asked itself.
func ExampleCase_Check() {
	transport, err := routex.New(routex.Config{Channels: []routex.Channel{
		{Name: "claude", Type: routex.TypeAnthropic, APIKey: "k"},
	}})
	if err != nil {
		log.Fatal(err)
	}
	req, err := ruletest.Gemini("gemini-2.5-pro", "Hi").HTTP(context.Background())
	if err != nil {
		log.Fatal(err)
	}
	d, err := transport.Explain(req)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(ruletest.Case{Channel: "gemini", Model: "gemini-2.5-pro"}.Check(d))
	// Output:
	// channel "claude", want "gemini"
	// call     /v1beta/models/gemini-2.5-pro:generateContent (gemini), model "gemini-2.5-pro"
	// rule     none
	// channel  "claude", for the model "gemini-2.5-pro"
	//        > claude  asked as number 1
}
