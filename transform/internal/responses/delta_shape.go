package responses

import (
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// A deltaShape knows the events that differ from an earlier one in their
// number, their text, and the noise by which OpenAI hides the length of it:
// nearly all events of a stream.
type deltaShape struct {
	head, middle string // before the number and between it and the text; middle is "" when there is no number
	tail, end    string // between the text and the noise, and after it; end is "" when there is no noise
}

func (s *deltaShape) learn(data, text string) {
	at := conv.Offset(data, text)
	if text == "" || at < 0 || at+len(text) > len(data) {
		return
	}
	const number, noise = `"sequence_number":`, `"obfuscation":`
	own := deltaShape{head: data[:at], tail: data[at+len(text):]}
	if i := strings.Index(own.head, number); i >= 0 {
		i += len(number)
		own.head, own.middle = own.head[:i], strings.TrimLeft(own.head[i:], "0123456789")
	}
	if i := strings.Index(own.tail, noise); i >= 0 {
		i += len(noise)
		own.tail, own.end = own.tail[:i], own.tail[min(conv.Skip(own.tail, i), len(own.tail)):]
	}
	if own != *s {
		*s = deltaShape{strings.Clone(own.head), strings.Clone(own.middle), strings.Clone(own.tail), strings.Clone(own.end)}
	}
}

// match gives the text and the number, -1 when there is none, of an event of
// valid JSON that has the shape.
func (s *deltaShape) match(data string) (text conv.Str, number int, ok bool) {
	number = -1
	rest, ok := strings.CutPrefix(data, s.head)
	if !ok || s.head == "" {
		return "", 0, false
	}
	if s.middle != "" {
		n := 0
		for ; n < len(rest) && n < 9 && rest[n] >= '0' && rest[n] <= '9'; n++ {
			number = 10*max(number, 0) + int(rest[n]-'0')
		}
		if rest, ok = strings.CutPrefix(rest[n:], s.middle); !ok || n == 0 {
			return "", 0, false
		}
	}
	if rest == "" || rest[0] != '"' {
		return "", 0, false
	}
	n := conv.Skip(rest, 0)
	text, rest = conv.Str(rest[:n]), rest[n:]
	if rest, ok = strings.CutPrefix(rest, s.tail); !ok {
		return "", 0, false
	}
	if s.end != "" && rest != "" {
		rest = rest[conv.Skip(rest, 0):]
	}
	return text, number, rest == s.end && len(text) > 2
}
