package transform

import (
	"bytes"
	"errors"
	"io"

	"github.com/dctx-team/routex/internal/jsonscan"
	"github.com/dctx-team/routex/transform/internal/conv"
)

// errNoAnswer is given for a stream in which there is nothing of an answer.
var errNoAnswer = errors.New("transform: the stream has nothing of an answer in it")

// An assembler puts an answer together from the events of a stream, which stay
// as they are until it has given it.
type assembler interface {
	Event(name, data []byte)
	Append(dst []byte) (out []byte, ok bool)
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
	a := codecOf(d).assembler()
	if list := bytes.TrimLeft(stream, " \t\r\n"); d == Gemini && len(list) > 0 && list[0] == '[' {
		eachElement(list, func(data []byte) { a.Event(nil, data) })
	} else {
		eachEvent(stream, a.Event)
	}
	out, ok := a.Append(make([]byte, 0, len(stream)/4+256))
	if !ok {
		return nil, errNoAnswer
	}
	return oneLine(out), nil
}

// eachEvent gives f the events whose data are JSON objects.
func eachEvent(stream []byte, f func(name, data []byte)) {
	sc := &Scanner{buf: stream, end: len(stream), err: io.EOF} // it reads nothing, and so moves nothing
	for {
		sc.joined = nil // what it gave is still used
		ev, err := sc.Next()
		if err != nil {
			return
		}
		if isObject(ev.Data) {
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
