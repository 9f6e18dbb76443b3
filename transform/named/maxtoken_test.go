package named_test

import (
	"testing"

	"github.com/dctx-team/routex/transform"
)

func TestMaxToken(t *testing.T) {
	const a, o, r, g = transform.Anthropic, transform.OpenAIChat, transform.OpenAIResponses, transform.Gemini
	testRequests(t, "maxtoken", `{"max_tokens":2000}`, map[string]row{
		"caps":                  {a, "", `{"max_tokens": 9000, "x": 1.0}`, `{"max_tokens": 2000, "x": 1.0}`},
		"leaves less":           {a, "", `{ "max_tokens":1999 }`, `{ "max_tokens":1999 }`},
		"sets":                  {a, "", `{"model":"m"}`, `{"model":"m","max_tokens":2000}`},
		"null is absent":        {a, "", `{"max_tokens":null,"b":2}`, `{"max_tokens":2000,"b":2}`},
		"no limit":              {o, "custom", `{"max_tokens":-1}`, `{"max_tokens":2000}`},
		"every one of a name":   {a, "", `{"max_tokens":1,"max_tokens":3e5}`, `{"max_tokens":1,"max_tokens":2000}`},
		"an escaped name":       {a, "", `{"max\u005ftokens":3000}`, `{"max\u005ftokens":2000}`},
		"not those of others":   {a, "", `{"tools":[{"max_tokens":9000}],"max_tokens":3}`, `{"tools":[{"max_tokens":9000}],"max_tokens":3}`},
		"old name of OpenAI":    {o, "openai", `{"max_tokens":9000}`, `{"max_tokens":2000}`},
		"new name of OpenAI":    {o, "azure", `{"max_completion_tokens":9000}`, `{"max_completion_tokens":2000}`},
		"both names":            {o, "openai", `{"max_completion_tokens":9000,"max_tokens":1}`, `{"max_completion_tokens":2000,"max_tokens":1}`},
		"sets OpenAI's":         {o, "openai", `{}`, `{"max_completion_tokens":2000}`},
		"sets other servers'":   {o, "custom", `{}`, `{"max_tokens":2000}`},
		"caps Responses":        {r, "", `{"max_output_tokens":2001}`, `{"max_output_tokens":2000}`},
		"sets Responses":        {r, "", `{}`, `{"max_output_tokens":2000}`},
		"caps Gemini":           {g, "", `{"generationConfig":{"topK":1,"maxOutputTokens":9000}}`, `{"generationConfig":{"topK":1,"maxOutputTokens":2000}}`},
		"caps Gemini's other":   {g, "", `{"generation_config":{"max_output_tokens":9000}}`, `{"generation_config":{"max_output_tokens":2000}}`},
		"sets Gemini":           {g, "", `{"contents":[]}`, `{"contents":[],"generationConfig":{"maxOutputTokens":2000}}`},
		"adds to Gemini":        {g, "", `{"generationConfig":{"topK":1},"x":[]}`, `{"generationConfig":{"topK":1,"maxOutputTokens":2000},"x":[]}`},
		"adds to Gemini's null": {g, "", `{"generationConfig":null,"x":[]}`, `{"generationConfig":{"maxOutputTokens":2000},"x":[]}`},
		"adds to other Gemini":  {g, "", `{"generation_config":{}}`, `{"generation_config":{"maxOutputTokens":2000}}`},
		"lowers the budget": {
			a, "", `{"max_tokens":9000,"thinking":{"type":"enabled","budget_tokens":4000}}`,
			`{"max_tokens":2000,"thinking":{"type":"enabled","budget_tokens":1999}}`,
		},
		"leaves a budget that fits": {
			a, "", `{"max_tokens":9000,"thinking":{"type":"enabled","budget_tokens":1024}}`,
			`{"max_tokens":2000,"thinking":{"type":"enabled","budget_tokens":1024}}`,
		},
	})
}

func TestMaxTokenThatLeavesNoRoomForThinkingSaysSo(t *testing.T) {
	r := request(transform.Anthropic, `{"max_tokens":9000,"thinking":{"type":"enabled","budget_tokens":4000},"x":1}`)
	got := sent(t, newNamed(t, "maxtoken", `{"max_tokens":1000}`), r)
	if want := `{"max_tokens":1000,"x":1}`; got != want {
		t.Errorf("sent is %s, want %s", got, want)
	}
	if len(r.Losses) != 1 || r.Losses[0].Field != "thinking" {
		t.Errorf("losses are %v", r.Losses)
	}
}
