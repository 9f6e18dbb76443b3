package anthropic

import (
	"github.com/dctx-team/routex/transform/internal/conv"
)

func (r *reader) tools(root *conv.Path, c *conv.Cursor) error {
	list, err := r.Array(root, c)
	if err != nil {
		return err
	}
	r.req.Tools = r.req.Tools[:0]
	at := root.Field(c.Key)
	for e := r.Walk(list); e.Next(); {
		place := at.At(e.Index)
		if !e.Value.IsObject() {
			return place.Fail("must be an object")
		}
		if kind := e.Value.Get("type"); !kind.IsNull() && kind != `"custom"` {
			r.Lose(place.String(), conv.WhyServer)
			continue
		}
		if err := r.tool(&place, e.Value); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) tool(at *conv.Path, v conv.Raw) (err error) {
	var t conv.Tool
	for c := r.Walk(v); c.Next() && err == nil; {
		var known bool
		if known, err = r.ToolMember(at, &c, &t, "input_schema"); !known {
			r.toolRest(at, &c)
		}
	}
	if err == nil && t.Name.Empty() {
		p := at.Field("name")
		err = p.Fail("is required")
	}
	r.req.Tools = append(r.req.Tools, t)
	return err
}

// toolRest drops what only this protocol's tools have, unless it says what
// holds anyway.
func (r *reader) toolRest(at *conv.Path, c *conv.Cursor) {
	switch {
	case c.Key == "cache_control":
		r.Drop(at, c, conv.WhyCache)
	case c.Value == "false", c.Value.IsEmpty():
	case c.Key == "allowed_callers" && c.Value == `["direct"]`:
	default:
		r.Drop(at, c, "the other protocol's tools have no such field")
	}
}

func (r *reader) choice(root *conv.Path, c *conv.Cursor) (err error) {
	at := root.Field(c.Key)
	object, err := r.Object(root, c)
	if err != nil {
		return err
	}
	var choice conv.ToolChoice
	for m := r.Walk(object); m.Next() && err == nil; {
		switch m.Key {
		case "type":
			choice.Mode, err = choiceMode(&at, m.Value)
		case "name":
			choice.Name, err = r.Text(&at, &m)
		case "disable_parallel_tool_use":
			r.req.NoParallel, err = r.Bool(&at, &m)
		default:
			r.Drop(&at, &m, "unknown field")
		}
	}
	if err == nil && choice.Mode == conv.ChoiceTool && choice.Name.Empty() {
		p := at.Field("name")
		err = p.Fail("is required")
	}
	r.req.Choice = choice
	return err
}

func choiceMode(at *conv.Path, v conv.Raw) (conv.ChoiceMode, error) {
	switch v {
	case `"auto"`:
		return conv.ChoiceAuto, nil
	case `"any"`:
		return conv.ChoiceAny, nil
	case `"none"`:
		return conv.ChoiceNone, nil
	case `"tool"`:
		return conv.ChoiceTool, nil
	}
	p := at.Field("type")
	return 0, p.Fail("must be auto, any, none or tool")
}
