package chat

import (
	"hash/fnv"
	"strconv"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// callID returns the id of a call as the server takes it. Another is replaced,
// always in the same way, so that the call and its result still meet.
func (w *writer) callID(id conv.Str) conv.Str {
	const most, exact = 40, 9 // characters at OpenAI, letters and digits at Mistral
	switch {
	case w.house == mistral && !isAlphanumeric(id.Inner(), exact):
		h := fnv.New64a()
		h.Write([]byte(id.String()))
		digits := "00000000" + strconv.FormatUint(h.Sum64(), 36)
		return conv.Quote(digits[len(digits)-exact:])
	case w.ofOpenAI() && len(id.Inner()) > most:
		return conv.Quote(conv.NameRule{Max: most}.Fit(id.String()))
	}
	return id
}

func isAlphanumeric(s string, length int) bool {
	for _, c := range []byte(s) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return len(s) == length
}

// assistant writes what the model said. Calls alone need no text.
func (w *writer) assistant(m *conv.Message, last bool) {
	w.calls.Clear()
	w.answered.Clear()
	w.last = m
	texts, calls, refusals := 0, 0, 0
	for i := range m.Parts {
		switch p := &m.Parts[i]; p.Kind {
		case conv.Text:
			texts++
		case conv.Refusal:
			refusals++
		case conv.ToolCall:
			calls++
			w.calls.Add(p.ID)
		case conv.Image, conv.Document:
			w.Lose(w.Req.MessagePath(m), "an assistant's message takes text only")
		}
	}
	w.begin("assistant")
	w.Raw(`,"content":`)
	if texts == 0 && calls > 0 && (refusals == 0 || w.ofOpenAI()) {
		w.Raw("null")
	} else {
		w.joined(m.Parts, "", "")
	}
	if refusals > 0 && w.ofOpenAI() {
		w.Raw(`,"refusal":`)
		w.Buf = appendJoined(w.Buf, m.Parts, conv.Refusal, true)
	}
	w.reasoning(m, calls > 0)
	switch {
	case calls > 0:
		w.toolCalls(m.Parts)
	case last && w.house == mistral:
		w.Raw(`,"prefix":true`) // without it the user must speak last
	}
	w.Raw("}")
}

// reasoning gives back what the model thought before it called tools, to
// servers that want it. Those of DeepSeek and Kimi reject a call without any:
// one that another model made gets a blank.
func (w *writer) reasoning(m *conv.Message, called bool) {
	texts, any := false, false
	for i := range m.Parts {
		if p := &m.Parts[i]; p.Kind == conv.Reasoning {
			any = true
			texts = texts || !p.Text.Empty()
		}
	}
	switch {
	case called && texts && w.wantsReasoning(w.Req.Model):
		w.Raw(`,"reasoning_content":`)
		w.Buf = appendJoined(w.Buf, m.Parts, conv.Reasoning, true)
		return
	case called && w.thinks() && w.Req.Thinking.Mode != conv.ThinkingOff:
		w.Raw(`,"reasoning_content":" "`)
	}
	if any {
		w.Lose(w.Req.MessagePath(m), conv.WhyReasoning)
	}
}

func (w *writer) toolCalls(parts []conv.Part) {
	w.Raw(`,"tool_calls":[`)
	first := true
	for i := range parts {
		p := &parts[i]
		if p.Kind != conv.ToolCall {
			continue
		}
		if !first {
			w.Raw(",")
		}
		first = false
		w.Buf = appendCall(w.Buf, w.callID(p.ID), p.Name, p.Args)
		if w.flavor == custom && p.State.For(conv.Thought, w.Req.Target.Provider) {
			w.Raw(`,"extra_content":{"google":{"thought_signature":`)
			w.Str(p.State.Value)
			w.Raw(`}}`)
		}
		w.Raw("}")
	}
	w.Raw("]")
}
