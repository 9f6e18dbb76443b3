package embed

import (
	"strconv"

	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/tidwall/gjson"
)

// ReadGeminiResponse reads an answer of :embedContent or :batchEmbedContents.
func ReadGeminiResponse(body []byte) (*Response, error) {
	root := conv.Path{}
	text := conv.View(body)
	if !gjson.Valid(text) {
		return nil, root.Fail("is not valid JSON")
	}
	v := conv.Body(text)
	r := &Response{}
	if one := v.Get("embedding"); one.IsObject() {
		at := root.Field("embedding")
		if err := r.values(&at, one); err != nil {
			return nil, err
		}
	} else {
		at := root.Field("embeddings")
		if !v.Get("embeddings").IsArray() {
			return nil, at.Fail("must be an array")
		}
		for c := v.Get("embeddings").Walk(); c.Next(); {
			p := at.At(c.Index)
			if err := r.values(&p, c.Value); err != nil {
				return nil, err
			}
		}
	}
	if tokens := v.Get("usageMetadata").Get("promptTokenCount"); tokens.IsNumber() {
		r.Tokens, r.HasUsage = tokens.Count(), true
	}
	return r, nil
}

func (r *Response) values(at *conv.Path, v conv.Raw) error {
	values, p := v.Get("values"), at.Field("values")
	if err := checkVector(&p, values); err != nil {
		return err
	}
	r.Vectors = append(r.Vectors, values)
	return nil
}

// WriteGeminiResponse appends an answer of :embedContent when a single one was
// asked for, else of :batchEmbedContents.
func WriteGeminiResponse(dst []byte, r *Response, o Answer) ([]byte, error) {
	w := conv.Writer{Buf: dst}
	if o.Single {
		if len(r.Vectors) == 0 {
			return nil, &conv.FieldError{Field: "data", Problem: "must have an element"}
		}
		r.Vectors = r.Vectors[:1]
		w.Raw(`{"embedding":`)
	} else {
		w.Raw(`{"embeddings":[`)
	}
	for i, vector := range r.Vectors {
		if i > 0 {
			w.Raw(",")
		}
		w.Raw(`{"values":`)
		var err error
		if w.Buf, err = appendVector(w.Buf, vector, false); err != nil {
			return nil, err
		}
		w.Raw("}")
	}
	if !o.Single {
		w.Raw("]")
	}
	if r.HasUsage {
		w.Raw(`,"usageMetadata":{"promptTokenCount":`)
		w.Buf = strconv.AppendInt(w.Buf, r.Tokens, 10)
		w.Raw("}")
	}
	w.Raw("}")
	return w.Buf, nil
}
