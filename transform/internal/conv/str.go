package conv

import (
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"
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
func AppendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	start := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		if c >= utf8.RuneSelf {
			if r, size := utf8.DecodeRuneInString(s[i:]); r != utf8.RuneError || size != 1 {
				i += size
				continue
			}
			dst = append(append(dst, s[start:i]...), "\ufffd"...)
			i++
			start = i
			continue
		}
		dst = append(dst, s[start:i]...)
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
		i++
		start = i
	}
	return append(append(dst, s[start:]...), '"')
}
