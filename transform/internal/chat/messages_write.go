package chat

import (
	"slices"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// begin opens a message.
func (w *writer) begin(role string) {
	if w.house == mistral && w.told && role != "tool" && role != "assistant" {
		w.Lose(w.Req.MessageList(), "the assistant must speak between a tool and the user here: a message \"Ok.\" was put between")
		w.begin("assistant")
		w.Raw(`,"content":"Ok."}`)
	}
	w.told = role == "tool"
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
		parts = append(slices.Clip(parts), conv.Part{Kind: conv.Text, Text: instruction})
	}
	if len(parts) > 0 {
		w.TextOnly(w.Req.MessageList(), parts)
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
			w.assistant(joinRun(all[:n]), n == len(all))
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
			if p := &run[i].Parts[j]; p.Kind == conv.ToolResult && w.calls.Has(p.ID) && !w.answered.Has(p.ID) {
				w.answered.Add(p.ID)
				w.result(p)
			}
		}
	}
	w.missing()
	if w.systemFirst() {
		run = w.one(run)
	}
	for i := range run {
		if m := &run[i]; m.Role == conv.System {
			w.TextOnly(w.Req.MessagePath(m), m.Parts)
			w.systemMessage(m.Parts)
		} else {
			w.userParts(m)
		}
	}
	w.calls.Clear()
	w.shown.Clear()
}

// one makes one message of the user's out of those in a run.
func (w *writer) one(run []conv.Message) []conv.Message {
	system := slices.ContainsFunc(run, func(m conv.Message) bool { return m.Role == conv.System })
	if !system {
		return run
	}
	joined := conv.Message{Index: run[0].Index}
	for i := range run {
		if run[i].Role == conv.System {
			w.Lose(w.Req.MessagePath(&run[i]), conv.WhySystem)
		}
		joined.Parts = append(joined.Parts, run[i].Parts...)
	}
	return []conv.Message{joined}
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
			parts = append(parts, conv.Part{Kind: conv.Text, Text: p.DocumentText()})
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
