package anthropic

import (
	"encoding/base64"
	"strings"
	"unicode/utf8"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// shown brings an image or a document into a form that this protocol takes.
// It reports false for one that is lost.
func (w *writer) shown(m *conv.Message, p *conv.Part) bool {
	why := ""
	switch {
	case p.URL != "":
		if !linked(p.URL) {
			why = "only links of http and https can be followed here"
		}
	case p.Text != "" && p.Kind == conv.Document:
		if p.Text.IsSpace() {
			why = "an empty document is not allowed here"
		}
	case p.Data == "" && p.File != "":
		why = conv.WhyFile
	case !inlined(p):
		why = "only PNG, JPEG, GIF, WebP, PDF and text can be sent here, not " + p.MediaType.String()
	}
	if why != "" {
		w.Lose(w.Req.MessagePath(m), why)
	}
	return why == ""
}

func linked(url conv.Str) bool {
	s := url.String()
	return strings.HasPrefix(s, "https://") || strings.HasPrefix(s, "http://")
}

// inlined makes an image or a document of the data, as its type wants.
func inlined(p *conv.Part) bool {
	switch kind := p.MediaType.String(); {
	case kind == "image/png", kind == "image/jpeg", kind == "image/gif", kind == "image/webp":
		p.Kind = conv.Image
	case kind == "image/jpg":
		p.Kind, p.MediaType = conv.Image, `"image/jpeg"`
	case kind == "application/pdf":
		p.Kind = conv.Document
	case strings.HasPrefix(kind, "text/"), kind == "application/json":
		return inText(p)
	default:
		return false
	}
	return !p.Data.Empty()
}

// inText turns data in base64 into the text that it is.
func inText(p *conv.Part) bool {
	text, err := base64.StdEncoding.DecodeString(p.Data.String())
	if err != nil || len(text) == 0 || !utf8.Valid(text) {
		return false
	}
	p.Kind, p.Text, p.Data, p.MediaType = conv.Document, conv.Quote(string(text)), "", ""
	return true
}
