package chat

import (
	"strconv"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// begin opens a message.
func (w *writer) begin(role string) {
	if w.any {
		w.raw(",")
	}
	w.any = true
	w.raw(`{"role":"`)
	w.raw(role)
	w.raw(`"`)
}

// joined writes the text among parts as one string.
func (w *writer) joined(parts []conv.Part, sep, prefix string) {
	w.raw(`"`)
	w.raw(prefix)
	first := true
	for i := range parts {
		if parts[i].Kind != conv.Text {
			continue
		}
		if !first {
			w.raw(sep)
		}
		first = false
		w.raw(parts[i].Text.Inner())
	}
	w.raw(`"`)
}

// newline is a line end inside of a string literal.
const newline = `\n`

// system writes all leading system text as one message.
func (w *writer) system() {
	if len(w.req.System) == 0 {
		return
	}
	w.begin("system")
	w.raw(`,"content":`)
	w.joined(w.req.System, newline, "")
	w.raw("}")
}

// messages writes the conversation. What stands between two answers of the
// assistant is looked at as a whole: results must follow their calls at once.
// Neighbouring messages of the assistant are one answer, so that the results
// for all of its calls can follow.
func (w *writer) messages() {
	for all := w.req.Messages; len(all) > 0; {
		n := 1
		for n < len(all) && (all[n].Role == conv.Assistant) == (all[0].Role == conv.Assistant) {
			n++
		}
		if all[0].Role == conv.Assistant {
			w.assistant(joinRun(all[:n]))
		} else {
			w.between(all[:n])
			w.calls.Clear()
		}
		all = all[n:]
	}
}

func joinRun(run []conv.Message) *conv.Message {
	if len(run) == 1 {
		return &run[0]
	}
	joined := conv.Message{Role: run[0].Role, Index: run[0].Index}
	for i := range run {
		joined.Parts = append(joined.Parts, run[i].Parts...)
	}
	return &joined
}

func (w *writer) between(run []conv.Message) {
	for i := range run {
		w.results(&run[i])
	}
	for i := range run {
		m := &run[i]
		if m.Role == conv.System {
			w.begin("system")
			w.raw(`,"content":`)
			w.joined(m.Parts, newline, "")
			w.raw("}")
			continue
		}
		w.user1(m)
	}
}

// results writes the tool messages for the results in m.
func (w *writer) results(m *conv.Message) {
	for i := range m.Parts {
		p := &m.Parts[i]
		if p.Kind != conv.ToolResult || !w.calls.Has(p.ID) {
			continue
		}
		w.begin("tool")
		w.raw(`,"tool_call_id":`)
		w.text(p.ID)
		w.raw(`,"content":`)
		w.result(p)
		w.raw("}")
	}
}

// result writes what a tool told. A tool message takes text only: images
// follow in a message of the user's.
func (w *writer) result(p *conv.Part) {
	prefix := ""
	if p.IsError {
		prefix = conv.ToolErrorPrefix
	}
	parts := p.Content
	if n := len(images(nil, p)); n > 0 {
		note := conv.Part{Kind: conv.Text, Text: conv.Quote("[image: see the next user message]")}
		parts = append(append(make([]conv.Part, 0, len(parts)+1), parts...), note)
	}
	w.joined(parts, newline, prefix)
}

// images appends the images among what a tool told.
func images(dst []conv.Part, result *conv.Part) []conv.Part {
	for _, c := range result.Content {
		if c.Kind == conv.Image {
			dst = append(dst, c)
		}
	}
	return dst
}

// user1 writes what m holds besides results: images of results first, then
// the rest in its order.
func (w *writer) user1(m *conv.Message) {
	if len(m.Parts) == 0 {
		w.userMessage(nil)
		return
	}
	var rest, own []conv.Part
	for i := range m.Parts {
		switch p := &m.Parts[i]; {
		case p.Kind != conv.ToolResult:
			own = append(own, *p)
		case w.calls.Has(p.ID):
			rest = images(rest, p)
		default:
			w.lose("messages["+strconv.Itoa(m.Index)+"]", "a result without its tool call became text")
			own = append(own, conv.Orphan(*p)...)
		}
	}
	if rest = append(rest, own...); len(rest) > 0 {
		w.userMessage(rest)
	}
}

// userMessage writes text alone as a string and all else as parts.
func (w *writer) userMessage(parts []conv.Part) {
	w.begin("user")
	w.raw(`,"content":`)
	switch {
	case len(parts) == 0:
		w.raw(`""`)
	case len(parts) == 1 && parts[0].Kind == conv.Text:
		w.text(parts[0].Text)
	default:
		w.parts(parts)
	}
	w.raw("}")
}

func (w *writer) parts(parts []conv.Part) {
	w.raw("[")
	for i := range parts {
		if i > 0 {
			w.raw(",")
		}
		p := &parts[i]
		if p.Kind != conv.Image {
			w.raw(`{"type":"text","text":`)
			w.text(p.Text)
			w.raw("}")
			continue
		}
		w.raw(`{"type":"image_url","image_url":{"url":`)
		w.image(p)
		w.raw("}}")
	}
	w.raw("]")
}

func (w *writer) image(p *conv.Part) {
	if p.URL != "" {
		w.text(p.URL)
		return
	}
	w.raw(`"data:`)
	w.raw(p.MediaType.Inner())
	w.raw(`;base64,`)
	w.raw(p.Data.Inner())
	w.raw(`"`)
}

// assistant writes text, of which calls alone need none, and calls.
func (w *writer) assistant(m *conv.Message) {
	w.calls.Clear()
	w.begin("assistant")
	texts, calls := 0, 0
	for i := range m.Parts {
		switch p := &m.Parts[i]; p.Kind {
		case conv.Text:
			texts++
		case conv.ToolCall:
			calls++
			w.calls.Add(p.ID)
		case conv.Image:
			w.lose("messages["+strconv.Itoa(m.Index)+"]", "an assistant's message takes no images")
		}
	}
	w.raw(`,"content":`)
	if texts == 0 && calls > 0 {
		w.raw("null")
	} else {
		w.joined(m.Parts, "", "")
	}
	if calls > 0 {
		w.raw(`,"tool_calls":`)
		w.buf = appendToolCalls(w.buf, m.Parts)
	}
	w.raw("}")
}

// appendToolCalls writes the calls among parts.
func appendToolCalls(dst []byte, parts []conv.Part) []byte {
	dst = append(dst, '[')
	first := true
	for i := range parts {
		p := &parts[i]
		if p.Kind != conv.ToolCall {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = appendToolCall(dst, p)
	}
	return append(dst, ']')
}

func appendToolCall(dst []byte, p *conv.Part) []byte {
	id, name, args := p.ID, p.Name, p.Args
	if id.Empty() {
		id = conv.NewToolID("call_")
	}
	if name == "" {
		name = `""`
	}
	if args == "" {
		args = "{}"
	}
	dst = append(dst, `{"id":`...)
	dst = append(dst, id...)
	dst = append(dst, `,"type":"function","function":{"name":`...)
	dst = append(dst, name...)
	dst = append(dst, `,"arguments":`...)
	return append(conv.AppendQuoted(dst, args), `}}`...)
}
