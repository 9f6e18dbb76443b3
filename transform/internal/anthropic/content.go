package anthropic

import (
	"github.com/dctx-team/routex/transform/internal/conv"
)

func (r *reader) messages(root *conv.Path, c *conv.Cursor) error {
	list, err := r.Array(root, c)
	if err != nil {
		return err
	}
	r.req.Messages = r.req.Messages[:0]
	at := root.Field(c.Key)
	for e := list.Walk(); e.Next(); {
		place := at.At(e.Index)
		if !e.Value.IsObject() {
			return place.Fail("must be an object")
		}
		m, err := r.message(&place, e.Value)
		if err != nil {
			return err
		}
		m.Index = e.Index
		r.req.Messages = append(r.req.Messages, m)
	}
	return nil
}

func (r *reader) message(at *conv.Path, v conv.Raw) (m conv.Message, err error) {
	seen := false
	for c := v.Walk(); c.Next() && err == nil; {
		switch c.Key {
		case "role":
			m.Role, err = role(at, c.Value)
			seen = true
		case "content":
			m.Parts, err = r.content(at, &c)
		default:
			r.Drop(at, &c, "unknown field")
		}
	}
	if err == nil && !seen {
		_, err = role(at, "")
	}
	if err == nil {
		err = fits(at, &m)
	}
	return m, err
}

// fits checks that calls and results stand in messages of the right role.
func fits(at *conv.Path, m *conv.Message) error {
	for _, p := range m.Parts {
		place := at.Field("content")
		if p.Kind == conv.ToolCall && m.Role != conv.Assistant {
			return place.Fail("tool_use blocks belong in assistant messages")
		}
		if p.Kind == conv.ToolResult && m.Role != conv.User {
			return place.Fail("tool_result blocks belong in user messages")
		}
	}
	return nil
}

func role(at *conv.Path, v conv.Raw) (conv.Role, error) {
	switch v {
	case `"user"`:
		return conv.User, nil
	case `"assistant"`:
		return conv.Assistant, nil
	case `"system"`:
		return conv.System, nil
	}
	p := at.Field("role")
	return 0, p.Fail("must be user, assistant or system")
}

// content reads a string or an array of blocks. Text of no characters gives
// no part.
func (r *reader) content(up *conv.Path, c *conv.Cursor) ([]conv.Part, error) {
	if c.Value.IsString() {
		return appendText(nil, c.Value.Str()), nil
	}
	at := up.Field(c.Key)
	list, err := r.Array(up, c)
	if err != nil {
		return nil, at.Fail("must be a string or an array of blocks")
	}
	var parts []conv.Part
	for e := list.Walk(); e.Next(); {
		place := at.At(e.Index)
		part, ok, err := r.block(&place, e.Value)
		if err != nil {
			return nil, err
		}
		if ok && (part.Kind != conv.Text || !part.Text.Empty()) {
			parts = append(parts, part)
		}
	}
	return parts, nil
}

func appendText(parts []conv.Part, text conv.Str) []conv.Part {
	if text.Empty() {
		return parts
	}
	return append(parts, conv.Part{Kind: conv.Text, Text: text})
}

// block reads one content block. It reports false for one that is lost.
func (r *reader) block(at *conv.Path, v conv.Raw) (p conv.Part, ok bool, err error) {
	if !v.IsObject() {
		return p, false, at.Fail("must be an object")
	}
	switch kind := v.Get("type").Str().Inner(); kind {
	case "text":
		p, err = r.text(at, v)
		return p, true, err
	case "image":
		return r.image(at, v)
	case "tool_use":
		p, err = r.toolUse(at, v)
		return p, true, err
	case "tool_result":
		p, err = r.toolResult(at, v)
		return p, true, err
	case "":
		p := at.Field("type")
		return conv.Part{}, false, p.Fail("is required")
	default:
		r.Lose(at.String(), "blocks of type "+kind+" are not translated")
		return p, false, nil
	}
}

