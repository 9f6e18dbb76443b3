package router

import (
	"strconv"
	"strings"

	"github.com/dctx-team/routex/internal/tokens"
)

// A family is models that count alike.
type family struct {
	vocabulary *tokens.Vocabulary
	percent    int // of what the vocabulary counts
	tools      int // tokens that the offer of tools adds, besides the tools
	schemas    int // percent of their text that tools and schemas cost
	image      func(model string, width, height int, low bool) int
}

// Recorded answers of Claude have 1.15 to 1.3 times the tokens that o200k has
// for their texts. Its vocabulary since Opus 4.7 makes 1 to 1.35 times as many
// of a text, by Anthropic's word, and more for prose than for code.
const (
	olderClaudePercent = 120
	claudePercent      = 150
)

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
	claude      = family{tokens.Recent(), claudePercent, claudeTools, 100, largeImage}
	olderClaude = family{tokens.Recent(), olderClaudePercent, claudeTools, 100, smallImage}
	gemini      = family{tokens.Recent(), 100, toolsTokens, 100, geminiImage}
	others      = family{tokens.Recent(), 100, toolsTokens, 100, smallImage}
)

// familyOf goes by the name of a model, wherever a provider's prefix ends.
func familyOf(model string) *family {
	has := func(part string) bool { return containsFold(model, part) }
	switch {
	case has("claude"):
		if version(model) >= 4_07 {
			return &claude
		}
		return &olderClaude
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

// version is the first number in a name times a hundred, and the one after it:
// 407 of claude-opus-4-7, 300 of gemini-3-pro. A longer number is a date.
func version(model string) int {
	model = model[strings.LastIndexByte(model, '/')+1:]
	isDigit := func(r rune) bool { return r >= '0' && r <= '9' }
	digits := func() (n int, ok bool) {
		end := len(model) - len(strings.TrimLeftFunc(model, isDigit))
		text := model[:end]
		model = model[end:]
		n, err := strconv.Atoi(text)
		return n, err == nil && end <= 2
	}
	first := strings.IndexFunc(model, isDigit)
	if first < 0 {
		return 0
	}
	model = model[first:]
	major, ok := digits()
	if !ok {
		return 0
	}
	if len(model) < 2 || model[0] != '-' && model[0] != '.' {
		return major * 100
	}
	model = model[1:]
	if minor, ok := digits(); ok {
		return major*100 + minor
	}
	return major * 100
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
