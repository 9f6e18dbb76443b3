package chat

import "strings"

// baseModel returns the model's own name, without the provider's prefix and
// the mark of a fine-tuned model.
func baseModel(model string) string {
	model = strings.TrimPrefix(model, "ft:")
	return model[strings.LastIndexByte(model, '/')+1:]
}

// isReasoning reports that the model is one of OpenAI's that thinks before it
// answers, and rejects the settings of sampling.
func isReasoning(model string) bool {
	m := baseModel(model)
	return isSeries(m) || strings.HasPrefix(m, "gpt-5")
}

// isSeries knows o1, o3-mini and the like.
func isSeries(m string) bool {
	return len(m) >= 2 && m[0] == 'o' && m[1] >= '1' && m[1] <= '9' && (len(m) == 2 || m[2] == '-')
}

// takesCompletionTokens reports that the model knows max_completion_tokens.
// It is demanded by newer models of OpenAI; older ones, and the servers that
// are merely compatible, know only max_tokens.
func takesCompletionTokens(model string) bool {
	m := baseModel(model)
	if isSeries(m) || strings.HasPrefix(m, "chatgpt-") {
		return true
	}
	version, ok := strings.CutPrefix(m, "gpt-")
	if !ok || version == "" {
		return false
	}
	if version[0] == '4' {
		return len(version) > 1 && version[1] != '-'
	}
	return version[0] == '1' || version[0] >= '5' && version[0] <= '9'
}
