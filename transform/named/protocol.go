package named

import (
	"context"
	"fmt"
	"slices"

	"github.com/dctx-team/routex/transform"
)

// The transformers that name a protocol.
const (
	Anthropic   = "anthropic"
	OpenAI      = "openai"
	Gemini      = "gemini"
	AzureOpenAI = "azure-openai"
	Zhipu       = "zhipu"
)

// A protocol says what the channel speaks. Translation to and from it happens
// anyhow, so it only refuses what is in another protocol.
type protocol struct {
	requestOnly
	name     string
	dialects []transform.Dialect
}

func protocols() []kind {
	openAI := []transform.Dialect{transform.OpenAIChat, transform.OpenAIResponses}
	return []kind{
		protocolKind(Anthropic, "the channel speaks Anthropic Messages", transform.Anthropic),
		protocolKind(OpenAI, "the channel speaks OpenAI Chat Completions or Responses", openAI...),
		protocolKind(Gemini, "the channel speaks Gemini generateContent", transform.Gemini),
		protocolKind(AzureOpenAI, "the channel is an Azure OpenAI resource", openAI...),
		protocolKind(Zhipu, "the channel speaks Zhipu's form of OpenAI Chat Completions", transform.OpenAIChat),
	}
}

func protocolKind(name, says string, dialects ...transform.Dialect) kind {
	return kind{
		Description: Description{Name: name, Description: says + "; decides it for a channel of type custom"},
		make: func(values) (transform.Transformer, []transform.FieldError) {
			return protocol{name: name, dialects: dialects}, nil
		},
	}
}

func (p protocol) Request(_ context.Context, r *transform.Request) error {
	if slices.Contains(p.dialects, r.Dialect) {
		return nil
	}
	return fmt.Errorf("the channel speaks %s", r.Dialect)
}

// Protocol gives the name of the protocol that t says the channel speaks, or
// "" for a transformer that says nothing about it.
func Protocol(t transform.Transformer) string {
	if t, ok := t.(*tagged); ok {
		if p, ok := t.inner.(protocol); ok {
			return p.name
		}
	}
	return ""
}
