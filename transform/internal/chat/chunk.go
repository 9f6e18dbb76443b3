package chat

import "github.com/dctx-team/routex/transform/internal/conv"

// A chunk is one event of a stream, or a whole answer, with the members that
// matter found in one pass.
type chunk struct {
	id, model, created conv.Raw
	object             conv.Raw
	usage              conv.Raw
	err                conv.Raw
	choice             choice // the one with index 0
}

// A choice is one of the answers that a chunk may belong to.
type choice struct {
	found bool
	index int64
	delta conv.Raw // or the message, which a few servers send in its place
	stop  conv.Raw
	err   conv.Raw
	raw   conv.Raw
}

func parseChunk(v conv.Raw) (k chunk) {
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
		case "error":
			k.err = c.Value
		case "choices":
			k.choice = firstChoice(c.Value)
		case "usage":
			if c.Value.IsObject() {
				k.usage = c.Value
			}
		case "x_groq":
			if usage := c.Value.Get("usage"); k.usage == "" && usage.IsObject() {
				k.usage = usage
			}
		}
	}
	return k
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
	case !k.err.IsEmpty(), k.object == `"error"`:
		return ReadError(0, data)
	case !k.choice.err.IsEmpty():
		return ReadError(0, []byte(k.choice.raw))
	case isBroken(k.choice.stop):
		reason := k.choice.stop.Str().String()
		return &conv.Error{Status: 502, Code: reason, Message: "the provider gave up: " + reason}
	}
	return nil
}
