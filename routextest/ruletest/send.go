package ruletest

import (
	"bytes"
	"context"
	"net/http"
	"slices"

	"github.com/tidwall/sjson"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/transform"
)

// HTTP gives the request as a caller's http.Client would send it, with what
// steers it in its context. The time of the call is not in it.
func (r Request) HTTP(ctx context.Context) (*http.Request, error) {
	body, err := r.Body()
	if err != nil {
		return nil, err
	}
	if r.session != "" {
		ctx = routex.WithSession(ctx, r.session)
	}
	if r.channel != "" {
		ctx = routex.WithChannel(ctx, r.channel)
	}
	if r.metadata != nil {
		ctx = routex.WithMetadata(ctx, r.metadata)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.url(), bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if r.dialect == transform.Anthropic {
		req.Header.Set("Anthropic-Version", "2023-06-01")
	}
	for name, values := range r.header {
		req.Header[name] = slices.Clone(values)
	}
	return req, nil
}

// Body gives the JSON of the request.
func (r Request) Body() ([]byte, error) {
	if r.wrong != nil {
		return nil, r.wrong
	}
	body := slices.Clone(r.raw)
	if !r.isRaw {
		switch r.dialect {
		case transform.Anthropic:
			body = []byte(r.anthropic())
		case transform.OpenAIChat:
			body = []byte(r.chat())
		case transform.OpenAIResponses:
			body = []byte(r.responses())
		case transform.Gemini:
			body = []byte(r.gemini())
		}
	}
	for _, e := range r.edits {
		var err error
		if body, err = sjson.SetBytes(body, e.path, e.value); err != nil {
			return nil, r.mistake("Set: %q: %w", e.path, err).wrong
		}
	}
	return body, nil
}

func (r Request) url() string {
	if r.path != "" {
		return "https://routex.test" + r.path
	}
	switch r.dialect {
	case transform.Anthropic:
		return "https://api.anthropic.com/v1/messages"
	case transform.OpenAIChat:
		return "https://api.openai.com/v1/chat/completions"
	case transform.OpenAIResponses:
		return "https://api.openai.com/v1/responses"
	}
	method := ":generateContent"
	if r.streams {
		method = ":streamGenerateContent?alt=sse"
	}
	return "https://generativelanguage.googleapis.com/v1beta/models/" + r.model + method
}
