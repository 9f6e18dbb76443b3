package gemini

import (
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// A chunk is one event of a stream, or a whole answer, with the members that
// matter found in one pass.
type chunk struct {
	id, model conv.Raw
	usage     conv.Raw
	feedback  conv.Raw
	err       conv.Raw
	found     bool     // there is a candidate
	parts     conv.Raw // of the candidate with index 0
	stop      conv.Raw
	message   conv.Raw // about the stop
	lost      conv.Raw // name of a member that has no place
}

func parseChunk(v conv.Raw) (k chunk) {
	if !v.IsObject() {
		return k
	}
	for c := v.Walk(); c.Next(); {
		switch c.Key {
		case "candidates":
			k.candidates(c.Value)
		case "usageMetadata":
			k.usage = c.Value
		case "modelVersion":
			k.model = c.Value
		case "responseId":
			k.id = c.Value
		case "promptFeedback":
			k.feedback = c.Value
		case "error":
			k.err = c.Value
		}
	}
	return k
}

// candidates looks at the first candidate: only one is ever asked for.
func (k *chunk) candidates(list conv.Raw) {
	c := list.Walk()
	if !list.IsArray() || !c.Next() || !c.Value.IsObject() {
		return
	}
	k.found = true
	for m := c.Value.Walk(); m.Next(); {
		switch m.Key {
		case "content":
			k.parts = m.Value.Get("parts")
		case "finishReason":
			k.stop = m.Value
		case "finishMessage":
			k.message = m.Value
		case "groundingMetadata", "citationMetadata", "urlContextMetadata", "logprobsResult":
			if !m.Value.IsEmpty() {
				k.lost = conv.Raw(conv.Concat(m.Key))
			}
		}
	}
}

// blocked reports that the prompt was refused.
func (k *chunk) blocked() bool { return !k.found && isBlocked(k.feedback) }

// failure returns the error that came in place of the answer, or of the rest
// of it.
func (k *chunk) failure(data []byte) *conv.Error {
	if k.err.IsEmpty() {
		return nil
	}
	return ReadError(0, data)
}

// broken returns the error of an answer that ended in a call of a tool which
// is none.
func (k *chunk) broken() *conv.Error {
	why := broken(k.stop)
	if why == "" {
		return nil
	}
	if text := k.message.Str(); !text.Empty() {
		why += ": " + text.String()
	}
	return &conv.Error{Status: 502, Type: strings.Clone(k.stop.Str().String()), Message: why}
}

// A piece is one part of an answer with its members found.
type piece struct {
	text, signature conv.Str
	thought         bool
	call            conv.Raw
	lost            string // name of a member that has no place
}

func parsePiece(v conv.Raw) (p piece) {
	if !v.IsObject() {
		return p
	}
	for c := v.Walk(); c.Next(); {
		switch c.Key {
		case "text":
			p.text = c.Value.Str()
		case "thought":
			p.thought = c.Value == "true"
		case "thoughtSignature":
			p.signature = c.Value.Str()
		case "functionCall":
			p.call = c.Value
		case "inlineData", "fileData", "executableCode", "codeExecutionResult", "toolCall", "toolResponse":
			p.lost = c.Key
		}
	}
	return p
}

func (p *piece) state() conv.State {
	if p.signature.Empty() {
		return conv.State{}
	}
	return conv.State{Kind: conv.Thought, Value: p.signature}
}
