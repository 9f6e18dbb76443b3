package ruletest

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/dctx-team/routex/transform"
)

// A Request is a call to a language model, as a caller would make it. It is
// made by [Anthropic], [Chat], [Responses], [Gemini], [Ask], [Raw] or [Read],
// and a value: every method gives a changed copy. A mistake in it, such as a
// time that is none, is told when the request is used.
type Request struct {
	dialect transform.Dialect
	model   string
	path    string // "" for that of the protocol
	raw     []byte // the body, when it is given as it is
	isRaw   bool

	system  string
	turns   []turn
	tools   []tool
	search  bool
	thinks  bool
	streams bool
	edits   []edit // of the body, at last

	header   http.Header
	session  string
	channel  string
	metadata map[string]string
	at       time.Time
	wrong    error // the first mistake
}

// A turn is what one side says.
type turn struct {
	role   role
	text   string
	images int
	call   string // name of the tool that is called
	input  string // of the call, as JSON
}

type role uint8

const (
	user      role = iota
	assistant      // text, or the call of a tool
	result         // of the call before
)

// A tool is one that is offered to the model.
type tool struct{ name, about, schema string }

type edit struct {
	path  string
	value any
}

// Anthropic is a call of the Messages API with what the user says.
func Anthropic(model, text string) Request { return Ask(transform.Anthropic, model, text) }

// Chat is a call of OpenAI's Chat Completions API with what the user says.
func Chat(model, text string) Request { return Ask(transform.OpenAIChat, model, text) }

// Responses is a call of OpenAI's Responses API with what the user says.
func Responses(model, text string) Request { return Ask(transform.OpenAIResponses, model, text) }

// Gemini is a call of Gemini's generateContent with what the user says.
func Gemini(model, text string) Request { return Ask(transform.Gemini, model, text) }

// Ask is a call in any of the four protocols. An empty text leaves out the
// first turn of the user.
func Ask(protocol transform.Dialect, model, text string) Request {
	r := Request{dialect: protocol, model: model}
	if !protocol.Known() {
		return r.mistake("no protocol %q; there are %q", protocol, transform.Dialects())
	}
	if text == "" {
		return r
	}
	return r.User(text)
}

// Raw is a call with a body of the host's own, at a path such as /v1/messages,
// which may have a query. Methods that add to the conversation are mistakes.
func Raw(path string, body []byte) Request {
	bare, _, _ := strings.Cut(path, "?")
	return Request{dialect: transform.DialectOf(bare), path: path, raw: slices.Clone(body), isRaw: true}
}

// System sets what the host tells the model before all else.
func (r Request) System(text string) Request {
	r.system = text
	return r.written("System")
}

// User adds a turn of the user.
func (r Request) User(text string) Request { return r.turn("User", turn{role: user, text: text}) }

// Assistant adds what the model has said.
func (r Request) Assistant(text string) Request {
	return r.turn("Assistant", turn{role: assistant, text: text})
}

// Called adds the call of a tool, with its input as JSON, and the result.
func (r Request) Called(tool, input, output string) Request {
	return r.turn("Called", turn{role: assistant, call: tool, input: input}).
		turn("Called", turn{role: result, call: tool, text: output})
}

// Image adds a small image to the last turn of the user.
func (r Request) Image() Request {
	r = r.written("Image")
	if len(r.turns) == 0 || r.turns[len(r.turns)-1].role != user {
		return r.mistake("Image: the last turn is not the user's")
	}
	r.turns = slices.Clone(r.turns)
	r.turns[len(r.turns)-1].images++
	return r
}

// Long adds a turn of the user with about so many tokens of prose.
func (r Request) Long(tokens int) Request {
	return r.turn("Long", turn{role: user, text: prose(tokens)})
}

// Tools offers the model tools by their names, each with one text as input.
func (r Request) Tools(names ...string) Request {
	for _, name := range names {
		r = r.Tool(name, "Runs "+name+".", `{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}`)
	}
	return r
}

// Tool offers the model a tool, with the JSON Schema of its input.
func (r Request) Tool(name, about, schema string) Request {
	r.tools = append(slices.Clip(r.tools), tool{name, about, schema})
	return r.written("Tool")
}

// WebSearch offers the provider's own search.
func (r Request) WebSearch() Request {
	r.search = true
	return r.written("WebSearch")
}

// Thinking asks the model to reason.
func (r Request) Thinking() Request {
	r.thinks = true
	return r.written("Thinking")
}

// Stream asks for a streamed answer.
func (r Request) Stream() Request {
	r.streams = true
	return r.written("Stream")
}

// Set puts a value at a path of the body, in the syntax of sjson, such as
// metadata.user_id. It is done when all else is written.
func (r Request) Set(path string, value any) Request {
	r.edits = append(slices.Clip(r.edits), edit{path, value})
	return r
}

func (r Request) turn(method string, t turn) Request {
	r.turns = append(slices.Clip(r.turns), t)
	return r.written(method)
}

// written says that a part of the body was written, which only bodies that are
// made here can be.
func (r Request) written(method string) Request {
	if r.isRaw {
		return r.mistake("%s: the body is given as it is; Set changes it", method)
	}
	return r
}

func (r Request) mistake(format string, args ...any) Request {
	if r.wrong == nil {
		r.wrong = fmt.Errorf("ruletest: "+format, args...)
	}
	return r
}
