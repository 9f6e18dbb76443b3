package gemini

import (
	"strings"

	"github.com/dctx-team/routex/internal/jsonscan"
	"github.com/dctx-team/routex/transform/internal/conv"
)

// noSignature is what the documentation says to send in place of a signature
// for calls that another model made: models that demand one accept it.
const noSignature = `"skip_thought_signature_validator"`

func (w *writer) turn(t *turn) {
	if t.model {
		w.Raw(`{"role":"model","parts":[`)
	} else {
		w.Raw(`{"role":"user","parts":[`)
	}
	w.comma, w.signed = false, false
	for i := range t.results {
		w.result(&t.results[i])
	}
	for i := range t.results {
		w.attached(&t.results[i], t.index)
	}
	for i := range t.parts {
		w.part(&t.parts[i], t.index)
	}
	w.Raw(`]}`)
}

func (w *writer) part(p *conv.Part, index int) {
	switch p.Kind {
	case conv.Text, conv.Refusal:
		w.sep()
		w.text(p.Text)
	case conv.Reasoning:
		w.thought(p)
	case conv.ToolCall:
		w.call(p, index)
	case conv.Image, conv.Document:
		w.media(p, index)
	}
}

// thought gives a signature back on the part that it came with: one of
// reasoning, or the text before it, of which an empty part stands in.
func (w *writer) thought(p *conv.Part) {
	w.sep()
	w.Raw(`{"text":`)
	w.Str(p.Text)
	if !p.Text.Empty() {
		w.Raw(`,"thought":true`)
	}
	w.Member(`,"thoughtSignature":`, string(p.State.Value))
	w.Raw("}")
}

func (w *writer) call(p *conv.Part, index int) {
	w.sep()
	w.Raw(`{"functionCall":{`)
	if !p.ID.Empty() {
		w.Member(`"id":`, string(p.ID))
		w.Raw(",")
	}
	w.Raw(`"name":`)
	w.Str(p.Name)
	w.Raw(`,"args":`)
	if p.Args == "" {
		w.Raw("{}")
	}
	w.Raw(p.Args)
	w.Raw("}")
	w.signature(p, index)
	w.Raw("}")
}

// signature writes the signature of a call. Of several calls made at once
// only the first one has one.
func (w *writer) signature(p *conv.Part, index int) {
	signature := conv.Str("")
	switch {
	case p.State.For(conv.Thought, w.Req.Target.Provider):
		signature = p.State.Value
	case w.model.signs() && !w.signed:
		signature = noSignature
	}
	if p.State.Kind != conv.NoState && (signature == "" || signature == noSignature) {
		w.lose(index, conv.WhyReasoning)
	}
	w.Member(`,"thoughtSignature":`, string(signature))
	w.signed = true
}

// result writes what a function told. Models that take images in results get
// them there, others after all results.
func (w *writer) result(p *conv.Part) {
	w.sep()
	w.Raw(`{"functionResponse":{`)
	if !p.ID.Empty() {
		w.Member(`"id":`, string(p.ID))
		w.Raw(",")
	}
	w.Raw(`"name":`)
	w.Str(p.Name)
	w.Raw(`,"response":`)
	w.response(p)
	if w.model.takesMediaInResults() {
		w.resultMedia(p)
	}
	w.Raw(`}}`)
}

// response writes the object that a function told: its text if that is an
// object, else one that holds the text.
func (w *writer) response(p *conv.Part) {
	if object := resultObject(p); object != "" {
		w.Raw(object)
		return
	}
	if p.IsError {
		w.Raw(`{"error":"`)
	} else {
		w.Raw(`{"output":"`)
	}
	sep := ""
	for i := range p.Content {
		text := p.Content[i].Text.Inner()
		if text != "" && p.Content[i].Kind == conv.Document {
			text = p.Content[i].DocumentText().Inner()
		}
		if w.isAttached(&p.Content[i]) {
			text = "[" + noun(&p.Content[i]) + ": see below]"
		}
		if text != "" {
			w.Raw(sep)
			w.Raw(text)
			sep = `\n`
		}
	}
	w.Raw(`"}`)
}

// resultObject returns the text of a result if it is one JSON object.
func resultObject(p *conv.Part) string {
	if p.IsError || len(p.Content) != 1 || p.Content[0].Kind != conv.Text || !strings.HasPrefix(p.Content[0].Text.Inner(), "{") {
		return ""
	}
	if text := p.Content[0].Text.String(); jsonscan.Valid(text) {
		return text
	}
	return ""
}

func (w *writer) resultMedia(p *conv.Part) {
	sep := `,"parts":[`
	for i := range p.Content {
		if c := &p.Content[i]; w.isInside(c) {
			w.Raw(sep)
			w.inline(c)
			sep = ","
		}
	}
	if sep == "," {
		w.Raw("]")
	}
}

// isInside reports that a part of a result is sent inside of it.
func (w *writer) isInside(c *conv.Part) bool {
	return !c.Data.Empty() && w.model.takesMediaInResults() && takesInResult(c.MediaType.String())
}

// isAttached reports that a part of a result is sent after the results.
func (w *writer) isAttached(c *conv.Part) bool {
	isText := c.Kind == conv.Text || c.Kind == conv.Document && !c.Text.Empty()
	return !isText && !w.isInside(c)
}

// attached writes the parts of a result that are sent after the results.
func (w *writer) attached(p *conv.Part, index int) {
	for i := range p.Content {
		if c := &p.Content[i]; w.isAttached(c) {
			w.media(c, index)
		}
	}
}

// media writes an image or a document.
func (w *writer) media(p *conv.Part, index int) {
	w.sep()
	switch {
	case !p.Data.Empty() && takesInline(p.MediaType.String()):
		w.inline(p)
	case !p.Text.Empty():
		w.document(p)
	case !p.URL.Empty() && w.readable(p.URL.String()):
		w.link(p)
	default:
		w.lose(index, "this channel cannot see the "+noun(p))
		w.text(conv.Concat("[", noun(p), " ", p.URL.Inner(), p.File.Inner(), p.MediaType.Inner(), "]"))
	}
}

func noun(p *conv.Part) string {
	if p.Kind == conv.Image {
		return "image"
	}
	return "document"
}

func (w *writer) inline(p *conv.Part) {
	w.Raw(`{"inlineData":{"mimeType":`)
	if p.MediaType == `"image/jpg"` { // which the API refuses
		w.Raw(`"image/jpeg"`)
	} else {
		w.Str(p.MediaType)
	}
	w.Raw(`,"data":`)
	w.Str(p.Data)
	w.Raw(`}}`)
}

// document writes a document of plain text, below its name.
func (w *writer) document(p *conv.Part) {
	if p.Name.Empty() {
		w.text(p.Text)
		return
	}
	w.text(conv.Concat(p.Name.Inner(), `\n\n`, p.Text.Inner()))
}

// readable reports that Google fetches the link for the model.
func (w *writer) readable(url string) bool {
	return isGoogles(url) || strings.HasPrefix(url, "https://") && w.model.fetches()
}

func (w *writer) link(p *conv.Part) {
	media := mediaOf(p.URL.String())
	if media == "" {
		media = "application/pdf"
		if p.Kind == conv.Image {
			media = "image/jpeg"
		}
	}
	w.Raw(`{"fileData":{"mimeType":`)
	w.Quoted(media)
	w.Raw(`,"fileUri":`)
	w.Str(p.URL)
	w.Raw(`}}`)
}
