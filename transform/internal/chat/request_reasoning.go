package chat

import "github.com/dctx-team/routex/transform/internal/conv"

// reasoning reads what the dialects have to say about reasoning: an effort
// (OpenAI), an object (OpenRouter), a switch (Zhipu, DeepSeek, Kimi), or a
// switch and a budget (Qwen).
func (r *reader) reasoning(at *conv.Path, c *conv.Cursor) (err error) {
	t := &r.req.Thinking
	switch c.Key {
	case "reasoning_effort":
		err = r.effort(at, c)
	case "reasoning":
		err = r.reasoningObject(at, c)
	case "thinking":
		err = r.thinkingObject(at, c)
	case "include_reasoning":
		t.Show, err = r.Bool(at, c)
		t.Hide = !t.Show
	case "enable_thinking":
		err = r.enable(at, c)
	case "thinking_budget":
		err = r.budget(at, c)
	}
	return err
}

func (r *reader) effort(at *conv.Path, c *conv.Cursor) error {
	name, err := r.Text(at, c)
	if err == nil && name != `"default"` && !r.req.Thinking.ReadEffort(name.String()) {
		p := at.Field(c.Key)
		return p.Fail("must be none, minimal, low, medium, high, xhigh or max")
	}
	return err
}

func (r *reader) enable(at *conv.Path, c *conv.Cursor) error {
	on, err := r.Bool(at, c)
	r.thinking = conv.ThinkingOff
	if on {
		r.thinking = conv.ThinkingOn
	}
	return err
}

func (r *reader) budget(at *conv.Path, c *conv.Cursor) error {
	n, err := r.Integer(at, c)
	if r.req.Thinking.Budget = conv.Limit(n); r.req.Thinking.Budget > 0 {
		r.req.Thinking.Mode = conv.ThinkingOn
	}
	return err
}

func (r *reader) reasoningObject(up *conv.Path, c *conv.Cursor) error {
	object, err := r.Object(up, c)
	at := up.Field(c.Key)
	for m := object.Walk(); m.Next() && err == nil; {
		switch m.Key {
		case "effort":
			err = r.effort(&at, &m)
		case "max_tokens":
			err = r.budget(&at, &m)
		case "enabled":
			err = r.enable(&at, &m)
		case "exclude":
			r.req.Thinking.Hide, err = r.Bool(&at, &m)
		default:
			r.Drop(&at, &m, "unknown field")
		}
	}
	return err
}

func (r *reader) thinkingObject(up *conv.Path, c *conv.Cursor) error {
	object, err := r.Object(up, c)
	at := up.Field(c.Key)
	for m := object.Walk(); m.Next() && err == nil; {
		switch m.Key {
		case "type":
			err = r.thinkingType(&at, &m)
		case "budget_tokens":
			err = r.budget(&at, &m)
		default:
			r.Drop(&at, &m, "unknown field")
		}
	}
	return err
}

func (r *reader) thinkingType(at *conv.Path, c *conv.Cursor) error {
	switch c.Value {
	case `"enabled"`, `"adaptive"`:
		r.thinking = conv.ThinkingOn
	case `"disabled"`:
		r.thinking = conv.ThinkingOff
	case `"auto"`:
	default:
		p := at.Field(c.Key)
		return p.Fail("must be enabled or disabled")
	}
	return nil
}
