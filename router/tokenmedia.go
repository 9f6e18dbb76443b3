package router

import (
	"bytes"

	"github.com/dctx-team/routex/internal/tokens"
)

// What media cost whose size is not known, and by how many bytes of base64
// other files cost a token. Providers charge for the pixels of an image, the
// pages of a document and the seconds of a recording.
const (
	imageTokens      = 1500
	documentTokens   = 3000 // of any document, and more by its size
	bytesPerDocument = 40
	bytesPerSound    = 500 // 32 tokens for a second of 16 kB
	bytesPerSecret   = 6   // of reasoning that only its provider can read
)

// A part is what is known of one part of a message that may be no text.
type part struct {
	kind   []byte // its type, and that of its source
	source []byte
	mime   []byte
	data   []byte // base64, or text
	found  bool   // it names what it consists of
	low    bool   // detail that is asked for

	sealed  int // bytes that only the provider can read
	thought bool
}

// source reads a member that says what a part consists of.
func (c *counter) source(key []byte, p *part, depth int) {
	if c.r.Kind() == '{' || c.r.Kind() == '[' {
		p.found = true
		if depth < maxCounted {
			c.value(p, depth)
		} else {
			c.r.Skip()
		}
		return
	}
	text := c.r.Str()
	switch string(key) {
	case "media_type", "mime_type", "mimeType":
		p.mime = text
	case "detail":
		p.low = string(text) == "low"
	case "data":
		p.found, p.data = true, text
	case "file_id", "fileUri", "file_uri":
		p.found = true
	default: // a URL, which may be the data
		p.found = true
		if rest, ok := bytes.CutPrefix(text, []byte("data:")); ok {
			p.mime, p.data, _ = bytes.Cut(rest, []byte(","))
		}
	}
}

// media counts a part that is no text, or holds what is sealed.
func (c *counter) media(p *part) {
	kind := string(p.kind)
	switch {
	case kind == "redacted_thinking":
		c.tokens += len(p.data) / bytesPerSecret
	case p.sealed > 0 && !p.thought && (kind == "thinking" || kind == "reasoning" || kind == "web_search_result" || kind == "compaction"):
		c.tokens += p.sealed / bytesPerSecret
	case !p.found:
	case string(p.source) == "content": // a document of parts, which were counted
	case string(p.source) == "text", bytes.HasPrefix(p.mime, []byte("text/")) && !bytes.HasSuffix(p.mime, []byte(";base64")) && kind == "document":
		c.text += c.family.vocabulary.JSON(p.data)
	case kind == "image", kind == "image_url", kind == "input_image", bytes.HasPrefix(p.mime, []byte("image/")):
		c.tokens += c.image(p)
	case kind == "input_audio", bytes.HasPrefix(p.mime, []byte("audio/")), bytes.HasPrefix(p.mime, []byte("video/")):
		c.tokens += imageTokens/10 + len(p.data)/bytesPerSound
	case bytes.HasPrefix(p.mime, []byte("text/")): // in base64
		c.text += len(p.data) * 3 / 4 * tokens.Unit / 4
	case kind == "document", kind == "file", kind == "input_file", kind == "container_upload", p.mime != nil:
		c.tokens += documentTokens + len(p.data)/bytesPerDocument
	default: // a URL of something that is no part
		c.text += c.family.vocabulary.JSON(p.data)
	}
}

func (c *counter) image(p *part) int {
	width, height := imageSize(p.data)
	if width == 0 && !p.low {
		return imageTokens
	}
	return c.family.image(c.model, width, height, p.low)
}
