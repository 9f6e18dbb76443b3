package chat

import (
	"github.com/dctx-team/routex/transform/internal/conv"
)

// begin opens a message.
func (w *writer) begin(role string) {
	if w.any {
		w.Raw(",")
	}
	w.any = true
	w.Raw(`{"role":"`)
	w.Raw(role)
	w.Raw(`"`)
}

// newline is a line end inside of a string literal.
const newline = `\n`

// joined writes the text among parts as one string.
func (w *writer) joined(parts []conv.Part, sep, prefix string) {
	w.Raw(`"`)
	w.Raw(prefix)
	first := true
	for i := range parts {
		p := &parts[i]
		if p.Kind != conv.Text && (p.Kind != conv.Refusal || w.ofOpenAI()) {
			continue
		}
		if !first {
			w.Raw(sep)
		}
		first = false
		w.Raw(p.Text.Inner())
	}
	w.Raw(`"`)
}

// system writes all leading system text as one message.
func (w *writer) system(instruction conv.Str) {
	parts := w.Req.System
	if instruction != "" {
		parts = append(parts[:len(parts):len(parts)], conv.Part{Kind: conv.Text, Text: instruction})
	}
	if len(parts) > 0 {
		w.systemMessage(parts)
	}
}

func (w *writer) systemMessage(parts []conv.Part) {
	w.begin("system")
	w.Raw(`,"content":`)
	w.joined(parts, newline, "")
	w.Raw("}")
}

// messages writes the conversation. What stands between two answers of the
// assistant is looked at as a whole: results must follow their calls at once.
// Neighbouring messages of the assistant are one answer, so that the results
// for all of its calls can follow.
func (w *writer) messages() {
	for all := w.Req.Messages; len(all) > 0; {
		n := 1
		for n < len(all) && (all[n].Role == conv.Assistant) == (all[0].Role == conv.Assistant) {
			n++
		}
		if all[0].Role == conv.Assistant {
			w.assistant(joinRun(all[:n]))
		} else {
			w.between(all[:n])
		}
		all = all[n:]
	}
	w.missing()
	if !w.any {
		w.userMessage(nil) // nothing could be carried, and something is demanded
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
		for j := range run[i].Parts {
			if p := &run[i].Parts[j]; p.Kind == conv.ToolResult && w.calls.Has(p.ID) {
				w.answered.Add(p.ID)
				w.result(p)
			}
		}
	}
	w.missing()
	for i := range run {
		if m := &run[i]; m.Role == conv.System {
			w.systemMessage(m.Parts)
		} else {
			w.userParts(m)
		}
	}
	w.calls.Clear()
}

// missing makes results for the calls that have none: without them servers
// reject the conversation.
func (w *writer) missing() {
	if w.last == nil {
		return
	}
	for i := range w.last.Parts {
		if p := &w.last.Parts[i]; p.Kind == conv.ToolCall && !w.answered.Has(p.ID) {
			w.Lose(w.Req.MessagePath(w.last), conv.WhyMissing)
			missing := conv.Missing(p.ID)
			w.result(&missing)
		}
	}
	w.last = nil
}

// result writes what a tool told. A tool message takes text only: images and
// documents follow in a message of the user's.
func (w *writer) result(p *conv.Part) {
	w.begin("tool")
	w.Raw(`,"tool_call_id":`)
	w.Str(w.callID(p.ID))
	w.Raw(`,"content":`)
	prefix := ""
	if p.IsError {
		prefix = conv.ToolErrorPrefix
	}
	w.joined(resultText(p.Content), newline, prefix)
	w.Raw("}")
}

