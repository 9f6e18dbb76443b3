package admin

import (
	"net/http"
	"slices"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/transform"
)

// A channelTypeView is what there is to know of a type of channels.
type channelTypeView struct {
	Type         routex.ChannelType `json:"type"`
	Name         string             `json:"name"`
	Capabilities capabilities       `json:"capabilities"`
	// APIs are the values of a channel's api, the default first.
	APIs      []routex.API        `json:"apis"`
	Protocols []transform.Dialect `json:"protocols"` // of the APIs
	// DefaultBaseURL is "" where a channel has to say it.
	DefaultBaseURL string   `json:"defaultBaseUrl"`
	Config         []string `json:"config"` // the members of a channel's config that count
}

// capabilities are those of the protocols: what a model can do is its own.
type capabilities struct {
	Streaming      bool `json:"supportsStreaming"`
	Tools          bool `json:"supportsTools"`
	Vision         bool `json:"supportsVision"`
	SystemMessages bool `json:"supportsSystemMessages"`
	Reasoning      bool `json:"supportsReasoning"`
	Embeddings     bool `json:"supportsEmbeddings"`
}

func (a *API) listProviders(*http.Request, *object) (reply, error) {
	var views []channelTypeView
	for _, t := range routex.ChannelTypes() {
		views = append(views, viewProvider(t))
	}
	return reply{data: views}, nil
}

func (a *API) getProvider(r *http.Request, _ *object) (reply, error) {
	t := routex.ChannelType(r.PathValue("type"))
	if !slices.Contains(routex.ChannelTypes(), t) {
		return reply{}, notFound("there is no type of channels %q", string(t))
	}
	return reply{data: viewProvider(t)}, nil
}

func viewProvider(t routex.ChannelType) channelTypeView {
	v := channelTypeView{
		Type: t, Name: providerName(t), APIs: t.APIs(), DefaultBaseURL: t.DefaultBaseURL(), Config: []string{},
		Capabilities: capabilities{
			Streaming: true, Tools: true, Vision: true, SystemMessages: true, Reasoning: true, Embeddings: t != routex.TypeAnthropic,
		},
	}
	for _, api := range v.APIs {
		v.Protocols = append(v.Protocols, api.Dialect())
	}
	switch t {
	case routex.TypeAzure:
		v.Config = []string{"deployment", "apiVersion"}
	case routex.TypeAnthropic, routex.TypeCustom:
		v.Config = []string{"apiVersion"}
	}
	return v
}

func providerName(t routex.ChannelType) string {
	switch t {
	case routex.TypeAnthropic:
		return "Anthropic (Claude)"
	case routex.TypeOpenAI:
		return "OpenAI (GPT)"
	case routex.TypeGoogle:
		return "Google (Gemini)"
	case routex.TypeAzure:
		return "Azure OpenAI"
	case routex.TypeZhipu:
		return "Zhipu AI"
	}
	return "Custom Provider"
}
