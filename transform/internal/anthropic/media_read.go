package anthropic

import (
	"github.com/dctx-team/routex/transform/internal/conv"
)

// source returns the source of an image or a document, and the members of the
// block that every block has are dealt with.
func (r *reader) source(at *conv.Path, v conv.Raw, member func(*conv.Cursor) error) (raw conv.Raw, err error) {
	for c := r.Walk(v); c.Next() && err == nil; {
		switch {
		case c.Key == "source":
			raw, err = r.Object(at, &c)
		case member != nil:
			err = member(&c)
		default:
			r.rest(at, &c)
		}
	}
	if err == nil && raw.Get("type") == "" {
		p := at.Field("source")
		err = p.Fail("is required, with a type")
	}
	return raw, err
}

func (r *reader) image(at *conv.Path, v conv.Raw, parts []conv.Part) ([]conv.Part, error) {
	raw, err := r.source(at, v, nil)
	if err != nil {
		return nil, err
	}
	p := conv.Part{Kind: conv.Image}
	if ok, err := r.inlined(at, raw, &p); err != nil || !ok {
		return parts, err
	}
	return append(parts, p), nil
}

// inlined reads a source of data or a link. It reports false for one that is
// lost.
func (r *reader) inlined(at *conv.Path, raw conv.Raw, p *conv.Part) (ok bool, err error) {
	source := at.Field("source")
	switch raw.Get("type") {
	case `"base64"`:
		p.MediaType, p.Data = raw.Get("media_type").Str(), raw.Get("data").Str()
		err = r.require(&source, "media_type", p.MediaType, nil)
		return true, r.require(&source, "data", p.Data, err)
	case `"url"`:
		p.URL = raw.Get("url").Str()
		return true, r.require(&source, "url", p.URL, nil)
	case `"file"`:
		r.Lose(source.String(), conv.WhyFile)
	default:
		r.Lose(source.String(), "the other protocol has no such source")
	}
	return false, nil
}

func (r *reader) document(at *conv.Path, v conv.Raw, parts []conv.Part) (_ []conv.Part, err error) {
	p := conv.Part{Kind: conv.Document}
	var about conv.Str
	raw, err := r.source(at, v, func(c *conv.Cursor) (err error) {
		switch {
		case c.Key == "title":
			p.Name, err = r.Text(at, c)
		case c.Key == "context":
			about, err = r.Text(at, c)
		case c.Key == "citations" && c.Value.Get("enabled") != "true":
		default:
			r.rest(at, c)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	source := at.Field("source")
	switch raw.Get("type") {
	case `"text"`:
		p.Text = raw.Get("data").Str()
		return append(appendText(parts, about), p), r.require(&source, "data", p.Text, nil)
	case `"content"`:
		return r.documentContent(&source, raw, p, appendText(parts, about))
	}
	if ok, err := r.inlined(at, raw, &p); err != nil || !ok {
		return parts, err
	}
	return append(appendText(parts, about), p), nil
}

// documentContent reads a document that is made of blocks: its text is one
// document, and its images follow.
func (r *reader) documentContent(source *conv.Path, raw conv.Raw, p conv.Part, parts []conv.Part) ([]conv.Part, error) {
	var content []conv.Part
	var err error
	for c := r.Walk(raw); c.Next(); {
		if c.Key != "content" {
			continue
		}
		if content, err = r.content(source, &c); err != nil {
			return nil, err
		}
	}
	if p.Text = joined(content); p.Text != "" {
		parts = append(parts, p)
	}
	for i := range content {
		if content[i].Kind != conv.Text {
			parts = append(parts, content[i])
		}
	}
	return parts, nil
}

// joined returns the texts among parts, one a line; absent if there are none.
func joined(parts []conv.Part) conv.Str {
	var text []byte
	for i := range parts {
		if parts[i].Kind != conv.Text {
			continue
		}
		if text != nil {
			text = append(text, `\n`...)
		}
		text = append(text, parts[i].Text.Inner()...)
	}
	if text == nil {
		return ""
	}
	return conv.Concat(conv.View(text))
}

// searchResult reads what a search of the caller's found, as a document.
func (r *reader) searchResult(at *conv.Path, v conv.Raw, parts []conv.Part) (_ []conv.Part, err error) {
	p := conv.Part{Kind: conv.Document}
	var source conv.Str
	var content []conv.Part
	for c := r.Walk(v); c.Next() && err == nil; {
		switch {
		case c.Key == "title":
			p.Name, err = r.Text(at, &c)
		case c.Key == "source":
			source, err = r.Text(at, &c)
		case c.Key == "content":
			content, err = r.content(at, &c)
		case c.Key == "citations" && c.Value.Get("enabled") != "true":
		default:
			r.rest(at, &c)
		}
	}
	p.Text = conv.Concat(source.Inner(), `\n`, joined(content).Inner())
	return append(parts, p), err
}
