package transform

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

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
	r.includeUsage = c.IncludeUsage
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
		case !ownHeader(t.caller, name):
		case name == "Anthropic-Version":
			delete(r.Header, name)
		default:
			r.Lose("header "+name, "only "+t.caller.name()+" knows it")
			delete(r.Header, name)
		}
	}
	if r.RawQuery != "" {
		r.Lose("query", "the parameters belong to the "+t.caller.name()+" API")
		r.RawQuery = ""
	}
	r.Header.Set("Content-Type", "application/json")
}

func (t translator) Response(_ context.Context, r *Response) error {
	t.responseHeader(r.Header)
	r.Header.Set("Content-Type", "application/json")
	if r.Status >= http.StatusBadRequest {
		e := ReadError(t.channel, r.Status, r.Body)
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
	r.Body = codecOf(t.caller).writeResponse(make([]byte, 0, len(r.Body)+256), c)
	return nil
}

func (t translator) Stream(_ context.Context, r *Response) Stream {
	t.responseHeader(r.Header)
	r.Header.Set("Content-Type", "text/event-stream; charset=utf-8")
	o := conv.EncoderOptions{Model: r.Request.Model, IncludeUsage: r.Request.includeUsage}
	return newTranslated(r.Request, codecOf(t.channel).decoder(), codecOf(t.caller).encoder(o))
}

// responseHeader renames the request id and leaves out what speaks of the
// channel's protocol, such as its rate limits.
func (t translator) responseHeader(h http.Header) {
	id := h.Get(t.channel.requestID())
	h.Del(t.channel.requestID())
	for name := range h {
		if ownHeader(t.channel, name) {
			delete(h, name)
		}
	}
	if id != "" {
		h.Set(t.caller.requestID(), id)
	}
}

// ownHeader reports that a header means something to one protocol only.
func ownHeader(d Dialect, name string) bool {
	if d == Anthropic {
		return strings.HasPrefix(name, "Anthropic-")
	}
	return strings.HasPrefix(name, "Openai-") || strings.HasPrefix(name, "X-Ratelimit-")
}

// requestID is the header in which the provider names a call.
func (d Dialect) requestID() string {
	if d == Anthropic {
		return "Request-Id"
	}
	return "X-Request-Id"
}

// name is what people call the protocol.
func (d Dialect) name() string {
	if d == Anthropic {
		return "Anthropic Messages"
	}
	return "OpenAI Chat Completions"
}

// fieldError gives the error of a codec its public type.
func fieldError(err error) error {
	if fe, ok := errors.AsType[*conv.FieldError](err); ok {
		return (*FieldError)(fe)
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
