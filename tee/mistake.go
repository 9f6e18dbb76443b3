package tee

import (
	"slices"
	"strings"
)

// A Mistake is what is wrong with one field of a [Destination] or [Filter].
type Mistake struct {
	Field   string // its path by the names of JSON, such as filter.statusCodes[2]
	Problem string // and what to do about it
}

// Mistakes are all that is wrong with a value.
type Mistakes []Mistake

// Error lists the mistakes, one per line.
func (m Mistakes) Error() string {
	lines := make([]string, len(m))
	for i, one := range m {
		lines[i] = one.Field + ": " + one.Problem
	}
	return "tee: invalid:\n\t" + strings.Join(lines, "\n\t")
}

func (m *Mistakes) add(field, problem string) { *m = append(*m, Mistake{field, problem}) }

// err is nil when there are no mistakes, and else has them by field.
func (m Mistakes) err() error {
	if len(m) == 0 {
		return nil
	}
	slices.SortStableFunc(m, func(a, b Mistake) int { return strings.Compare(a.Field, b.Field) })
	return m
}
