package transform

import (
	"bytes"
	"errors"
	"io"

	"github.com/dctx-team/routex/internal/jsonscan"
	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/dctx-team/routex/transform/internal/responses"
)

// errNoAnswer is given for a stream in which there is nothing of an answer.
var errNoAnswer = errors.New("transform: the stream has nothing of an answer in it")

// An assembler puts an answer together from the events of a stream, which stay
// as they are until it has given it.
type assembler interface {
	Event(name, data []byte)
	Append(dst []byte) (out []byte, ok bool)
}

// A matcher is an assembler that knows events which are like the one before,
// and takes them without a closer look.
type matcher interface {
	Match(data []byte) bool
}

// Assemble gives the answer that a stream in the dialect amounts to, as its
// protocol has it for callers who do not ask for a stream: one JSON object, on
// one line. The stream is what such a caller got: server-sent events or, of
// Gemini, the array. Members that are not known are kept.
//
// A stream that broke off gives what was told so far, with no reason for the
// end: its stop_reason, finish_reason or finishReason is null or absent, its
// status "in_progress", and the input of an unfinished call in Anthropic's
// protocol is a string with its beginning. An error that was told in the stream
// stands in the member error; one that came alone is the whole answer.
//
// What is no event of the protocol is passed over. An error is given when
// nothing is left then. The result shares no memory with the stream.
func Assemble(d Dialect, stream []byte) ([]byte, error) {
	if d == OpenAIResponses {
		if whole := lastResponse(stream); whole != "" {
			return oneLine([]byte(whole)), nil
		}
	}
	a := codecOf(d).assembler()
	if list := bytes.TrimLeft(stream, " \t\r\n"); d == Gemini && len(list) > 0 && list[0] == '[' {
		eachElement(list, func(data []byte) { a.Event(nil, data) })
	} else {
		m, _ := a.(matcher)
		eachEvent(stream, func(name, data []byte) {
			if (m == nil || !m.Match(data)) && isObject(data) {
				a.Event(name, data)
			}
		})
	}
	out, ok := a.Append(make([]byte, 0, len(stream)/4+256))
	if !ok {
		return nil, errNoAnswer
	}
	return oneLine(out), nil
}

// lastResponse gives the whole answer that stands in the last event of most
// streams of Responses; "" when there is none.
func lastResponse(stream []byte) conv.Raw {
	const mark = "\ndata:"
	i := bytes.LastIndex(stream, []byte(mark)) // no data have a line break in them
	if i < 0 {
		return ""
	}
	data := bytes.TrimSpace(stream[i+len(mark):])
	if !isObject(data) {
		return ""
	}
	return responses.Whole(data)
}

// eachEvent gives f the events that have data.
func eachEvent(stream []byte, f func(name, data []byte)) {
	sc := &Scanner{buf: stream, end: len(stream), err: io.EOF} // it reads nothing, and so moves nothing
	for {
		sc.joined = nil // what it gave is still used
		ev, err := sc.Next()
		if err != nil {
			return
		}
		if len(ev.Data) > 0 {
			f(ev.Name, ev.Data)
		}
	}
}

// eachElement gives f the elements of an array, which may have been cut off,
// that are JSON objects.
func eachElement(list []byte, f func(data []byte)) {
	text := conv.View(list)
	for i := 1; i < len(text); {
		switch text[i] {
		case ' ', '\t', '\r', '\n', ',':
			i++
			continue
		case ']':
			return
		}
		end := conv.Skip(text, i)
		if element := list[i:end]; isObject(element) {
			f(element)
		}
		i = end
	}
}

func isObject(data []byte) bool {
	data = bytes.TrimSpace(data)
	return len(data) > 0 && data[0] == '{' && jsonscan.Valid(conv.View(data))
}

// oneLine puts the space between values on one line. There is no line break in
// a JSON text but there.
func oneLine(text []byte) []byte {
	for i, c := range text {
		if c == '\n' || c == '\r' {
			text[i] = ' '
		}
	}
	return text
}
