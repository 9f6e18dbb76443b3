package conv

import (
	"encoding/base64"
	"strings"
)

// IsTextDocument reports that the part is a document that is plain text,
// given as such or in base64.
func (p *Part) IsTextDocument() bool {
	return p.Kind == Document && (p.Text != "" || p.Data != "" && strings.HasPrefix(p.MediaType.Inner(), "text/"))
}

// DocumentText returns a document that is plain text, under its name.
func (p *Part) DocumentText() Str {
	text := p.Text
	if text == "" {
		plain, _ := base64.StdEncoding.DecodeString(p.Data.String())
		text = Quote(string(plain))
	}
	if p.Name.Empty() {
		return text
	}
	return Concat(p.Name.Inner(), `\n`, text.Inner())
}
