package named_test

import (
	"testing"

	"github.com/dctx-team/routex/transform"
)

func TestReasoningIsAskedForInTheModelsWay(t *testing.T) {
	const a, o, r, g = transform.Anthropic, transform.OpenAIChat, transform.OpenAIResponses, transform.Gemini
	testRequests(t, "reasoning", `{"effort":"high"}`, map[string]row{
		"Claude with a budget": {
			a, "anthropic claude-sonnet-4-5", `{"max_tokens":32000,"x":1}`,
			`{"max_tokens":32000,"x":1,"thinking":{"type":"enabled","budget_tokens":24576}}`,
		},
		"a budget below the limit": {
			a, "anthropic claude-sonnet-4-5", `{"max_tokens":3000}`,
			`{"max_tokens":3000,"thinking":{"type":"enabled","budget_tokens":2999}}`,
		},
		"a limit above the least budget": {
			a, "anthropic claude-sonnet-4-5", `{"max_tokens":100}`,
			`{"max_tokens":1124,"thinking":{"type":"enabled","budget_tokens":1024}}`,
		},
		"Claude that chooses its budget": {
			a, "anthropic claude-opus-4-6", `{"output_config":{"format":{}},"max_tokens":3000}`,
			`{"output_config":{"format":{},"effort":"high"},"max_tokens":3000,"thinking":{"type":"adaptive"}}`,
		},
		"in place of the caller's": {
			a, "anthropic claude-opus-4-6", `{"thinking":{"type":"disabled"},"output_config":{"effort":"low"},"max_tokens":9}`,
			`{"thinking":{"type":"adaptive"},"output_config":{"effort":"high"},"max_tokens":9}`,
		},
		"Claude that cannot":  {a, "anthropic claude-3-5-haiku-20241022", `{"max_tokens":3000}`, `{"max_tokens":3000}`},
		"OpenAI":              {o, "openai o3", `{"reasoning_effort":"low","x":1}`, `{"reasoning_effort":"high","x":1}`},
		"OpenAI that cannot":  {o, "openai gpt-4o", `{"x":1}`, `{"x":1}`},
		"a server of its own": {o, "custom m", `{"reasoning":{"effort":"low"}}`, `{"reasoning_effort":"high"}`},
		"Zhipu":               {o, "zhipu glm-4.6", `{"x":1}`, `{"x":1,"thinking":{"type":"enabled"}}`},
		"Responses":           {r, "openai gpt-5", `{"reasoning":{"summary":"auto"}}`, `{"reasoning":{"summary":"auto","effort":"high"}}`},
		"Gemini 2.5": {
			g, "google gemini-2.5-flash", `{"contents":[]}`, `{"contents":[],"generationConfig":{"thinkingConfig":{"thinkingBudget":24576}}}`,
		},
		"Gemini 3": {
			g, "google gemini-3-pro", `{"generationConfig":{"thinkingConfig":{"thinkingBudget":5,"includeThoughts":true}}}`,
			`{"generationConfig":{"thinkingConfig":{"includeThoughts":true,"thinkingLevel":"HIGH"}}}`,
		},
	})
	testRequests(t, "reasoning", `{"budget_tokens":5000}`, map[string]row{
		"a budget": {
			a, "anthropic claude-sonnet-4-5", `{"max_tokens":30000}`,
			`{"max_tokens":30000,"thinking":{"type":"enabled","budget_tokens":5000}}`,
		},
		"the effort that fits it": {o, "openai o3", `{}`, `{"reasoning_effort":"medium"}`},
		"a budget of Gemini's": {
			g, "google gemini-2.5-flash", `{"generation_config":{"thinking_config":{"thinking_budget":1}}}`,
			`{"generation_config":{"thinking_config":{"thinking_budget":5000}}}`,
		},
	})
}

func TestReasoningIsSwitchedOff(t *testing.T) {
	const a, o, r, g = transform.Anthropic, transform.OpenAIChat, transform.OpenAIResponses, transform.Gemini
	testRequests(t, "reasoning", `{"enabled":false}`, map[string]row{
		"Claude": {
			a, "anthropic claude-sonnet-4-5", `{"thinking":{"type":"enabled","budget_tokens":2000},"max_tokens":3000}`, `{"max_tokens":3000}`,
		},
		"the least that OpenAI's o3 knows": {o, "openai o3", `{"reasoning_effort":"high"}`, `{"reasoning_effort":"low"}`},
		"OpenAI's newer": {
			r, "openai gpt-5.1", `{"reasoning":{"effort":"high","summary":"auto"}}`, `{"reasoning":{"effort":"none","summary":"auto"}}`,
		},
		"Zhipu": {o, "zhipu glm-4.6", `{}`, `{"thinking":{"type":"disabled"}}`},
		"Gemini 2.5": {
			g, "google gemini-2.5-flash", `{"generationConfig":{"thinkingConfig":{"thinkingBudget":5,"includeThoughts":true}}}`,
			`{"generationConfig":{"thinkingConfig":{"thinkingBudget":0,"includeThoughts":true}}}`,
		},
		"the least that Gemini 3 knows": {g, "google gemini-3-pro", `{}`, `{"generationConfig":{"thinkingConfig":{"thinkingLevel":"LOW"}}}`},
	})
}

func TestReasoningTakesOutWhatClaudeRefusesBesideIt(t *testing.T) {
	r := request(transform.Anthropic, `{"max_tokens":9000,"temperature":0.5,"top_k":5,"top_p":0.95}`)
	r.Model = "claude-sonnet-4-5"
	got := sent(t, newNamed(t, "reasoning", `{"effort":"low"}`), r)
	if want := `{"max_tokens":9000,"top_p":0.95,"thinking":{"type":"enabled","budget_tokens":1024}}`; got != want {
		t.Errorf("sent is %s, want %s", got, want)
	}
	if len(r.Losses) != 2 || r.Losses[0].Field != "temperature" || r.Losses[1].Field != "top_k" {
		t.Errorf("losses are %v", r.Losses)
	}
}

func TestReasoningIsNotAskedForWhereClaudeRefusesIt(t *testing.T) {
	for what, body := range map[string]string{
		"a forced tool": `{"max_tokens":9000,"temperature":0.5,"tool_choice":{"type":"any"}}`,
		"calls without reasoning before them": `{"max_tokens":9000,"messages":[{"role":"user","content":"q"},` +
			`{"role":"assistant","content":[{"type":"tool_use","id":"1","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"1"}]}]}`,
		"an answer that was begun": `{"max_tokens":9000,"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"It is"}]}`,
	} {
		r := request(transform.Anthropic, body)
		r.Model = "claude-sonnet-4-5"
		if got := sent(t, newNamed(t, "reasoning", ""), r); got != body {
			t.Errorf("%s: sent is %s", what, got)
		}
	}
	led := `{"max_tokens":9000,"messages":[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"s"},` +
		`{"type":"tool_use","id":"1","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"1"}]}]}`
	r := request(transform.Anthropic, led)
	r.Model = "claude-sonnet-4-5"
	if got := sent(t, newNamed(t, "reasoning", ""), r); got == led {
		t.Error("reasoning that goes on is not asked for")
	}
}
