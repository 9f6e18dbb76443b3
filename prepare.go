package routex

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/router"
	"github.com/dctx-team/routex/transform"
)

// request makes the request to the channel. What cannot be sent is refused:
// failure and answer are then set.
func (at *attempt) request() (out *http.Request, failure *breaker.Failure, refused *http.Response) {
	c := at.c
	at.begin()
	at.keeps, at.answers = at.keepsAnswer(), at.severalAnswers() // the body may be gone when an answer comes
	if err := at.prepare(); err != nil {
		e := at.refusal(err)
		return nil, &breaker.Failure{Class: breaker.Caller, Err: &refusedError{err}}, at.c.answer(e.Status, jsonHeader(), e.Body(c.dialect))
	}
	h := at.sent.Header
	at.ch.setHeader(h, &at.key)
	h["Accept-Encoding"] = identity
	if c.endpoint.kind == passesOn {
		at.passHeader(h)
	}
	if h["User-Agent"] == nil {
		h["User-Agent"] = noValue // the caller sent none, so none is made up
	}
	if c.s.cfg.TraceUpstream {
		at.span.Put(h)
	}
	at.url = at.urlOf(at.sent.RawQuery)
	out = c.req.WithContext(at.context()) // a copy
	out.URL, out.Host, out.RequestURI = &at.url, "", ""
	out.Header, out.Trailer, out.TransferEncoding, out.Close = h, nil, nil, false
	out.Form, out.PostForm, out.MultipartForm, out.TLS, out.Response = nil, nil, nil, nil, nil
	if c.upload != nil {
		out.Body, out.GetBody = c.upload, nil
		return out, nil, nil
	}
	out.ContentLength = int64(len(at.parts[0]) + len(at.parts[1]) + len(at.parts[2]) + len(at.text))
	if out.ContentLength == 0 {
		out.Body, out.GetBody = nil, nil
		return out, nil, nil
	}
	out.Body, _ = at.body() // no error while RoundTrip runs
	out.GetBody = at.body
	return out, nil, nil
}

var (
	identity = []string{"identity"}
	noValue  = []string{""}
)

// begin is what every request to a channel has.
func (at *attempt) begin() {
	at.sent = at.c.asks(at.ch, at.model)
}

func (c *call) asks(ch *channel, model string) transform.Request {
	return transform.Request{
		Dialect: c.dialect, Header: passing(c.req.Header, 4), RawQuery: c.req.URL.RawQuery,
		Model: model, Stream: c.view.Stream, Target: ch.target,
	}
}

// prepare makes what is sent: the caller's bytes with the model's name put in,
// or what the transformers make of them.
func (at *attempt) prepare() error {
	if at.c.upload != nil {
		return nil
	}
	at.parts = at.named()
	if at.change == nil {
		return nil
	}
	if at.c.dialect == at.ch.dialect {
		at.sent.Body = join(at.parts)
	} else { // a translator puts the name in itself
		at.sent.Body = at.asked()
	}
	err := at.change.Request(at.ctx, &at.sent)
	if at.sent.Dialect == at.c.dialect { // it may still be in the caller's memory
		at.parts = [3][]byte{at.sent.Body}
	} else {
		at.parts, at.text = [3][]byte{}, at.sent.Body
	}
	at.sent.Body = nil // nobody may keep it
	if err == nil && at.ch.Losses == LossStrict {
		err = strictly(at.sent.Losses)
	}
	return err
}

// severalAnswers is how many answers in one the caller asks the channel for; 0
// when it does not say, as always in translation.
func (at *attempt) severalAnswers() int {
	c := at.c
	if c.endpoint.kind != callsModel || c.dialect != at.ch.dialect {
		return 0
	}
	n := int64(0)
	switch c.dialect {
	case transform.OpenAIChat:
		n = c.view.Get("n", "").Int()
	case transform.Gemini:
		n = max(c.view.Get("generationConfig", "candidateCount").Int(), c.view.Get("generation_config", "candidate_count").Int())
	}
	return int(min(max(n, 0), 64))
}

// body gives the body from its beginning, for each time that it is sent.
func (at *attempt) body() (io.ReadCloser, error) {
	if at.text != nil {
		return plainBody(at.text), nil
	}
	return at.c.body.body(at.parts)
}

