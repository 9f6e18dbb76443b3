package responses

import (
	"slices"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// input writes the conversation. Leading system text is the instructions,
// unless there is nothing else or the input itself has to speak of JSON.
func (w *writer) input() {
	r := w.Req
	json := r.Format.Kind == conv.FormatJSON
	w.TextOnly(r.MessageList(), r.System)
	if len(r.System) > 0 && len(r.Messages) > 0 && !json {
		w.Raw(`,"instructions":`)
		w.joined(r.System, "")
	}
	w.Raw(`,"input":[`)
	if len(r.Messages) == 0 || json && len(r.System) > 0 {
		w.system(r.System)
	}
	if json && !r.MentionsJSON() {
		w.system([]conv.Part{{Kind: conv.Text, Text: r.Format.Instruction()}})
	}
	w.expect()
	for i := range r.Messages {
		w.message(&r.Messages[i])
	}
	w.Raw("]")
}

// expect notes the calls that have a result after them.
func (w *writer) expect() {
	var calls conv.Calls
	for i := range w.Req.Messages {
		parts := w.Req.Messages[i].Parts
		for j := range parts {
			switch p := &parts[j]; {
			case p.Kind == conv.ToolCall:
				calls.Add(p.ID)
			case p.Kind == conv.ToolResult && calls.Has(p.ID):
				w.results.Add(p.ID)
			}
		}
	}
}

func (w *writer) message(m *conv.Message) {
	switch m.Role {
	case conv.System:
		w.TextOnly(w.Req.MessagePath(m), m.Parts)
		w.system(m.Parts)
	case conv.Assistant:
		w.assistant(m)
	default:
		w.user(m)
	}
}

// item begins an item or a part in a list.
func (w *writer) item(first bool, head string) {
	if !first {
		w.Raw(",")
	}
	w.Raw(head)
}

func (w *writer) next(head string) {
	w.item(!w.any, head)
	w.any = true
}

// newline is a line end inside of a string literal.
const newline = `\n`

// joined writes the text among parts as one string.
func (w *writer) joined(parts []conv.Part, prefix string) {
	w.Raw(`"` + prefix)
	first := true
	for i := range parts {
		if parts[i].Kind != conv.Text {
			continue
		}
		if !first {
			w.Raw(newline)
		}
		first = false
		w.Raw(parts[i].Text.Inner())
	}
	w.Raw(`"`)
}

func (w *writer) system(parts []conv.Part) {
	w.next(`{"role":"system","content":`)
	w.joined(parts, "")
	w.Raw("}")
}

// user writes the results in a message first, and then what else is in it.
func (w *writer) user(m *conv.Message) {
	if !hasResult(m.Parts) {
		w.userMessage(w.taken(m, m.Parts))
		return
	}
	var own []conv.Part
	for i := range m.Parts {
		switch p := &m.Parts[i]; {
		case p.Kind != conv.ToolResult:
			own = append(own, *p)
		case w.calls.Has(p.ID) && !w.answered.Has(p.ID):
			w.answered.Add(p.ID)
			p.Content = w.taken(m, p.Content)
			w.result(p)
		default:
			w.Lose(w.Req.MessagePath(m), conv.WhyOrphan)
			own = append(own, conv.Orphan(*p)...)
		}
	}
	if own = w.taken(m, own); len(own) > 0 {
		w.userMessage(own)
	}
}

func hasResult(parts []conv.Part) bool {
	for i := range parts {
		if parts[i].Kind == conv.ToolResult {
			return true
		}
	}
	return false
}

// userMessage writes text alone as a string and all else as parts.
func (w *writer) userMessage(parts []conv.Part) {
	w.next(`{"role":"user","content":`)
	switch {
	case len(parts) == 0:
		w.Raw(`""`)
	case len(parts) == 1 && parts[0].Kind == conv.Text:
		w.Str(parts[0].Text)
	default:
		w.parts(parts, "")
	}
	w.Raw("}")
}

// result writes what a tool told: text alone as a string, all else as parts.
func (w *writer) result(p *conv.Part) {
	if w.texts.Has(p.ID) {
		w.next(`{"type":"custom_tool_call_output","call_id":`)
	} else {
		w.next(`{"type":"function_call_output","call_id":`)
	}
	w.callID(p.ID)
	w.Raw(`,"output":`)
	prefix := ""
	if p.IsError {
		prefix = conv.ToolErrorPrefix
	}
	if onlyText(p.Content) {
		w.joined(p.Content, prefix)
	} else {
		w.parts(p.Content, prefix)
	}
	w.Raw("}")
}

// taken returns the parts that the server takes: a file is known where it is
// stored.
func (w *writer) taken(m *conv.Message, parts []conv.Part) []conv.Part {
	stored := func(p conv.Part) bool { return p.File != "" && p.URL == "" && p.Data == "" }
	if w.Req.Target.Flavor != custom || !slices.ContainsFunc(parts, stored) {
		return parts
	}
	w.Lose(w.Req.MessagePath(m), conv.WhyFile)
	return slices.DeleteFunc(slices.Clone(parts), stored)
}

func onlyText(parts []conv.Part) bool {
	for i := range parts {
		if parts[i].Kind != conv.Text {
			return false
		}
	}
	return true
}

// parts writes what a user says or a tool tells. The prefix goes before the
// first text, or before all.
func (w *writer) parts(parts []conv.Part, prefix string) {
	w.Raw("[")
	first := true
	if prefix != "" && parts[0].Kind != conv.Text {
		w.Raw(`{"type":"input_text","text":"` + prefix + `"}`)
		first, prefix = false, ""
	}
	for i := range parts {
		w.part(&parts[i], first, prefix)
		first, prefix = false, ""
	}
	w.Raw("]")
}

func (w *writer) part(p *conv.Part, first bool, prefix string) {
	switch p.Kind {
	case conv.Image:
		w.item(first, `{"type":"input_image"`)
		w.source(p, `,"image_url":`, `,"image_url":`)
	case conv.Document:
		if p.IsTextDocument() {
			w.item(first, `{"type":"input_text","text":`)
			w.Str(p.DocumentText())
			break
		}
		w.item(first, `{"type":"input_file"`)
		if p.Data != "" {
			w.Raw(`,"filename":`)
			w.Str(fileName(p))
		}
		w.source(p, `,"file_url":`, `,"file_data":`)
	default:
		w.item(first, `{"type":"input_text","text":"`)
		w.Raw(prefix + p.Text.Inner() + `"`)
	}
	w.Raw("}")
}

// source writes where an image or a document is, or its data.
func (w *writer) source(p *conv.Part, url, data string) {
	switch {
	case p.URL != "":
		w.Member(url, string(p.URL))
	case p.File != "":
		w.Member(`,"file_id":`, string(p.File))
	default:
		w.Raw(data + `"data:`)
		w.Raw(p.MediaType.Inner())
		w.Raw(`;base64,`)
		w.Raw(p.Data.Inner())
		w.Raw(`"`)
	}
}

// fileName returns the name of a document, without which data is not taken.
func fileName(p *conv.Part) conv.Str {
	switch {
	case !p.Name.Empty():
		return p.Name
	case p.MediaType == `"application/pdf"`:
		return `"document.pdf"`
	}
	return `"document"`
}
