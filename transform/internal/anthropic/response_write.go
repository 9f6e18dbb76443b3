package anthropic

import (
	"strconv"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// WriteResponse appends the answer in this protocol.
func WriteResponse(dst []byte, r *conv.Response) []byte {
	dst = appendMessage(dst, r.ID, orElse(r.Model, r.Options.Model))
	stop, calls := r.Stop, false
	for i := range r.Parts {
		p := &r.Parts[i]
		if i > 0 {
			dst = append(dst, ',')
		}
		switch p.Kind {
		case conv.ToolCall:
			calls = true
		case conv.Refusal:
			stop = conv.StopRefusal
		}
		dst = appendBlock(dst, p, &r.Options)
	}
	dst = append(dst, `],"stop_reason":`...)
	dst = append(dst, stopReason(stop, calls)...)
	dst = append(dst, `,"stop_sequence":`...)
	dst = appendNullable(dst, r.StopText)
	dst = append(dst, `,"usage":`...)
	if r.HasUsage {
		return append(appendUsage(dst, &r.Usage), '}')
	}
	return append(appendGuess(dst, r.Options.Input), '}')
}

func orElse(s conv.Str, other string) conv.Str {
	if s.Empty() {
		return conv.Quote(other)
	}
	return s
}

// appendMessage opens a message up to the bracket of its content.
func appendMessage(dst []byte, id, model conv.Str) []byte {
	dst = append(dst, `{"id":`...)
	dst = conv.AppendID(dst, "msg_", id)
	dst = append(dst, `,"type":"message","role":"assistant","model":`...)
	if model == "" {
		model = `""`
	}
	dst = append(dst, model...)
	return append(dst, `,"content":[`...)
}

// appendBlock writes a part of an answer. A state of another provider's stands
// where this protocol keeps signatures.
func appendBlock(dst []byte, p *conv.Part, o *conv.EncoderOptions) []byte {
	switch p.Kind {
	case conv.ToolCall:
		call := *p
		if call.ID.Empty() {
			call.ID = conv.NewToolID("toolu_")
		}
		call.ID = conv.WithState(call.ID, &p.State, o.Provider)
		return append(appendToolUse(dst, &call), '}')
	case conv.Reasoning:
		dst = appendMember(dst, `{"type":"thinking","thinking":`, p.Text)
		return append(appendMember(dst, `,"signature":`, token(&p.State, o)), '}')
	}
	return append(appendMember(dst, `{"type":"text","text":`, p.Text), '}')
}

// token returns what stands as the signature of reasoning. Callers drop
// reasoning that has none, and a provider of this protocol would refuse it.
func token(s *conv.State, o *conv.EncoderOptions) conv.Str {
	if s.Kind == conv.NoState {
		s = &conv.State{Kind: conv.Unsigned}
	}
	return o.Token(s)
}

// appendMember writes a string; absent gives an empty one.
func appendMember(dst []byte, head string, s conv.Str) []byte {
	if s == "" {
		s = `""`
	}
	return append(append(dst, head...), s...)
}

// stopReason: callers go by the calls' being there.
func stopReason(s conv.StopReason, calls bool) string {
	switch s {
	case conv.StopLength:
		return `"max_tokens"`
	case conv.StopSequence:
		return `"stop_sequence"`
	case conv.StopRefusal:
		return `"refusal"`
	case conv.StopPause:
		return `"pause_turn"`
	}
	if calls {
		return `"tool_use"`
	}
	return `"end_turn"`
}

func appendNullable(dst []byte, s conv.Str) []byte {
	if s == "" {
		s = "null"
	}
	return append(dst, s...)
}

func appendUsage(dst []byte, u *conv.Usage) []byte {
	dst = appendCount(dst, `{"input_tokens":`, u.Input)
	dst = appendCount(dst, `,"cache_creation_input_tokens":`, u.CacheWrite)
	dst = appendCount(dst, `,"cache_read_input_tokens":`, u.CacheRead)
	dst = appendCount(dst, `,"output_tokens":`, u.Output)
	if u.Reasoning > 0 {
		dst = append(appendCount(dst, `,"output_tokens_details":{"thinking_tokens":`, u.Reasoning), '}')
	}
	return append(dst, '}')
}

// appendGuess writes the usage while the provider has told none. Callers demand
// numbers: those of the caches, which they do not, are left out.
func appendGuess(dst []byte, input int64) []byte {
	dst = appendCount(dst, `{"input_tokens":`, input)
	return append(dst, `,"output_tokens":0}`...)
}

func appendCount(dst []byte, head string, n int64) []byte {
	return strconv.AppendInt(append(dst, head...), n, 10)
}
