package chat

import (
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
)

func (r *reader) messages(root *conv.Path, c *conv.Cursor) error {
	list, err := r.Array(root, c)
	if err != nil {
		return err
	}
	r.req.Messages, r.req.System = make([]conv.Message, 0, len(list)/512+4), nil
	at := root.Field(c.Key)
	for e := r.Walk(list); e.Next() && err == nil; {
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
	for c := r.Walk(v); c.Next() && err == nil; {
		switch c.Key {
		case "role":
		case "content":
			found = true
			*parts, err = r.content(at, &c, r.room(1))
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

// rest reports a member of a message or a part that has no place.
func (r *reader) rest(at *conv.Path, c *conv.Cursor) {
	switch {
	case c.Value.IsEmpty():
	case c.Key == "name":
		r.Drop(at, c, "the other protocol's messages have no names")
	case c.Key == "cache_control":
		r.Drop(at, c, conv.WhyCache)
	default:
		r.Drop(at, c, "the other protocol's messages have no such field")
	}
}

// room returns room for n parts. Messages share larger pieces of memory,
// because to allocate for each of them is what costs most.
func (r *reader) room(n int) []conv.Part {
	if len(r.free) < n {
		r.free = make([]conv.Part, max(n, min(len(r.req.Messages)+4, 64)))
	}
	room := r.free[:0:n]
	r.free = r.free[n:]
	return room
}

// content appends a string or an array of parts. Text of no characters gives
// no part.
func (r *reader) content(up *conv.Path, c *conv.Cursor, parts []conv.Part) ([]conv.Part, error) {
	if c.Value.IsString() {
		return appendText(parts, conv.Text, c.Value.Str()), nil
	}
	at := up.Field(c.Key)
	list, err := r.Array(up, c)
	if err != nil {
		return nil, at.Fail("must be a string or an array of parts")
	}
	for e := r.Walk(list); e.Next() && err == nil; {
		place := at.At(e.Index)
		parts, err = r.part(&place, e.Value, parts)
	}
	return parts, err
}

func appendText(parts []conv.Part, kind conv.PartKind, text conv.Str) []conv.Part {
	if text.Empty() {
		return parts
	}
	return append(parts, conv.Part{Kind: kind, Text: text})
}

func (r *reader) part(at *conv.Path, v conv.Raw, parts []conv.Part) ([]conv.Part, error) {
	if !v.IsObject() {
		return nil, at.Fail("must be an object")
	}
	switch kind := v.Get("type"); kind {
	case `"text"`:
		return r.textPart(at, v, "text", conv.Text, parts)
	case `"refusal"`:
		return r.textPart(at, v, "refusal", conv.Refusal, parts)
	case `"image_url"`:
		return r.image(at, v, parts)
	case `"file"`:
		return r.file(at, v, parts)
	case `"input_audio"`:
		r.Lose(at.String(), "audio is not translated")
	case "":
		p := at.Field("type")
		return nil, p.Fail("is required")
	default:
		r.Lose(at.String(), "parts of type "+kind.Str().Inner()+" are not translated")
	}
	return parts, nil
}

func (r *reader) textPart(at *conv.Path, v conv.Raw, member string, kind conv.PartKind, parts []conv.Part) (_ []conv.Part, err error) {
	var text conv.Str
	for c := r.Walk(v); c.Next() && err == nil; {
		switch c.Key {
		case member:
			text, err = r.Text(at, &c)
		case "type":
		default:
			r.rest(at, &c)
		}
	}
	if err == nil && text == "" {
		p := at.Field(member)
		err = p.Fail("is required")
	}
	return appendText(parts, kind, text), err
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
	if cache := v.Get("cache_control"); !cache.IsEmpty() {
		r.Lose.Member(at, "cache_control", conv.WhyCache)
	}
	p := conv.Part{Kind: conv.Image}
	if !setURL(&p, url) {
		r.Lose.Member(&place, "url", "only data URLs in base64 are translated")
		return parts, nil
	}
	return append(parts, p), nil
}

// setURL gives a part its data, or the link to it. It reports false for data
// in another code than base64.
func setURL(p *conv.Part, url conv.Str) bool {
	if !strings.HasPrefix(url.Inner(), "data:") {
		p.URL = url
		return true
	}
	media, data, ok := conv.DataURL(url)
	p.MediaType, p.Data = media, data
	return ok
}

// file reads a document: its data, which some servers take as a link too, or
// the id of one that was stored before.
func (r *reader) file(at *conv.Path, v conv.Raw, parts []conv.Part) ([]conv.Part, error) {
	place := at.Field("file")
	file := v.Get("file")
	p := conv.Part{Kind: conv.Document, Name: file.Get("filename").Str(), File: file.Get("file_id").Str()}
	data := file.Get("file_data").Str()
	switch {
	case data != "":
		p.File = ""
		if !setURL(&p, data) {
			r.Lose.Member(&place, "file_data", "only data URLs in base64 are translated")
			return parts, nil
		}
		if strings.HasPrefix(p.MediaType.Inner(), "image/") {
			p.Kind = conv.Image
		}
	case p.File == "":
		return nil, place.Fail("must have file_data or file_id")
	}
	return append(parts, p), nil
}
