package routex

import (
	"fmt"
	"slices"

	"github.com/dctx-team/routex/transform"
	"github.com/dctx-team/routex/transform/named"
)

// speaks gives the type and the API of the channel. A server of a type of its
// own speaks what its transformers name.
func (c *Channel) speaks() (ChannelType, API) {
	if c.Type != TypeCustom || c.API != "" {
		return c.Type, c.API
	}
	for _, t := range c.Transformers {
		switch named.Protocol(t) {
		case named.Anthropic:
			return TypeCustom, APIMessages
		case named.OpenAI:
			return TypeCustom, APIChat
		case named.Gemini:
			return TypeCustom, APIGemini
		case named.AzureOpenAI:
			return TypeAzure, ""
		case named.Zhipu:
			return TypeZhipu, ""
		}
	}
	return c.Type, c.API
}

// transformersFor gives the channel's own transformers for a model, which the
// caller and the provider may call differently.
func (c *Channel) transformersFor(asked, upstream string) []transform.Transformer {
	if len(c.PerModel) == 0 {
		return c.Transformers
	}
	more, ok := bestMatch(c.PerModel, asked)
	if !ok {
		more, _ = bestMatch(c.PerModel, upstream)
	}
	return slices.Concat(c.Transformers, more)
}

// validateTransformers checks those that name a protocol.
func (c *Channel) validateTransformers(fail func(field, problem string)) {
	check := func(field string, list []transform.Transformer) {
		for i, t := range list {
			at := fmt.Sprintf("%s[%d]", field, i)
			if t == nil {
				fail(at, "must not be nil")
			} else if name := named.Protocol(t); name != "" && !c.agrees(name) {
				fail(at, fmt.Sprintf("%q is not what the channel speaks; its protocol is %s", name, c.Dialect()))
			}
		}
	}
	if c.Dialect() == "" {
		return // that is told already
	}
	check("Transformers", c.Transformers)
	for model, list := range c.PerModel {
		if model == "" {
			fail("PerModel", "a model's name must not be empty")
		}
		check(fmt.Sprintf("PerModel[%q]", model), list)
	}
}

// agrees reports that the channel speaks the protocol of a transformer.
func (c *Channel) agrees(protocol string) bool {
	kind, _ := c.speaks()
	d := c.Dialect()
	switch protocol {
	case named.Anthropic:
		return d == transform.Anthropic
	case named.OpenAI:
		return d == transform.OpenAIChat || d == transform.OpenAIResponses
	case named.Gemini:
		return d == transform.Gemini
	case named.AzureOpenAI:
		return kind == TypeAzure
	case named.Zhipu:
		return kind == TypeZhipu
	}
	return true
}
