package chat

import (
	"slices"
	"strconv"
	"time"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// WriteResponse appends the answer in this protocol.
func WriteResponse(dst []byte, r *conv.Response) []byte {
	var texts, calls, refusals int
	for i := range r.Parts {
		switch r.Parts[i].Kind {
		case conv.Text:
			texts++
		case conv.ToolCall:
			calls++
		case conv.Refusal:
			refusals++
		}
	}
	dst = appendHead(dst, "chat.completion", r.ID, r.Model, r.Created, &r.Options)
	dst = append(dst, `{"index":0,"message":{"role":"assistant","content":`...)
	dst = appendJoined(dst, r.Parts, conv.Text, texts > 0 || calls+refusals == 0)
	dst = append(dst, `,"refusal":`...)
	dst = appendJoined(dst, r.Parts, conv.Refusal, refusals > 0)
	dst = appendReasoning(dst, r.Parts, &r.Options)
	if calls > 0 {
		dst = append(dst, `,"tool_calls":`...)
		dst = appendCalls(dst, r)
	}
	dst = append(dst, `},"logprobs":null,"finish_reason":`...)
	dst = append(append(dst, stopReason(r.Stop, refusals > 0)...), `}]`...)
	if r.HasUsage {
		dst = append(dst, `,"usage":`...)
		dst = appendUsage(dst, &r.Usage)
	}
	return append(dst, '}')
}

// appendHead opens an answer or a chunk up to the bracket of its choices.
func appendHead(dst []byte, object string, id, model conv.Str, created int64, o *conv.EncoderOptions) []byte {
	if created == 0 {
		created = time.Now().Unix()
	}
	if model.Empty() {
		model = conv.Quote(o.Model)
	}
	dst = append(dst, `{"id":`...)
	dst = conv.AppendID(dst, "chatcmpl-", id)
	dst = append(append(dst, `,"object":"`...), object...)
	dst = append(dst, `","created":`...)
	dst = strconv.AppendInt(dst, created, 10)
	dst = append(dst, `,"model":`...)
	return append(append(dst, model...), `,"choices":[`...)
}

// appendJoined writes the parts of a kind as one string, or null.
func appendJoined(dst []byte, parts []conv.Part, kind conv.PartKind, there bool) []byte {
	if !there {
		return append(dst, "null"...)
	}
	dst = append(dst, '"')
	for i := range parts {
		if parts[i].Kind == kind {
			dst = append(dst, parts[i].Text.Inner()...)
		}
	}
	return append(dst, '"')
}

// appendReasoning writes the reasoning: its text, and what the provider wants
// back with it.
func appendReasoning(dst []byte, parts []conv.Part, o *conv.EncoderOptions) []byte {
	texts, states := false, 0
	for i := range parts {
		if p := &parts[i]; p.Kind == conv.Reasoning {
			texts = texts || !p.Text.Empty()
			if p.State.Kind != conv.NoState {
				states++
			}
		}
	}
	if texts {
		dst = append(dst, `,"reasoning_content":`...)
		dst = appendJoined(dst, parts, conv.Reasoning, true)
	}
	if states == 0 {
		return dst
	}
	dst = append(dst, `,"reasoning_details":[`...)
	n := 0
	for i := range parts {
		if p := &parts[i]; p.Kind == conv.Reasoning {
			if n > 0 {
				dst = append(dst, ',')
			}
			dst = appendDetail(dst, p.Text.Inner(), &p.State, o, n)
			n++
		}
	}
	return append(dst, ']')
}

// appendDetail writes one of reasoning_details, as OpenRouter does. The text
// is the inside of a literal.
func appendDetail(dst []byte, text string, s *conv.State, o *conv.EncoderOptions, index int) []byte {
	if text == "" {
		dst = append(dst, `{"type":"reasoning.encrypted","data":`...)
		dst = append(dst, o.Token(s)...)
	} else {
		dst = append(append(dst, `{"type":"reasoning.text","text":"`...), text...)
		dst = append(dst, '"')
		if s.Kind != conv.NoState {
			dst = append(append(dst, `,"signature":`...), o.Token(s)...)
		}
	}
	dst = append(dst, `,"index":`...)
	return append(strconv.AppendInt(dst, int64(index), 10), '}')
}

// appendCalls writes the calls of an answer. Those of tools that take text are
// told in the form that belongs to them.
func appendCalls(dst []byte, r *conv.Response) []byte {
	dst = append(dst, '[')
	first := true
	for i := range r.Parts {
		p := &r.Parts[i]
		if p.Kind != conv.ToolCall {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		id := answerID(p.ID, &p.State, r.Options.Provider)
		if slices.Contains(r.Options.Freeform, p.Name.String()) {
			dst = appendCustomCall(dst, id, p.Name, conv.FreeformInput(p.Args))
		} else {
			dst = append(appendCall(dst, id, p.Name, p.Args), '}')
		}
	}
	return append(dst, ']')
}

// answerID returns the id by which the caller is to know a call: it carries
// what the provider wants back with it.
func answerID(id conv.Str, s *conv.State, provider string) conv.Str {
	if id.Empty() {
		id = conv.NewToolID("call_")
	}
	return conv.WithState(id, s, provider)
}

// appendCall writes a call up to its closing brace.
func appendCall(dst []byte, id, name conv.Str, args string) []byte {
	if name == "" {
		name = `""`
	}
	if args == "" {
		args = "{}"
	}
	dst = append(append(dst, `{"id":`...), id...)
	dst = append(append(dst, `,"type":"function","function":{"name":`...), name...)
	dst = append(dst, `,"arguments":`...)
	return append(conv.AppendQuoted(dst, args), '}')
}

func appendCustomCall(dst []byte, id, name, input conv.Str) []byte {
	dst = append(append(dst, `{"id":`...), id...)
	dst = append(append(dst, `,"type":"custom","custom":{"name":`...), name...)
	return append(append(append(dst, `,"input":`...), input...), `}}`...)
}

// stopReason names why an answer ended. One that says in words that the model
// refuses has ended in the ordinary way.
func stopReason(s conv.StopReason, refused bool) string {
	switch {
	case s == conv.StopLength:
		return `"length"`
	case s == conv.StopTool:
		return `"tool_calls"`
	case s == conv.StopRefusal && !refused:
		return `"content_filter"`
	}
	return `"stop"`
}
