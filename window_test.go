package routex

import "testing"

func TestWindowOfKnownModels(t *testing.T) {
	for model, want := range map[string]int{
		"gpt-4o": 128_000, "gpt-4o-mini-2024-07-18": 128_000, "ft:gpt-4o:acme::id": 128_000, "openai/gpt-4.1-mini": 1_047_576,
		"gpt-4": 8_192, "gpt-4-0613": 8_192, "gpt-4-1106-preview": 128_000, "gpt-4-turbo": 128_000, "gpt-4.1": 1_047_576,
		"gpt-5": 400_000, "gpt-5-chat-latest": 128_000, "gpt-5.2-codex": 400_000, "gpt-5.4": 1_050_000, "gpt-5.4-mini": 400_000, "gpt-6.2-sol": 1_050_000,
		"o1": 200_000, "o1-mini": 128_000, "o3-pro": 200_000, "o4-mini": 200_000, "o11": 0,
		"claude-3-5-sonnet-20241022": 200_000, "claude-sonnet-4-5": 200_000, "anthropic/claude-opus-4.6": 1_000_000, "claude-haiku-4-5-20251001": 200_000,
		"us.anthropic.claude-sonnet-4-6-v1:0": 1_000_000, "claude-opus-4-1@20250805": 200_000, "claude-haiku-5-5": 1_000_000, "claudette": 0,
		"gemini-1.5-pro-002": 2_097_152, "models/gemini-2.0-flash": 1_048_576, "gemini-2.5-flash-lite": 1_048_576, "gemini-2.5-flash-image": 0, "gemini-embedding-001": 0,
		"glm-4-flash": 128_000, "glm-4.5-air": 128_000, "glm-4.5v": 64_000, "z-ai/glm-4.6": 200_000, "glm-5.1": 200_000, "glm-5.2": 1_000_000, "glm-4v-plus": 0,
		"deepseek-ai/DeepSeek-V3.2": 128_000, "deepseek-v4-flash": 1_000_000, "deepseek-chat": 0,
		"Qwen/Qwen2.5-72B-Instruct": 131_072, "qwen3-max-preview": 262_144, "qwen3:8b": 131_072, "qwen-plus-latest": 1_000_000,
		"mistral-large-2411": 128_000, "mistral-large-2512": 256_000, "mistral.mistral-large": 0,
		"meta-llama/Llama-3.3-70B-Instruct": 131_072, "meta.llama3-1-8b-instruct-v1:0": 131_072, "llama3.2:3b": 131_072, "llama-3-8b": 8_192, "llama-4-scout": 0,
		"grok-4": 256_000, "grok-4-fast-reasoning": 2_000_000, "grok-4.1-fast": 2_000_000,
		"": 0, "my-own": 0,
	} {
		if got := windowOf(model); got != want {
			t.Errorf("the window of %q is %d, want %d", model, got, want)
		}
	}
}

func TestWindowOfAChannel(t *testing.T) {
	for name, test := range map[string]struct {
		ch    Channel
		model string
		want  int
	}{
		"known":                     {Channel{}, "gpt-4o", 128_000},
		"unknown":                   {Channel{}, "x", 0},
		"by the provider's name":    {Channel{ModelMap: map[string]string{"gpt-4o": "gpt-4.1"}}, "gpt-4o", 1_047_576},
		"when that says nothing":    {Channel{Type: TypeAzure, Deployment: "prod"}, "gpt-4o", 128_000},
		"configured for all":        {Channel{ContextWindow: map[string]int{"*": 7}}, "gpt-4o", 7},
		"for a pattern":             {Channel{ContextWindow: map[string]int{"*": 7, "gpt-*": 8}}, "gpt-4o", 8},
		"for others":                {Channel{ContextWindow: map[string]int{"claude-*": 7}}, "gpt-4o", 128_000},
		"for the provider's name":   {Channel{ModelMap: map[string]string{"a": "b"}, ContextWindow: map[string]int{"b": 9}}, "a", 9},
		"the caller's name matters": {Channel{ModelMap: map[string]string{"a": "b"}, ContextWindow: map[string]int{"b": 9, "a": 5}}, "a", 5},
	} {
		ch := &channel{Channel: test.ch}
		if got := ch.window(test.model); got != test.want {
			t.Errorf("%s: %d, want %d", name, got, test.want)
		}
	}
}
