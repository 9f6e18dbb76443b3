package conv

import (
	"strings"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/internal/jsonscan"
)

// A Str is a JSON string literal as it stood on the wire, quotes and escapes
// included. Text moves from one protocol to another in this form, so that it
// is neither unescaped nor escaped on its way. The empty Str means absent.
type Str string

// Quote returns the literal for s. Bytes that are not UTF-8 become U+FFFD.
func Quote(s string) Str { return Str(View(AppendQuoted(make([]byte, 0, len(s)+2), s))) }

// String returns the unescaped text; absent gives "".
func (s Str) String() string {
	if inner := s.Inner(); strings.IndexByte(inner, '\\') < 0 {
		return inner
	}
	return gjson.Parse(string(s)).Str
}

// Inner returns the literal without its quotes, still escaped.
func (s Str) Inner() string {
	if len(s) < 2 {
		return ""
	}
	return string(s[1 : len(s)-1])
}

// Empty reports that the text is absent or has no characters.
func (s Str) Empty() bool { return len(s) <= 2 }

// Concat joins literals into one without unescaping them.
func Concat(parts ...string) Str {
	return Str(`"` + strings.Join(parts, "") + `"`)
}

// DataURL returns the parts of data:<type>;base64,<data>.
func DataURL(url Str) (media, data Str, ok bool) {
	rest, ok := strings.CutPrefix(url.Inner(), "data:")
	if !ok {
		return "", "", false
	}
	head, body, ok := strings.Cut(rest, ",")
	kind, coded := strings.CutSuffix(head, ";base64")
	if !ok || !coded {
		return "", "", false
	}
	kind, _, _ = strings.Cut(kind, ";")
	return Concat(kind), Concat(body), true
}

const hex = "0123456789abcdef"

// AppendQuoted appends s to dst as a JSON string literal.
func AppendQuoted(dst []byte, s string) []byte { return jsonscan.AppendString(dst, s) }
