package admin

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/examples/server/store"
	"github.com/dctx-team/routex/transform"
	"github.com/dctx-team/routex/transform/named"
)

// A trial runs one transformer on a body, without any call.
type trial struct {
	change            transform.Transformer
	protocol          string // that the transformer names, or ""
	request, response json.RawMessage
	dialect           transform.Dialect // that the caller says the body is in, or ""
	direction         string
}

// A trialView is the outcome of a trial.
type trialView struct {
	Input  json.RawMessage  `json:"input"`
	Output json.RawMessage  `json:"output"`
	Losses []transform.Loss `json:"losses"`
}

func (a *API) testTransformer(r *http.Request, body *object) (reply, error) {
	t := readTrial(body)
	if err := body.wrong.err(); err != nil {
		return reply{}, err
	}
	view, err := t.run(r.Context())
	if err != nil {
		body.wrong.add(t.direction, codeValue, err.Error())
		return reply{}, body.wrong.err()
	}
	return reply{data: view}, nil
}

func readTrial(o *object) *trial {
	t := &trial{direction: "request"}
	var chosen store.Transformer
	if read(o, "transformer", &chosen, store.Transformer{}, transformer()); chosen.Name == "" && len(o.wrong) == 0 {
		o.wrong.add("transformer", codeRequired, "required: a name, or [name, options]")
	}
	read(o, "direction", &t.direction, t.direction, text().among("request", "response"))
	read(o, "request", &t.request, nil, rawObject())
	read(o, "response", &t.response, nil, rawObject())
	var dialect string
	read(o, "dialect", &dialect, "", text())
	o.finish()
	if t.dialect = transform.Dialect(dialect); dialect != "" && !t.dialect.Known() {
		o.wrong.add("dialect", codeValue, "there is no such protocol")
	}
	switch {
	case t.direction != "request" && t.direction != "response":
		o.wrong.add("direction", codeValue, "must be request or response")
	case t.body() == nil:
		o.wrong.add(t.direction, codeRequired, "required: the body to change")
	case t.dialect == "" && t.shape() == "":
		o.wrong.add(t.direction, codeValue, "is in no protocol that can be told by its shape; name it as dialect")
	}
	if t.request != nil && shapeOfRequest(t.request) == "" && t.direction == "response" {
		o.wrong.add("request", codeValue, "is in no protocol that can be told by its shape")
	}
	if len(o.wrong) == 0 {
		t.change, _ = named.New(chosen.Name, chosen.Options) // it was checked
		t.protocol = named.Protocol(t.change)
	}
	return t
}

// body is what the trial changes.
func (t *trial) body() json.RawMessage {
	if t.direction == "response" {
		return t.response
	}
	return t.request
}

func (t *trial) shape() transform.Dialect {
	if t.direction == "response" {
		return shapeOfAnswer(t.response)
	}
	return shapeOfRequest(t.request)
}

// run runs the transformer. One that names a protocol stands for the
// translation between it and the caller's.
func (t *trial) run(ctx context.Context) (trialView, error) {
	change, caller := t.change, t.caller()
	channel, flavor := protocolOf(t.protocol)
	if channel == "" {
		channel = caller
	}
	if translator := transform.Translate(caller, channel); translator != nil {
		change = transform.Chain(translator, change)
	}
	r := &transform.Request{
		Dialect: caller, Header: http.Header{}, Body: t.request, Model: gjson.GetBytes(t.request, "model").Str,
		Stream: gjson.GetBytes(t.request, "stream").Bool(), Target: transform.Target{Provider: "test", Flavor: flavor},
	}
	if t.request != nil {
		if err := change.Request(ctx, r); err != nil {
			return trialView{}, plainError(err)
		}
	}
	view := trialView{Input: t.body(), Output: r.Body}
	if t.direction == "response" {
		r.Dialect, r.Body = channel, nil
		answer := &transform.Response{Request: r, Status: http.StatusOK, Header: http.Header{}, Body: t.response}
		if err := change.Response(ctx, answer); err != nil {
			return trialView{}, plainError(err)
		}
		view.Output = answer.Body
	}
	view.Losses = append([]transform.Loss{}, r.Losses...)
	return view, nil
}

// caller is the protocol of who makes the call: for an answer without a
// request that of the guide's examples, if it is to be translated.
func (t *trial) caller() transform.Dialect {
	switch {
	case t.request != nil && t.direction == "response":
		return shapeOfRequest(t.request)
	case t.protocol != "" && t.direction == "response":
		return transform.Anthropic
	case t.dialect != "":
		return t.dialect
	}
	return t.shape()
}

// protocolOf gives the protocol that a transformer names, and the flavor of
// the servers it stands for.
func protocolOf(name string) (d transform.Dialect, flavor string) {
	switch name {
	case named.Anthropic:
		return transform.Anthropic, ""
	case named.Gemini:
		return transform.Gemini, ""
	case named.AzureOpenAI:
		return transform.OpenAIChat, "azure"
	case named.Zhipu:
		return transform.OpenAIChat, "zhipu"
	case named.OpenAI:
		return transform.OpenAIChat, "openai"
	}
	return "", ""
}

// plainError leaves out which transformer it was: the caller has named it.
func plainError(err error) error {
	if field, ok := errors.AsType[*transform.FieldError](err); ok {
		return field
	}
	return err
}
