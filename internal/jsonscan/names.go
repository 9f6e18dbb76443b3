package jsonscan

import "slices"

// Names are strings to look for while a text is read for another reason. Nil
// looks for none.
type Names struct {
	list    []string
	lengths uint64 // a bit for each length: nearly all strings are told by theirs
}

// NewNames looks for strings of at most 63 bytes as they stand in a text that
// escapes nothing in them.
func NewNames(list ...string) *Names {
	n := &Names{list: list}
	for _, name := range list {
		n.lengths |= 1 << len(name)
	}
	return n
}

func (n *Names) has(text []byte) bool { return slices.Contains(n.list, string(text)) }
