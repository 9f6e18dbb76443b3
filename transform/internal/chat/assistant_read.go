package chat

import (
	"strconv"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// assistant reads what the model said: its reasoning comes first, its calls
// last.
func (r *reader) assistant(at *conv.Path, v conv.Raw, parts *[]conv.Part) (err error) {
	var content, calls, legacy conv.Cursor
	var refusal conv.Str
	var thought thought
	for c := r.Walk(v); c.Next() && err == nil; {
		switch c.Key {
		case "role":
		case "content":
			content = c
		case "refusal":
			refusal, err = r.Text(at, &c)
		case "tool_calls":
			calls = c
		case "function_call":
			legacy = c
		default:
			if !thought.read(&c) {
				r.rest(at, &c)
			}
		}
	}
	n := 1
	if calls.Value != "" {
		n = 2
	}
	all := thought.parts(r.room(n))
	if err == nil && content.Value != "" {
		all, err = r.content(at, &content, all)
	}
	all = appendText(all, conv.Refusal, refusal)
	if err == nil && calls.Value != "" {
		all, err = r.toolCalls(at, &calls, all)
	}
	if err == nil && legacy.Value != "" {
		all, err = r.legacyCall(at, &legacy, all)
	}
	*parts = all
	return err
}

// legacyCall reads the member that tool_calls replaced. Its result is found
// by an id made here.
func (r *reader) legacyCall(at *conv.Path, c *conv.Cursor, calls []conv.Part) ([]conv.Part, error) {
	r.legacyID = conv.Quote("call_function_" + strconv.Itoa(r.legacy))
	r.legacy++
	place := at.Field(c.Key)
	p, err := r.call(&place, c.Value)
	p.ID = r.legacyID
	return append(calls, p), err
}

func (r *reader) toolCalls(up *conv.Path, c *conv.Cursor, parts []conv.Part) ([]conv.Part, error) {
	list, err := r.Array(up, c)
	at := up.Field(c.Key)
	for e := r.Walk(list); e.Next() && err == nil; {
		place := at.At(e.Index)
		id := e.Value.Get("id").Str()
		if id == "" {
			p := place.Field("id")
			return nil, p.Fail("must be a string")
		}
		var p conv.Part
		switch e.Value.Get("type") {
		case `"function"`, "":
			inner := place.Field("function")
			p, err = r.call(&inner, e.Value.Get("function"))
		case `"custom"`:
			inner := place.Field("custom")
			p, err = r.customCall(&inner, e.Value.Get("custom"))
		default:
			r.Lose(place.String(), "only calls of functions and custom tools are translated")
			continue
		}
		p.ID, p.State = conv.CutState(id)
		parts = append(parts, p)
	}
	return parts, err
}

func (r *reader) call(at *conv.Path, function conv.Raw) (conv.Part, error) {
	name, args := function.Get("name").Str(), function.Get("arguments")
	if name.Empty() {
		p := at.Field("name")
		return conv.Part{}, p.Fail("must be a string")
	}
	if !args.IsNull() && !args.IsString() {
		p := at.Field("arguments")
		return conv.Part{}, p.Fail("must be a string")
	}
	return conv.Part{Kind: conv.ToolCall, Name: name, Args: conv.Arguments(args.Str())}, nil
}

func (r *reader) customCall(at *conv.Path, custom conv.Raw) (conv.Part, error) {
	name, input := custom.Get("name").Str(), custom.Get("input")
	if name.Empty() {
		p := at.Field("name")
		return conv.Part{}, p.Fail("must be a string")
	}
	if !input.IsNull() && !input.IsString() {
		p := at.Field("input")
		return conv.Part{}, p.Fail("must be a string")
	}
	return conv.Part{Kind: conv.ToolCall, Name: name, Args: conv.FreeformArgs(input.Str())}, nil
}

func (r *reader) toolResult(at *conv.Path, v conv.Raw, parts *[]conv.Part) (err error) {
	p := conv.Part{Kind: conv.ToolResult}
	legacy := v.Get("role") == `"function"`
	for c := r.Walk(v); c.Next() && err == nil; {
		switch c.Key {
		case "role", "name":
			// The name of the tool is known by the call.
		case "tool_call_id":
			p.ID, err = r.Text(at, &c)
		case "content":
			p.Content, err = r.content(at, &c, r.room(1))
		default:
			r.rest(at, &c)
		}
	}
	if legacy {
		p.ID = r.legacyID
	}
	if err == nil && p.ID == "" && !legacy {
		field := at.Field("tool_call_id")
		err = field.Fail("is required")
	}
	p.ID, _ = conv.CutState(p.ID)
	if len(p.Content) > 0 && p.Content[0].Kind == conv.Text {
		p.Content[0].Text, p.IsError = conv.CutError(p.Content[0].Text)
	}
	*parts = append(r.room(1), p)
	return err
}
