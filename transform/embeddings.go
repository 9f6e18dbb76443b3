package transform

import (
	"context"
	"fmt"
	"net/http"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/dctx-team/routex/transform/internal/embed"
)

// TranslateEmbeddings gives the transformer for calls that ask for embeddings,
// between OpenAI's /v1/embeddings and Gemini's :embedContent and
// :batchEmbedContents. A Gemini channel is always asked with the latter. It is
// nil between dialects that have the same embeddings: all but Gemini stand for
// OpenAI's.
func TranslateEmbeddings(caller, channel Dialect) Transformer {
	if (caller == Gemini) == (channel == Gemini) {
		return nil
	}
	return embeddings{translator{caller: caller, channel: channel}}
}

type embeddings struct{ translator }

func (t embeddings) Request(_ context.Context, r *Request) error {
	if !gjson.ValidBytes(r.Body) {
		return &FieldError{Field: "body", Problem: "is not valid JSON"}
	}
	read, write := embed.ReadOpenAIRequest, embed.WriteGeminiRequest
	if t.caller == Gemini {
		read, write = embed.ReadGeminiRequest, embed.WriteOpenAIRequest
	}
	e, err := read(r.Body, r.Lose)
	if err != nil {
		return fieldError(err)
	}
	e.Model = r.Model
	r.embedding = e.Answer
	r.embedding.Model, r.embedding.Inputs = r.Model, len(e.Inputs)
	r.Body, r.Dialect = write(make([]byte, 0, len(r.Body)+len(r.Body)/2+256), e), t.channel
	t.requestHeader(r)
	return nil
}

func (t embeddings) Response(_ context.Context, r *Response) error {
	t.responseHeader(r.Header)
	r.Header.Set("Content-Type", "application/json")
	if r.Status >= http.StatusBadRequest {
		e := ReadError(t.channel, r.Status, r.Body)
		r.Status, r.Body = e.StatusFor(t.caller), e.Body(t.caller)
		return nil
	}
	read, write := embed.ReadGeminiResponse, embed.WriteOpenAIResponse
	if t.caller == Gemini {
		read, write = embed.ReadOpenAIResponse, embed.WriteGeminiResponse
	}
	e, err := read(r.Body)
	if err != nil {
		return fieldError(err)
	}
	if want := r.Request.embedding.Inputs; len(e.Vectors) != want {
		return &FieldError{Field: "body", Problem: fmt.Sprintf("has %d embeddings of %d texts", len(e.Vectors), want)}
	}
	body, err := write(make([]byte, 0, len(r.Body)+256), e, r.Request.embedding)
	if err != nil {
		return fieldError(err)
	}
	r.Body = body
	return nil
}

// Stream gives nil: embeddings are not streamed.
func (embeddings) Stream(context.Context, *Response) Stream { return nil }

// LookEmbeddings reads the usage of an answer with embeddings; ok tells whether
// the provider sent any.
func LookEmbeddings(d Dialect, body []byte) (u Usage, ok bool) {
	v := conv.Body(conv.View(body))
	tokens := v.Get("usage").Get("prompt_tokens")
	if d == Gemini {
		tokens = v.Get("usageMetadata").Get("promptTokenCount")
	}
	return Usage{Input: tokens.Count()}, tokens.IsNumber()
}
