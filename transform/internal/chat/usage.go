package chat

import (
	"strconv"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// readUsage puts the counts of v into u and reports that v has some. Prompt
// tokens include what was read from a cache; here they are told apart.
func readUsage(u *conv.Usage, v conv.Raw) bool {
	if !v.IsObject() {
		return false
	}
	prompt := v.Get("prompt_tokens").Count()
	details := v.Get("prompt_tokens_details")
	read := first(details.Get("cached_tokens"), v.Get("prompt_cache_hit_tokens"), v.Get("cached_tokens"))
	write := first(details.Get("cache_creation_tokens"), details.Get("cache_write_tokens"), v.Get("cache_creation_input_tokens"))
	u.CacheRead = min(read, prompt)
	u.CacheWrite = min(write, prompt-u.CacheRead)
	u.Input = prompt - u.CacheRead - u.CacheWrite
	u.Output = v.Get("completion_tokens").Count()
	u.Reasoning = v.Get("completion_tokens_details").Get("reasoning_tokens").Count()
	// Some servers count reasoning beside the completion, as their total tells.
	if u.Reasoning > 0 && v.Get("total_tokens").Count() == prompt+u.Output+u.Reasoning {
		u.Output += u.Reasoning
	}
	u.Reasoning = min(u.Reasoning, u.Output)
	return true
}

// first returns the count that the first number among the values gives.
func first(values ...conv.Raw) int64 {
	for _, v := range values {
		if v.IsNumber() {
			return v.Count()
		}
	}
	return 0
}

func appendUsage(dst []byte, u *conv.Usage) []byte {
	prompt := u.Input + u.CacheRead + u.CacheWrite
	dst = append(dst, `{"prompt_tokens":`...)
	dst = strconv.AppendInt(dst, prompt, 10)
	dst = append(dst, `,"completion_tokens":`...)
	dst = strconv.AppendInt(dst, u.Output, 10)
	dst = append(dst, `,"total_tokens":`...)
	dst = strconv.AppendInt(dst, prompt+u.Output, 10)
	dst = append(dst, `,"prompt_tokens_details":{"cached_tokens":`...)
	dst = strconv.AppendInt(dst, u.CacheRead, 10)
	if u.CacheWrite > 0 {
		dst = append(dst, `,"cache_write_tokens":`...)
		dst = strconv.AppendInt(dst, u.CacheWrite, 10)
	}
	dst = append(dst, `},"completion_tokens_details":{"reasoning_tokens":`...)
	dst = strconv.AppendInt(dst, u.Reasoning, 10)
	return append(dst, `}}`...)
}
