package ruletest

import (
	"fmt"
	"strings"
)

// lineDiff shows where two texts differ, from the first line that does to the
// last; "" when they do not.
func lineDiff(want, got string) string {
	if want == got {
		return ""
	}
	const around, most = 2, 40 // lines
	a, b := strings.Split(want, "\n"), strings.Split(got, "\n")
	head := 0
	for head < min(len(a), len(b)) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < min(len(a), len(b))-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	var out strings.Builder
	write := func(mark string, lines []string) {
		for i, line := range lines {
			if i == most {
				fmt.Fprintf(&out, "%s ... %d more lines\n", mark, len(lines)-most)
				return
			}
			fmt.Fprintf(&out, "%s %s\n", mark, line)
		}
	}
	fmt.Fprintf(&out, "line %d:\n", head+1)
	write(" ", a[max(head-around, 0):head])
	write("-", a[head:len(a)-tail])
	write("+", b[head:len(b)-tail])
	write(" ", a[len(a)-tail:min(len(a)-tail+around, len(a))])
	return out.String()
}
