package gemini

import (
	"bytes"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// A Trail follows a stream of this protocol that was handed out, so that an
// Encoder can go on where it stopped. Its zero value is ready.
type Trail struct {
	conv.Shape // of the events that bring text

	begun  bool
	named  bool // a chunk has named the answer
	called bool
	tail   []byte // of every chunk, up to its brace
}

// Look notes how the chunks name the answer and the model.
func (t *Trail) Look(_, data []byte) {
	t.begun = true
	t.called = t.called || bytes.Contains(data, []byte(`"functionCall"`))
	if t.named {
		return
	}
	k := parseChunk(conv.Body(conv.View(data)))
	t.named, t.tail = k.id != "", t.tail[:0]
	if k.model != "" {
		t.tail = append(append(t.tail, `,"modelVersion":`...), k.model...)
	}
	if k.id != "" {
		t.tail = append(append(t.tail, `,"responseId":`...), k.id...)
	}
}

// Called reports that a chunk may have a call in it.
func (t *Trail) Called() bool { return t.called }

// Encoder returns an Encoder that goes on with the stream.
func (t *Trail) Encoder(o conv.EncoderOptions) *Encoder {
	e := NewEncoder(o)
	if t.begun {
		e.tail = append(append(e.tail, t.tail...), '}')
	}
	return e
}
