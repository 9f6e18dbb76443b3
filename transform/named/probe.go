package named

import (
	"github.com/dctx-team/routex/transform"
	"github.com/dctx-team/routex/transform/internal/anthropic"
	"github.com/dctx-team/routex/transform/internal/chat"
	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/dctx-team/routex/transform/internal/gemini"
	"github.com/dctx-team/routex/transform/internal/responses"
)

// probe writes a small request with the given wishes as translation would for
// the channel and model of r. What of the wishes is in it, and in which words,
// is what the model takes.
func probe(r *transform.Request, wishes conv.Request) (*edit, error) {
	wishes.Model = r.Model
	wishes.Target = conv.Target{Flavor: r.Target.Flavor, Version: anthropicVersion(r)}
	wishes.Messages = []conv.Message{{Parts: []conv.Part{{Kind: conv.Text, Text: `"-"`}}}}
	write := chat.WriteRequest
	switch r.Dialect {
	case transform.Anthropic:
		write = anthropic.WriteRequest
	case transform.OpenAIResponses:
		write = responses.WriteRequest
	case transform.Gemini:
		write = gemini.WriteRequest
	}
	body, err := write(nil, &wishes, func(string, string) {})
	return newEdit(body), err
}

// anthropicVersion is the version of Anthropic's API that the call is made in.
func anthropicVersion(r *transform.Request) string {
	if r.Target.Version != "" || r.Dialect != transform.Anthropic {
		return r.Target.Version
	}
	return r.Header.Get("Anthropic-Version")
}
