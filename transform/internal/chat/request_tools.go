package chat

import (
	"github.com/dctx-team/routex/transform/internal/conv"
)

const whyToolField = "the other protocol's tools have no such field"

func (r *reader) tools(root *conv.Path, c *conv.Cursor) error {
	list, err := r.Array(root, c)
	if err != nil {
		return err
	}
	at := root.Field(c.Key)
	for e := r.Walk(list); e.Next() && err == nil; {
		place := at.At(e.Index)
		if !e.Value.IsObject() {
			return place.Fail("must be an object")
		}
		switch e.Value.Get("type") {
		case `"function"`, "":
			err = r.tool(&place, e.Value, "function")
		case `"custom"`:
			err = r.tool(&place, e.Value, "custom")
		default:
			r.Lose(place.String(), conv.WhyServer)
		}
	}
	return err
}

// tool reads a tool whose definition is the member of that name.
func (r *reader) tool(at *conv.Path, v conv.Raw, member string) (err error) {
	var definition conv.Raw
	for c := r.Walk(v); c.Next() && err == nil; {
		switch c.Key {
		case member:
			definition, err = r.Object(at, &c)
		case "type":
		case "cache_control":
			r.Drop(at, &c, conv.WhyCache)
		default:
			r.Drop(at, &c, whyToolField)
		}
	}
	if err != nil {
		return err
	}
	place := at.Field(member)
	return r.definition(&place, definition, member == "custom")
}

func (r *reader) definition(at *conv.Path, v conv.Raw, freeform bool) (err error) {
	t := conv.Tool{Freeform: freeform}
	for c := r.Walk(v); c.Next() && err == nil; {
		var known bool
		known, err = r.ToolMember(at, &c, &t, "parameters")
		switch {
		case known, c.Key == "format" && c.Value.Get("type") == `"text"`:
		case c.Key == "format":
			r.Drop(at, &c, "the other protocol has no grammars")
		default:
			r.Drop(at, &c, whyToolField)
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
	for e := r.Walk(list); e.Next() && err == nil; {
		place := at.At(e.Index)
		if !e.Value.IsObject() {
			return place.Fail("must be an object")
		}
		err = r.definition(&place, e.Value, false)
	}
	return err
}

func (r *reader) choice(root *conv.Path, c *conv.Cursor) error {
	at := root.Field(c.Key)
	if c.Value.IsString() {
		return r.choiceMode(&at, c.Value)
	}
	object, err := r.Object(root, c)
	if err != nil {
		return at.Fail("must be a string or an object")
	}
	switch kind := object.Get("type"); kind {
	case `"function"`, `"custom"`:
		place := at.Field(kind.Str().Inner())
		return r.choose(&place, object.Get(kind.Str().Inner()).Get("name"))
	case `"allowed_tools"`:
		place := at.Field("allowed_tools")
		return r.allowedTools(&place, object.Get("allowed_tools"))
	default:
		r.Lose(at.String(), "a choice of type "+kind.Str().Inner()+" is not translated")
	}
	return nil
}

// choiceMode knows also the name that another protocol gives to required,
// which some callers send.
func (r *reader) choiceMode(at *conv.Path, v conv.Raw) error {
	switch v {
	case `"none"`:
		r.req.Choice = conv.ToolChoice{Mode: conv.ChoiceNone}
	case `"auto"`:
		r.req.Choice = conv.ToolChoice{Mode: conv.ChoiceAuto}
	case `"required"`, `"any"`:
		r.req.Choice = conv.ToolChoice{Mode: conv.ChoiceAny}
	default:
		return at.Fail("must be none, auto, required or an object")
	}
	return nil
}

func (r *reader) choose(at *conv.Path, name conv.Raw) error {
	if !name.IsString() {
		p := at.Field("name")
		return p.Fail("must be a string")
	}
	r.req.Choice = conv.ToolChoice{Mode: conv.ChoiceTool, Name: name.Str()}
	return nil
}

// allowedTools reads a choice among some of the tools: only they are offered
// to the model then, which comes to the same.
func (r *reader) allowedTools(at *conv.Path, v conv.Raw) error {
	mode := v.Get("mode")
	if mode.IsNull() {
		mode = `"auto"`
	}
	place := at.Field("mode")
	if err := r.choiceMode(&place, mode); err != nil {
		return err
	}
	tools := v.Get("tools")
	if !tools.IsArray() {
		return nil
	}
	list := at.Field("tools")
	r.allowed = []conv.Str{}
	for c := r.Walk(tools); c.Next(); {
		name := c.Value.Get("function").Get("name").Str()
		if name == "" {
			name = c.Value.Get("custom").Get("name").Str()
		}
		if name == "" {
			place := list.At(c.Index)
			r.Lose(place.String(), conv.WhyServer)
			continue
		}
		r.allowed = append(r.allowed, name)
	}
	return nil
}

// allow leaves out the tools that a choice did not name.
func (r *reader) allow() {
	if r.allowed != nil {
		r.req.Only(r.allowed)
	}
}

// functionChoice reads the field that tool_choice replaced.
func (r *reader) functionChoice(root *conv.Path, c *conv.Cursor) error {
	at := root.Field(c.Key)
	if c.Value.IsString() {
		return r.choiceMode(&at, c.Value)
	}
	return r.choose(&at, c.Value.Get("name"))
}
