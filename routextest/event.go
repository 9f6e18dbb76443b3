package routextest

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// An event is one step of a stream.
type event struct {
	name, data string
	last       bool // nothing comes after it
}

// A script is a stream, in the places where a fault can disturb it.
type script struct {
	begin  []event
	words  [][]event // of each piece of reasoning, text or arguments
	finish []event
	end    event // the mark that the answer is over; zero where the protocol has none
}

// piecewise gives the events of each piece; those that open and close what the
// pieces belong to come with the first and the last one.
func piecewise(opening, middle, closing []event) [][]event {
	if len(middle) == 0 {
		return [][]event{slices.Concat(opening, closing)}
	}
	out := make([][]event, 0, len(middle))
	for _, ev := range middle {
		out = append(out, []event{ev})
	}
	out[0] = append(slices.Clone(opening), out[0]...)
	out[len(out)-1] = append(out[len(out)-1], closing...)
	return out
}

// inOrder gives the pieces of several things one after the other, or, when
// they are mixed, by turns.
func inOrder(things [][][]event, mixed bool) (out [][]event) {
	if !mixed {
		return slices.Concat(things...)
	}
	for i := 0; ; i++ {
		more := false
		for _, pieces := range things {
			if i < len(pieces) {
				out, more = append(out, pieces[i]), true
			}
		}
		if !more {
			return out
		}
	}
}

// sse frames an event as server-sent.
func sse(ev event) string {
	text := "data: " + ev.data + "\n\n"
	if ev.name != "" {
		text = "event: " + ev.name + "\n" + text
	}
	return text
}

// text gives s as JSON.
func text(s string) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(s) // a string cannot fail
	return strings.TrimSuffix(b.String(), "\n")
}

// number gives n as JSON.
func number(n int) string { return strconv.Itoa(n) }

// list gives JSON texts as an array.
func list(items []string) string { return "[" + strings.Join(items, ",") + "]" }