func (r *reader) text(at *conv.Path, v conv.Raw) (p conv.Part, err error) {
	p.Kind = conv.Text
	for c := v.Walk(); c.Next() && err == nil; {
		switch c.Key {
		case "text":
			p.Text, err = r.Text(at, &c)
		default:
			r.rest(at, &c)
		}
	}
	return p, r.require(at, "text", p.Text, err)
}

// require checks that a member was there.
func (r *reader) require(at *conv.Path, name string, value conv.Str, err error) error {
	if err == nil && value == "" {
		p := at.Field(name)
		return p.Fail("is required")
	}
	return err
}

// rest deals with the members that any block may have.
func (r *reader) rest(at *conv.Path, c *conv.Cursor) {
	switch {
	case c.Key == "type":
	case c.Key == "cache_control":
		r.Drop(at, c, whyCache)
	case c.Value.IsEmpty():
	case c.Key == "citations":
		r.Drop(at, c, "citations are not translated")
	default:
		r.Drop(at, c, "the other protocol has no such field")
	}
}

func (r *reader) image(at *conv.Path, v conv.Raw) (p conv.Part, ok bool, err error) {
	p.Kind = conv.Image
	source := at.Field("source")
	var raw conv.Raw
	for c := v.Walk(); c.Next() && err == nil; {
		switch c.Key {
		case "source":
			raw, err = r.Object(at, &c)
		default:
			r.rest(at, &c)
		}
	}
	if err != nil {
		return p, false, err
	}
	switch raw.Get("type") {
	case `"base64"`:
		p.MediaType, p.Data = raw.Get("media_type").Str(), raw.Get("data").Str()
		if err = r.require(&source, "media_type", p.MediaType, nil); err != nil {
			return p, false, err
		}
		return p, true, r.require(&source, "data", p.Data, nil)
	case `"url"`:
		p.URL = raw.Get("url").Str()
		return p, true, r.require(&source, "url", p.URL, nil)
	case "":
		return p, false, source.Fail("is required, with a type")
	}
	r.Lose(source.String(), "images stored at one provider cannot be seen by another")
	return p, false, nil
}

func (r *reader) toolUse(at *conv.Path, v conv.Raw) (p conv.Part, err error) {
	p = conv.Part{Kind: conv.ToolCall, Args: "{}"}
	for c := v.Walk(); c.Next() && err == nil; {
		switch c.Key {
		case "id":
			p.ID, err = r.Text(at, &c)
		case "name":
			p.Name, err = r.Text(at, &c)
		case "input":
			var input conv.Raw
			input, err = r.Object(at, &c)
			p.Args = string(input)
		case "caller":
			if c.Value.Get("type") != `"direct"` {
				r.rest(at, &c)
			}
		default:
			r.rest(at, &c)
		}
	}
	err = r.require(at, "id", p.ID, err)
	return p, r.require(at, "name", p.Name, err)
}

func (r *reader) toolResult(at *conv.Path, v conv.Raw) (p conv.Part, err error) {
	p.Kind = conv.ToolResult
	for c := v.Walk(); c.Next() && err == nil; {
		switch c.Key {
		case "tool_use_id":
			p.ID, err = r.Text(at, &c)
		case "is_error":
			p.IsError, err = r.Bool(at, &c)
		case "content":
			p.Content, err = r.content(at, &c)
		default:
			r.rest(at, &c)
		}
	}
	if err == nil {
		p.Content = r.resultContent(at, p.Content)
	}
	return p, r.require(at, "tool_use_id", p.ID, err)
}

// resultContent keeps text and images: nothing else is told by a tool.
func (r *reader) resultContent(at *conv.Path, parts []conv.Part) []conv.Part {
	kept := parts[:0]
	for _, p := range parts {
		if p.Kind == conv.Text || p.Kind == conv.Image {
			kept = append(kept, p)
		} else {
			r.Lose.Member(at, "content", "a tool result holds text and images only")
		}
	}
	return kept
}