// asked is the body that the caller sent, or sends now to go on with an answer.
func (at *attempt) asked() []byte {
	if at.begun != nil {
		return at.begun
	}
	return at.c.body.bytes()
}

// named gives that body with the model's name replaced, in pieces. It is the
// first piece alone when the name stays.
func (at *attempt) named() [3][]byte {
	text := at.asked()
	start, end := at.c.view.ModelSpan()
	if at.begun != nil && end != 0 { // the name may stand somewhere else
		view, err := router.Parse(text)
		if err != nil {
			return [3][]byte{text}
		}
		start, end = view.ModelSpan()
	}
	if at.model == at.c.view.Model || end == 0 {
		return [3][]byte{text}
	}
	return [3][]byte{text[:start], jsonText(at.model), text[end:]}
}

// refusal is what a caller is told whose call cannot be sent to the channel.
// The body is at fault where a field of it is named, else a transformer of the
// channel is.
func (at *attempt) refusal(err error) *transform.Error {
	switch err.(type) { //nolint:errorlint // not those that a transformer wraps
	case *transform.FieldError, *strictError:
		return badRequest(err.Error())
	}
	e := &transform.Error{Status: http.StatusBadGateway, Message: fmt.Sprintf("channel %q: %v", at.ch.Name, err)}
	if _, ok := errors.AsType[*transform.FieldError](err); ok {
		e.Status = http.StatusBadRequest
	}
	return e
}

// A refusedError is why a call cannot be put into a channel's protocol. The
// next channel may speak another.
type refusedError struct{ error }

func (e *refusedError) Unwrap() error { return e.error }

// A strictError refuses a call that would lose something.
type strictError struct{ losses []transform.Loss }

// strictly gives the error for the losses that change what was asked for.
func strictly(losses []transform.Loss) error {
	var e strictError
	for _, l := range losses {
		if !l.Hint() {
			e.losses = append(e.losses, l)
		}
	}
	if len(e.losses) == 0 {
		return nil
	}
	return &e
}

func (e *strictError) Error() string {
	var b strings.Builder
	b.WriteString("the channel's protocol cannot carry everything, and losses are not allowed")
	for _, l := range e.losses {
		b.WriteString("; " + l.Field + ": " + l.Why)
	}
	return b.String()
}

// transformer gives everything that changes calls to the channel: translation,
// or what the protocol's own calls need, then the channel's own transformers.
func (at *attempt) transformer(asked string) transform.Transformer {
	switch at.c.endpoint.kind {
	case embedsText:
		if t := transform.TranslateEmbeddings(at.c.dialect, at.ch.dialect); t != nil {
			return t
		}
		return at.naming()
	case countsTokens:
		if at.c.hasForeign() { // which is refused here as in the call
			return transform.DropForeign(at.c.dialect)
		}
		return at.naming()
	case passesOn:
		return nil
	}
	first := make([]transform.Transformer, 0, 4)
	if t := transform.Translate(at.c.dialect, at.ch.dialect); t != nil {
		first = append(first, t)
	} else {
		first = at.untranslated(first)
	}
	own := at.ch.transformersFor(asked, at.model)
	if len(first)+len(own) == 0 {
		return nil
	}
	return transform.Chain(slices.Concat(first, own)...)
}

// naming puts the provider's name of the model into bodies that name it beside
// the path, nil for others.
func (at *attempt) naming() transform.Transformer {
	if at.c.dialect != transform.Gemini || at.ch.dialect != transform.Gemini || at.model == at.c.view.Model {
		return nil
	}
	return transform.NameModel()
}

func (c *call) hasForeign() bool {
	return transform.HasForeign(c.body.bytes(), []byte(c.view.Get("thinking", "").Raw))
}

// untranslated appends what a call needs that is not translated.
func (at *attempt) untranslated(list []transform.Transformer) []transform.Transformer {
	if at.c.hasForeign() {
		list = append(list, transform.DropForeign(at.c.dialect))
	}
	if at.ch.Usage == UsageAlways && at.c.dialect == transform.OpenAIChat && at.c.view.Stream {
		list = append(list, transform.AskUsage())
	}
	if at.c.dialect == transform.Anthropic && at.ch.APIVersion != "" {
		list = append(list, transform.AnthropicVersion(at.ch.APIVersion))
	}
	return list
}
