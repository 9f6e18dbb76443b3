package chat

import (
	"strconv"
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
)

func (r *reader) messages(root *conv.Path, c *conv.Cursor) error {
	list, err := r.Array(root, c)
	if err != nil {
		return err
	}
	r.req.Messages, r.req.System = r.req.Messages[:0], r.req.System[:0]
	at := root.Field(c.Key)
	for e := list.Walk(); e.Next() && err == nil; {
		place := at.At(e.Index)
		if !e.Value.IsObject() {
			return place.Fail("must be an object")
		}
		err = r.message(&place, e.Index, e.Value)
	}
	return err
}

// message reads one message. System text before all else is the request's
// own.
func (r *reader) message(at *conv.Path, index int, v conv.Raw) (err error) {
	m := conv.Message{Index: index}
	switch role := v.Get("role"); role {
	case `"system"`, `"developer"`:
		m.Role = conv.System
		if err = r.plain(at, v, &m.Parts); len(r.req.Messages) == 0 {
			r.req.System = append(r.req.System, m.Parts...)
			return err
		}
	case `"user"`:
		err = r.plain(at, v, &m.Parts)
	case `"assistant"`:
		m.Role = conv.Assistant
		err = r.assistant(at, v, &m.Parts)
	case `"tool"`, `"function"`:
		err = r.toolResult(at, v, &m.Parts)
	default:
		p := at.Field("role")
		err = p.Fail("must be system, developer, user, assistant or tool")
	}
	r.req.Messages = append(r.req.Messages, m)
	return err
}

// plain reads a message that has content only.
func (r *reader) plain(at *conv.Path, v conv.Raw, parts *[]conv.Part) (err error) {
	found := false
	for c := v.Walk(); c.Next() && err == nil; {
		switch c.Key {
		case "role":
		case "content":
			found = true
			*parts, err = r.content(at, &c)
		default:
			r.rest(at, &c)
		}
	}
	if err == nil && !found {
		p := at.Field("content")
		err = p.Fail("is required")
	}
	return err
}

// rest reports a member of a message that has no place.
func (r *reader) rest(at *conv.Path, c *conv.Cursor) {
	switch {
	case c.Value.IsEmpty():
	case c.Key == "name":
		r.Drop(at, c, "the other protocol's messages have no names")
	case c.Key == "reasoning_content" || c.Key == "reasoning" || c.Key == "reasoning_details":
		r.Drop(at, c, "reasoning is not translated")
	default:
		r.Drop(at, c, "the other protocol's messages have no such field")
	}
}

// content reads a string or an array of parts. Text of no characters gives no
// part.
func (r *reader) content(up *conv.Path, c *conv.Cursor) ([]conv.Part, error) {
	if c.Value.IsString() {
		return appendText(nil, c.Value.Str()), nil
	}
	at := up.Field(c.Key)
	list, err := r.Array(up, c)
	if err != nil {
		return nil, at.Fail("must be a string or an array of parts")
	}
	var parts []conv.Part
	for e := list.Walk(); e.Next() && err == nil; {
		place := at.At(e.Index)
		parts, err = r.part(&place, e.Value, parts)
	}
	return parts, err
}

func appendText(parts []conv.Part, text conv.Str) []conv.Part {
	if text.Empty() {
		return parts
	}
	return append(parts, conv.Part{Kind: conv.Text, Text: text})
}

func (r *reader) part(at *conv.Path, v conv.Raw, parts []conv.Part) ([]conv.Part, error) {
	if !v.IsObject() {
		return nil, at.Fail("must be an object")
	}
	switch kind := v.Get("type"); kind {
	case `"text"`, `"refusal"`:
		return r.textPart(at, v, kind.Str().Inner(), parts)
	case `"image_url"`:
		return r.image(at, v, parts)
	case "":
		p := at.Field("type")
		return nil, p.Fail("is required")
	default:
		r.Lose(at.String(), "parts of type "+kind.Str().Inner()+" are not translated")
		return parts, nil
	}
}

