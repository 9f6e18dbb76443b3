package sdktest

import (
	"slices"
	"strings"
	"testing"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/routextest"
	"github.com/dctx-team/routex/transform"
)

// reasoningFeatures are about what a model thinks, and what it wants back.
func reasoningFeatures() []feature {
	return []feature{
		{column: "reasoning", answer: thinkThenCall, try: tryReasoning, cannot: toldByNobody, everywhere: true},
		{column: "state", answer: thinkThenCall, try: tryState, everywhere: true},
		{column: "hidden state", answer: hideThenCall, try: tryState},
		{column: "next provider", answer: thinkThenCall, try: tryNextProvider, everywhere: true},
	}
}

const thought = "First the weather, then the time."

// thinkThenCall reasons and calls two tools, and speaks when it has their
// results.
func thinkThenCall(c *routextest.Call) routextest.Answer {
	if strings.Contains(string(c.Body), "it rains") {
		return routextest.Answer{Reasoning: "It rains.", Text: "Take an umbrella."}
	}
	return routextest.Answer{Reasoning: thought, Text: "Looking.", Tools: []routextest.ToolCall{
		{ID: "call_1", Name: "weather", Arguments: `{"city":"Bern"}`}, {ID: "call_2", Name: "now"},
	}}
}

func hideThenCall(c *routextest.Call) routextest.Answer {
	a := thinkThenCall(c)
	a.Hidden = true
	return a
}

func thinking() question {
	q := say("weather?")
	q.MaxTokens, q.Think, q.Tools = 4000, true, true
	return q
}

// onwards is the question with what was answered, and the results of the calls.
func (q question) onwards(r reading) question {
	next := turn{}
	for _, call := range r.Calls {
		next.Results = append(next.Results, result{ID: call.ID, Name: call.Name, Text: "it rains"})
	}
	if len(r.Calls) == 0 {
		next.Text = "Go on."
	}
	q.Turns = append(slices.Clip(q.Turns), turn{Assistant: true, Own: r.Own}, next)
	return q
}

// toldByNobody reports channels that do not tell their reasoning.
func toldByNobody(_ client, u upstream) bool {
	return u.vendor == "openai" && u.dialect() == transform.OpenAIChat
}

func tryReasoning(t *testing.T, s *setting) bool {
	got := s.succeeds(t, thinking())
	if got.Text != "Looking." || len(got.Calls) != 2 || got.Stop != "tool" {
		t.Errorf("read %+v\n%s", got, s.got.text())
	}
	return got.Reasoning == thought
}

// tryState asks twice: the provider refuses what it did not mint.
func tryState(t *testing.T, s *setting) bool {
	q := thinking()
	first := s.succeeds(t, q)
	coins := s.coins()
	q = q.onwards(first)
	if second := s.succeeds(t, q); second.Text != "Take an umbrella." {
		t.Errorf("read %+v\n%s", second, s.got.text())
	}
	if !s.has(coins...) {
		t.Errorf("the provider did not get back %q, but\n%s", coins, s.sent().Raw)
	}
	if toldByNobody(s.client, s.upstream) && s.has("reasoning_content") && s.client.protocol != "openai-chat" {
		t.Errorf("the provider got reasoning that it does not know: %s", s.sent().Raw)
	}
	return true
}

// tryNextProvider goes on with every other provider, and comes back.
func tryNextProvider(t *testing.T, s *setting) bool {
	config := routex.Config{Base: s.net.Transport()}
	add := func(u upstream, name string) {
		p := routextest.NewProvider(routextest.Options{Name: u.vendor, APIKey: "the-channel's", Answer: thinkThenCall})
		c := u.at(name, s.net.Add(name+".test", p))
		c.Models, c.ModelMap = []string{name}, map[string]string{name: u.thinker}
		config.Channels = append(config.Channels, c)
	}
	add(s.upstream, "first")
	for _, u := range upstreams() {
		add(u, strings.ReplaceAll(u.name, " ", "-"))
	}
	s.over(t, config)
	q := thinking()
	q.Model = "first"
	first := s.succeeds(t, q)
	for _, c := range config.Channels[1:] {
		if c.Name == "custom" && s.client.protocol == "openai-chat" && first.Reasoning == "" {
			continue // Chat to Chat passes as it is: the reasoning that this server demands was never told
		}
		next := q.onwards(first)
		next.Model = c.Name
		second := s.ask(t, next)
		if second.Status != 0 || second.Text != "Take an umbrella." {
			t.Errorf("%s reads %+v", c.Name, second)
			continue
		}
		next = next.onwards(second)
		next.Model = "first"
		if third := s.ask(t, next); third.Status != 0 {
			t.Errorf("back from %s it reads %+v", c.Name, third)
		}
	}
	return true
}
