package router

import (
	"strings"

	"github.com/dctx-team/routex/internal/tokens"
)

// A family is models that count alike.
type family struct {
	vocabulary *tokens.Vocabulary
	percent    int // of what the vocabulary counts
	tools      int // tokens that the offer of tools adds, besides the tools
	schemas    int // percent of their text that tools and schemas cost
	image      func(width, height int, low bool) int
}

// claudePercent: recorded answers of Claude have 1.15 to 1.3 times the tokens
// that o200k has for their texts.
const claudePercent = 120

// claudeTools is the length of the text about tools that Anthropic documents
// for its models since Claude 4.
const claudeTools = 346

// openAISchemas: the models of OpenAI are shown tools as declarations of types,
// which are shorter than their JSON. Recorded calls have 0.5 to 0.75 of it.
const openAISchemas = 70

// Families by what the name of a model contains.
var (
	openAI      = family{tokens.Recent(), 100, toolsTokens, openAISchemas, openAIImage}
	olderOpenAI = family{tokens.Older(), 100, toolsTokens, openAISchemas, openAIImage}
	claude      = family{tokens.Recent(), claudePercent, claudeTools, 100, areaImage}
	gemini      = family{tokens.Recent(), 100, toolsTokens, 100, geminiImage}
	others      = family{tokens.Recent(), 100, toolsTokens, 100, areaImage}
)

// familyOf goes by the name of a model, wherever a provider's prefix ends.
func familyOf(model string) *family {
	has := func(part string) bool { return containsFold(model, part) }
	switch {
	case has("claude"):
		return &claude
	case has("gemini"), has("gemma"):
		return &gemini
	case has("gpt-3.5"), has("gpt-35"), has("text-embedding-3"), has("text-embedding-ada"), has("davinci-002"), has("babbage-002"),
		has("gpt-4") && !has("gpt-4o") && !has("gpt-4.") && !has("gpt-41"):
		return &olderOpenAI
	case has("gpt"), has("codex"), hasPrefixFold(model[strings.LastIndexByte(model, '/')+1:], "o1", "o3", "o4"):
		return &openAI
	}
	return &others
}

// containsFold is strings.Contains in any case of ASCII; part is in small
// letters.
func containsFold(s, part string) bool {
	for i := 0; i+len(part) <= len(s); i++ {
		if strings.EqualFold(s[i:i+len(part)], part) {
			return true
		}
	}
	return false
}

func hasPrefixFold(s string, prefixes ...string) bool {
	for _, p := range prefixes {
		if len(s) >= len(p) && strings.EqualFold(s[:len(p)], p) {
			return true
		}
	}
	return false
}
