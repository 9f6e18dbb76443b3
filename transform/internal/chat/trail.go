package chat

import (
	"bytes"

	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/tidwall/gjson"
)

// A Trail follows a stream of this protocol that was handed out, so that an
// Encoder can go on where it stopped. Its zero value is ready.
type Trail struct {
	conv.Shape // of the events that bring text

	head   []byte // of every chunk; nil before the first
	called bool
}

// Look notes where one event leaves the stream: all chunks have one head, that
// of the first which has a choice.
func (t *Trail) Look(_, data []byte) {
	if bytes.Contains(data, []byte(`_call`)) {
		k := parseChunk(conv.Body(conv.View(data)))
		m := parseMessage(k.choice.delta)
		t.called = t.called || !m.calls.IsEmpty() || !m.legacy.IsEmpty()
	}
	if t.head != nil {
		return
	}
	v := gjson.ParseBytes(data)
	if !v.Get("choices.0").Exists() {
		return
	}
	t.head = append(t.head, '{')
	v.ForEach(func(key, value gjson.Result) bool {
		switch key.Str {
		case "id", "object", "created", "model", "system_fingerprint", "service_tier", "provider":
			t.head = append(append(append(t.head, key.Raw...), ':'), value.Raw...)
			t.head = append(t.head, ',')
		}
		return true
	})
	t.head = append(t.head, `"choices":[{"index":0,"delta":{`...)
}

// Called reports that a call was begun.
func (t *Trail) Called() bool { return t.called }

// Encoder returns an Encoder that goes on with the stream.
func (t *Trail) Encoder(o conv.EncoderOptions) *Encoder {
	e := NewEncoder(o)
	e.head = append(e.head, t.head...)
	return e
}
