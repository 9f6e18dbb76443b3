package chat

import (
	"slices"
	"strings"

	"github.com/dctx-team/routex/internal/jsonscan"
	"github.com/dctx-team/routex/transform/internal/conv"
)

// A part is a piece of a tool call as it comes in a delta.
type part struct {
	index  int64 // -1 if the server gives none
	id     conv.Str
	name   conv.Str
	args   conv.Str
	state  conv.State
	custom bool // args is a piece of the text that a custom tool takes
}

// A call is one tool call of a streamed answer.
type call struct {
	index  int64
	id     string // the literal; absent if the server gives none
	named  bool   // its start was told
	tool   int    // its number among those of which that was
	early  []byte // inner text of the arguments that came before the name
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

func readPart(v conv.Raw) part {
	p := part{index: -1}
	if !v.IsObject() {
		return p
	}
	for c := v.Walk(); c.Next(); {
		switch c.Key {
		case "index":
			if c.Value.IsNumber() {
				p.index = c.Value.Count()
			}
		case "id":
			p.id = c.Value.Str()
		case "function":
			p.function(c.Value)
		case "extra_content":
			p.state = signature(c.Value)
		case "custom":
			p.custom = true
			p.function(c.Value)
		}
	}
	return p
}

// signature reads what Gemini's models want back with a call, where Google
// serves them by this protocol.
func signature(extra conv.Raw) conv.State {
	s := conv.State{Kind: conv.Thought, Value: extra.Get("google").Get("thought_signature").Str()}
	if s.Value.Empty() {
		return conv.State{}
	}
	return s
}

// function reads what is called and with what: arguments, or the input of a
// custom tool.
func (p *part) function(v conv.Raw) {
	if !v.IsObject() {
		return
	}
	for c := v.Walk(); c.Next(); {
		switch c.Key {
		case "name":
			p.name = c.Value.Str()
		case "arguments", "input":
			p.args = argsText(c.Value)
		}
	}
}

// call tells what a part of a call brings, and which call that is, -1 for
// none. A call is told of when its name is known.
func (d *Decoder) call(p *part, emit func(*conv.Event)) int {
	n := d.calls.find(p)
	if n < 0 {
		if p.name.Empty() && p.id.Empty() && (p.index < 0 || p.args.Empty()) {
			return -1
		}
		n = len(d.calls)
		d.calls = append(d.calls, call{index: p.index, custom: p.custom})
		d.args = conv.Shape{} // the same may now belong to the new one
	}
	c := &d.calls[n]
	if c.id == "" && !p.id.Empty() {
		c.id = strings.Clone(string(p.id))
	}
	if !c.named && p.name.Empty() {
		c.early = append(c.early, p.args.Inner()...)
		return n
	}
	args := p.args
	if !c.named {
		d.toolStart(c, p, emit)
		args = conv.Concat(conv.View(c.early), args.Inner())
	}
	if args.Empty() {
		return n
	}
	if c.custom {
		args = c.input(args.Inner())
	} else if !c.begun {
		c.whole = jsonscan.Valid(args.String())
	} else {
		c.whole = false
	}
	c.begun = true
	d.emit(emit, conv.Event{Kind: conv.ToolDelta, Tool: c.tool, Text: args})
	return n
}

func (d *Decoder) toolStart(c *call, p *part, emit func(*conv.Event)) {
	c.named, c.tool = true, d.tools
	d.tools++
	d.emit(emit, conv.Event{Kind: conv.ToolStart, Tool: c.tool, ID: conv.Str(c.id), Name: p.name, State: p.state})
}

// toolCalls tells of the parts of calls in a delta. An event with nothing but
// arguments of one that is under way is like many that follow.
func (d *Decoder) toolCalls(data []byte, v conv.Raw, alone bool, emit func(*conv.Event)) {
	parts := 0
	for t := v.Walk(); t.Next(); parts++ {
		p := readPart(t.Value)
		known := d.calls.find(&p)
		n := d.call(&p, emit)
		if alone && parts == 0 && n >= 0 && n == known && d.calls[n].named && !d.calls[n].custom && p.name.Empty() && isLast(t) {
			d.args.Learn(data, p.args)
			d.argsOf = d.calls[n].tool
		}
	}
}

func isLast(c conv.Cursor) bool { return !c.Next() }

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
		d.emit(emit, conv.Event{Kind: conv.ToolDelta, Tool: c.tool, Text: end})
	}
}
