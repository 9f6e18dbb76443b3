package routex

import "strings"

// window is how many tokens a call for a model, by the caller's name for it,
// and its answer may have: as configured, else as far as it is known; 0 when
// it is not.
func (ch *channel) window(asked string) int {
	upstream := ch.called(asked)
	for _, name := range [...]string{asked, upstream} {
		if tokens, ok := bestMatch(ch.ContextWindow, name); ok {
			return tokens
		}
	}
	if tokens := windowOf(upstream); tokens > 0 {
		return tokens
	}
	return windowOf(asked) // what Azure calls a deployment says nothing
}

// windowOf looks a model up by the longest beginning of its name that is
// known, whatever platform writes it: openai/gpt-4.1, us.anthropic.claude-...,
// Meta-Llama-3.1-8B, ft:gpt-4o:org. It gives 0 for an unknown one.
func windowOf(model string) int {
	name := strings.ToLower(model)
	name = name[strings.LastIndexByte(name, '/')+1:]
	name = strings.ReplaceAll(strings.TrimPrefix(name, "ft:"), ".", "-")
	if _, rest, ok := strings.Cut(name, "anthropic-"); ok {
		name = rest
	}
	name = strings.TrimPrefix(name, "meta-")
	for end := len(name); end > 0; end-- {
		if tokens, ok := windows[name[:end]]; ok && endsWord(name[end:]) {
			return tokens
		}
	}
	return 0
}

// endsWord reports that what follows a name is a variant of it, and not the
// rest of another name: gpt-4 is not gpt-4o, and o1 is not o11.
func endsWord(rest string) bool {
	return rest == "" || strings.IndexByte("-:@[", rest[0]) >= 0
}

// windows are the context windows in tokens as the makers of the models give
// them, read in November 2026. Names are in small letters, with - for a dot,
// and stand for all that begins with them. A server of open models may well
// offer less than its model could: what is configured goes first. A window of
// 0 keeps a shorter name from speaking for a model that is not known.
var windows = map[string]int{
	// platform.claude.com/docs: context windows. The larger window that some
	// of the older models have has to be asked for by a header.
	"claude":            200_000,
	"claude-2-0":        100_000,
	"claude-instant":    100_000,
	"claude-opus-4-6":   1_000_000,
	"claude-opus-4-7":   1_000_000,
	"claude-opus-4-8":   1_000_000,
	"claude-opus-5":     1_000_000,
	"claude-sonnet-4-6": 1_000_000,
	"claude-sonnet-5":   1_000_000,
	"claude-haiku-5":    1_000_000,
	"claude-fable":      1_000_000,
	"claude-mythos":     1_000_000,

	// developers.openai.com/api/docs/models
	"gpt-3-5-turbo":          16_385,
	"gpt-3-5-turbo-instruct": 4_096,
	"gpt-4":                  8_192,
	"gpt-4-32k":              32_768,
	"gpt-4-turbo":            128_000,
	"gpt-4-1106":             128_000,
	"gpt-4-0125":             128_000,
	"gpt-4-vision":           128_000,
	"gpt-4o":                 128_000,
	"chatgpt-4o":             128_000,
	"gpt-4-1":                1_047_576,
	"gpt-4-5":                128_000,
	"gpt-5":                  400_000, // 5.1, 5.2 and 5.3 too
	"gpt-5-chat":             128_000,
	"gpt-5-1-chat":           128_000,
	"gpt-5-2-chat":           128_000,
	"gpt-5-3-chat":           128_000,
	"gpt-5-3-codex-spark":    128_000,
	"gpt-5-4":                1_050_000,
	"gpt-5-4-mini":           400_000,
	"gpt-5-4-nano":           400_000,
	"gpt-5-5":                1_050_000,
	"gpt-5-6":                1_050_000,
	"gpt-6":                  1_050_000,
	"gpt-oss":                131_072,
	"codex-mini":             200_000,
	"o1":                     200_000,
	"o1-mini":                128_000,
	"o1-preview":             128_000,
	"o3":                     200_000,
	"o4":                     200_000,

	// ai.google.dev/gemini-api/docs/models: the limit of the input.
	"gemini-1-5-flash":       1_048_576,
	"gemini-1-5-pro":         2_097_152,
	"gemini-2-0":             1_048_576,
	"gemini-2-5":             1_048_576,
	"gemini-3":               1_048_576, // 3.1 and later too
	"gemini-4":               1_048_576,
	"gemini-2-0-flash-live":  0,
	"gemini-2-5-flash-image": 0,
	"gemini-2-5-flash-live":  0,
	"gemini-2-5-flash-tts":   0,
	"gemini-2-5-pro-tts":     0,
	"gemini-3-pro-image":     0,
	"gemini-3-1-flash-image": 0,

	// docs.bigmodel.cn and docs.z.ai
	"glm-4":      128_000,
	"glm-4-long": 1_000_000,
	"glm-4v":     0,
	"glm-4-5":    128_000,
	"glm-4-5v":   64_000,
	"glm-4-6":    200_000,
	"glm-4-6v":   128_000,
	"glm-4-7":    200_000,
	"glm-5":      200_000, // 5.1 too
	"glm-5-2":    1_000_000,
	"glm-5-3":    1_000_000,

	// api-docs.deepseek.com. What deepseek-chat stands for changes.
	"deepseek-v2-5": 128_000,
	"deepseek-v3":   128_000,
	"deepseek-r1":   128_000,
	"deepseek-v4":   1_000_000,

	// Alibaba Cloud Model Studio, and qwenlm.github.io for the open models.
	"qwen-max":         32_768,
	"qwen-plus":        1_000_000,
	"qwen-flash":       1_000_000,
	"qwen-turbo":       1_000_000,
	"qwen2-5":          131_072,
	"qwen3":            131_072,
	"qwen3-max":        262_144,
	"qwen3-next":       262_144,
	"qwen3-coder":      262_144,
	"qwen3-coder-plus": 1_000_000,
	"qwen3-5":          262_144,
	"qwen3-5-plus":     1_000_000,
	"qwen3-6":          262_144,
	"qwen3-6-plus":     1_000_000,
	"qwen3-7-max":      991_000,

	// docs.mistral.ai
	"mistral-large":      128_000,
	"mistral-large-2512": 256_000,
	"mistral-medium":     128_000,
	"mistral-medium-3-5": 256_000,
	"mistral-small":      128_000,
	"mistral-small-2409": 32_768,
	"open-mistral-nemo":  128_000,
	"open-mixtral-8x22b": 64_000,
	"ministral":          128_000,
	"pixtral":            128_000,
	"devstral":           128_000,
	"devstral-2512":      256_000,

	// llama.com/docs. Those of version 4 have as many windows as hosts.
	"llama-3":   8_192,
	"llama3":    8_192,
	"llama-3-1": 131_072,
	"llama3-1":  131_072,
	"llama-3-2": 131_072,
	"llama3-2":  131_072,
	"llama-3-3": 131_072,
	"llama3-3":  131_072,

	// docs.x.ai
	"grok-3":        131_072,
	"grok-4":        256_000,
	"grok-4-fast":   2_000_000,
	"grok-4-1-fast": 2_000_000,
}
