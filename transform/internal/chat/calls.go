package chat

import (
	"slices"
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/tidwall/gjson"
)

// A part is a piece of a tool call as it comes in a delta.
type part struct {
	index  int64 // -1 if the server gives none
	id     conv.Str
	name   conv.Str
	args   conv.Str
	custom bool // args is a piece of the text that a custom tool takes
}

// A call is one tool call of a streamed answer.
type call struct {
	index  int64
	id     string // the literal; absent if the server gives none
	named  bool   // its start was told
	whole  bool   // its arguments came in one piece
	custom bool
	begun  bool // some of its arguments were told
}

// calls finds out which call of the answer a part belongs to. Servers differ:
// indexes may be missing, begin at 1 or be the same for all calls, and ids may
// come once, each time, or never.
type calls []call

func (c calls) any() bool { return len(c) > 0 }

// find returns the number of the call that p continues, -1 if p begins one.
func (c calls) find(p *part) int {
	named := !p.name.Empty()
	if !p.id.Empty() {
		for i, have := range slices.Backward(c) {
			apart := named && p.index >= 0 && have.index >= 0 && have.index != p.index
			if have.id == string(p.id) && !apart {
				return i
			}
		}
	}
	for i, have := range slices.Backward(c) {
		if p.index < 0 || have.index == p.index {
			// Another id with a name is another call; without one it is
			// the whim of a server.
			other := p.index < 0 || !p.id.Empty() && have.id != "" || have.whole && !p.args.Empty()
			if named && have.named && other {
				return -1
			}
			return i
		}
	}
	return -1
}

func (d *Decoder) toolCall(v conv.Raw, emit func(*conv.Event)) {
	p := part{index: -1, id: v.Get("id").Str()}
	if index := v.Get("index"); index.IsNumber() {
		p.index = index.Count()
	}
	if custom := v.Get("custom"); custom.IsObject() {
		p.name, p.args, p.custom = custom.Get("name").Str(), custom.Get("input").Str(), true
	} else {
		p.function(v.Get("function"))
	}
	d.call(&p, emit)
}

func (p *part) function(v conv.Raw) {
	p.name, p.args = v.Get("name").Str(), argsText(v.Get("arguments"))
}

// call tells what a part of a call brings. A call is told of when its name is
// known.
func (d *Decoder) call(p *part, emit func(*conv.Event)) {
	n := d.calls.find(p)
	if n < 0 {
		if p.name.Empty() && p.id.Empty() {
			return
		}
		n = len(d.calls)
		d.calls = append(d.calls, call{index: p.index, custom: p.custom})
	}
	c := &d.calls[n]
	if c.id == "" && !p.id.Empty() {
		c.id = strings.Clone(string(p.id))
	}
	if !c.named && (!p.name.Empty() || !p.args.Empty()) {
		c.named = true
		d.emit(emit, conv.Event{Kind: conv.ToolStart, Tool: n, ID: conv.Str(c.id), Name: p.name})
	}
	if p.args.Empty() {
		return
	}
	args := p.args
	if c.custom {
		args = c.input(args.Inner())
	} else if !c.begun {
		c.whole = gjson.Valid(args.String())
	} else {
		c.whole = false
	}
	c.begun = true
	d.emit(emit, conv.Event{Kind: conv.ToolDelta, Tool: n, Text: args})
}

// input returns a piece of the text that a custom tool takes as a piece of the
// arguments that stand for it.
func (c *call) input(text string) conv.Str {
	if c.begun {
		return conv.Quote(text)
	}
	return conv.Quote(`{"input":"` + text)
}

// endCalls completes the arguments of custom tools.
func (d *Decoder) endCalls(emit func(*conv.Event)) {
	for n := range d.calls {
		c := &d.calls[n]
		if !c.custom || !c.named {
			continue
		}
		end := conv.Str(`"\"}"`)
		if !c.begun {
			end = `"{\"input\":\"\"}"`
		}
		c.custom = false
		d.emit(emit, conv.Event{Kind: conv.ToolDelta, Tool: n, Text: end})
	}
}
