package sdktest

import (
	"regexp"
	"strings"
	"testing"

	"github.com/dctx-team/routex/routextest"
	"github.com/dctx-team/routex/transform"
)

// toolFeatures are about tools: their calls, what comes back, the choice.
func toolFeatures() []feature {
	return []feature{
		{column: "parallel tools", answer: always(routextest.Answer{Text: "Looking.", Tools: parallel(), Interleaved: true}), try: tryTools, everywhere: true},
		{column: "tool choice", try: tryChoice},
		{column: "one call at a time", try: tryOneAtATime, cannot: speaks("gemini")},
		{column: "long names", answer: callLongName, try: tryLongNames, cannot: unless("anthropic")},
		{column: "text tools", answer: callPatch, try: tryTextTool, cannot: unless("openai-responses")},
		{column: "tool results", try: tryResults, everywhere: true},
		{column: "images in results", try: tryImageResult, cannot: speaks("openai-chat")},
	}
}

// parallel are calls with arguments of every sort, and without.
func parallel() []routextest.ToolCall {
	return []routextest.ToolCall{
		{ID: "call_1", Name: "weather", Arguments: `{"zeta":"Zürich","big":12345678901234567890,"n":1.50,"alpha":null}`},
		{ID: "call_2", Name: "now"},
		{ID: "call_3", Name: "weather", Arguments: `{"city":"\"x\" \\ y"}`},
	}
}

func tryTools(t *testing.T, s *setting) bool {
	q := say("weather?")
	q.Tools = true
	got := s.succeeds(t, q)
	if got.Text != "Looking." || got.Stop != "tool" || len(got.Calls) != 3 {
		t.Fatalf("read %+v\n%s", got, s.got.text())
	}
	ids := map[string]bool{}
	for i, want := range parallel() {
		if want.Arguments == "" {
			want.Arguments = "{}"
		}
		call := got.Calls[i]
		// A signature may stand in the id, after the provider's own.
		if !strings.HasPrefix(call.ID, want.ID) || call.Name != want.Name || !sameJSON(t, call.Args, want.Arguments) {
			t.Errorf("call %d reads %+v, want %+v", i, call, want)
		}
		ids[call.ID] = true
	}
	first := got.Calls[0].Args
	if s.client.protocol == "gemini" { // whose SDK reads numbers as float64: the wire has them as they were
		first = s.got.text()
	}
	if !strings.Contains(strings.ReplaceAll(first, " ", ""), `{"zeta":"Zürich","big":12345678901234567890,"n":1.50,"alpha":null}`) {
		t.Errorf("the arguments lost precision or order: %s", first)
	}
	return len(ids) == 3 && s.has("The weather in a city.", `"city"`, `"required"`)
}

// choices say where a channel's protocol has the choice of a tool.
func choices(d transform.Dialect) (path string, values map[string]string) {
	switch d {
	case transform.Anthropic:
		return "tool_choice", map[string]string{"must": `"any"`, "weather": `"weather"`, "none": `"none"`}
	case transform.Gemini:
		return "toolConfig", map[string]string{"must": `"ANY"`, "weather": `"weather"`, "none": `"NONE"`}
	}
	return "tool_choice", map[string]string{"must": `"required"`, "weather": `"weather"`, "none": `"none"`}
}

func tryChoice(t *testing.T, s *setting) bool {
	path, values := choices(s.upstream.dialect())
	all := true
	for choice, want := range values {
		q := say("weather?")
		q.Tools, q.Choice = true, choice
		s.succeeds(t, q)
		all = all && strings.Contains(s.sent().Get(path).Raw, want)
	}
	return all
}

func tryOneAtATime(t *testing.T, s *setting) bool {
	q := say("weather?")
	q.Tools, q.OneAtATime = true, true
	s.succeeds(t, q)
	return s.has(`"parallel_tool_calls":false`) || s.has(`"disable_parallel_tool_use":true`)
}

var longName = regexp.MustCompile(`"(weather_of[a-z0-9_]*)"`)

// callLongName calls the tool by the name that the provider was given.
func callLongName(c *routextest.Call) routextest.Answer {
	return routextest.Answer{Tools: []routextest.ToolCall{{ID: "call_1", Name: longName.FindStringSubmatch(string(c.Body))[1], Arguments: `{"city":"Bern"}`}}}
}

func tryLongNames(t *testing.T, s *setting) bool {
	q := say("weather?")
	q.Tools, q.LongNames = true, true
	want := q.tools()[0].name
	got := s.succeeds(t, q)
	if len(got.Calls) != 1 || got.Calls[0].Name != want {
		t.Fatalf("read %+v", got)
	}
	q.Choice = want
	next := s.succeeds(t, q.onwards(got)) // the provider knows the call by the same name as the tool
	return len(next.Calls) == 1 && next.Calls[0].Name == want
}

// callPatch gives a tool text, as each protocol has it.
func callPatch(c *routextest.Call) routextest.Answer {
	text := "+ one\n- \"two\""
	if c.Protocol != "openai-responses" {
		text = `{"input":"+ one\n- \"two\""}`
	}
	return routextest.Answer{Tools: []routextest.ToolCall{{ID: "call_1", Name: "patch", Arguments: text}}}
}

func tryTextTool(t *testing.T, s *setting) bool {
	q := say("patch it")
	q.Tools, q.TextTool = true, true
	got := s.succeeds(t, q)
	if len(got.Calls) != 1 || got.Calls[0].Name != "patch" || got.Calls[0].Args != "+ one\n- \"two\"" {
		t.Errorf("read %+v\n%s", got, s.got.text())
	}
	return true
}

// history is a conversation in which tools were called.
func history(results ...result) question {
	return question{MaxTokens: 50, Tools: true, Turns: []turn{
		{Text: "weather?"},
		{Assistant: true, Text: "Looking.", Calls: []toolCall{{"call_1", "weather", `{"city":"Bern"}`}, {"call_2", "now", `{}`}}},
		{Results: results, Text: "And now?"},
	}}
}

func tryResults(t *testing.T, s *setting) bool {
	q := history(result{ID: "call_1", Name: "weather", Text: "rain"}, result{ID: "call_2", Name: "now", Text: "no clock", Failed: true})
	if got := s.succeeds(t, q); got.Text == "" {
		t.Errorf("read %+v", got)
	}
	failed := s.has(`"is_error":true`) || s.has("[tool_error]") || s.has(`"error":`)
	return failed && s.has("rain", "no clock", "And now?", "Looking.", "Bern")
}

func tryImageResult(t *testing.T, s *setting) bool {
	s.succeeds(t, history(result{ID: "call_1", Name: "weather", Text: "see", Image: true}, result{ID: "call_2", Name: "now", Text: "noon"}))
	return s.has("see", "noon", pixel)
}
