package tee

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/internal/jsonscan"
)

// A step is how far a path has come: its part is the next to be matched.
type step struct{ path, part int }

// A pathRedactor takes the values of paths out of a JSON text, which may break
// off anywhere.
type pathRedactor struct {
	paths [][]pathPart
	text  []byte
	pos   int
	out   []byte // text[:done] without the values
	done  int
	steps []step // of the value being read, at the end those of its members
	bad   bool   // no JSON goes on at pos
}

// redactBody is redact for a whole body, which may be a string that holds the
// beginning of a JSON text, or the lines of a stream.
func (p *pathRedactor) redactBody(buf, body []byte) []byte {
	if body[0] != '"' {
		return p.redact(buf, body)
	}
	said := []byte(gjson.ParseBytes(body).Str)
	var kept []byte
	for line := range bytes.Lines(said) {
		if looksLikeJSON(said) { // of many lines
			kept = p.redact(nil, said)
			break
		}
		start := 0
		if bytes.HasPrefix(line, []byte("data:")) {
			start = len("data:")
		}
		kept = append(kept, line[:start]...)
		if line = line[start:]; looksLikeJSON(line) {
			text := bytes.TrimRight(line, "\r\n")
			kept = append(kept, p.redact(nil, text)...)
			line = line[len(text):]
		}
		kept = append(kept, line...)
	}
	if bytes.Equal(kept, said) {
		return body
	}
	return jsonscan.AppendString(buf, kept)
}

func looksLikeJSON(text []byte) bool {
	text = bytes.TrimLeft(text, " \t\r\n")
	return len(text) > 0 && (text[0] == '{' || text[0] == '[')
}

// redact gives the text without the values of the paths: text itself when it
// has none, else one in buf. What follows when the text is no JSON any more is
// taken out too, since nobody knows what it is.
func (p *pathRedactor) redact(buf, text []byte) []byte {
	p.text, p.pos, p.done, p.out, p.bad = text, 0, 0, buf[:0], false
	p.steps = p.steps[:0]
	for i := range p.paths {
		p.steps = append(p.steps, step{i, 0})
	}
	p.value(0)
	if p.space(); p.pos < len(text) { // it was no JSON from there on
		p.replace(p.pos, len(text))
	}
	if p.done == 0 {
		return text
	}
	return append(p.out, text[p.done:]...)
}

func (p *pathRedactor) replace(start, end int) {
	p.out = append(append(p.out, p.text[p.done:start]...), `"`+Redacted+`"`...)
	p.done = end
}

// value reads a value that the steps from index first on have come to.
func (p *pathRedactor) value(first int) {
	p.space()
	if first == len(p.steps) || p.pos >= len(p.text) {
		p.skip()
		return
	}
	switch p.text[p.pos] {
	case '{':
		p.pos++
		p.members(first)
	case '[':
		p.pos++
		p.elements(first)
	default:
		p.skip()
	}
}

func (p *pathRedactor) members(first int) {
	for {
		p.space()
		switch {
		case p.take('}'), p.pos >= len(p.text):
			return
		case p.take(','):
			continue
		case p.text[p.pos] != '"':
			p.bad = true
			return
		}
		start := p.pos
		p.skip()
		name := p.text[start:p.pos]
		if p.space(); !p.take(':') {
			p.bad = p.pos < len(p.text)
			return
		}
		p.member(first, key(name))
		if p.bad {
			return
		}
	}
}

// key is the name that a literal stands for.
func key(literal []byte) string {
	if len(literal) < 2 {
		return ""
	}
	return gjson.ParseBytes(literal).Str
}

func (p *pathRedactor) elements(first int) {
	for i := 0; ; {
		p.space()
		switch {
		case p.take(']'), p.pos >= len(p.text):
			return
		case p.take(','):
			i++
			continue
		}
		at := p.pos
		p.member(first, strconv.Itoa(i))
		if p.bad || p.pos == at {
			p.bad = true
			return
		}
	}
}

// member reads the value of a member or element, or takes it out.
func (p *pathRedactor) member(first int, name string) {
	last := len(p.steps)
	for _, s := range p.steps[first:last] {
		part := &p.paths[s.path][s.part]
		if !part.matches(name) {
			continue
		}
		if s.part+1 == len(p.paths[s.path]) {
			p.steps = p.steps[:last]
			p.space()
			start := p.pos
			if p.skip(); p.pos > start {
				p.replace(start, p.pos)
			}
			return
		}
		p.steps = append(p.steps, step{s.path, s.part + 1})
	}
	p.value(last)
	p.steps = p.steps[:last]
}

func (p *pathRedactor) space() {
	for p.pos < len(p.text) && isSpace(p.text[p.pos]) {
		p.pos++
	}
}

func (p *pathRedactor) take(c byte) bool {
	if p.pos < len(p.text) && p.text[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

// skip passes over a value, as far as there is one.
func (p *pathRedactor) skip() {
	depth := 0
	for p.space(); p.pos < len(p.text); {
		switch c := p.text[p.pos]; c {
		case '"':
			p.str()
		case '{', '[':
			depth++
			p.pos++
		case '}', ']':
			if depth == 0 {
				return
			}
			depth--
			p.pos++
		case ',', ':':
			if depth == 0 {
				return
			}
			p.pos++
		default:
			for p.pos < len(p.text) && !isSpace(p.text[p.pos]) && strings.IndexByte(`"{}[],:`, p.text[p.pos]) < 0 {
				p.pos++
			}
		}
		if depth == 0 {
			return
		}
		p.space()
	}
}

// str passes over a string.
func (p *pathRedactor) str() {
	for i := p.pos + 1; ; i++ {
		n := bytes.IndexByte(p.text[i:], '"')
		if n < 0 {
			p.pos = len(p.text)
			return
		}
		i += n
		escapes := 0
		for p.text[i-1-escapes] == '\\' {
			escapes++
		}
		if escapes%2 == 0 {
			p.pos = i + 1
			return
		}
	}
}
