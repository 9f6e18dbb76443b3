package router

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// A textCheck looks for words or a pattern in what the user said.
type textCheck struct {
	*pattern
	words  []string // as they were written, if it is for words
	finder *finder  // of all rules
	ids    [][]int  // of the pattern's literals in it
}

func (c *textCheck) holds(r *Request) bool {
	if c.always {
		return true
	}
	if len(c.ids) > 0 {
		hits, odd := r.found(c.finder)
		if !c.edged || !odd {
			for _, clause := range c.ids {
				if !hits.hasAny(clause) {
					return false
				}
			}
			if c.exact {
				return true
			}
		}
	}
	return c.re.MatchString(r.UserText())
}

func (c *textCheck) why(*Request) string {
	if c.words != nil {
		return fmt.Sprintf("the user's text has none of %q", c.words)
	}
	return fmt.Sprintf("the user's text does not match %q", c.text)
}

func (c *textCheck) impliedBy(other check) bool {
	o, ok := other.(*textCheck)
	return c.always || ok && c.pattern.impliedBy(o.pattern)
}

// A fieldCheck matches one text of the call, a short one.
type fieldCheck struct {
	*pattern
	what string
	get  func(*Request) string
}

func modelOf(r *Request) string { return r.Model }
func pathOf(r *Request) string  { return r.Path }

func (c *fieldCheck) holds(r *Request) bool { return c.match(c.get(r)) }

func (c *fieldCheck) why(r *Request) string {
	return fmt.Sprintf("%s %q does not match %q", c.what, c.get(r), c.text)
}

func (c *fieldCheck) impliedBy(other check) bool {
	o, ok := other.(*fieldCheck)
	return c.always || ok && o.what == c.what && c.pattern.impliedBy(o.pattern)
}

// A namedCheck matches a value that has a name, and need not be there.
type namedCheck struct {
	*pattern
	what, name string
	get        func(r *Request, name string, match func(string) bool) (found, matched bool)
}

func (c *namedCheck) holds(r *Request) bool {
	_, ok := c.get(r, c.name, c.match)
	return ok
}

func (c *namedCheck) why(r *Request) string {
	if found, _ := c.get(r, c.name, c.match); !found {
		return fmt.Sprintf("there is no %s %s", c.what, c.name)
	}
	return fmt.Sprintf("the %s %s does not match %q", c.what, c.name, c.text)
}

// impliedBy cannot conclude from the pattern of a value that need not be there.
func (c *namedCheck) impliedBy(other check) bool {
	o, ok := other.(*namedCheck)
	return ok && o.what == c.what && o.name == c.name && (c.always || c.pattern.impliedBy(o.pattern))
}

// headerOf looks at all values of a header.
func headerOf(r *Request, name string, match func(string) bool) (found, matched bool) {
	values := r.Header[http.CanonicalHeaderKey(name)]
	return len(values) > 0, slices.ContainsFunc(values, match)
}

func metadataOf(r *Request, name string, match func(string) bool) (found, matched bool) {
	value, found := r.metadata(name)
	return found, found && match(value)
}

// A toolCheck matches the name of at least one tool.
type toolCheck struct{ *pattern }

func (c toolCheck) holds(r *Request) bool { return slices.ContainsFunc(r.ToolNames(), c.match) }

func (c toolCheck) why(r *Request) string {
	if !r.HasTools() {
		return "the call has no tools"
	}
	return fmt.Sprintf("no tool has a name that matches %q", c.text)
}

func (c toolCheck) impliedBy(other check) bool {
	o, ok := other.(toolCheck)
	return ok && (c.always || c.pattern.impliedBy(o.pattern))
}

// impliedBy reports that p matches every text that o matches, as far as that
// shows.
func (p *pattern) impliedBy(o *pattern) bool {
	if p.always || p.re != nil && o.re != nil && p.text == o.text {
		return true
	}
	if !p.exact || len(p.clauses) == 0 {
		return false
	}
	inside := func(o literal) bool {
		return slices.ContainsFunc(p.clauses[0], func(l literal) bool { return l.inside(&o) })
	}
	return slices.ContainsFunc(o.clauses, func(clause []literal) bool {
		return !slices.ContainsFunc(clause, func(l literal) bool { return !inside(l) })
	})
}

// inside reports that where the other literal stands, this one does too.
func (l *literal) inside(o *literal) bool {
	if l.left == anywhere && l.right == anywhere {
		return strings.Contains(o.text, l.text)
	}
	switch {
	case len(l.text) > len(o.text):
		return false
	case l.right == anywhere:
		return l.left == o.left && o.text[:len(l.text)] == l.text
	case l.left == anywhere:
		return l.right == o.right && o.text[len(o.text)-len(l.text):] == l.text
	}
	return *l == *o
}
