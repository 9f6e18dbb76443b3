package embed

import "github.com/dctx-team/routex/transform/internal/conv"

// ReadOpenAIRequest reads the body of a call of /v1/embeddings, which must be
// valid JSON. Values of the result point into body.
func ReadOpenAIRequest(body []byte, lose conv.Lose) (*Request, error) {
	root := conv.Path{}
	whole := conv.Body(conv.View(body))
	if !whole.IsObject() {
		return nil, root.Fail("must be a JSON object")
	}
	r := &Request{}
	read := conv.Reader{Lose: lose}
	for c := whole.Walk(); c.Next(); {
		if err := r.openAIMember(read, &root, &c); err != nil {
			return nil, err
		}
	}
	if len(r.Inputs) == 0 {
		p := root.Field("input")
		return nil, p.Fail("is required, a string or an array of strings")
	}
	return r, nil
}

func (r *Request) openAIMember(read conv.Reader, root *conv.Path, c *conv.Cursor) (err error) {
	switch c.Key {
	case "model":
		var model conv.Str
		model, err = read.Text(root, c)
		r.Model = model.String()
	case "input":
		at := root.Field("input")
		r.Inputs, err = readInput(&at, c.Value)
	case "dimensions":
		r.Dimensions, err = read.Integer(root, c)
	case "encoding_format":
		r.Answer.Base64, err = isBase64(root, c)
	default:
		read.Drop(root, c, "Gemini's embeddings have no such parameter")
	}
	return err
}

func isBase64(root *conv.Path, c *conv.Cursor) (bool, error) {
	switch c.Value {
	case `"base64"`:
		return true, nil
	case `"float"`:
		return false, nil
	}
	at := root.Field(c.Key)
	return false, at.Fail("must be float or base64")
}

// readInput reads one text or several. Tokens are numbers of one provider's
// vocabulary, so that no other could make sense of them.
func readInput(at *conv.Path, v conv.Raw) ([]conv.Str, error) {
	if v.IsString() {
		return []conv.Str{v.Str()}, nil
	}
	if !v.IsArray() {
		return nil, at.Fail("must be a string or an array of strings")
	}
	var texts []conv.Str
	for c := v.Walk(); c.Next(); {
		switch {
		case c.Value.IsString():
			texts = append(texts, c.Value.Str())
		case c.Value.IsNumber(), c.Value.IsArray():
			return nil, at.Fail("this channel embeds text, not tokens; send strings")
		default:
			p := at.At(c.Index)
			return nil, p.Fail("must be a string")
		}
	}
	return texts, nil
}

// WriteOpenAIRequest appends the body of a call of /v1/embeddings. The answer
// is asked for as numbers, which every server can give.
func WriteOpenAIRequest(dst []byte, r *Request) []byte {
	w := conv.Writer{Buf: dst}
	w.Raw(`{"model":`)
	w.Quoted(r.Model)
	w.Raw(`,"input":`)
	if r.Answer.Single {
		w.Str(r.Inputs[0])
	} else {
		for i, text := range r.Inputs {
			w.Raw(listMark(i))
			w.Str(text)
		}
		w.Raw("]")
	}
	w.Member(`,"dimensions":`, r.Dimensions)
	w.Raw(`,"encoding_format":"float"}`)
	return w.Buf
}

// listMark is what stands before an element of an array.
func listMark(i int) string {
	if i == 0 {
		return "["
	}
	return ","
}
