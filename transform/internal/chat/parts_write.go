package chat

import (
	"github.com/dctx-team/routex/transform/internal/conv"
)

// userParts writes what m holds besides results: images and documents of
// results first, then the rest in its order.
func (w *writer) userParts(m *conv.Message) {
	if len(m.Parts) == 0 {
		w.userMessage(nil)
		return
	}
	rest, own := []conv.Part(nil), w.own[:0]
	for i := range m.Parts {
		switch p := &m.Parts[i]; {
		case p.Kind != conv.ToolResult:
			own = w.appendPart(own, m, p)
		case w.calls.Has(p.ID) && !w.shown.Has(p.ID):
			w.shown.Add(p.ID)
			for j := range p.Content {
				if c := &p.Content[j]; c.Kind != conv.Text && (c.Kind != conv.Document || c.Text == "") {
					rest = w.appendPart(rest, m, c)
				}
			}
		default:
			w.Lose(w.Req.MessagePath(m), conv.WhyOrphan)
			for _, c := range conv.Orphan(*p) {
				own = w.appendPart(own, m, &c)
			}
		}
	}
	if w.own = own; rest != nil {
		own = append(rest, own...)
	}
	if len(own) > 0 {
		w.userMessage(own)
	}
}

// appendPart appends a part in the form that it is written in. What the server
// does not take is reported.
func (w *writer) appendPart(parts []conv.Part, m *conv.Message, p *conv.Part) []conv.Part {
	why := ""
	switch {
	case p.IsTextDocument():
		return append(parts, conv.Part{Kind: conv.Text, Text: p.DocumentText()})
	case p.Kind == conv.Image && p.File != "":
		why = conv.WhyFile
	case p.Kind != conv.Document:
	case w.flavor == zhipu:
		why = "this server takes no documents"
	case p.File != "" && !w.ofOpenAI():
		why = conv.WhyFile
	case p.URL != "":
		why = "the other protocol takes no links to documents"
	}
	if why != "" {
		w.Lose(w.Req.MessagePath(m), why)
		return parts
	}
	return append(parts, *p)
}

// userMessage writes text alone as a string and all else as parts.
func (w *writer) userMessage(parts []conv.Part) {
	w.begin("user")
	w.Raw(`,"content":`)
	switch {
	case len(parts) == 0:
		w.Raw(`""`)
	case len(parts) == 1 && parts[0].Kind == conv.Text:
		w.Str(parts[0].Text)
	default:
		w.parts(parts)
	}
	w.Raw("}")
}

func (w *writer) parts(parts []conv.Part) {
	w.Raw("[")
	for i := range parts {
		if i > 0 {
			w.Raw(",")
		}
		switch p := &parts[i]; p.Kind {
		case conv.Image:
			w.Raw(`{"type":"image_url","image_url":{"url":`)
			w.link(p)
			w.Raw("}}")
		case conv.Document:
			w.document(p)
		default:
			w.Raw(`{"type":"text","text":`)
			w.Str(p.Text)
			w.Raw("}")
		}
	}
	w.Raw("]")
}

// document writes a stored file, or one with its data and the name that is
// demanded with it.
func (w *writer) document(p *conv.Part) {
	w.Raw(`{"type":"file","file":{`)
	if p.File != "" {
		w.Raw(`"file_id":`)
		w.Str(p.File)
	} else {
		w.Raw(`"filename":`)
		if p.Name.Empty() {
			w.Raw(`"document.pdf"`)
		} else {
			w.Str(p.Name)
		}
		w.Raw(`,"file_data":`)
		w.link(p)
	}
	w.Raw("}}")
}

// link writes the link to a file, or its data as one.
func (w *writer) link(p *conv.Part) {
	if p.URL != "" {
		w.Str(p.URL)
		return
	}
	w.Raw(`"data:`)
	w.Raw(p.MediaType.Inner())
	w.Raw(`;base64,`)
	w.Raw(p.Data.Inner())
	w.Raw(`"`)
}
