package embed

import (
	"strconv"

	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/tidwall/gjson"
)

// ReadOpenAIResponse reads an answer of /v1/embeddings.
func ReadOpenAIResponse(body []byte) (*Response, error) {
	root := conv.Path{}
	text := conv.View(body)
	if !gjson.Valid(text) {
		return nil, root.Fail("is not valid JSON")
	}
	v := conv.Body(text)
	data, at := v.Get("data"), root.Field("data")
	if !data.IsArray() {
		return nil, at.Fail("must be an array")
	}
	r := &Response{Model: v.Get("model").Str()}
	for c := data.Walk(); c.Next(); {
		p := at.At(c.Index)
		if err := r.place(&p, c.Value, c.Index); err != nil {
			return nil, err
		}
	}
	for i, vector := range r.Vectors {
		if vector == "" {
			return nil, at.Fail("has no embedding with the index " + strconv.Itoa(i))
		}
	}
	if tokens := v.Get("usage").Get("prompt_tokens"); tokens.IsNumber() {
		r.Tokens, r.HasUsage = tokens.Count(), true
	}
	return r, nil
}

// place puts an embedding where its index says: servers that work in parallel
// may give them in any order.
func (r *Response) place(at *conv.Path, item conv.Raw, i int) error {
	vector := item.Get("embedding")
	p := at.Field("embedding")
	if err := checkVector(&p, vector); err != nil {
		return err
	}
	if index := item.Get("index"); index.IsNumber() {
		i = int(index.Count())
	}
	if i > maxVectors {
		return at.Fail("the index is too large")
	}
	for len(r.Vectors) <= i {
		r.Vectors = append(r.Vectors, "")
	}
	r.Vectors[i] = vector
	return nil
}

// maxVectors bounds what an index makes room for. Providers take 2,048 inputs.
const maxVectors = 1 << 16

// WriteOpenAIResponse appends an answer of /v1/embeddings.
func WriteOpenAIResponse(dst []byte, r *Response, o Answer) ([]byte, error) {
	w := conv.Writer{Buf: dst}
	w.Raw(`{"object":"list","data":[`)
	for i, vector := range r.Vectors {
		if i > 0 {
			w.Raw(",")
		}
		w.Raw(`{"object":"embedding","index":`)
		w.Buf = strconv.AppendInt(w.Buf, int64(i), 10)
		w.Raw(`,"embedding":`)
		var err error
		if w.Buf, err = appendVector(w.Buf, vector, o.Base64); err != nil {
			return nil, err
		}
		w.Raw("}")
	}
	w.Raw(`],"model":`)
	if r.Model != "" {
		w.Str(r.Model)
	} else {
		w.Quoted(o.Model)
	}
	if r.HasUsage {
		w.Raw(`,"usage":{"prompt_tokens":`)
		w.Buf = strconv.AppendInt(w.Buf, r.Tokens, 10)
		w.Raw(`,"total_tokens":`)
		w.Buf = strconv.AppendInt(w.Buf, r.Tokens, 10)
		w.Raw("}")
	}
	w.Raw("}")
	return w.Buf, nil
}
