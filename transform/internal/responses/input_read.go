package responses

import (
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// input reads a string, or the items of a conversation. Neighbouring items of
// the assistant make one message, and so do neighbouring results of tools.
func (r *reader) input(root *conv.Path, c *conv.Cursor) error {
	if c.Value.IsString() {
		r.req.Messages = append(r.req.Messages, conv.Message{Parts: appendText(nil, c.Value.Str())})
		return nil
	}
	at := root.Field(c.Key)
	list, err := r.Array(root, c)
	if err != nil {
		return at.Fail("must be a string or an array of items")
	}
	for e := r.Walk(list); e.Next() && err == nil; {
		place := at.At(e.Index)
		if !e.Value.IsObject() {
			return place.Fail("must be an object")
		}
		err = r.item(&place, e.Index, e.Value)
	}
	return err
}

func (r *reader) item(at *conv.Path, index int, v conv.Raw) error {
	kind := typeOf(v)
	if kind == "" && v.Get("role") == "" && v.Get("id") != "" {
		kind = `"item_reference"`
	}
	switch kind {
	case "", `"message"`:
		return r.message(at, index, v)
	case `"function_call"`, `"custom_tool_call"`:
		return r.call(at, index, v)
	case `"function_call_output"`, `"custom_tool_call_output"`:
		return r.result(at, index, v)
	case `"reasoning"`:
		return r.reasoning(at, index, v)
	case `"additional_tools"`:
		r.more = true
		return r.toolList(at, "tools", v.Get("tools"), "")
	case `"item_reference"`:
		return at.Fail("refers to an item that is stored at another provider: send the item itself")
	}
	r.Lose(at.String(), "items of type "+kind.Str().Inner()+" are not translated")
	return nil
}

// typeOf returns the type of an item. One that begins with a role is a
// message: most of those have no type, and all of their text would be passed
// over in search of it.
func typeOf(v conv.Raw) conv.Raw {
	if c := v.Walk(); c.Next() && c.Key == "role" {
		return `"message"`
	}
	return v.Get("type")
}

// assistant returns the message to which an item of the assistant's belongs.
func (r *reader) assistant(index int) *conv.Message {
	if n := len(r.req.Messages); n > 0 && r.req.Messages[n-1].Role == conv.Assistant {
		return &r.req.Messages[n-1]
	}
	return r.add(conv.Assistant, index)
}

// results returns the message to which the result of a tool belongs.
func (r *reader) results(index int) *conv.Message {
	if n := len(r.req.Messages); n > 0 {
		m := &r.req.Messages[n-1]
		if k := len(m.Parts); k > 0 && m.Parts[k-1].Kind == conv.ToolResult {
			return m
		}
	}
	return r.add(conv.User, index)
}

func (r *reader) add(role conv.Role, index int) *conv.Message {
	r.req.Messages = append(r.req.Messages, conv.Message{Role: role, Index: index})
	return &r.req.Messages[len(r.req.Messages)-1]
}

// message reads an item with a role. System text before all else is the
// request's own.
func (r *reader) message(at *conv.Path, index int, v conv.Raw) error {
	parts, err := r.messageParts(at, v)
	if err != nil {
		return err
	}
	switch v.Get("role") {
	case `"system"`, `"developer"`:
		if len(r.req.Messages) == 0 {
			r.req.System = append(r.req.System, parts...)
		} else {
			r.add(conv.System, index).Parts = parts
		}
	case `"user"`:
		r.add(conv.User, index).Parts = parts
	case `"assistant"`:
		if m := r.assistant(index); m.Parts == nil {
			m.Parts = parts
		} else {
			m.Parts = append(m.Parts, parts...)
		}
	default:
		p := at.Field("role")
		return p.Fail("must be user, assistant, system or developer")
	}
	return nil
}

func (r *reader) messageParts(at *conv.Path, v conv.Raw) (parts []conv.Part, err error) {
	found := false
	for c := r.Walk(v); c.Next() && err == nil; {
		switch c.Key {
		case "type", "role", "id", "status":
		case "phase":
			// By it OpenAI's models tell remarks from answers.
		case "content":
			found = true
			parts, err = r.content(at, &c)
		default:
			r.Drop(at, &c, whyMember)
		}
	}
	if err == nil && !found {
		p := at.Field("content")
		err = p.Fail("is required")
	}
	return parts, err
}

const whyMember = "the other protocol has no such field"

// call reads a call of a tool. The text that a tool without a schema was given
// becomes the one member of an object.
func (r *reader) call(at *conv.Path, index int, v conv.Raw) (err error) {
	p := conv.Part{Kind: conv.ToolCall, Args: "{}"}
	var id, text, space conv.Str
	for c := r.Walk(v); c.Next() && err == nil; {
		switch c.Key {
		case "type", "id", "status":
		case "call_id":
			id, err = r.Text(at, &c)
		case "name":
			p.Name, err = r.Text(at, &c)
		case "namespace":
			space, err = r.Text(at, &c)
		case "arguments":
			text, err = r.Text(at, &c)
			p.Args = conv.Arguments(text)
		case "input":
			text, err = r.Text(at, &c)
			p.Args = inputArgs(text)
		default:
			if !c.Value.IsEmpty() && c.Value != "false" && c.Value.Get("type") != `"direct"` {
				r.Drop(at, &c, whyMember)
			}
		}
	}
	p.ID, p.State = conv.CutState(id)
	err = require(at, "call_id", id, err)
	err = require(at, "name", p.Name, err)
	if !space.Empty() {
		p.Name = conv.SpacedName(space, p.Name)
	}
	m := r.assistant(index)
	m.Parts = append(m.Parts, p)
	return err
}

// inputArgs returns the arguments by which a tool that takes text is called.
func inputArgs(text conv.Str) string { return `{"input":` + string(text) + `}` }

// require checks that a member was there.
func require(at *conv.Path, name string, value conv.Str, err error) error {
	if err == nil && value.Empty() {
		p := at.Field(name)
		return p.Fail("is required")
	}
	return err
}

func (r *reader) result(at *conv.Path, index int, v conv.Raw) (err error) {
	p := conv.Part{Kind: conv.ToolResult}
	var id conv.Str
	for c := r.Walk(v); c.Next() && err == nil; {
		switch c.Key {
		case "type", "id", "status":
		case "call_id":
			id, err = r.Text(at, &c)
		case "output":
			p.Content, err = r.content(at, &c)
		default:
			if !c.Value.IsEmpty() {
				r.Drop(at, &c, whyMember)
			}
		}
	}
	p.ID, _ = conv.CutState(id)
	if len(p.Content) > 0 && p.Content[0].Kind == conv.Text {
		p.Content[0].Text, p.IsError = conv.CutError(p.Content[0].Text)
	}
	m := r.results(index)
	m.Parts = append(m.Parts, p)
	return require(at, "call_id", id, err)
}

// reasoning reads an item of reasoning: its text, and the state of another
// provider in it.
func (r *reader) reasoning(at *conv.Path, index int, v conv.Raw) error {
	p := conv.Part{Kind: conv.Reasoning, Text: joinTexts(v.Get("summary"))}
	if p.Text == "" {
		p.Text = joinTexts(v.Get("content"))
	}
	state := v.Get("encrypted_content").Str()
	p.State, _ = conv.ReadToken(state)
	if p.Text == "" && p.State.Kind == conv.NoState {
		if !state.Empty() {
			r.Lose(at.String(), conv.WhyReasoning)
		}
		return nil
	}
	m := r.assistant(index)
	m.Parts = append(m.Parts, p)
	return nil
}

// blankLine parts the pieces of reasoning, inside of a literal.
const blankLine = `\n\n`

// joinTexts joins the texts of parts; absent when there is none.
func joinTexts(parts conv.Raw) conv.Str {
	var texts []string
	for c := parts.Walk(); c.Next(); {
		if text := c.Value.Get("text").Str(); !text.Empty() {
			texts = append(texts, text.Inner())
		}
	}
	switch len(texts) {
	case 0:
		return ""
	case 1:
		return conv.Concat(texts[0])
	}
	return conv.Concat(strings.Join(texts, blankLine))
}
