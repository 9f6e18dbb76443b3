package chat

import (
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// A chunk is one event of a stream, or a whole answer, with the members that
// matter found in one pass.
type chunk struct {
	id, model, created conv.Raw
	object, message    conv.Raw
	usage              conv.Raw
	err                conv.Raw
	choices            conv.Raw
	choice             choice // the one with index 0
}

// A choice is one of the answers that a chunk may belong to.
type choice struct {
	found bool
	index int64
	delta conv.Raw // or the message, which a few servers send in its place
	stop  conv.Raw
	usage conv.Raw
	err   conv.Raw
	raw   conv.Raw
}

// parseChunk reads a chunk. An array is what some servers put around an error.
func parseChunk(v conv.Raw) (k chunk) {
	if v.IsArray() {
		c := v.Walk()
		c.Next()
		v = c.Value
	}
	if !v.IsObject() {
		return k
	}
	for c := v.Walk(); c.Next(); {
		switch c.Key {
		case "id":
			k.id = c.Value
		case "model":
			k.model = c.Value
		case "created":
			k.created = c.Value
		case "object":
			k.object = c.Value
		case "message":
			k.message = c.Value
		case "error":
			k.err = c.Value
		case "choices":
			k.choices, k.choice = c.Value, firstChoice(c.Value)
		case "usage":
			k.count(c.Value)
		case "x_groq":
			if k.usage == "" {
				k.count(c.Value.Get("usage"))
			}
		}
	}
	if k.usage == "" {
		k.count(k.choice.usage)
	}
	return k
}

func (k *chunk) count(usage conv.Raw) {
	if usage.IsObject() {
		k.usage = usage
	}
}

func firstChoice(choices conv.Raw) choice {
	for c := choices.Walk(); c.Next(); {
		if k := parseChoice(c.Value); k.index == 0 {
			return k
		}
	}
	return choice{}
}

func parseChoice(v conv.Raw) choice {
	k := choice{found: true, raw: v}
	if !v.IsObject() {
		return k
	}
	var message conv.Raw
	for c := v.Walk(); c.Next(); {
		switch c.Key {
		case "index":
			k.index = c.Value.Count()
		case "delta":
			k.delta = c.Value
		case "message":
			message = c.Value
		case "finish_reason":
			k.stop = c.Value
		case "usage":
			k.usage = c.Value
		case "error":
			k.err = c.Value
		}
	}
	if !k.delta.IsObject() {
		k.delta = message
	}
	return k
}

// failure returns the error that came in place of the rest of the answer.
func (k *chunk) failure(data []byte) *conv.Error {
	switch {
	case !k.err.IsEmpty(), k.object == `"error"`, k.choices == "" && k.message.IsString():
		return ReadError(0, data)
	case !k.choice.err.IsEmpty():
		return ReadError(0, []byte(k.choice.raw))
	case isBroken(k.choice.stop):
		reason := strings.Clone(k.choice.stop.Str().String()) // it outlives the event
		return &conv.Error{Status: 502, Code: reason, Message: "the provider gave up: " + reason}
	}
	return nil
}

// A message holds the members of a message or a delta that matter.
type message struct {
	thought thought
	content conv.Raw
	refusal conv.Str
	calls   conv.Raw
	legacy  conv.Raw // function_call, which tool_calls replaced
	lost    []string // members with content that has no place
}

func parseMessage(v conv.Raw) (m message) {
	for c := v.Walk(); c.Next(); {
		switch c.Key {
		case "content":
			m.content = c.Value
		case "refusal":
			m.refusal = c.Value.Str()
		case "tool_calls":
			m.calls = c.Value
		case "function_call":
			m.legacy = c.Value
		case "annotations", "audio", "images":
			if !c.Value.IsEmpty() {
				m.lost = append(m.lost, c.Key)
			}
		default:
			m.thought.read(&c)
		}
	}
	return m
}

// plain reports that there is nothing besides text and reasoning.
func (m *message) plain() bool {
	return m.refusal == "" && m.calls == "" && m.legacy == "" && m.lost == nil
}

// eachPart tells what content holds: a string, or the parts that some servers
// write. Mistral's models put their reasoning among them.
func eachPart(content conv.Raw, tell func(kind conv.PartKind, text conv.Str), lose func(name string)) {
	if content.IsString() {
		tell(conv.Text, content.Str())
		return
	}
	for c := content.Walk(); c.Next(); {
		switch kind := c.Value.Get("type"); kind {
		case `"text"`, `"output_text"`:
			tell(conv.Text, c.Value.Get("text").Str())
		case `"thinking"`, `"reasoning"`:
			thinking := c.Value.Get("thinking")
			eachPart(thinking, func(_ conv.PartKind, text conv.Str) { tell(conv.Reasoning, text) }, lose)
		case `"refusal"`:
			tell(conv.Refusal, c.Value.Get("refusal").Str())
		default:
			lose(kind.Str().Inner())
		}
	}
}
