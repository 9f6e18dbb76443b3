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
	l := r.levels.down(root.Field(c.Key))
	for e := r.Walk(list); e.Next(); {
		l.place = l.at.At(e.Index)
		if !e.Value.IsObject() {
			return l.place.Fail("must be an object")
		}
		m, err := r.message(&l.place, e.Value)
		if err != nil {
			return err
		}
		m.Index = e.Index
		r.req.Messages = append(r.req.Messages, m)
	}
	r.levels.up(l)
	return nil
}

func (r *reader) message(at *conv.Path, v conv.Raw) (m conv.Message, err error) {
	seen := false
	for c := r.Walk(v); c.Next() && err == nil; {
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
	for i := range m.Parts {
		place := at.Field("content")
		switch kind := m.Parts[i].Kind; {
		case kind == conv.ToolCall && m.Role != conv.Assistant:
			return place.Fail("tool_use blocks belong in assistant messages")
		case kind == conv.ToolResult && m.Role != conv.User:
			return place.Fail("tool_result blocks belong in user messages")
		case kind == conv.Reasoning && m.Role != conv.Assistant:
			return place.Fail("thinking blocks belong in assistant messages")
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

// maxNested bounds content in content. A message has results, a result documents
// and a document blocks; each level reads again all that is below it.
const maxNested = 4

// content reads a string or an array of blocks. Text of no characters gives
// no part.
func (r *reader) content(up *conv.Path, c *conv.Cursor) ([]conv.Part, error) {
	if c.Value.IsString() {
		var one [1]conv.Part
		return r.levels.keep(appendText(one[:0], c.Value.Str())), nil
	}
	l := r.levels.down(up.Field(c.Key))
	list, err := r.Array(up, c)
	if err != nil {
		return nil, l.at.Fail("must be a string or an array of blocks")
	}
	if r.levels.depth > maxNested {
		return nil, l.at.Fail("is nested too deep")
	}
	for e := r.Walk(list); e.Next(); {
		l.place = l.at.At(e.Index)
		if l.parts, err = r.block(&l.place, e.Value, l.parts); err != nil {
			return nil, err
		}
	}
	return r.levels.up(l), nil
}

func appendText(parts []conv.Part, text conv.Str) []conv.Part {
	if text.Empty() {
		return parts
	}
	return append(parts, conv.Part{Kind: conv.Text, Text: text})
}

// block appends what one content block says to parts.
func (r *reader) block(at *conv.Path, v conv.Raw, parts []conv.Part) ([]conv.Part, error) {
	if !v.IsObject() {
		return nil, at.Fail("must be an object")
	}
	switch kind := v.Get("type").Str().Inner(); kind {
	case "text":
		return r.text(at, v, parts)
	case "image":
		return r.image(at, v, parts)
	case "document":
		return r.document(at, v, parts)
	case "search_result":
		return r.searchResult(at, v, parts)
	case "tool_use":
		return r.toolUse(at, v, parts)
	case "tool_result":
		return r.toolResult(at, v, parts)
	case "thinking":
		return r.thought(at, v, parts)
	case "redacted_thinking":
		return r.redacted(at, v, parts)
	case "":
		p := at.Field("type")
		return nil, p.Fail("is required")
	default:
		r.Lose(at.String(), "blocks of type "+kind+" are not translated")
		return parts, nil
	}
}

func (r *reader) text(at *conv.Path, v conv.Raw, parts []conv.Part) (_ []conv.Part, err error) {
	var text conv.Str
	for c := r.Walk(v); c.Next() && err == nil; {
		switch c.Key {
		case "text":
			text, err = r.Text(at, &c)
		default:
			r.rest(at, &c)
		}
	}
	return appendText(parts, text), r.require(at, "text", text, err)
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
		r.Drop(at, c, conv.WhyCache)
	case c.Value.IsEmpty():
	case c.Key == "citations":
		r.Drop(at, c, "citations are not translated")
	default:
		r.Drop(at, c, whyNoField)
	}
}
