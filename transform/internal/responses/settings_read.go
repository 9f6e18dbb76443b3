package responses

import (
	"github.com/dctx-team/routex/transform/internal/conv"
)

// text reads the form that the answer's text is to have.
func (r *reader) text(root *conv.Path, c *conv.Cursor) error {
	object, err := r.Object(root, c)
	if err != nil {
		return err
	}
	at := root.Field(c.Key)
	for m := object.Walk(); m.Next() && err == nil; {
		switch m.Key {
		case "format":
			err = r.format(&at, &m)
		case conv.Verbosity:
			if m.Value != `"medium"` {
				r.req.Settings = append(r.req.Settings, conv.Setting{
					Key: conv.Verbosity, Field: "text.verbosity", Value: m.Value, Why: "the other protocol has no verbosity",
				})
			}
		default:
			r.Drop(&at, &m, "unknown field")
		}
	}
	return err
}

func (r *reader) format(up *conv.Path, c *conv.Cursor) error {
	object, err := r.Object(up, c)
	if err != nil {
		return err
	}
	at := up.Field(c.Key)
	f := &r.req.Format
	switch kind := object.Get("type"); kind {
	case `"text"`:
		return nil
	case `"json_object"`:
		f.Kind = conv.FormatJSON
		return nil
	case `"json_schema"`:
		f.Kind = conv.FormatSchema
	default:
		r.Lose(at.String(), "formats of type "+kind.Str().Inner()+" are not translated")
		return nil
	}
	for m := object.Walk(); m.Next() && err == nil; {
		switch m.Key {
		case "type":
		case "name":
			f.Name, err = r.Text(&at, &m)
		case "description":
			f.Description, err = r.Text(&at, &m)
		case "schema":
			var schema conv.Raw
			schema, err = r.Object(&at, &m)
			f.Schema = string(schema)
		case "strict":
			_, err = r.Bool(&at, &m)
			f.Strict = string(m.Value)
		default:
			r.Drop(&at, &m, "unknown field")
		}
	}
	if err == nil && f.Schema == "" {
		p := at.Field("schema")
		err = p.Fail("is required")
	}
	return err
}

// thinking reads how much the model is to reason. A caller who asks for a
// summary wants to read it.
func (r *reader) thinking(root *conv.Path, c *conv.Cursor) error {
	object, err := r.Object(root, c)
	if err != nil {
		return err
	}
	at := root.Field(c.Key)
	t := &r.req.Thinking
	for m := object.Walk(); m.Next() && err == nil; {
		var text conv.Str
		switch m.Key {
		case "effort":
			if text, err = r.Text(&at, &m); err == nil && !t.ReadEffort(text.String()) {
				r.Drop(&at, &m, "no other protocol knows this effort")
			}
		case "summary", "generate_summary":
			text, err = r.Text(&at, &m)
			t.Show = t.Show || text != `"none"`
		default:
			r.Drop(&at, &m, "the other protocol has no such field")
		}
	}
	return err
}

// include reads what else the caller wants to be told.
func (r *reader) include(root *conv.Path, c *conv.Cursor) error {
	list, err := r.Array(root, c)
	if err != nil {
		return err
	}
	at := root.Field(c.Key)
	for e := list.Walk(); e.Next() && err == nil; {
		place := at.At(e.Index)
		switch e.Value {
		case `"reasoning.encrypted_content"`:
			// Given in any case.
		case `"message.output_text.logprobs"`:
			r.Lose(place.String(), whyLogProbs)
		default:
			r.Lose(place.String(), "the other protocol does not tell it")
		}
	}
	return err
}

func (r *reader) streamOptions(root *conv.Path, c *conv.Cursor) error {
	object, err := r.Object(root, c)
	at := root.Field(c.Key)
	for m := object.Walk(); m.Next() && err == nil; {
		// Padding against the reading of lengths: no answer differs by it.
		if m.Key != "include_obfuscation" {
			r.Drop(&at, &m, "unknown field")
		}
	}
	return err
}
