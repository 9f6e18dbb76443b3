package responses

import (
	"github.com/dctx-team/routex/transform/internal/conv"
)

func (r *reader) tools(root *conv.Path, c *conv.Cursor) error {
	list, err := r.Array(root, c)
	if err != nil {
		return err
	}
	return r.toolList(root, c.Key, list, "")
}

// toolList reads tools, those of a namespace if space is not absent. Where
// there are no namespaces their names begin with its name.
func (r *reader) toolList(up *conv.Path, key string, list conv.Raw, space conv.Str) (err error) {
	at := up.Field(key)
	for e := r.Walk(list); list.IsArray() && e.Next() && err == nil; {
		place := at.At(e.Index)
		switch kind := e.Value.Get("type"); kind {
		case `"function"`, `"custom"`:
			err = r.tool(&place, e.Value, kind == `"custom"`, space)
		case "":
			p := place.Field("type")
			err = p.Fail("is required")
		case `"namespace"`:
			name := e.Value.Get("name").Str()
			if err = require(&place, "name", name, nil); err != nil {
				return err
			}
			if !e.Value.Get("description").IsEmpty() {
				r.Lose.Member(&place, "description", "the other protocol's tools have no namespaces")
			}
			err = r.toolList(&place, "tools", e.Value.Get("tools"), name)
		default:
			r.Lose(place.String(), conv.WhyServer)
		}
	}
	return err
}

// tool reads a function, or a tool that takes text.
func (r *reader) tool(at *conv.Path, v conv.Raw, freeform bool, space conv.Str) (err error) {
	t := conv.Tool{Freeform: freeform}
	var grammar conv.Str
	for c := r.Walk(v); c.Next() && err == nil; {
		var known bool
		known, err = r.ToolMember(at, &c, &t, "parameters")
		switch {
		case known, c.Key == "format" && c.Value.Get("type") == `"text"`, c.Value.IsEmpty(), c.Value == "false":
		case c.Key == "format":
			r.Drop(at, &c, "the other protocol cannot hold a tool's input to a grammar: it is told in the description")
			grammar = grammarText(c.Value)
		default:
			r.Drop(at, &c, "the other protocol's tools have no such field")
		}
	}
	if grammar != "" {
		t.Description = conv.Concat(t.Description.Inner(), grammar.Inner())
	}
	if err = require(at, "name", t.Name, err); err != nil {
		return err
	}
	if space != "" {
		t.Space, t.Bare, t.Name = space, t.Name, conv.SpacedName(space, t.Name)
	}
	r.addTool(&t)
	return nil
}

// addTool adds a tool. One that comes again in the input takes the place of the
// first.
func (r *reader) addTool(t *conv.Tool) {
	if t.Space != "" || r.more {
		name := t.Name.String()
		if i, told := r.told[name]; told && r.more {
			r.req.Tools[i] = *t
			return
		}
		if r.told == nil {
			r.told = make(map[string]int)
		}
		r.told[name] = len(r.req.Tools)
	}
	r.req.Tools = append(r.req.Tools, *t)
}

// grammarText returns the grammar of a tool's input in words to the model,
// absent when there is none.
func grammarText(format conv.Raw) conv.Str {
	definition := format.Get("definition").Str()
	if definition.Empty() {
		return ""
	}
	return conv.Concat(blankLine, "The input must fit this grammar (", format.Get("syntax").Str().Inner(), "):", newline, definition.Inner())
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
	switch kind := object.Get("type"); kind {
	case `"function"`, `"custom"`:
		name := object.Get("name").Str()
		if space := object.Get("namespace").Str(); !space.Empty() && !name.Empty() {
			name = conv.SpacedName(space, name)
		}
		r.req.Choice = conv.ToolChoice{Mode: conv.ChoiceTool, Name: name}
		return require(&at, "name", name, nil)
	case `"allowed_tools"`:
		return r.allow(&at, object)
	default:
		r.Lose(at.String(), "a choice of type "+kind.Str().Inner()+" is not translated")
	}
	return nil
}

func choiceMode(v conv.Raw) (conv.ChoiceMode, bool) {
	switch v {
	case `"none"`:
		return conv.ChoiceNone, true
	case `"auto"`:
		return conv.ChoiceAuto, true
	case `"required"`:
		return conv.ChoiceAny, true
	}
	return 0, false
}

// allow reads a choice that limits the tools for this call.
func (r *reader) allow(at *conv.Path, object conv.Raw) error {
	mode := at.Field("mode")
	var ok bool
	if r.req.Choice.Mode, ok = choiceMode(object.Get("mode")); !ok {
		return mode.Fail("must be auto or required")
	}
	r.limited = true
	for c := r.Walk(object.Get("tools")); c.Next(); {
		if name := c.Value.Get("name").Str(); name != "" {
			r.allowed = append(r.allowed, name)
		}
	}
	return nil
}

// limitTools leaves out the tools that may not be called: for the others that
// is the same.
func (r *reader) limitTools() {
	r.req.Only(r.allowed)
	if len(r.req.Tools) == 0 && len(r.allowed) > 0 {
		r.req.Choice = conv.ToolChoice{}
		r.Lose("tool_choice", "none of the allowed tools can be offered")
	}
}
