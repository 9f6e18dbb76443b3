package transform

import (
	"math"
	"net/http"
	"strconv"
	"time"

	"github.com/tidwall/sjson"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// statusOverloaded is Anthropic's own status for an overloaded API.
const statusOverloaded = 529

// ReadError reads a provider's error answer. It never fails: a body that is no
// error of the dialect (HTML of a proxy, an empty body) is told by its status.
func ReadError(d Dialect, status int, body []byte) *Error {
	return (*Error)(codecOf(d).readError(status, body))
}

// Body writes e as the body of an error answer of the dialect.
func (e *Error) Body(d Dialect) []byte {
	return codecOf(d).writeError(nil, (*conv.Error)(e))
}

// Frame writes e as the events that end a stream of the dialect.
func (e *Error) Frame(d Dialect) []byte {
	return e.frame(d, codecOf(d).encoder(conv.EncoderOptions{}), 0)
}

// frame is Frame by an encoder that knows the stream, after so many events of it.
func (e *Error) frame(d Dialect, enc encoder, told int) []byte {
	switch d {
	case Anthropic:
		return appendFrame(nil, Event{Name: []byte("error"), Data: e.Body(d)})
	case OpenAIResponses:
		var out []byte
		enc.Event(
			&conv.Event{Kind: conv.Failed, Err: (*conv.Error)(e)},
			func(name string, data []byte) {
				if numbered, err := sjson.SetBytes(data, "sequence_number", told); err == nil {
					data = numbered
				}
				out = appendFrame(out, Event{Name: []byte(name), Data: data})
				told++
			},
		)
		return out
	}
	// The others raise an error for an event whose data is the envelope.
	return appendFrame(nil, Event{Data: e.Body(d)})
}

// StatusFor is the HTTP status under which a caller of the dialect gets e:
// statuses that only one provider uses are not carried to the others.
func (e *Error) StatusFor(d Dialect) int {
	if e.Status == statusOverloaded && d != Anthropic {
		return 503
	}
	return e.Status
}

// tellRetry says in the header that every client knows when to try again.
func (e *Error) tellRetry(h http.Header) {
	wait := e.RetryAfter
	if ms, err := strconv.ParseFloat(h.Get("Retry-After-Ms"), 64); err == nil && ms > 0 {
		wait = time.Duration(ms * float64(time.Millisecond))
	}
	if h.Get("Retry-After") == "" && wait > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	}
}
