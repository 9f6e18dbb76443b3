package transform

import (
	"errors"

	"github.com/dctx-team/routex/transform/internal/anthropic"
	"github.com/dctx-team/routex/transform/internal/chat"
	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/dctx-team/routex/transform/internal/gemini"
	"github.com/dctx-team/routex/transform/internal/responses"
)

// ErrTruncated is given when a stream ended before its answer was complete.
var ErrTruncated = errors.New("transform: stream ended before the answer was complete")

// A codec reads and writes one dialect. Adding a dialect means adding one.
type codec struct {
	readRequest   func([]byte, conv.Lose) (*conv.Request, error)
	writeRequest  func([]byte, *conv.Request, conv.Lose) ([]byte, error)
	readResponse  func([]byte) (*conv.Response, error)
	writeResponse func([]byte, *conv.Response) []byte
	readError     func(int, []byte) *conv.Error
	writeError    func([]byte, *conv.Error) []byte
	lookBody      func([]byte) (conv.Usage, bool, *conv.Error)
	decoder       func() decoder
	own           func() decoder // of streams that callers get, with tokens in them
	encoder       func(conv.EncoderOptions) encoder
	watcher       func() watcher
	assembler     func() assembler
	trail         func() (trail, func(conv.EncoderOptions) encoder)
	names         conv.NameRule // for tools
	endName       string        // of the event that ends a stream
	endData       string        // "" when streams of the dialect just end
}

type decoder interface {
	Event(name, data []byte, emit func(*conv.Event)) error
	Close(emit func(*conv.Event)) error
}

type encoder interface {
	Event(ev *conv.Event, emit func(name string, data []byte))
	Close(emit func(name string, data []byte))
}

type watcher interface {
	Look(name, data []byte) conv.Mark
	Seen() (u conv.Usage, ok bool, failure *conv.Error)
}

// A counter is a watcher of a protocol in which a call may ask for several
// answers.
type counter interface {
	Expect(n int)
	Stopped() bool // all that have begun have ended
}

// A stricter is a watcher of a protocol whose answers may end in ways that
// others take for errors.
type stricter interface{ Strict() }

// A texter is a watcher that knows events which bring text and tell nothing
// else by their shape.
type texter interface {
	Text() *conv.Shape
}

// An ender is a watcher that makes the event that ends a stream of its own. It
// gives no data when the answer is not complete without it. An estimate of the
// usage stands in for the one that would have been in it; it may be nil.
type ender interface {
	End(estimate *conv.Usage) (name string, data []byte)
}

// A trail follows a stream that was handed out; the function that comes with
// it gives an encoder that goes on where the stream stopped. After Learn was
// told of an event that brings nothing but a text, Match may take the place of
// Look for those like it.
type trail interface {
	Look(name, data []byte)
	Called() bool // something was begun that is no text, were it only by its id
	Learn(data []byte, text conv.Str)
	Match(data []byte) (text conv.Str, ok bool)
}

// codecOf gives the codec of a known dialect.
func codecOf(d Dialect) codec {
	if d == Anthropic {
		return codec{
			readRequest: anthropic.ReadRequest, writeRequest: anthropic.WriteRequest,
			readResponse: anthropic.ReadResponse, writeResponse: anthropic.WriteResponse,
			readError: anthropic.ReadError, writeError: anthropic.WriteError,
			lookBody:  anthropic.LookBody,
			decoder:   func() decoder { return anthropic.NewDecoder() },
			own:       func() decoder { return anthropic.NewDecoder() },
			encoder:   func(o conv.EncoderOptions) encoder { return anthropic.NewEncoder(o) },
			watcher:   func() watcher { return new(anthropic.Watch) },
			assembler: func() assembler { return new(anthropic.Assembly) },
			trail: func() (trail, func(conv.EncoderOptions) encoder) {
				t := new(anthropic.Trail)
				return t, func(o conv.EncoderOptions) encoder { return t.Encoder(o) }
			},
			names:   anthropic.Names,
			endName: "message_stop", endData: `{"type":"message_stop"}`,
		}
	}
	if d == OpenAIResponses {
		return codec{
			readRequest: responses.ReadRequest, writeRequest: responses.WriteRequest,
			readResponse: responses.ReadResponse, writeResponse: responses.WriteResponse,
			readError: responses.ReadError, writeError: responses.WriteError,
			lookBody:  responses.LookBody,
			decoder:   func() decoder { return responses.NewDecoder() },
			own:       func() decoder { return responses.NewDecoder() },
			encoder:   func(o conv.EncoderOptions) encoder { return responses.NewEncoder(o) },
			watcher:   func() watcher { return new(responses.Watch) },
			assembler: func() assembler { return new(responses.Assembly) },
			trail: func() (trail, func(conv.EncoderOptions) encoder) {
				t := new(responses.Trail)
				return t, func(o conv.EncoderOptions) encoder { return t.Encoder(o) }
			},
			names: responses.Names,
			// The last event carries the whole answer: the watcher makes it.
		}
	}
	if d == Gemini {
		return codec{
			readRequest: gemini.ReadRequest, writeRequest: gemini.WriteRequest,
			readResponse: gemini.ReadResponse, writeResponse: gemini.WriteResponse,
			readError: gemini.ReadError, writeError: gemini.WriteError,
			lookBody:  gemini.LookBody,
			decoder:   func() decoder { return gemini.NewDecoder() },
			own:       func() decoder { return gemini.NewDecoder() },
			encoder:   func(o conv.EncoderOptions) encoder { return gemini.NewEncoder(o) },
			watcher:   func() watcher { return new(gemini.Watch) },
			assembler: func() assembler { return new(gemini.Assembly) },
			trail: func() (trail, func(conv.EncoderOptions) encoder) {
				t := new(gemini.Trail)
				return t, func(o conv.EncoderOptions) encoder { return t.Encoder(o) }
			},
			names: gemini.Names,
		}
	}
	return codec{
		readRequest: chat.ReadRequest, writeRequest: chat.WriteRequest,
		readResponse: chat.ReadResponse, writeResponse: chat.WriteResponse,
		readError: chat.ReadError, writeError: chat.WriteError,
		lookBody:  chat.LookBody,
		decoder:   func() decoder { return chat.NewDecoder() },
		own:       func() decoder { return &chat.Decoder{Own: true} },
		encoder:   func(o conv.EncoderOptions) encoder { return chat.NewEncoder(o) },
		watcher:   func() watcher { return new(chat.Watch) },
		assembler: func() assembler { return new(chat.Assembly) },
		trail: func() (trail, func(conv.EncoderOptions) encoder) {
			t := new(chat.Trail)
			return t, func(o conv.EncoderOptions) encoder { return t.Encoder(o) }
		},
		names:   chat.Names,
		endData: "[DONE]",
	}
}
