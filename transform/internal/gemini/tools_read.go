package gemini

import (
	"github.com/dctx-team/routex/transform/internal/conv"
)

func (r *reader) tools(root *conv.Path, c *conv.Cursor) error {
	r.req.Tools = r.req.Tools[:0]
	return r.elements(root, c, func(at *conv.Path, _ int, v conv.Raw) error {
		for m := r.Walk(v); m.Next(); {
			if camel(m.Key) != "functionDeclarations" {
				r.Drop(at, &m, conv.WhyServer)
				continue
			}
			if err := r.elements(at, &m, r.tool); err != nil {
				return err
			}
		}
		return nil
	})
}

func (r *reader) tool(at *conv.Path, _ int, v conv.Raw) (err error) {
	var t conv.Tool
	for c := r.Walk(v); c.Next() && err == nil; {
		switch camel(c.Key) {
		case "name":
			t.Name, err = r.Text(at, &c)
		case "description":
			t.Description, err = r.Text(at, &c)
		case "parameters":
			_, err = r.Object(at, &c)
			t.Schema = jsonSchema(c.Value)
		case "parametersJsonSchema":
			_, err = r.Object(at, &c)
			t.Schema = string(c.Value)
		case "behavior":
			if c.Value != `"UNSPECIFIED"` && c.Value != `"BLOCKING"` {
				r.Drop(at, &c, "a call waits for its result")
			}
		case "response", "responseJsonSchema":
			if !c.Value.IsEmpty() {
				r.Drop(at, &c, "the other protocol's tools have no schema of what they return")
			}
		default:
			r.Drop(at, &c, "the other protocol's tools have no such field")
		}
	}
	if err == nil && t.Name.Empty() {
		p := at.Field("name")
		err = p.Fail("is required")
	}
	r.req.Tools = append(r.req.Tools, t)
	return err
}

func (r *reader) toolConfig(root *conv.Path, c *conv.Cursor) error {
	object, err := r.Object(root, c)
	at := root.Field(c.Key)
	for m := r.Walk(object); m.Next() && err == nil; {
		switch {
		case camel(m.Key) == "functionCallingConfig":
			err = r.choice(&at, &m)
		case !m.Value.IsEmpty() && m.Value != "false":
			r.Drop(&at, &m, conv.WhyServer)
		}
	}
	return err
}

func (r *reader) choice(up *conv.Path, c *conv.Cursor) error {
	object, err := r.Object(up, c)
	at := up.Field(c.Key)
	for m := r.Walk(object); m.Next() && err == nil; {
		switch camel(m.Key) {
		case "mode":
			r.req.Choice.Mode, err = choiceMode(&at, m.Value)
		case "allowedFunctionNames":
			r.allowed, err = r.texts(&at, &m)
		case "streamFunctionCallArguments":
			// Arguments that come in pieces are the same arguments.
		default:
			r.Drop(&at, &m, "unknown field")
		}
	}
	return err
}

func choiceMode(at *conv.Path, v conv.Raw) (conv.ChoiceMode, error) {
	switch v {
	case `"MODE_UNSPECIFIED"`:
		return conv.ChoiceUnset, nil
	case `"AUTO"`, `"auto"`, `"VALIDATED"`:
		return conv.ChoiceAuto, nil
	case `"ANY"`, `"any"`:
		return conv.ChoiceAny, nil
	case `"NONE"`, `"none"`:
		return conv.ChoiceNone, nil
	}
	p := at.Field("mode")
	return 0, p.Fail("must be AUTO, ANY, NONE or VALIDATED")
}

// texts reads a list of strings.
func (r *reader) texts(up *conv.Path, c *conv.Cursor) (texts []conv.Str, err error) {
	list, err := r.Array(up, c)
	at := up.Field(c.Key)
	for e := r.Walk(list); e.Next() && err == nil; {
		var text conv.Str
		text, err = r.Text(&at, &e)
		texts = append(texts, text)
	}
	return texts, err
}
