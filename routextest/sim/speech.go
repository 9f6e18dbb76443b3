package sim

import (
	"math/rand/v2"
	"strconv"
	"strings"
)

// The words that users and models say. A word is a token.
var words = [...]string{
	"amber", "basin", "cedar", "delta", "ember", "field", "grain", "harbor", "island",
	"jewel", "kernel", "ladder", "marble", "needle", "orbit", "paper", "quartz", "river",
	"signal", "timber", "urban", "valley", "window", "yellow", "zenith", "anchor", "bridge",
	"canyon",
}

// most pieces of an answer are streamed in, whatever its length: more would only
// take time.
const mostPieces = 12

// say makes a text of n words, with a space before each but the first.
func say(n int, r *rand.Rand) string {
	var b strings.Builder
	b.Grow(8 * n)
	for i := range n {
		if i > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(words[r.IntN(len(words))])
	}
	return b.String()
}

// instructions is the system text of a session, in words that no answer has.
func instructions(n, session int) string {
	return "You are agent " + strconv.Itoa(session) + "." + strings.Repeat(" Rule", max(n-4, 0))
}

// pieces cuts a text between words into at most mostPieces, which begin with
// the space, as tokens do.
func pieces(text string) []string {
	spaces := strings.Count(text, " ")
	each := spaces/mostPieces + 1
	out := make([]string, 0, mostPieces+1)
	begin, seen := 0, 0
	for i := range len(text) {
		if text[i] != ' ' || i == 0 {
			continue
		}
		if seen++; seen%each == 0 {
			out = append(out, text[begin:i])
			begin = i
		}
	}
	return append(out, text[begin:])
}

// count is how many words a text has that say made, or a part of one.
func count(text string) int {
	if text == "" {
		return 0
	}
	n := strings.Count(text, " ")
	if text[0] != ' ' {
		n++
	}
	return n
}

// after is a text from its nth word on, with the space before; a last word when
// it has no more.
func after(text string, n int) string {
	for i := range len(text) {
		if text[i] == ' ' {
			if n--; n == 0 {
				return text[i:]
			}
		}
	}
	return " end"
}
