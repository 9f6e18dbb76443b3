package chat

import (
	"slices"
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// A part is a piece of a tool call as it comes in a delta.
type part struct {
	index    int64 // -1 if the server gives none
	id       conv.Str
	function conv.Raw
}

// A call is one tool call of a streamed answer.
type call struct {
	index int64
	id    string // the literal; absent if the server gives none
	named bool   // its start was told
}

// calls finds out which call of the answer a part belongs to. Servers differ:
// indexes may be missing, begin at 1 or be the same for all calls, and ids may
// come once, each time, or never.
type calls []call

func (c calls) any() bool { return len(c) > 0 }

// find returns the number of the call that p continues, -1 if p begins one.
func (c calls) find(p part, named bool) int {
	if !p.id.Empty() {
		for i, have := range slices.Backward(c) {
			if have.id == string(p.id) {
				return i
			}
		}
	}
	for i, have := range slices.Backward(c) {
		if p.index < 0 || have.index == p.index {
			// Another id with a name is another call; without one it is
			// the whim of a server.
			if named && have.named && (p.index < 0 || !p.id.Empty() && have.id != "") {
				return -1
			}
			return i
		}
	}
	return -1
}

func (d *Decoder) toolCall(v conv.Raw, emit func(*conv.Event)) {
	p := part{index: -1, id: v.Get("id").Str(), function: v.Get("function")}
	if index := v.Get("index"); index.IsNumber() {
		p.index = index.Count()
	}
	d.call(p, emit)
}

// call tells what a part of a call brings. A call is told of when its name is
// known.
func (d *Decoder) call(p part, emit func(*conv.Event)) {
	name := p.function.Get("name").Str()
	args := argsText(p.function.Get("arguments"))
	n := d.calls.find(p, !name.Empty())
	if n < 0 {
		if name.Empty() && p.id.Empty() {
			return
		}
		n = len(d.calls)
		d.calls = append(d.calls, call{index: p.index})
	}
	c := &d.calls[n]
	if c.id == "" && !p.id.Empty() {
		c.id = strings.Clone(string(p.id))
	}
	if !c.named && (!name.Empty() || !args.Empty()) {
		c.named = true
		d.emit(emit, conv.Event{Kind: conv.ToolStart, Tool: n, ID: conv.Str(c.id), Name: name})
	}
	if !args.Empty() {
		d.emit(emit, conv.Event{Kind: conv.ToolDelta, Tool: n, Text: args})
	}
}
