package gemini

import (
	"strconv"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// readUsage puts the counts of v into u and reports that v has some. The
// tokens of the prompt include those read from a cache, those of the answer
// exclude the reasoning. Chunks of a stream may come with a usage that counts
// nothing: what was told before stays.
func readUsage(u *conv.Usage, v conv.Raw) bool {
	if !v.IsObject() {
		return false
	}
	var prompt, tools, cached, answer, thoughts int64
	told := false
	for c := v.Walk(); c.Next(); {
		switch c.Key {
		case "promptTokenCount":
			prompt, told = c.Value.Count(), true
		case "toolUsePromptTokenCount":
			tools = c.Value.Count()
		case "cachedContentTokenCount":
			cached = c.Value.Count()
		case "candidatesTokenCount":
			answer, told = c.Value.Count(), true
		case "thoughtsTokenCount":
			thoughts = c.Value.Count()
		}
	}
	if !told {
		return false
	}
	prompt += tools
	cached = min(cached, prompt)
	*u = conv.Usage{Input: prompt - cached, CacheRead: cached, Output: answer + thoughts, Reasoning: thoughts}
	return true
}

func appendUsage(dst []byte, u *conv.Usage) []byte {
	prompt := u.Input + u.CacheRead + u.CacheWrite
	reasoning := min(u.Reasoning, u.Output)
	dst = strconv.AppendInt(append(dst, `{"promptTokenCount":`...), prompt, 10)
	if u.CacheRead > 0 {
		dst = strconv.AppendInt(append(dst, `,"cachedContentTokenCount":`...), u.CacheRead, 10)
	}
	dst = strconv.AppendInt(append(dst, `,"candidatesTokenCount":`...), u.Output-reasoning, 10)
	if reasoning > 0 {
		dst = strconv.AppendInt(append(dst, `,"thoughtsTokenCount":`...), reasoning, 10)
	}
	dst = strconv.AppendInt(append(dst, `,"totalTokenCount":`...), prompt+u.Output, 10)
	return append(dst, '}')
}
