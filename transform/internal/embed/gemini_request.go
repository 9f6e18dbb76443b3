package embed

import (
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// ReadGeminiRequest reads the body of :embedContent or of :batchEmbedContents,
// which must be valid JSON. Values of the result point into body.
func ReadGeminiRequest(body []byte, lose conv.Lose) (*Request, error) {
	root := conv.Path{}
	whole := conv.Body(conv.View(body))
	if !whole.IsObject() {
		return nil, root.Fail("must be a JSON object")
	}
	g := geminiReader{Reader: conv.Reader{Lose: lose}}
	batch := whole.Get("requests")
	if batch == "" {
		g.req.Answer.Single = true
		return &g.req, g.one(&root, whole)
	}
	at := root.Field("requests")
	if !batch.IsArray() {
		return nil, at.Fail("must be an array")
	}
	for c := batch.Walk(); c.Next(); {
		p := at.At(c.Index)
		if err := g.one(&p, c.Value); err != nil {
			return nil, err
		}
	}
	if len(g.req.Inputs) == 0 {
		return nil, at.Fail("must have an element")
	}
	return &g.req, nil
}

type geminiReader struct {
	conv.Reader
	req Request
}

// one reads one request of a batch, or the only one.
func (g *geminiReader) one(at *conv.Path, v conv.Raw) error {
	if !v.IsObject() {
		return at.Fail("must be an object")
	}
	before, dimensions := len(g.req.Inputs), ""
	if err := g.members(at, v, &dimensions); err != nil {
		return err
	}
	switch p := at.Field("content"); {
	case len(g.req.Inputs) == before:
		return p.Fail("is required")
	case before > 0 && dimensions != g.req.Dimensions:
		p = at.Field("outputDimensionality")
		return p.Fail("must be the same for all requests on this channel")
	}
	g.req.Dimensions = dimensions
	return nil
}

func (g *geminiReader) members(at *conv.Path, v conv.Raw, dimensions *string) (err error) {
	for c := v.Walk(); c.Next() && err == nil; {
		switch c.Key {
		case "content":
			p := at.Field(c.Key)
			err = g.content(&p, c.Value)
		case "outputDimensionality", "output_dimensionality":
			*dimensions, err = g.Integer(at, &c)
		case "embedContentConfig", "embed_content_config":
			p := at.Field(c.Key)
			err = g.members(&p, c.Value, dimensions)
		case "model": // the path names it
		default:
			g.Drop(at, &c, "OpenAI's embeddings have no such parameter")
		}
	}
	return err
}

// content joins the texts of the parts, which get one embedding together.
func (g *geminiReader) content(at *conv.Path, v conv.Raw) error {
	if !v.IsObject() {
		return at.Fail("must be an object")
	}
	var texts []string
	parts := at.Field("parts")
	for c := v.Get("parts").Walk(); c.Next(); {
		text := c.Value.Get("text").Str()
		if text == "" {
			p := parts.At(c.Index)
			return p.Fail("this channel embeds only text")
		}
		texts = append(texts, text.Inner())
	}
	if len(texts) == 0 {
		return parts.Fail("must have an element")
	}
	g.req.Inputs = append(g.req.Inputs, conv.Str(`"`+strings.Join(texts, `\n`)+`"`))
	return nil
}

// WriteGeminiRequest appends the body of :batchEmbedContents, which takes one
// text as well as many.
func WriteGeminiRequest(dst []byte, r *Request) []byte {
	model := r.Model
	if !strings.Contains(model, "/") {
		model = "models/" + model
	}
	w := conv.Writer{Buf: dst}
	w.Raw(`{"requests":`)
	for i, text := range r.Inputs {
		w.Raw(listMark(i))
		w.Raw(`{"model":`)
		w.Quoted(model)
		w.Raw(`,"content":{"parts":[{"text":`)
		w.Str(text)
		w.Raw(`}]}`)
		w.Member(`,"outputDimensionality":`, r.Dimensions)
		w.Raw("}")
	}
	w.Raw("]}")
	return w.Buf
}
