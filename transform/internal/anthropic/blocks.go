package anthropic

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/dctx-team/routex/transform/internal/conv"
)

func clone(s conv.Str) conv.Str { return conv.Str(strings.Clone(string(s))) }

// text writes a piece of text. Text waits only while the arguments of an open
// call are cut in the middle.
func (e *Encoder) text(ev *conv.Event, emit func(string, []byte)) {
	if len(e.waiting) == 0 && e.open != nil && e.open.tool < 0 {
		e.textDelta(ev.Text, emit)
		return
	}
	b := e.last()
	if b == nil || b.tool >= 0 {
		b = &block{tool: -1}
		e.waiting = append(e.waiting, b)
	}
	b.held = append(b.held, ev.Text.Inner()...)
	e.advance(emit)
}

func (e *Encoder) textDelta(text conv.Str, emit func(string, []byte)) {
	e.member("content_block_delta")
	e.buf = append(e.buf, `,"delta":{"type":"text_delta","text":`...)
	e.buf = append(append(e.buf, text...), `}}`...)
	emit("content_block_delta", e.buf)
}

func (e *Encoder) toolStart(ev *conv.Event, emit func(string, []byte)) {
	id := ev.ID
	if id.Empty() {
		id = conv.NewToolID("toolu_")
	}
	e.waiting = append(e.waiting, &block{tool: ev.Tool, id: clone(id), name: clone(ev.Name)})
	e.advance(emit)
}

func (e *Encoder) toolDelta(ev *conv.Event, emit func(string, []byte)) {
	if e.open != nil && e.open.tool == ev.Tool {
		e.argsDelta(ev.Text, emit)
		e.advance(emit)
		return
	}
	for _, b := range e.waiting {
		if b.tool == ev.Tool {
			b.held = append(b.held, ev.Text.Inner()...)
			return
		}
	}
}

func (e *Encoder) argsDelta(part conv.Str, emit func(string, []byte)) {
	e.open.args.read(part.Inner())
	e.open.written = true
	e.member("content_block_delta")
	e.buf = append(e.buf, `,"delta":{"type":"input_json_delta","partial_json":`...)
	e.buf = append(append(e.buf, part...), `}}`...)
	emit("content_block_delta", e.buf)
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
	for len(e.waiting) > 0 && (e.open == nil || e.open.tool < 0 || e.open.args.complete()) {
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
	held := conv.Concat(string(b.held))
	b.held = nil
	if b.tool < 0 {
		e.textDelta(held, emit)
	} else {
		e.argsDelta(held, emit)
	}
}

func (e *Encoder) blockStart(b *block, emit func(string, []byte)) {
	e.member("content_block_start")
	if b.tool < 0 {
		e.buf = append(e.buf, `,"content_block":{"type":"text","text":""}}`...)
	} else {
		e.buf = append(e.buf, `,"content_block":`...)
		e.buf = appendToolUse(e.buf, &conv.Part{ID: b.id, Name: b.name})
		e.buf = append(e.buf, `}}`...)
	}
	emit("content_block_start", e.buf)
}

// close stops the open block. A call without arguments gets an empty object:
// nothing at all is no JSON.
func (e *Encoder) close(emit func(string, []byte)) {
	if e.open.tool >= 0 && !e.open.written {
		e.argsDelta(`"{}"`, emit)
	}
	e.member("content_block_stop")
	e.buf = append(e.buf, '}')
	emit("content_block_stop", e.buf)
	e.open = nil
}

// An object follows the text of a JSON object that comes in pieces, itself
// escaped inside of string literals, to see where it is complete.
type object struct {
	depth  int
	text   bool // inside of a string
	escape bool // after a backslash in it
	closed bool
}

func (o *object) complete() bool { return o.closed }

func (o *object) read(inner string) {
	for i := 0; i < len(inner); i++ {
		c := inner[i]
		if c == '\\' && i+1 < len(inner) {
			i++
			switch c = inner[i]; c {
			case '"', '\\':
			case 'u':
				n, _ := strconv.ParseUint(inner[i+1:min(i+5, len(inner))], 16, 16)
				i += 4
				c = byte(min(n, utf8.RuneSelf))
			default:
				c = ' '
			}
		}
		o.char(c)
	}
}

func (o *object) char(c byte) {
	switch {
	case o.escape:
		o.escape = false
	case o.text:
		o.text, o.escape = c != '"', c == '\\'
	case c == '"':
		o.text = true
	case c == '{' || c == '[':
		o.depth++
	case c == '}' || c == ']':
		o.depth--
		o.closed = o.depth <= 0
	}
}
