package anthropic

import (
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
)

type blockKind uint8

const (
	textBlock blockKind = iota
	thinkingBlock
	toolBlock
)

// A block is one content block that is open or waits for its turn.
type block struct {
	kind    blockKind
	tool    int      // the call's number
	id      conv.Str // of a call
	name    conv.Str
	held    []byte   // inner literal text of the deltas that wait
	ended   bool     // nothing is added to this reasoning any more
	token   conv.Str // of its state
	args    object   // how far the call's arguments have come
	written bool     // some arguments were written
	signed  bool     // the signature of this reasoning was told, by the stream that is gone on with
}

func clone(s conv.Str) conv.Str { return conv.Str(strings.Clone(string(s))) }

// complete reports that the next block may begin.
func (b *block) complete() bool { return b.kind != toolBlock || b.args.closed }

// takes reports that text of the kind goes on with the block.
func (b *block) takes(kind blockKind) bool { return b.kind == kind && !b.ended }

// text writes a piece of text or reasoning. It waits only while the arguments
// of an open call are cut in the middle.
func (e *Encoder) text(kind blockKind, text conv.Str, emit func(string, []byte)) {
	if text.Empty() {
		return
	}
	if len(e.waiting) == 0 && e.open != nil && e.open.takes(kind) {
		e.textDelta(text, emit)
		return
	}
	b := e.last()
	if b == nil || !b.takes(kind) {
		b = e.wait(&block{kind: kind})
	}
	b.held = append(b.held, text.Inner()...)
	e.advance(emit)
}

func (e *Encoder) textDelta(text conv.Str, emit func(string, []byte)) {
	if e.open.kind == thinkingBlock {
		e.delta(`,"delta":{"type":"thinking_delta","thinking":`, text, emit)
	} else {
		e.delta(`,"delta":{"type":"text_delta","text":`, text, emit)
	}
}

// state ends the reasoning before it, or stands for reasoning that nobody may
// read.
func (e *Encoder) state(s *conv.State, emit func(string, []byte)) {
	b := e.last()
	if b == nil && e.open != nil {
		b = e.open
	}
	if b == nil || !b.takes(thinkingBlock) {
		b = e.wait(&block{kind: thinkingBlock})
	}
	b.token, b.ended = token(s, &e.opts), true
	e.advance(emit)
}

func (e *Encoder) toolStart(ev *conv.Event, emit func(string, []byte)) {
	id := ev.ID
	if id.Empty() {
		id = conv.NewToolID("toolu_")
	}
	id = conv.WithState(id, &ev.State, e.opts.Provider)
	e.wait(&block{kind: toolBlock, tool: ev.Tool, id: clone(id), name: clone(ev.Name)})
	e.advance(emit)
}

func (e *Encoder) toolDelta(ev *conv.Event, emit func(string, []byte)) {
	if ev.Text.Empty() {
		return
	}
	if b := e.open; b != nil && b.kind == toolBlock && b.tool == ev.Tool {
		e.argsDelta(ev.Text, emit)
		e.advance(emit)
		return
	}
	for _, b := range e.waiting {
		if b.kind == toolBlock && b.tool == ev.Tool {
			b.held = append(b.held, ev.Text.Inner()...)
			return
		}
	}
}

func (e *Encoder) argsDelta(part conv.Str, emit func(string, []byte)) {
	e.open.args.read(part.Inner())
	e.open.written = true
	e.delta(`,"delta":{"type":"input_json_delta","partial_json":`, part, emit)
}

func (e *Encoder) wait(b *block) *block {
	e.waiting = append(e.waiting, b)
	return b
}

// last returns the block that waits last.
func (e *Encoder) last() *block {
	if n := len(e.waiting); n > 0 {
		return e.waiting[n-1]
	}
	return nil
}

// advance goes on to the blocks that wait while the open one is complete.
func (e *Encoder) advance(emit func(string, []byte)) {
	for len(e.waiting) > 0 && (e.open == nil || e.open.complete()) {
		e.next(emit)
	}
}

// next stops the open block and starts the one that has waited longest.
func (e *Encoder) next(emit func(string, []byte)) {
	if e.open != nil {
		e.close(emit)
	}
	if len(e.waiting) == 0 {
		return
	}
	b := e.waiting[0]
	e.waiting = e.waiting[1:]
	e.open = b
	e.index++
	e.blockStart(b, emit)
	if len(b.held) == 0 {
		return
	}
	held := conv.Concat(conv.View(b.held))
	b.held = nil
	if b.kind == toolBlock {
		e.argsDelta(held, emit)
	} else {
		e.textDelta(held, emit)
	}
}

func (e *Encoder) blockStart(b *block, emit func(string, []byte)) {
	e.member("content_block_start")
	switch b.kind {
	case textBlock:
		e.buf = append(e.buf, `,"content_block":{"type":"text","text":""`...)
	case thinkingBlock:
		e.buf = append(e.buf, `,"content_block":{"type":"thinking","thinking":"","signature":""`...)
	case toolBlock:
		e.buf = append(e.buf, `,"content_block":`...)
		e.buf = appendToolUse(e.buf, &conv.Part{ID: b.id, Name: b.name})
	}
	emit("content_block_start", append(e.buf, `}}`...))
}

// close stops the open block. A call without arguments gets an empty object:
// nothing at all is no JSON.
func (e *Encoder) close(emit func(string, []byte)) {
	switch b := e.open; {
	case b.kind == toolBlock && !b.written:
		e.argsDelta(`"{}"`, emit)
	case b.kind == thinkingBlock && !b.signed:
		if b.token == "" {
			b.token = token(&conv.State{}, &e.opts)
		}
		e.delta(`,"delta":{"type":"signature_delta","signature":`, b.token, emit)
	}
	e.member("content_block_stop")
	emit("content_block_stop", append(e.buf, '}'))
	e.open = nil
}
