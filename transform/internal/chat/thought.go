package chat

import "github.com/dctx-team/routex/transform/internal/conv"

// A thought gathers what the members of a message or a delta tell of the
// reasoning. Servers differ in the member, and some use several for the same
// text.
type thought struct {
	content conv.Str // reasoning_content: DeepSeek, Zhipu, Kimi, vLLM
	text    conv.Str // reasoning: OpenRouter, Groq, Ollama
	details conv.Raw // reasoning_details: OpenRouter, and ours for what a caller must give back
}

// read takes a member and reports whether it is one of reasoning.
func (t *thought) read(c *conv.Cursor) bool {
	switch c.Key {
	case "reasoning_content":
		t.content = wordsOf(c.Value)
	case "reasoning":
		t.text = wordsOf(c.Value)
	case "reasoning_details":
		t.details = c.Value
	default:
		return false
	}
	return true
}

// wordsOf returns a string, or the text in an object, as a few servers write
// it.
func wordsOf(v conv.Raw) conv.Str {
	if v.IsObject() {
		v = v.Get("text")
	}
	return v.Str()
}

// words returns the text, once.
func (t *thought) words() conv.Str {
	switch {
	case !t.content.Empty():
		return t.content
	case !t.text.Empty():
		return t.text
	}
	var all pieces
	for c := t.details.Walk(); c.Next(); {
		if p := readDetail(c.Value); p.State.Kind == conv.NoState { // ours repeat what was told
			all.add(p.Text)
		}
	}
	return all.text()
}

// pieces are texts that make one, joined once: there may be thousands.
type pieces []string

func (p *pieces) add(text conv.Str) {
	if !text.Empty() {
		*p = append(*p, text.Inner())
	}
}

func (p pieces) text() conv.Str {
	if len(p) == 0 {
		return ""
	}
	return conv.Concat(p...)
}

// readDetail reads one of reasoning_details. What other servers than ours keep
// there says nothing to other providers: only its text counts.
func readDetail(v conv.Raw) conv.Part {
	p := conv.Part{Kind: conv.Reasoning, Text: v.Get("text").Str()}
	token := v.Get("signature").Str()
	if token == "" {
		token = v.Get("data").Str()
	}
	if p.Text == "" {
		p.Text = v.Get("summary").Str()
	}
	p.State, _ = conv.ReadToken(token)
	return p
}

// parts appends the reasoning of a message that a caller gives back: with the
// states in it if there are any, as text otherwise.
func (t *thought) parts(dst []conv.Part) []conv.Part {
	parts, stated, told := t.detailed()
	if !stated {
		return appendText(dst, conv.Reasoning, t.words())
	}
	for i := range parts {
		if !told && parts[i].State.Kind != conv.Redacted {
			// The caller kept the text and the state apart.
			parts[i].Text, told = t.words(), true
		}
	}
	return append(dst, parts...)
}

// detailed returns the parts in the details, whether one has a state, and
// whether one has text. Pieces of one part have the same index.
func (t *thought) detailed() (parts []conv.Part, stated, told bool) {
	var index conv.Raw
	var text pieces // of the last part
	end := func() {
		if n := len(parts); n > 0 {
			parts[n-1].Text = text.text()
		}
		text = text[:0]
	}
	for c := t.details.Walk(); c.Next(); {
		p, n := readDetail(c.Value), len(parts)
		stated = stated || p.State.Kind != conv.NoState
		told = told || !p.Text.Empty()
		same := n > 0 && index == c.Value.Get("index") && parts[n-1].State.Kind == conv.NoState
		index = c.Value.Get("index")
		switch {
		case same:
			parts[n-1].State = p.State
		case p.State.Kind != conv.NoState || !p.Text.Empty():
			end()
			parts = append(parts, p)
		default:
			continue
		}
		text.add(p.Text)
	}
	end()
	return parts, stated, told
}
