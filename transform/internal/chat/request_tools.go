package chat

import (
	"github.com/dctx-team/routex/transform/internal/conv"
)

func (r *reader) tools(root *conv.Path, c *conv.Cursor) error {
	list, err := r.Array(root, c)
	if err != nil {
		return err
	}
	at := root.Field(c.Key)
	for e := list.Walk(); e.Next() && err == nil; {
		place := at.At(e.Index)
		switch e.Value.Get("type") {
		case `"function"`, "":
			err = r.tool(&place, e.Value)
		default:
			r.Lose(place.String(), "only tools of type function are translated")
		}
	}
	return err
}

func (r *reader) tool(at *conv.Path, v conv.Raw) error {
	if !v.IsObject() {
		return at.Fail("must be an object")
	}
	var function conv.Raw
	var err error
	for c := v.Walk(); c.Next() && err == nil; {
		switch c.Key {
		case "function":
			function, err = r.Object(at, &c)
		case "type":
		default:
			r.Drop(at, &c, "the other protocol's tools have no such field")
		}
	}
	if err != nil {
		return err
	}
	place := at.Field("function")
	return r.function(&place, function)
}

func (r *reader) function(at *conv.Path, v conv.Raw) (err error) {
	var t conv.Tool
	for c := v.Walk(); c.Next() && err == nil; {
		switch c.Key {
		case "name":
			t.Name, err = r.Text(at, &c)
		case "description":
			t.Description, err = r.Text(at, &c)
		case "parameters":
			var schema conv.Raw
			schema, err = r.Object(at, &c)
			t.Schema = string(schema)
		case "strict":
			_, err = r.Bool(at, &c)
			t.Strict = string(c.Value)
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

// functions reads the list that tools replaced.
func (r *reader) functions(root *conv.Path, c *conv.Cursor) error {
	list, err := r.Array(root, c)
	if err != nil {
		return err
	}
	at := root.Field(c.Key)
	for e := list.Walk(); e.Next() && err == nil; {
		place := at.At(e.Index)
		if !e.Value.IsObject() {
			return place.Fail("must be an object")
		}
		err = r.function(&place, e.Value)
	}
	return err
}

func (r *reader) choice(root *conv.Path, c *conv.Cursor) error {
	at := root.Field(c.Key)
	if c.Value.IsString() {
		mode, ok := choiceMode(c.Value)
		if !ok {
			return at.Fail("must be none, auto, required or an object")
		}
		r.req.Choice = conv.ToolChoice{Mode: mode}
		return nil
	}
	object, err := r.Object(root, c)
	if err != nil {
		return at.Fail("must be a string or an object")
	}
	if kind := object.Get("type"); kind != `"function"` {
		r.Lose(at.String(), "a choice of type "+kind.Str().Inner()+" is not translated")
		return nil
	}
	place := at.Field("function")
	return r.choose(&place, object.Get("function").Get("name"))
}

func (r *reader) choose(at *conv.Path, name conv.Raw) error {
	if !name.IsString() {
		p := at.Field("name")
		return p.Fail("must be a string")
	}
	r.req.Choice = conv.ToolChoice{Mode: conv.ChoiceTool, Name: name.Str()}
	return nil
}

// choiceMode knows also the name that another protocol gives to required,
// which some callers send.
func choiceMode(v conv.Raw) (conv.ChoiceMode, bool) {
	switch v {
	case `"none"`:
		return conv.ChoiceNone, true
	case `"auto"`:
		return conv.ChoiceAuto, true
	case `"required"`, `"any"`:
		return conv.ChoiceAny, true
	}
	return 0, false
}

// functionChoice reads the field that tool_choice replaced.
func (r *reader) functionChoice(root *conv.Path, c *conv.Cursor) error {
	at := root.Field(c.Key)
	if mode, ok := choiceMode(c.Value); ok {
		r.req.Choice = conv.ToolChoice{Mode: mode}
		return nil
	}
	return r.choose(&at, c.Value.Get("name"))
}
