package conv

// minSpan is how long a nested value has to be for its end to be remembered,
// in bytes. Shorter ones are skipped as fast.
const minSpan = 256

// ends knows where the long nested values of a text end. Readers go down
// through a body level by level, and each level would skip again all that is
// below it; so that is done once.
type ends struct {
	text string
	list []span // by where they begin
}

type span struct{ from, to int }

func findEnds(text string) *ends {
	e := &ends{text: text, list: make([]span, 0, len(text)/512)}
	var room [32]int
	open := room[:0] // the values that are open, by their places in the list
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			i = skipString(text, i) - 1
		case '{', '[':
			open = append(open, len(e.list))
			e.list = append(e.list, span{from: i})
		case '}', ']':
			if len(open) == 0 {
				return e
			}
			k := open[len(open)-1]
			open = open[:len(open)-1]
			if e.list[k].to = i + 1; i+1-e.list[k].from < minSpan {
				e.list = e.list[:k] // it has no long values in it
			}
		}
	}
	return e
}

// find returns the end of the value at i of a view into the text, counted in
// the view. It reports false when that is not known.
func (e *ends) find(view string, i int) (end int, ok bool) {
	start := Offset(e.text, view)
	from := start + i
	low, high := 0, len(e.list)
	for low < high {
		if mid := (low + high) / 2; e.list[mid].from < from {
			low = mid + 1
		} else {
			high = mid
		}
	}
	if low == len(e.list) || e.list[low].from != from {
		return 0, false
	}
	end = e.list[low].to - start
	return end, end > i && end <= len(view)
}
