package tee

import "unicode/utf8"

// none is no byte at all.
const none = -1

// glob matches s as a whole; the byte many stands in pattern for any text, and
// one, unless it is none, for any character. When a later part does not fit, only the last many has
// to take more: earlier ones already have the shortest text that lets the rest
// fit.
func glob(pattern, s string, many byte, one int) bool {
	p, i := 0, 0
	star, resume := -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == many:
			star, resume = p, i
			p++
		case p < len(pattern) && int(pattern[p]) == one:
			_, size := utf8.DecodeRuneInString(s[i:])
			p, i = p+1, i+size
		case p < len(pattern) && pattern[p] == s[i]:
			p, i = p+1, i+1
		case star >= 0:
			resume++
			p, i = star+1, resume
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == many {
		p++
	}
	return p == len(pattern)
}
