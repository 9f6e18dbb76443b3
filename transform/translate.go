package transform

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// Translate gives the transformer for a caller that speaks one dialect and a
// channel that speaks another. It is nil when they speak the same.
func Translate(caller, channel Dialect) Transformer {
	if caller == channel {
		return nil
	}
	return translator{caller: caller, channel: channel}
}

type translator struct{ caller, channel Dialect }

func (t translator) Request(_ context.Context, r *Request) error {
	if !gjson.ValidBytes(r.Body) {
		return &FieldError{Field: "body", Problem: "is not valid JSON"}
	}
	c, err := codecOf(t.caller).readRequest(r.Body, r.Lose)
	if err != nil {
		return fieldError(err)
	}
	c.Model, c.Stream = r.Model, r.Stream
	c.Distinct()
	provider := conv.ProviderKey(r.Target.Provider)
	c.Target = conv.Target{Provider: provider, Flavor: r.Target.Flavor, Version: r.Target.Version}
	r.answer = conv.EncoderOptions{
		Model: r.Model, IncludeUsage: c.IncludeUsage, Provider: provider, Input: c.EstimateInput(), Freeform: c.FreeformNames(), Spaces: c.SpacedNames(),
	}
	r.names = c.Rename(codecOf(t.channel).names)
	// An answer of this size is the rule; growing costs more than a little slack.
	body, err := codecOf(t.channel).writeRequest(make([]byte, 0, len(r.Body)+len(r.Body)/8+256), c, r.Lose)
	if err != nil {
		return fieldError(err)
	}
	r.Body, r.Dialect = body, t.channel
	t.requestHeader(r)
	return nil
}

// requestHeader leaves out what only the caller's protocol knows.
func (t translator) requestHeader(r *Request) {
	for name := range r.Header {
		switch {
		case !t.caller.ownHeader(name):
		case name == "Anthropic-Version", name == "X-Goog-Api-Client":
			delete(r.Header, name)
		default:
			r.Lose("header "+name, "only "+t.caller.name()+" knows it")
			delete(r.Header, name)
		}
	}
	if t.caller.asksByQuery(r.RawQuery) {
		r.Lose("query", "the parameters belong to the "+t.caller.name()+" API")
	}
	r.RawQuery = ""
	r.Header.Set("Content-Type", "application/json")
}

func (t translator) Response(_ context.Context, r *Response) error {
	t.responseHeader(r.Header)
	r.Header.Set("Content-Type", "application/json")
	if r.Status >= http.StatusBadRequest {
		e := ReadError(t.channel, r.Status, r.Body)
		e.RequestID = cmp.Or(e.RequestID, r.Header.Get(cmp.Or(t.caller.requestID(), t.channel.requestID())))
		e.tellRetry(r.Header)
		r.Status, r.Body = e.StatusFor(t.caller), e.Body(t.caller)
		return nil
	}
	c, err := codecOf(t.channel).readResponse(r.Body)
	if err != nil {
		return fieldError(err)
	}
	for _, name := range c.Lost {
		r.Request.loseAnswer(name.String())
	}
	c.DistinctCalls()
	for i := range c.Parts {
		c.Parts[i].Name = r.Request.callersName(c.Parts[i].Name)
	}
	c.Options = r.Request.answer
	r.Body = codecOf(t.caller).writeResponse(make([]byte, 0, len(r.Body)+256), c)
	return nil
}

// callersName gives the name by which the caller knows a tool.
func (r *Request) callersName(sent conv.Str) conv.Str {
	if len(r.names) == 0 || sent == "" {
		return sent
	}
	if name, ok := r.names[sent.String()]; ok {
		return conv.Quote(name)
	}
	return sent
}

func (t translator) Stream(_ context.Context, r *Response) Stream {
	t.responseHeader(r.Header)
	r.Header.Set("Content-Type", "text/event-stream; charset=utf-8")
	return newTranslated(r.Request, codecOf(t.channel).decoder(), codecOf(t.caller).encoder(r.Request.answer))
}

// responseHeader renames the request id and leaves out what speaks of the
// channel's protocol, such as its rate limits.
func (t translator) responseHeader(h http.Header) {
	from, to := t.channel.requestID(), t.caller.requestID()
	id := h.Get(from)
	if to != "" {
		h.Del(from)
	}
	for name := range h {
		if t.channel.ownHeader(name) {
			delete(h, name)
		}
	}
	if id != "" && to != "" {
		h.Set(to, id)
	}
}

// fieldError gives the error of a codec its public type.
func fieldError(err error) error {
	if fe, ok := errors.AsType[*conv.FieldError](err); ok {
		return (*FieldError)(fe)
	}
	if told, ok := errors.AsType[*conv.Error](err); ok { // an error in place of an answer
		return (*Error)(told)
	}
	return fmt.Errorf("transform: %w", err)
}

// translated is the stream of a translator.
type translated struct {
	dec    decoder
	enc    encoder
	encode func(*conv.Event)
	frame  func(name string, data []byte)
	emit   func(Event) // of the call that is running
	name   []byte
}

func newTranslated(r *Request, dec decoder, enc encoder) *translated {
	t := &translated{dec: dec, enc: enc}
	t.encode = func(ev *conv.Event) {
		if ev.Kind == conv.Lost {
			r.loseAnswer(ev.Text.String())
			return
		}
		if ev.Kind == conv.ToolStart {
			ev.Name = r.callersName(ev.Name)
		}
		t.enc.Event(ev, t.frame)
	}
	t.frame = func(name string, data []byte) {
		t.name = append(t.name[:0], name...)
		t.emit(Event{Name: t.name, Data: data})
	}
	return t
}

func (t *translated) Event(ev Event, emit func(Event)) error {
	if ev.Data == nil {
		return nil // a comment: keep-alives are made anew for each hop
	}
	t.emit = emit
	return t.dec.Event(ev.Name, ev.Data, t.encode)
}

func (t *translated) Close(emit func(Event)) error {
	t.emit = emit
	if err := t.dec.Close(t.encode); err != nil {
		return ErrTruncated
	}
	t.enc.Close(t.frame)
	return nil
}
