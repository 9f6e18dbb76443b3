package openai

import (
	"testing"

	"github.com/dctx-team/routex/transform/internal/conv"
)

func TestEffortByModel(t *testing.T) {
	off := conv.Thinking{Mode: conv.ThinkingOff}
	free := conv.Thinking{Mode: conv.ThinkingOn}
	effort := func(e conv.Effort) conv.Thinking { return conv.Thinking{Mode: conv.ThinkingOn, Effort: e} }
	cases := []struct {
		model    string
		thinking conv.Thinking
		want     string
		told     bool
	}{
		{"gpt-4o", conv.Thinking{}, "", false},
		{"gpt-4o", off, "", false},
		{"gpt-4o", free, "", true},
		{"gpt-4.1-mini", effort(conv.EffortLow), "", true},
		{"o3-mini", effort(conv.EffortMinimal), "low", true},
		{"openai/o3", effort(conv.EffortHigh), "high", false},
		{"o4-mini", off, "low", true},
		{"o3", free, "", false},
		{"gpt-5", effort(conv.EffortMinimal), "minimal", false},
		{"gpt-5-mini-2025-08-07", off, "minimal", true},
		{"gpt-5", effort(conv.EffortMax), "high", true},
		{"gpt-5", conv.Thinking{Mode: conv.ThinkingOn, Budget: 5000}, "medium", false},
		{"gpt-5-chat-latest", effort(conv.EffortHigh), "", true},
		{"gpt-5-pro", effort(conv.EffortLow), "high", true},
		{"gpt-5-codex", effort(conv.EffortMinimal), "low", true},
		{"gpt-5.1", off, "none", false},
		{"gpt-5.1", free, "medium", false},
		{"gpt-5.1", effort(conv.EffortMinimal), "low", true},
		{"gpt-5.1", effort(conv.EffortXHigh), "high", true},
		{"gpt-5.1-chat-latest", effort(conv.EffortHigh), "medium", true},
		{"gpt-5.1-codex-max", effort(conv.EffortXHigh), "xhigh", false},
		{"gpt-5.2-pro", effort(conv.EffortLow), "medium", true},
		{"gpt-5.2-codex", off, "low", true},
		{"gpt-5.4-mini", effort(conv.EffortMax), "xhigh", true},
		{"gpt-5-search-api", free, "", true},
		{"gpt-35-turbo", free, "", true},
		{"some-deployment", free, "", true},
		{"some-deployment", off, "", false},
		{"gpt-6", effort(conv.EffortXHigh), "xhigh", false},
	}
	for _, c := range cases {
		m := ModelOf(c.model)
		got, why := m.Effort(&c.thinking)
		if got != c.want || (why != "") != c.told {
			t.Errorf("%s %+v: effort %q, told %q; want %q, told %v", c.model, c.thinking, got, why, c.want, c.told)
		}
	}
}

func TestLimitIsNoHigherThanWhatTheModelCanDo(t *testing.T) {
	for _, c := range []struct{ model, tokens, want string }{
		{"gpt-4o-mini", "64000", "16384"},
		{"gpt-4o", "16000", "16000"},
		{"gpt-4-turbo", "8192", "4096"},
		{"gpt-5.1", "200000", "128000"},
		{"o3-mini", "64000", "64000"},
		{"some-model", "999999", "999999"},
		{"gpt-4o", "", ""},
	} {
		m := ModelOf(c.model)
		if got := m.Limit(c.tokens); got != c.want {
			t.Errorf("%s, %s tokens: %s, want %s", c.model, c.tokens, got, c.want)
		}
	}
}
