package anthropic

import (
	"bytes"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// A Trail follows a stream of this protocol that was handed out, so that an
// Encoder can go on where it stopped. Its zero value is ready.
type Trail struct {
	conv.Shape // of the events that bring text

	started bool
	called  bool
	open    *block // the one that was started and not stopped
	index   int    // of the next block
}

// deltaHead begins the events that a Trail learns nothing from, as all writers
// known write them.
var deltaHead = []byte(`{"type":"content_block_delta"`)

// Look notes where one event leaves the stream.
func (t *Trail) Look(_, data []byte) {
	if bytes.HasPrefix(data, deltaHead) && (t.open == nil || t.open.kind != thinkingBlock) {
		return
	}
	v := conv.Body(conv.View(data))
	switch v.Get("type") {
	case `"message_start"`:
		t.started = true
	case `"content_block_start"`:
		t.index = max(t.index, int(v.Get("index").Count())+1)
		kind := v.Get("content_block").Get("type")
		t.open = &block{kind: kindOf(kind), signed: kind == `"redacted_thinking"`}
		t.called = t.called || t.open.kind == toolBlock
	case `"content_block_delta"`:
		if t.open != nil && v.Get("delta").Get("type") == `"signature_delta"` {
			t.open.signed = true
		}
	case `"content_block_stop"`:
		t.open = nil
	}
}

func kindOf(kind conv.Raw) blockKind {
	switch kind {
	case `"text"`:
		return textBlock
	case `"thinking"`, `"redacted_thinking"`:
		return thinkingBlock
	}
	return toolBlock
}

// Called reports that a block was begun that is neither text nor reasoning.
func (t *Trail) Called() bool { return t.called }

// Encoder returns an Encoder that goes on with the stream.
func (t *Trail) Encoder(o conv.EncoderOptions) *Encoder {
	e := NewEncoder(o)
	e.started, e.index = t.started, t.index
	if t.open != nil {
		open := *t.open
		open.ended = open.kind == thinkingBlock // others' reasoning is none of it
		e.open = &open
	}
	return e
}
