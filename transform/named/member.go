package named

import (
	"github.com/tidwall/sjson"

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

// all calls f for each value of the member that is not null: a name may stand
// twice, and some servers take the last. It reports whether there was one.
func (m member) all(e *edit, f func(*cursor)) (found bool) {
	for _, path := range m {
		e.visit(e.all(), path, func(c *cursor) {
			if !e.value(c.value).IsNull() {
				found = true
				f(c)
			}
		})
	}
	return found
}

// set gives the member a value, where it stands or as a new one.
func (m member) set(r *transform.Request, value string) error {
	e := newEdit(r.Body)
	if m.all(e, func(c *cursor) { e.replace(c.value, value) }) {
		r.Body = e.body(r.Body)
		return nil
	}
	return m.add(r, value)
}

// add adds the member, which must not be there.
func (m member) add(r *transform.Request, value string) error {
	path := m[0]
	if len(m) > 1 && newEdit(r.Body).has("generation_config") {
		path = m[1]
	}
	body, err := sjson.SetRawBytes(r.Body, path, []byte(value))
	if err == nil {
		r.Body = body
	}
	return err
}

// remove takes the member out.
func (m member) remove(r *transform.Request) {
	e := newEdit(r.Body)
	m.all(e, e.remove)
	r.Body = e.body(r.Body)
}

// get gives the member's value, absent if there is none.
func (m member) get(r *transform.Request) (v conv.Raw) {
	e := newEdit(r.Body)
	m.all(e, func(c *cursor) { v = e.value(c.value) })
	return v
}
