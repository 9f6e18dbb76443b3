package glob_test

import (
	"fmt"
	"testing"

	"github.com/dctx-team/routex/internal/glob"
)

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"", "", true},
		{"", "a", false},
		{"a", "a", true},
		{"a", "ab", false},
		{"*", "", true},
		{"*", "anything", true},
		{"a*", "a", true},
		{"a*", "ba", false},
		{"*b", "ab", true},
		{"*b", "abc", false},
		{"a*b", "ab", true},
		{"a*a", "a", false}, // one byte is not both ends
		{"a*b*c", "a-b-b-c", true},
		{"a*b*c", "a-c-b", false},
		{"*ab*", "aab", true},
		{"**", "x", true},
		{"a?c", "abc", false},
		{"\xff*", "\xffx", true},
		{"gpt-4o", "gpt-4o", true},
		{"gpt-4o", "gpt-4o-mini", false},
		{"gpt-*", "gpt-4o", true},
		{"gpt-*", "gpt-", true},
		{"*mini", "gpt-4o-mini", true},
		{"*mini", "mini-gpt", false},
		{"claude-*-4*", "claude-opus-4-1", true},
		{"claude-*-4*", "claude-opus-3", false},
		{"a*b*c", "abc", true},
		{"a*b*c", "acb", false},
		{"a**b", "ab", true},
	} {
		if got := glob.Match(c.pattern, c.text); got != c.want {
			t.Errorf("%q matches %q: %v, want %v", c.pattern, c.text, got, c.want)
		}
	}
}

// FuzzMatch compares it with a table of which beginnings of the text the
// pattern fits so far.
func FuzzMatch(f *testing.F) {
	f.Add("a*b", "axxb")
	f.Add("\xff", "\xc4")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		fits := make([]bool, len(text)+1)
		fits[0] = true
		for _, c := range []byte(pattern) {
			next := make([]bool, len(text)+1)
			for i := range next {
				if c == '*' {
					next[i] = fits[i] || i > 0 && next[i-1]
				} else {
					next[i] = i > 0 && fits[i-1] && text[i-1] == c
				}
			}
			fits = next
		}
		if got := glob.Match(pattern, text); got != fits[len(text)] {
			t.Errorf("%q matches %q: %v, want %v", pattern, text, got, fits[len(text)])
		}
	})
}

func ExampleMatch() {
	fmt.Println(glob.Match("claude-*-4", "claude-sonnet-4"), glob.Match("gpt-*", "claude-sonnet-4"))
	// Output: true false
}
