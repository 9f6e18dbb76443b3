package conv

import (
	"errors"
	"strconv"
)

// ErrTruncated says that a stream ended before its answer was finished.
var ErrTruncated = errors.New("stream ended before the answer was finished")

// A FieldError says that a field has the wrong type or value, or is missing.
type FieldError struct {
	Field   string // its path, such as messages[2].content[0].text
	Problem string
}

// Error returns the path and the problem.
func (e *FieldError) Error() string {
	if e.Field == "" {
		return e.Problem
	}
	return e.Field + ": " + e.Problem
}

// A Path is a place in a body. It is a chain through the readers' stack
// frames, so that its text is built only when there is something to report.
type Path struct {
	up    *Path
	name  string
	index int
}

// Field returns the path of a member.
func (p *Path) Field(name string) Path { return Path{up: p, name: name} }

// At returns the path of an element.
func (p *Path) At(index int) Path { return Path{up: p, index: index} }

// Fail returns a FieldError for the place.
func (p *Path) Fail(problem string) *FieldError {
	return &FieldError{Field: p.String(), Problem: problem}
}

// String returns the path as text.
func (p *Path) String() string { return string(p.append(nil)) }

func (p *Path) append(dst []byte) []byte {
	if p == nil {
		return dst
	}
	dst = p.up.append(dst)
	switch {
	case p.name == "" && p.up == nil:
		return dst
	case p.name == "":
		return append(strconv.AppendInt(append(dst, '['), int64(p.index), 10), ']')
	case len(dst) > 0:
		dst = append(dst, '.')
	}
	return append(dst, p.name...)
}

// Member reports the loss of a member of the place.
func (l Lose) Member(at *Path, name, why string) {
	p := at.Field(name)
	l(p.String(), why)
}
