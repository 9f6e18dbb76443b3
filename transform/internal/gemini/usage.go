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
	var prompt, tools, cached, answer, thoughts, told int64
	for c := v.Walk(); c.Next(); {
		switch n := c.Value.Count(); c.Key {
		case "promptTokenCount":
			prompt, told = n, 1
		case "toolUsePromptTokenCount":
			tools = n
		case "cachedContentTokenCount":
			cached = n
		case "candidatesTokenCount":
			answer, told = n, 1
		case "thoughtsTokenCount":
			thoughts = n
		}
	}
	if told == 0 {
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
