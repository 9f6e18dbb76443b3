package conv

import "testing"

func TestEffortForModelsOfOpenAI(t *testing.T) {
	off := Thinking{Mode: ThinkingOff}
	free := Thinking{Mode: ThinkingOn}
	effort := func(e Effort) Thinking { return Thinking{Mode: ThinkingOn, Effort: e} }
	cases := []struct {
		model    string
		thinking Thinking
		want     string
		told     bool
	}{
		{"gpt-4o", Thinking{}, "", false},
		{"gpt-4o", off, "", false},
		{"gpt-4o", free, "", true},
		{"gpt-4.1-mini", effort(EffortLow), "", true},
		{"o3-mini", effort(EffortMinimal), "low", true},
		{"openai/o3", effort(EffortHigh), "high", false},
		{"o4-mini", off, "low", true},
		{"o3", free, "", false},
		{"gpt-5", effort(EffortMinimal), "minimal", false},
		{"gpt-5-mini-2025-08-07", off, "minimal", true},
		{"gpt-5", effort(EffortMax), "high", true},
		{"gpt-5", Thinking{Mode: ThinkingOn, Budget: 5000}, "medium", false},
		{"gpt-5-chat-latest", effort(EffortHigh), "", true},
		{"gpt-5-pro", effort(EffortLow), "high", true},
		{"gpt-5-codex", effort(EffortMinimal), "low", true},
		{"gpt-5.1", off, "none", false},
		{"gpt-5.1", free, "medium", false},
		{"gpt-5.1", effort(EffortMinimal), "low", true},
		{"gpt-5.1", effort(EffortXHigh), "high", true},
		{"gpt-5.1-chat-latest", effort(EffortHigh), "", true},
		{"gpt-5.1-codex-max", effort(EffortXHigh), "xhigh", false},
		{"gpt-5.2-pro", effort(EffortLow), "medium", true},
		{"gpt-5.2-codex", off, "low", true},
		{"gpt-5.4-mini", effort(EffortMax), "xhigh", true},
		{"gpt-6", effort(EffortXHigh), "xhigh", false},
	}
	for _, c := range cases {
		got, why := c.thinking.EffortFor(c.model)
		if got != c.want || (why != "") != c.told {
			t.Errorf("%s %+v: effort %q, told %q; want %q, told %v", c.model, c.thinking, got, why, c.want, c.told)
		}
	}
}
