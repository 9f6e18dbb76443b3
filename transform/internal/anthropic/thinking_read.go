package anthropic

import (
	"github.com/dctx-team/routex/transform/internal/conv"
)

func (r *reader) thinking(root *conv.Path, c *conv.Cursor) error {
	at := root.Field(c.Key)
	object, err := r.Object(root, c)
	if err != nil {
		return err
	}
	t := &r.req.Thinking
	t.Mode, t.Budget = conv.ThinkingUnset, 0
	for m := r.Walk(object); m.Next() && err == nil; {
		switch m.Key {
		case "type":
			r.thinkingType(&at, &m)
		case "budget_tokens":
			var budget string
			budget, err = r.Integer(&at, &m)
			t.Budget = conv.Limit(budget)
		case "display":
			t.Hide, t.Show = m.Value == `"omitted"`, m.Value == `"summarized"`
			if !t.Hide && !t.Show {
				r.Drop(&at, &m, "the other protocol has no such display")
			}
		default:
			if !m.Value.IsEmpty() {
				r.Drop(&at, &m, whyNoField)
			}
		}
	}
	return err
}

func (r *reader) thinkingType(at *conv.Path, m *conv.Cursor) {
	switch m.Value {
	case `"enabled"`, `"adaptive"`:
		r.req.Thinking.Mode = conv.ThinkingOn
	case `"disabled"`, `"between_tools"`:
		r.req.Thinking.Mode = conv.ThinkingOff
	default:
		r.Drop(at, m, "the other protocol has no such kind of reasoning")
	}
}

func (r *reader) outputConfig(root *conv.Path, c *conv.Cursor) error {
	at := root.Field(c.Key)
	object, err := r.Object(root, c)
	if err != nil {
		return err
	}
	for m := r.Walk(object); m.Next() && err == nil; {
		switch m.Key {
		case "effort":
			err = r.effort(&at, &m)
		case "format":
			err = r.format(&at, &m)
		default:
			if !m.Value.IsEmpty() {
				r.Drop(&at, &m, whyNoField)
			}
		}
	}
	return err
}

func (r *reader) effort(at *conv.Path, m *conv.Cursor) error {
	name, err := r.Text(at, m)
	if err != nil {
		return err
	}
	var asked conv.Thinking
	if asked.ReadEffort(name.String()); asked.Mode != conv.ThinkingOn {
		r.Drop(at, m, "the other protocol has no such effort")
	}
	r.req.Thinking.Effort = asked.Effort
	return nil
}

// effortAlone: an effort without a word about thinking asks for as much
// reasoning as it says.
func (r *reader) effortAlone() {
	if t := &r.req.Thinking; t.Mode == conv.ThinkingUnset && t.Effort != "" {
		t.Mode = conv.ThinkingOn
		r.req.Names.Thinking = "output_config.effort"
	}
}

// format reads the form of the answer. The member stands in output_config, or
// at the top, where it began.
func (r *reader) format(up *conv.Path, c *conv.Cursor) error {
	object, err := r.Object(up, c)
	if err != nil {
		return err
	}
	at := up.Field(c.Key)
	if object.Get("type") != `"json_schema"` {
		r.Drop(up, c, "the other protocol has no such format")
		return nil
	}
	schema := object.Get("schema")
	if !schema.IsObject() {
		p := at.Field("schema")
		return p.Fail("must be an object")
	}
	r.req.Format = conv.Format{Kind: conv.FormatSchema, Schema: string(schema)}
	return nil
}

// thought reads reasoning that comes back. A signature that is no token was
// minted by a provider of this protocol: no other one can do anything with it.
func (r *reader) thought(at *conv.Path, v conv.Raw, parts []conv.Part) (_ []conv.Part, err error) {
	p := conv.Part{Kind: conv.Reasoning}
	for c := r.Walk(v); c.Next() && err == nil; {
		switch c.Key {
		case "thinking":
			p.Text, err = r.Text(at, &c)
		case "signature":
			var signature conv.Str
			signature, err = r.Text(at, &c)
			p.State = stateOf(signature)
		default:
			r.rest(at, &c)
		}
	}
	if p.Text.Empty() && p.State.Kind == conv.NoState && err == nil {
		r.Lose(at.String(), conv.WhyReasoning)
		return parts, nil
	}
	return append(parts, p), err
}

// stateOf returns the state in a signature, if there is one.
func stateOf(signature conv.Str) conv.State {
	s, _ := conv.ReadToken(signature)
	if s.Kind == conv.Unsigned {
		return conv.State{}
	}
	return s
}

func (r *reader) redacted(at *conv.Path, v conv.Raw, parts []conv.Part) ([]conv.Part, error) {
	state, ok := conv.ReadToken(v.Get("data").Str())
	if !ok {
		r.Lose(at.String(), conv.WhyReasoning)
		return parts, nil
	}
	return append(parts, conv.Part{Kind: conv.Reasoning, State: state}), nil
}
