package anthropic

import (
	"strconv"
	"unicode/utf8"
)

// An object follows the text of a JSON object that comes in pieces, itself
// escaped inside of string literals, to see where it is complete.
type object struct {
	depth  int
	text   bool // inside of a string
	escape bool // after a backslash in it
	closed bool
}

func (o *object) read(inner string) {
	for i := 0; i < len(inner); i++ {
		c := inner[i]
		if c == '\\' && i+1 < len(inner) {
			i++
			switch c = inner[i]; c {
			case '"', '\\':
			case 'u':
				n, _ := strconv.ParseUint(inner[i+1:min(i+5, len(inner))], 16, 16)
				i += 4
				c = byte(min(n, utf8.RuneSelf))
			default:
				c = ' '
			}
		}
		o.char(c)
	}
}

func (o *object) char(c byte) {
	switch {
	case o.escape:
		o.escape = false
	case o.text:
		o.text, o.escape = c != '"', c == '\\'
	case c == '"':
		o.text = true
	case c == '{' || c == '[':
		o.depth++
	case c == '}' || c == ']':
		o.depth--
		o.closed = o.depth <= 0
	}
}
