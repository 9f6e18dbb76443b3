package named

import (
	"slices"
	"strings"

	"github.com/dctx-team/routex/transform"
	"github.com/dctx-team/routex/transform/internal/conv"
)

// A member is a member of a request. Gemini takes its names in two spellings,
// so there may be more than one path; the first is for adding it.
type member []string

// inConfig gives a member of Gemini's generationConfig.
func inConfig(camel, snake string) member {
	paths := member{"generationConfig." + camel, "generation_config." + camel}
	if snake != camel {
		paths = append(paths, "generationConfig."+snake, "generation_config."+snake)
	}
	return paths
}

// each calls f for each value of the member that is not null: a name may stand
// twice, and some servers take the last. It reports whether there was one.
func (m member) each(e *edit, f func(cursor)) (found bool) {
	for _, path := range m {
		e.each(path, func(c cursor) {
			if !e.value(c.value).IsNull() {
				found = true
				f(c)
			}
		})
	}
	return found
}

// get gives the member's value, absent if there is none.
func (m member) get(e *edit) (v conv.Raw) {
	m.each(e, func(c cursor) { v = e.value(c.value) })
	return v
}

// remove takes the member out.
func (m member) remove(e *edit) { m.each(e, e.remove) }

// set gives the member a value, where it stands or as a new one.
func (m member) set(e *edit, value string) error {
	if m.each(e, func(c cursor) { e.replace(c.value, value) }) {
		return nil
	}
	return m.add(e, value)
}

// add adds the member, which must not be there or null, and the objects that
// it is to be in.
func (m member) add(e *edit, value string) error {
	names := strings.Split(m.home(e), ".")
	at, rest := e.end, names
	for i := 1; i <= len(names); i++ {
		parent := strings.Join(names[:i], ".")
		var place span
		e.each(parent, func(c cursor) { place = c.value })
		switch v := e.value(place); {
		case v == "":
			i = len(names)
		case v.IsNull():
			e.replace(place, wrap(names[i:], value))
			e.flush()
			return nil
		case !v.IsObject():
			return &transform.FieldError{Field: parent, Problem: "must be an object"}
		default:
			at, rest = e.endOf(place), names[i:]
		}
	}
	e.add(at, rest[0], wrap(rest[1:], value))
	if len(rest) > 1 {
		e.flush()
	}
	return nil
}

// home is the path where the member is added: next to its like.
func (m member) home(e *edit) string {
	if len(m) > 1 && strings.HasPrefix(m[1], "generation_config.") && (member{"generation_config"}).get(e) != "" {
		return m[1]
	}
	return m[0]
}

// wrap puts a value into objects.
func wrap(names []string, value string) string {
	for _, name := range slices.Backward(names) {
		value = `{"` + name + `":` + value + `}`
	}
	return value
}
