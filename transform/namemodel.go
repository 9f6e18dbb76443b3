package transform

import (
	"context"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// NameModel gives the transformer for calls of Gemini's own protocol that ask
// for embeddings or for a count of tokens. Their bodies may name the model
// again, and it has to be that of the path.
func NameModel() Transformer { return nameModel{} }

type nameModel struct{}

func (nameModel) Request(_ context.Context, r *Request) error {
	if !gjson.ValidBytes(r.Body) {
		return nil
	}
	full := r.Model
	if !strings.HasPrefix(full, "models/") && !strings.HasPrefix(full, "tunedModels/") {
		full = "models/" + full
	}
	name := conv.Raw(conv.Quote(full))
	named := func(request conv.Raw) (conv.Raw, bool) { return withMember(request, "model", name), true }
	whole, _ := named(conv.Body(string(r.Body)))
	whole = inside(whole, "requests", func(list conv.Raw) conv.Raw { return filter(list, named) })
	if inner := whole.Get("generateContentRequest"); inner != "" {
		inner, _ = named(inner)
		whole = withMember(whole, "generateContentRequest", inner)
	}
	r.Body = []byte(whole)
	return nil
}

func (nameModel) Response(context.Context, *Response) error { return nil }

func (nameModel) Stream(context.Context, *Response) Stream { return nil }

// withMember replaces the value of a member that is there.
func withMember(object conv.Raw, member string, value conv.Raw) conv.Raw {
	old := object.Get(member)
	if old == "" {
		return object
	}
	at := conv.Offset(string(object), string(old))
	return object[:at] + value + object[at+len(old):]
}
