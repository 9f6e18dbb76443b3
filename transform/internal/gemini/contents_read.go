package gemini

import (
	"github.com/dctx-team/routex/transform/internal/conv"
)

func (r *reader) contents(root *conv.Path, c *conv.Cursor) error {
	r.req.Messages = r.req.Messages[:0]
	return r.elements(root, c, r.content)
}

// content reads one content. Contents of the model that follow each other are
// one answer: SDKs keep every chunk of a stream as a content of its own.
func (r *reader) content(at *conv.Path, index int, v conv.Raw) (err error) {
	m := conv.Message{Index: index}
	var parts conv.Cursor
	for c := r.Walk(v); c.Next() && err == nil; {
		switch c.Key {
		case "role":
			m.Role, err = role(at, c.Value)
		case "parts":
			parts = c
		default:
			r.Drop(at, &c, "unknown field")
		}
	}
	if err != nil {
		return err
	}
	r.into = r.begin(m)
	if parts.Value == "" {
		return nil
	}
	return r.elements(at, &parts, r.readPart)
}

// begin returns the message that the parts of m go into: m itself, or the
// beginning of the same answer.
func (r *reader) begin(m conv.Message) *conv.Message {
	n := len(r.req.Messages)
	if n > 0 && m.Role == conv.Assistant && r.req.Messages[n-1].Role == conv.Assistant {
		return &r.req.Messages[n-1]
	}
	if m.Role == conv.Assistant {
		r.calls.begin()
	}
	r.req.Messages = append(r.req.Messages, m)
	return &r.req.Messages[n]
}

func role(at *conv.Path, v conv.Raw) (conv.Role, error) {
	switch v {
	case `"user"`, `"function"`, `""`:
		return conv.User, nil
	case `"model"`:
		return conv.Assistant, nil
	}
	p := at.Field("role")
	return 0, p.Fail("must be user or model")
}

// system reads a content whose role does not matter, or a string.
func (r *reader) system(root *conv.Path, c *conv.Cursor) error {
	r.req.System = r.req.System[:0]
	if c.Value.IsString() {
		r.req.System = append(r.req.System, conv.Part{Kind: conv.Text, Text: c.Value.Str()})
		return nil
	}
	content, err := r.Object(root, c)
	if err != nil {
		return err
	}
	at := root.Field(c.Key)
	for m := r.Walk(content); m.Next() && err == nil; {
		switch m.Key {
		case "role":
		case "parts":
			err = r.elements(&at, &m, r.systemPart)
		default:
			r.Drop(&at, &m, "unknown field")
		}
	}
	return err
}

func (r *reader) systemPart(at *conv.Path, _ int, v conv.Raw) error {
	r.into = new(conv.Message)
	if err := r.part(at, 0, v); err != nil {
		return err
	}
	for _, p := range r.into.Parts {
		if p.Kind == conv.Text {
			r.req.System = append(r.req.System, p)
		} else {
			r.Lose(at.String(), "a system instruction holds text only")
		}
	}
	return nil
}

// join makes one part of each run of text, and of each run of reasoning up to
// the state that ends it: they are pieces of one answer, as it was streamed.
func join(parts []conv.Part) []conv.Part {
	out := parts[:0]
	for i := 0; i < len(parts); {
		n := 1
		for i+n < len(parts) && continues(&parts[i+n-1], &parts[i+n]) {
			n++
		}
		p := parts[i+n-1]
		p.Text = joinText(parts[i : i+n])
		out = append(out, p)
		i += n
	}
	return out
}

func continues(p, next *conv.Part) bool {
	switch {
	case p.Kind != next.Kind:
		return false
	case p.Kind == conv.Reasoning:
		return p.State.Kind == conv.NoState && next.State.Kind != conv.Redacted
	}
	return p.Kind == conv.Text
}

func joinText(run []conv.Part) conv.Str {
	if len(run) == 1 {
		return run[0].Text
	}
	texts := make([]string, len(run))
	for i := range run {
		texts[i] = run[i].Text.Inner()
	}
	return conv.Concat(texts...)
}
