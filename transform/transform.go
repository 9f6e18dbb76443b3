package transform

import (
	"context"
	"net/http"
	"slices"

	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/dctx-team/routex/transform/internal/embed"
)

// A Transformer changes a call for a channel and the channel's answer for the
// caller. One value serves many calls at the same time: what it must remember
// of a call it keeps in the Request (see [Request.Keep]) and finds in
// Response.Request.
type Transformer interface {
	// Request changes r before it is sent. An error refuses the call; wrap
	// a [*FieldError] to name the field at fault.
	Request(ctx context.Context, r *Request) error
	// Response changes a whole answer, errors of the provider included.
	Response(ctx context.Context, r *Response) error
	// Stream gives what changes the events of a streamed answer, or nil to
	// let its bytes pass untouched. It may change r.Header.
	Stream(ctx context.Context, r *Response) Stream
}

// A Request is a call on its way to a channel.
type Request struct {
	Dialect  Dialect     // the protocol that Body is written in
	Header   http.Header // of the outgoing request; may be changed
	RawQuery string      // of the outgoing request; may be changed
	Model    string      // the model that the channel will be asked for
	Stream   bool        // the caller asked for a stream
	// Body is the JSON text. It may be shared: a transformer replaces it
	// and never writes into it. Neither it nor parts of it may be kept.
	Body   []byte
	Losses []Loss // what could not be carried over so far
	Target Target // of the channel that the call goes to

	answer conv.EncoderOptions // what the caller expects
	names  map[string]string   // the caller's names of tools by those that were sent
	notes  map[any]any         // what transformers keep

	embedding embed.Answer // what a caller who asks for embeddings expects
	hideUsage bool         // the caller did not ask for the usage of the stream
}

// A Target is what transformers may know of the channel. The zero value is
// a provider without a name.
type Target struct {
	// Provider names who answers. What one provider minted, such as
	// signatures and encrypted reasoning, is never sent to another.
	Provider string
	// Flavor is how a server of the Chat protocol differs from the others:
	// openai, azure, zhipu or custom.
	Flavor string
	// Version of the Anthropic API; "" means 2023-06-01.
	Version string
}

// Keep notes a value of this call under a key, as a context does. It is how a
// transformer remembers until the answer what it did to the request.
func (r *Request) Keep(key, value any) {
	if r.notes == nil {
		r.notes = make(map[any]any)
	}
	r.notes[key] = value
}

// Kept gives the value that was kept under the key, or nil.
func (r *Request) Kept(key any) any { return r.notes[key] }

// Lose records that a field could not be carried over, and why.
func (r *Request) Lose(field, why string) {
	r.Losses = append(r.Losses, Loss{Field: field, Why: why})
}

// loseAnswer records, once, that a kind of content in the answer could not be
// carried over.
func (r *Request) loseAnswer(name string) {
	loss := Loss{Field: "answer." + name, Why: "the caller's protocol has no place for it"}
	if !slices.Contains(r.Losses, loss) {
		r.Losses = append(r.Losses, loss)
	}
}

// A Response is an answer on its way back to the caller.
type Response struct {
	Request *Request // as it was sent, after every transformer
	Status  int
	Header  http.Header // may be changed
	Body    []byte      // the whole answer; nil for a stream
}

// A Loss is a part of a call that the channel's protocol has no place for.
type Loss struct {
	// Field is a path in the caller's body, "header" and its name, or
	// "answer." and the kind of content that was lost on the way back.
	Field string `json:"field"`
	Why   string `json:"why"`
}

// Hint reports that the loss changes nothing that the caller asked for: cache
// breakpoints, and reasoning that only the provider that wrote it can read.
func (l Loss) Hint() bool { return conv.IsHint(l.Why) }

// A FieldError says which field of a body could not be read.
type FieldError struct {
	Field   string
	Problem string
}

// Error names the field and what is wrong with it.
func (e *FieldError) Error() string { return e.Field + ": " + e.Problem }

// A Stream changes the events of one streamed answer. Its methods are called
// one after the other, never at the same time.
type Stream interface {
	// Event handles one event and emits any number of others. The event is
	// valid only during the call, an emitted one only during emit.
	Event(ev Event, emit func(Event)) error
	// Close is called once when the upstream's stream has ended without an
	// error. It emits what is still missing, or gives [ErrTruncated] when
	// the answer is not complete.
	Close(emit func(Event)) error
}
