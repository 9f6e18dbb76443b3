package responses

import (
	"strconv"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// readUsage puts the counts of v into u and reports that v has some. Input
// tokens include what went through a cache; here they are told apart.
func readUsage(u *conv.Usage, v conv.Raw) bool {
	if !v.IsObject() {
		return false
	}
	input := v.Get("input_tokens").Count()
	details := v.Get("input_tokens_details")
	u.CacheRead = min(details.Get("cached_tokens").Count(), input)
	u.CacheWrite = min(details.Get("cache_write_tokens").Count(), input-u.CacheRead)
	u.Input = input - u.CacheRead - u.CacheWrite
	u.Output = v.Get("output_tokens").Count()
	u.Reasoning = min(v.Get("output_tokens_details").Get("reasoning_tokens").Count(), u.Output)
	return true
}

func appendUsage(dst []byte, u *conv.Usage) []byte {
	input := u.Input + u.CacheRead + u.CacheWrite
	dst = append(dst, `{"input_tokens":`...)
	dst = strconv.AppendInt(dst, input, 10)
	dst = append(dst, `,"input_tokens_details":{"cached_tokens":`...)
	dst = strconv.AppendInt(dst, u.CacheRead, 10)
	dst = append(dst, `,"cache_write_tokens":`...)
	dst = strconv.AppendInt(dst, u.CacheWrite, 10)
	dst = append(dst, `},"output_tokens":`...)
	dst = strconv.AppendInt(dst, u.Output, 10)
	dst = append(dst, `,"output_tokens_details":{"reasoning_tokens":`...)
	dst = strconv.AppendInt(dst, u.Reasoning, 10)
	dst = append(dst, `},"total_tokens":`...)
	return append(strconv.AppendInt(dst, input+u.Output, 10), '}')
}
