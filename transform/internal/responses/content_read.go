package responses

import (
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
)

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
	for e := r.Walk(list); e.Next() && err == nil; {
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
	case `"input_text"`, `"output_text"`, `"text"`:
		return r.textPart(at, v, conv.Text, "text", parts)
	case `"refusal"`:
		return r.textPart(at, v, conv.Refusal, "refusal", parts)
	case `"input_image"`:
		return r.image(at, v, parts)
	case `"input_file"`:
		return r.file(at, v, parts)
	case "":
		p := at.Field("type")
		return nil, p.Fail("is required")
	default:
		r.Lose(at.String(), "parts of type "+kind.Str().Inner()+" are not translated")
		return parts, nil
	}
}

func (r *reader) textPart(at *conv.Path, v conv.Raw, kind conv.PartKind, member string, parts []conv.Part) (_ []conv.Part, err error) {
	var text conv.Str
	for c := r.Walk(v); c.Next() && err == nil; {
		switch c.Key {
		case member:
			text, err = r.Text(at, &c)
		case "type", "logprobs":
		default:
			r.partRest(at, &c)
		}
	}
	if err == nil && text == "" {
		p := at.Field(member)
		err = p.Fail("is required")
	}
	if !text.Empty() {
		parts = append(parts, conv.Part{Kind: kind, Text: text})
	}
	return parts, err
}

// partRest reports a member of a part that has no place.
func (r *reader) partRest(at *conv.Path, c *conv.Cursor) {
	switch {
	case c.Value.IsEmpty():
	case c.Key == "annotations":
		r.Drop(at, c, "citations are not translated")
	case c.Key == "prompt_cache_breakpoint":
		r.Drop(at, c, conv.WhyCache)
	case c.Key == "detail":
		if c.Value != `"auto"` {
			r.Drop(at, c, "the other protocol chooses the detail itself")
		}
	default:
		r.Drop(at, c, whyMember)
	}
}

func (r *reader) image(at *conv.Path, v conv.Raw, parts []conv.Part) (_ []conv.Part, err error) {
	p := conv.Part{Kind: conv.Image}
	for c := r.Walk(v); c.Next() && err == nil; {
		switch c.Key {
		case "type":
		case "image_url":
			if c.Value.IsObject() { // as the older protocol has it
				p.URL = c.Value.Get("url").Str()
			} else {
				p.URL, err = r.Text(at, &c)
			}
		case "file_id":
			p.File, err = r.Text(at, &c)
		default:
			r.partRest(at, &c)
		}
	}
	switch {
	case err != nil:
		return nil, err
	case p.URL.Empty() && p.File.Empty():
		return nil, at.Fail("needs an image_url or a file_id")
	}
	return r.linked(at, "image_url", p, parts), nil
}

// linked adds an image or a document, of which a data URL holds the data.
func (r *reader) linked(at *conv.Path, member string, p conv.Part, parts []conv.Part) []conv.Part {
	if strings.HasPrefix(p.URL.Inner(), "data:") {
		media, data, ok := conv.DataURL(p.URL)
		if !ok {
			r.Lose.Member(at, member, "only data URLs in base64 are translated")
			return parts
		}
		p.URL, p.MediaType, p.Data = "", media, data
	}
	return append(parts, p)
}

// file reads a document. Its data is a data URL, or base64 of the type that
// the file's name tells.
func (r *reader) file(at *conv.Path, v conv.Raw, parts []conv.Part) (_ []conv.Part, err error) {
	p := conv.Part{Kind: conv.Document}
	var data conv.Str
	for c := r.Walk(v); c.Next() && err == nil; {
		switch c.Key {
		case "type":
		case "file_data":
			data, err = r.Text(at, &c)
		case "file_url":
			p.URL, err = r.Text(at, &c)
		case "file_id":
			p.File, err = r.Text(at, &c)
		case "filename":
			p.Name, err = r.Text(at, &c)
		default:
			r.partRest(at, &c)
		}
	}
	switch {
	case err != nil:
		return nil, err
	case strings.HasPrefix(data.Inner(), "data:"):
		p.URL = data
	case !data.Empty():
		p.MediaType, p.Data = mediaType(p.Name.Inner()), data
	case p.URL.Empty() && p.File.Empty():
		return nil, at.Fail("needs file_data, a file_url or a file_id")
	}
	return r.linked(at, "file_data", p, parts), nil
}

// mediaType returns the type of a file by its name.
func mediaType(name string) conv.Str {
	if strings.HasSuffix(strings.ToLower(name), ".txt") {
		return `"text/plain"`
	}
	return `"application/pdf"`
}
