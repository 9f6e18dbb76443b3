package transform

import (
	"context"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"
)

// AnthropicVersion fits a request in Anthropic's protocol to a version of its
// API: what that version refuses is left out and reported.
func AnthropicVersion(version string) Transformer { return anthropicVersion(version) }

type anthropicVersion string

// unsampled is the first version without the settings of sampling.
const unsampled = "2026-10-21"

func (v anthropicVersion) Request(_ context.Context, r *Request) error {
	if string(v) < unsampled {
		return nil
	}
	for _, field := range [...]string{"temperature", "top_p", "top_k"} {
		if !gjson.GetBytes(r.Body, field).Exists() {
			continue
		}
		body, err := sjson.DeleteBytes(r.Body, field)
		if err != nil {
			return &FieldError{Field: field, Problem: "cannot be left out"}
		}
		r.Body = body
		r.Lose(field, "version "+string(v)+" of the API refuses it")
	}
	return nil
}

func (anthropicVersion) Response(context.Context, *Response) error { return nil }

func (anthropicVersion) Stream(context.Context, *Response) Stream { return nil }
