package routex

import (
	"net/http"

	"github.com/dctx-team/routex/transform"
)

// setHeader puts the channel's credentials and own headers over the caller's.
func (ch *channel) setHeader(h http.Header) {
	if ch.APIKey != "" {
		name, value := ch.credential()
		h[name] = []string{value}
	}
	if ch.dialect == transform.Anthropic {
		switch {
		case ch.APIVersion != "":
			h["Anthropic-Version"] = []string{ch.APIVersion}
		case h["Anthropic-Version"] == nil:
			h["Anthropic-Version"] = []string{"2023-06-01"}
		}
	}
	for name, value := range ch.Headers {
		h.Set(name, value)
	}
}

// credential is the header that carries the key.
func (ch *channel) credential() (name, value string) {
	switch {
	case ch.Type == TypeAzure:
		return "Api-Key", ch.APIKey
	case ch.dialect == transform.Anthropic:
		return "X-Api-Key", ch.APIKey
	case ch.dialect == transform.Gemini:
		return "X-Goog-Api-Key", ch.APIKey
	}
	return "Authorization", "Bearer " + ch.APIKey
}
