package routextest

import (
	"slices"
	"strings"

	"github.com/tidwall/gjson"
)

// A Prefill is what a provider does with a call whose last message is the
// assistant's: the beginning of an answer, with which a caller asks for the
// rest. The zero value does what the protocol's own provider does: Anthropic
// and Gemini continue, the protocols of OpenAI ignore it.
type Prefill int

// What a provider may do.
const (
	PrefillUsual Prefill = iota
	// PrefillContinue lets the answer begin after the words of the caller, when
	// they are how it would have begun; white space at their end does not count.
	PrefillContinue
	PrefillRefuse // with the provider's status 400
	PrefillIgnore // the answer begins at its beginning
)

func (p Prefill) of(d dialect) Prefill {
	if p != PrefillUsual {
		return p
	}
	switch d.(type) {
	case anthropic, gemini:
		return PrefillContinue
	}
	return PrefillIgnore
}

// goOn takes from the answer what the caller has said of it already.
func (a *Answer) goOn(said string) {
	rest, ok := strings.CutPrefix(a.Text, said)
	if !ok {
		said = strings.TrimRight(said, " \t\r\n")
		if rest, ok = strings.CutPrefix(a.Text, said); ok {
			rest = strings.TrimLeft(rest, " \t\r\n")
		}
	}
	if !ok || said == "" {
		return
	}
	a.Reasoning = ""
	left := len(a.Text) - len(rest)
	for len(a.Chunks) > 0 && left >= len(a.Chunks[0]) {
		left -= len(a.Chunks[0])
		a.Chunks = a.Chunks[1:]
	}
	a.Text, a.Chunks = rest, slices.Clone(a.Chunks)
	if len(a.Chunks) == 0 {
		return
	}
	a.Chunks[0] = a.Chunks[0][left:]
	if len(a.Chunks) > 1 && strings.TrimSpace(a.Chunks[0]) == "" { // no model says a space by itself
		a.Chunks[1] = a.Chunks[0] + a.Chunks[1]
		a.Chunks = a.Chunks[1:]
	}
}

// prefill is the text of the last message, when that is the assistant's and
// calls no tool.
func prefill(messages gjson.Result, role, member string) string {
	all := messages.Array()
	if len(all) == 0 {
		return ""
	}
	last := all[len(all)-1]
	if last.Get("role").String() != role || last.Get("tool_calls.0").Exists() {
		return ""
	}
	content := last.Get(member)
	if content.Type == gjson.String {
		return content.String()
	}
	var b strings.Builder
	for _, part := range content.Array() {
		if part.Get("functionCall").Exists() || part.Get("type").String() == "tool_use" {
			return ""
		}
		if !part.Get("thought").Bool() {
			b.WriteString(part.Get("text").String())
		}
	}
	return b.String()
}

func (anthropic) noPrefill() string {
	return "This model does not support assistant message prefill. The conversation must end with a user message."
}

func (chat) noPrefill() string {
	return "Expected last role User or Tool (or Assistant with prefix True) for serving but got assistant"
}

func (responses) noPrefill() string { return chat{}.noPrefill() }

func (gemini) noPrefill() string {
	return "Please ensure that multiturn requests end with a user role or a function response."
}
