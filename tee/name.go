package tee

import "unicode/utf8"

// matchName matches the whole name of a member; anyText stands in pattern for
// any text, and anyRune for any character. When a later part does not fit, only
// the last anyText has to take more: earlier ones already have the shortest text
// that lets the rest fit.
func matchName(pattern, s string) bool {
	p, i := 0, 0
	star, resume := -1, 0
	for i < len(s) {
		switch {
		case p < len(pattern) && pattern[p] == anyText:
			star, resume = p, i
			p++
		case p < len(pattern) && pattern[p] == anyRune:
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
	for p < len(pattern) && pattern[p] == anyText {
		p++
	}
	return p == len(pattern)
}