func (r *reader) textPart(at *conv.Path, v conv.Raw, member string, parts []conv.Part) (_ []conv.Part, err error) {
	var text conv.Str
	for c := v.Walk(); c.Next() && err == nil; {
		switch c.Key {
		case member:
			text, err = r.Text(at, &c)
		case "type":
		case "cache_control":
			r.Drop(at, &c, "cache breakpoints are not translated")
		default:
			r.rest(at, &c)
		}
	}
	if err == nil && text == "" {
		p := at.Field(member)
		err = p.Fail("is required")
	}
	return appendText(parts, text), err
}

func (r *reader) image(at *conv.Path, v conv.Raw, parts []conv.Part) ([]conv.Part, error) {
	place := at.Field("image_url")
	image := v.Get("image_url")
	url := image.Get("url").Str()
	if url == "" {
		p := place.Field("url")
		return nil, p.Fail("must be a string")
	}
	if detail := image.Get("detail"); !detail.IsNull() && detail != `"auto"` {
		r.Lose.Member(&place, "detail", "the other protocol chooses the detail itself")
	}
	p := conv.Part{Kind: conv.Image, URL: url}
	if strings.HasPrefix(url.Inner(), "data:") {
		media, data, ok := conv.DataURL(url)
		if !ok {
			r.Lose.Member(&place, "url", "only data URLs in base64 are translated")
			return parts, nil
		}
		p = conv.Part{Kind: conv.Image, MediaType: media, Data: data}
	}
	return append(parts, p), nil
}

func (r *reader) assistant(at *conv.Path, v conv.Raw, parts *[]conv.Part) (err error) {
	var refusal conv.Str
	var calls []conv.Part
	for c := v.Walk(); c.Next() && err == nil; {
		switch c.Key {
		case "role":
		case "content":
			*parts, err = r.content(at, &c)
		case "refusal":
			refusal, err = r.Text(at, &c)
		case "tool_calls":
			calls, err = r.toolCalls(at, &c)
		case "function_call":
			r.legacyID = conv.Quote("call_function_" + strconv.Itoa(r.legacy))
			r.legacy++
			place := at.Field(c.Key)
			var call conv.Part
			call, err = r.call(&place, r.legacyID, c.Value)
			calls = append(calls, call)
		default:
			r.rest(at, &c)
		}
	}
	*parts = append(appendText(*parts, refusal), calls...)
	return err
}

func (r *reader) toolCalls(up *conv.Path, c *conv.Cursor) (calls []conv.Part, err error) {
	list, err := r.Array(up, c)
	at := up.Field(c.Key)
	for e := list.Walk(); e.Next() && err == nil; {
		place := at.At(e.Index)
		if kind := e.Value.Get("type"); kind != `"function"` && !kind.IsNull() {
			r.Lose(place.String(), "only calls of type function are translated")
			continue
		}
		id := e.Value.Get("id").Str()
		if id == "" {
			p := place.Field("id")
			return nil, p.Fail("must be a string")
		}
		function := place.Field("function")
		var call conv.Part
		call, err = r.call(&function, id, e.Value.Get("function"))
		calls = append(calls, call)
	}
	return calls, err
}

func (r *reader) call(at *conv.Path, id conv.Str, function conv.Raw) (conv.Part, error) {
	name, args := function.Get("name").Str(), function.Get("arguments")
	if name.Empty() {
		p := at.Field("name")
		return conv.Part{}, p.Fail("must be a string")
	}
	if !args.IsNull() && !args.IsString() {
		p := at.Field("arguments")
		return conv.Part{}, p.Fail("must be a string")
	}
	return conv.Part{Kind: conv.ToolCall, ID: id, Name: name, Args: conv.Arguments(args.Str())}, nil
}

func (r *reader) toolResult(at *conv.Path, v conv.Raw, parts *[]conv.Part) (err error) {
	p := conv.Part{Kind: conv.ToolResult}
	legacy := v.Get("role") == `"function"`
	for c := v.Walk(); c.Next() && err == nil; {
		switch c.Key {
		case "role", "name":
			// The name of the tool is known by the call.
		case "tool_call_id":
			p.ID, err = r.Text(at, &c)
		case "content":
			p.Content, err = r.content(at, &c)
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
	if len(p.Content) > 0 && p.Content[0].Kind == conv.Text {
		p.Content[0].Text, p.IsError = conv.CutError(p.Content[0].Text)
	}
	*parts = append(*parts, p)
	return err
}
