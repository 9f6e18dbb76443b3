package trace

import "unicode/utf8"

// Clip gives a text of at most so many bytes that has no memory in common with
// one that is longer.
func Clip(text string, size int) string {
	if len(text) <= size {
		return text
	}
	const mark = "…"
	cut := max(size-len(mark), 0)
	for cut > 0 && !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + mark
}