// resultText returns the text among what a tool told, and a note for each kind
// of what follows elsewhere.
func resultText(content []conv.Part) []conv.Part {
	plain := true
	for i := range content {
		plain = plain && content[i].Kind == conv.Text
	}
	if plain {
		return content
	}
	parts := make([]conv.Part, 0, len(content)+2)
	images, documents := false, false
	for i := range content {
		switch p := content[i]; {
		case p.Kind == conv.Document && p.Text != "":
			parts = append(parts, conv.Part{Kind: conv.Text, Text: documentText(&p)})
		case p.Kind == conv.Document:
			documents = true
		case p.Kind == conv.Image:
			images = true
		default:
			parts = append(parts, p)
		}
	}
	if images {
		parts = append(parts, conv.Part{Kind: conv.Text, Text: `"[image: see the next user message]"`})
	}
	if documents {
		parts = append(parts, conv.Part{Kind: conv.Text, Text: `"[document: see the next user message]"`})
	}
	return parts
}

// callID returns the id of a call as the server takes it. One that is too long
// is cut, always in the same way, so that the call and its result still meet.
func (w *writer) callID(id conv.Str) conv.Str {
	const most = 40
	if len(id) <= most+len(`""`) || !w.ofOpenAI() {
		return id
	}
	return conv.Quote(conv.NameRule{Max: most}.Fit(id.String()))
}

// assistant writes what the model said. Calls alone need no text.
func (w *writer) assistant(m *conv.Message) {
	w.calls.Clear()
	w.answered.Clear()
	w.last = m
	texts, calls, refusals := 0, 0, 0
	for i := range m.Parts {
		switch p := &m.Parts[i]; p.Kind {
		case conv.Text:
			texts++
		case conv.Refusal:
			refusals++
		case conv.ToolCall:
			calls++
			w.calls.Add(p.ID)
		case conv.Image, conv.Document:
			w.Lose(w.Req.MessagePath(m), "an assistant's message takes text only")
		}
	}
	w.begin("assistant")
	w.Raw(`,"content":`)
	if texts == 0 && calls > 0 && (refusals == 0 || w.ofOpenAI()) {
		w.Raw("null")
	} else {
		w.joined(m.Parts, "", "")
	}
	if refusals > 0 && w.ofOpenAI() {
		w.Raw(`,"refusal":`)
		w.Buf = appendJoined(w.Buf, m.Parts, conv.Refusal, true)
	}
	w.reasoning(m, calls > 0)
	if calls > 0 {
		w.toolCalls(m.Parts)
	}
	w.Raw("}")
}

// reasoning gives back what the model thought before it called tools, to
// servers that want it. Those of DeepSeek and Kimi reject a call without any:
// one that another model made gets a blank.
func (w *writer) reasoning(m *conv.Message, called bool) {
	texts, any := false, false
	for i := range m.Parts {
		if p := &m.Parts[i]; p.Kind == conv.Reasoning {
			any = true
			texts = texts || !p.Text.Empty()
		}
	}
	switch {
	case called && texts && w.wantsReasoning():
		w.Raw(`,"reasoning_content":`)
		w.Buf = appendJoined(w.Buf, m.Parts, conv.Reasoning, true)
		return
	case called && w.house && w.Req.Thinking.Mode != conv.ThinkingOff:
		w.Raw(`,"reasoning_content":" "`)
	}
	if any {
		w.Lose(w.Req.MessagePath(m), conv.WhyReasoning)
	}
}

func (w *writer) toolCalls(parts []conv.Part) {
	w.Raw(`,"tool_calls":[`)
	first := true
	for i := range parts {
		p := &parts[i]
		if p.Kind != conv.ToolCall {
			continue
		}
		if !first {
			w.Raw(",")
		}
		first = false
		w.Buf = appendCall(w.Buf, w.callID(p.ID), p.Name, p.Args)
		if w.flavor == custom && p.State.For(conv.Thought, w.Req.Target.Provider) {
			w.Raw(`,"extra_content":{"google":{"thought_signature":`)
			w.Str(p.State.Value)
			w.Raw(`}}`)
		}
		w.Raw("}")
	}
	w.Raw("]")
}
