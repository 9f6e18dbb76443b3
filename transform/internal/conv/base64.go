package conv

import "strings"

// Base64 returns base64 text in the alphabet that every provider takes. Gemini
// takes the alphabet for URLs as well, and Google's SDK for Python sends it,
// also for what it was given in the other one.
func Base64(data Str) Str {
	inner := data.Inner()
	if !strings.ContainsAny(inner, "-_") {
		return data
	}
	out := strings.NewReplacer("-", "+", "_", "/").Replace(inner)
	if n := len(out) % 4; n > 0 {
		out += "===="[n:]
	}
	return Concat(out)
}
