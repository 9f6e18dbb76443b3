package named_test

import (
	"testing"

	"github.com/dctx-team/routex/transform"
)

func TestSamplingSets(t *testing.T) {
	const a, o, r, g = transform.Anthropic, transform.OpenAIChat, transform.OpenAIResponses, transform.Gemini
	testRequests(t, "sampling", `{"temperature":1.50,"top_p":0.9,"top_k":40,"frequency_penalty":-1,"presence_penalty":0.25}`, map[string]row{
		"Anthropic": {a, "", `{"temperature":0.1}`, `{"temperature":1,"top_p":0.9,"top_k":40}`},
		"Anthropic that thinks": {
			a, "", `{"temperature":1,"thinking":{"type":"enabled"}}`, `{"temperature":1,"thinking":{"type":"enabled"}}`,
		},
		"OpenAI":                 {o, "openai gpt-4o", `{"top_p":1, "m":0}`, `{"top_p":0.9, "m":0,"temperature":1.50,"frequency_penalty":-1,"presence_penalty":0.25}`},
		"OpenAI's o3":            {o, "openai o3", `{"m":0}`, `{"m":0}`},
		"custom":                 {o, "custom m", `{}`, `{"temperature":1.50,"top_p":0.9,"frequency_penalty":-1,"presence_penalty":0.25,"top_k":40}`},
		"Zhipu":                  {o, "zhipu glm-4.6", `{"top_k":1}`, `{"top_k":1,"temperature":1,"top_p":0.9}`},
		"Claude that takes none": {a, "anthropic claude-opus-4-7", `{}`, `{}`},
		"GPT-5 Responses":        {r, "openai gpt-5", `{"temperature":null}`, `{"temperature":null}`},
		"Responses":              {r, "", `{"temperature":null}`, `{"temperature":1.50,"top_p":0.9}`},
		"Gemini": {
			g, "google gemini-2.0-flash", `{"generationConfig":{"top_k":3}}`,
			`{"generationConfig":{"top_k":40,"temperature":1.50,"topP":0.9,"frequencyPenalty":-1,"presencePenalty":0.25}}`,
		},
	})
}

func TestSamplingBounds(t *testing.T) {
	const a, o, g = transform.Anthropic, transform.OpenAIChat, transform.Gemini
	testRequests(t, "sampling", `{"temperature":{"min":0.2,"max":1.2},"top_p":{"max":0.9},"top_k":{"min":5}}`, map[string]row{
		"low":                     {o, "openai", `{"temperature":0,"top_p":1}`, `{"temperature":0.2,"top_p":0.9}`},
		"high":                    {o, "openai", `{"temperature":2,"top_p":0.10}`, `{"temperature":1.2,"top_p":0.10}`},
		"within":                  {o, "openai", `{"temperature":0.70}`, `{"temperature":0.70}`},
		"nothing is added":        {o, "openai", `{}`, `{}`},
		"what the protocol takes": {a, "", `{"temperature":1.2,"top_k":1}`, `{"temperature":1,"top_k":5}`},
		"Gemini":                  {g, "", `{"generationConfig":{"topK":1,"temperature":9}}`, `{"generationConfig":{"topK":5,"temperature":1.2}}`},
	})
	testRequests(t, "sampling", ``, map[string]row{
		"without options":        {a, "", `{"temperature":1.9,"top_p":-1}`, `{"temperature":1,"top_p":0}`},
		"without options, right": {o, "", `{"temperature":1.9,"presence_penalty":-3,"x":9}`, `{"temperature":1.9,"presence_penalty":-2,"x":9}`},
	})
}

func TestSamplingRemoves(t *testing.T) {
	const a, g = transform.Anthropic, transform.Gemini
	testRequests(t, "sampling", `{"temperature":null,"top_p":null,"top_k":null}`, map[string]row{
		"all":    {a, "", `{"temperature":1,"top_p":1,"top_k":3}`, `{}`},
		"first":  {a, "", `{"temperature":1, "x":1}`, `{ "x":1}`},
		"middle": {a, "", `{"a":[1,2] , "temperature":1, "x":1}`, `{"a":[1,2] , "x":1}`},
		"last":   {a, "", `{ "x":1, "temperature":1 }`, `{ "x":1 }`},
		"Gemini": {g, "", `{"generationConfig":{"topP":1,"topK":2,"x":1}}`, `{"generationConfig":{"x":1}}`},
	})
}

func TestSamplingIsNotSetWhereAnthropicRefusesIt(t *testing.T) {
	r := request(transform.Anthropic, `{}`)
	r.Target.Version = "2026-10-21"
	if got := sent(t, newNamed(t, "sampling", `{"temperature":0.5}`), r); got != `{}` {
		t.Errorf("by the channel's version: %s", got)
	}
	r = request(transform.Anthropic, `{}`)
	r.Header.Set("Anthropic-Version", "2026-10-21")
	if got := sent(t, newNamed(t, "sampling", `{"temperature":0.5}`), r); got != `{}` {
		t.Errorf("by the caller's version: %s", got)
	}
}
