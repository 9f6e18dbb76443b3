package anthropic

import (
	"slices"
	"strconv"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// A turn is what this protocol calls a message: users and assistants take
// turns, so that neighbours of the same side make one. Results of tools go
// before all other content.
type turn struct {
	assistant bool
	results   []conv.Part
	parts     []conv.Part
}

func (t *turn) empty() bool { return len(t.results)+len(t.parts) == 0 }

// turns arranges the conversation: messages of one side are joined, results
// must answer a call of the turn before, and the first turn is the user's.
func (w *writer) turns() []turn {
	turns := make([]turn, 0, len(w.req.Messages)+1)
	for i := range w.req.Messages {
		m := &w.req.Messages[i]
		assistant := m.Role == conv.Assistant
		if n := len(turns); n == 0 || turns[n-1].assistant != assistant {
			turns = append(turns, turn{assistant: assistant, parts: make([]conv.Part, 0, len(m.Parts))})
			if assistant {
				w.calls.Clear()
			}
		}
		t := &turns[len(turns)-1]
		w.add(t, m)
		if t.empty() {
			turns = turns[:len(turns)-1]
		}
	}
	return w.ends(turns)
}

// add puts the parts of m into t.
func (w *writer) add(t *turn, m *conv.Message) {
	if m.Role == conv.System {
		w.lose(place(m)+".role", "a system message amid the conversation became a user's")
	}
	for i := range m.Parts {
		p := &m.Parts[i]
		switch p.Kind {
		case conv.ToolResult:
			w.addResult(t, m, p)
			continue
		case conv.ToolCall:
			w.calls.Add(p.ID)
		}
		t.add(*p)
	}
}

func (w *writer) addResult(t *turn, m *conv.Message, p *conv.Part) {
	if w.calls.Has(p.ID) {
		t.results = append(t.results, *p)
		return
	}
	w.lose(place(m), "a result without its tool call became text")
	for _, c := range conv.Orphan(*p) {
		t.add(c)
	}
}

// add leaves out text that is nothing but white space, which this protocol
// rejects.
func (t *turn) add(p conv.Part) {
	if p.Kind != conv.Text || !p.Text.IsSpace() {
		t.parts = append(t.parts, p)
	}
}

func place(m *conv.Message) string { return "messages[" + strconv.Itoa(m.Index) + "]" }

// ends sees to it that the user begins and that an answer begun by the caller
// does not end in white space, which this protocol rejects.
func (w *writer) ends(turns []turn) []turn {
	if len(turns) == 0 {
		return nil
	}
	if turns[0].assistant {
		w.lose("messages", "the user must speak first here: a message \".\" was put before")
		turns = append([]turn{opening(`"."`)}, turns...)
	}
	if last := turns[len(turns)-1]; last.assistant {
		last.trim()
	}
	return turns
}

func (t *turn) trim() {
	if n := len(t.parts); n > 0 && t.parts[n-1].Kind == conv.Text {
		t.parts[n-1].Text = t.parts[n-1].Text.TrimRight()
	}
}

func opening(text conv.Str) turn {
	return turn{parts: []conv.Part{{Kind: conv.Text, Text: text}}}
}

// onlySystem makes the user's turn of a request that has none: the last
// system text takes its place.
func (w *writer) onlySystem() []turn {
	w.lose("messages", "a user message is demanded here: the last system text was sent as one")
	for i, p := range slices.Backward(w.req.System) {
		if p.Kind == conv.Text && !p.Text.IsSpace() {
			w.moved = len(w.req.System) - i
			return []turn{opening(p.Text)}
		}
	}
	return []turn{opening(`"."`)}
}

func (w *writer) messages(turns []turn) {
	w.raw(`,"messages":[`)
	for i := range turns {
		t := &turns[i]
		if i > 0 {
			w.raw(",")
		}
		if t.assistant {
			w.raw(`{"role":"assistant","content":`)
		} else {
			w.raw(`{"role":"user","content":`)
		}
		w.content(t.results, t.parts)
		w.raw("}")
	}
	w.raw("]")
}

// content writes text alone as a string and all else as blocks.
func (w *writer) content(first, then []conv.Part) {
	if len(first) == 0 && len(then) == 1 && then[0].Kind == conv.Text {
		w.text(then[0].Text)
		return
	}
	w.raw("[")
	w.blocks(first)
	if len(first) > 0 && len(then) > 0 {
		w.raw(",")
	}
	w.blocks(then)
	w.raw("]")
}

func (w *writer) blocks(parts []conv.Part) {
	for i := range parts {
		if i > 0 {
			w.raw(",")
		}
		w.block(&parts[i])
	}
}

func (w *writer) block(p *conv.Part) {
	switch p.Kind {
	case conv.Text:
		w.raw(`{"type":"text","text":`)
		w.text(p.Text)
	case conv.Image:
		w.image(p)
	case conv.ToolCall:
		w.buf = appendToolUse(w.buf, p)
	case conv.ToolResult:
		w.raw(`{"type":"tool_result","tool_use_id":`)
		w.buf = conv.AppendToolID(w.buf, p.ID)
		w.result(p)
	}
	w.raw("}")
}

func (w *writer) image(p *conv.Part) {
	w.raw(`{"type":"image","source":{"type":`)
	if p.URL != "" {
		w.raw(`"url","url":`)
		w.str(p.URL)
	} else {
		w.raw(`"base64","media_type":`)
		w.text(p.MediaType)
		w.raw(`,"data":`)
		w.text(p.Data)
	}
	w.raw("}")
}

func (w *writer) result(p *conv.Part) {
	kept := make([]conv.Part, 0, len(p.Content))
	for _, c := range p.Content {
		if c.Kind != conv.Text || !c.Text.IsSpace() {
			kept = append(kept, c)
		}
	}
	if len(kept) > 0 {
		w.raw(`,"content":`)
		w.content(nil, kept)
	}
	if p.IsError {
		w.raw(`,"is_error":true`)
	}
}

// appendToolUse writes a tool_use block up to its closing brace.
func appendToolUse(dst []byte, p *conv.Part) []byte {
	dst = append(dst, `{"type":"tool_use","id":`...)
	dst = conv.AppendToolID(dst, p.ID)
	dst = append(dst, `,"name":`...)
	if p.Name == "" {
		dst = append(dst, `""`...)
	}
	dst = append(dst, p.Name...)
	dst = append(dst, `,"input":`...)
	if p.Args == "" {
		return append(dst, `{}`...)
	}
	return append(dst, p.Args...)
}
