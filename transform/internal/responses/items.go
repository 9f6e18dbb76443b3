package responses

import (
	"slices"
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// appendMessageHead opens a message that is complete, up to its parts.
func appendMessageHead(dst []byte, id string) []byte {
	dst = append(append(dst, `{"id":"`...), id...)
	return append(dst, `","type":"message","status":"completed","role":"assistant","content":[`...)
}

// appendPart appends a part of a message.
func appendPart(dst []byte, refusal bool, text conv.Str) []byte {
	if refusal {
		dst = append(append(dst, `{"type":"refusal","refusal":`...), text...)
		return append(dst, '}')
	}
	dst = append(append(dst, `{"type":"output_text","text":`...), text...)
	return append(dst, `,"annotations":[],"logprobs":[]}`...)
}

// appendReasoning appends an item of reasoning. The parts of its summary and
// its state may be absent.
func appendReasoning(dst []byte, id string, parts []byte, state conv.Str) []byte {
	dst = append(append(dst, `{"id":"`...), id...)
	dst = append(append(dst, `","type":"reasoning","summary":[`...), parts...)
	dst = append(dst, `],"encrypted_content":`...)
	if state == "" {
		return append(dst, `null}`...)
	}
	return append(append(dst, state...), '}')
}

func appendSummary(dst []byte, text conv.Str) []byte {
	return append(append(append(dst, `{"type":"summary_text","text":`...), text...), '}')
}

// token returns the state as the caller gets it. Reasoning that came without
// one is marked, so that it is known as no item of this protocol's own.
func token(s *conv.State, o *conv.EncoderOptions) conv.Str {
	if s.Kind == conv.NoState {
		s = &conv.State{Kind: conv.Unsigned}
	}
	if _, sealed, _ := strings.Cut(s.Value.Inner(), " "); o.Own && conv.IsToken(sealed) {
		return conv.Concat(sealed)
	}
	return s.Token(o.Provider)
}

// A call is what is known of a tool call from its start.
type call struct {
	id, name conv.Str
	freeform bool // the caller's tool takes text
	space    conv.Str
}

// newCall returns the call as the caller gets it.
func newCall(id, name conv.Str, s *conv.State, o *conv.EncoderOptions) call {
	if id.Empty() {
		id = conv.NewToolID("call_")
	}
	if name == "" {
		name = `""`
	}
	freeform := len(o.Freeform) > 0 && slices.Contains(o.Freeform, name.String())
	c := call{id: conv.WithState(id, s, o.Provider), name: name, freeform: freeform}
	for i := range o.Spaces {
		if t := &o.Spaces[i]; t.Name == name.String() {
			c.name, c.space = conv.Quote(t.Bare), conv.Quote(t.Space)
			break
		}
	}
	return c
}

// callName returns the name of what a call is for. A namespace becomes a part of
// it.
func callName(item conv.Raw) conv.Str {
	name := item.Get("name").Str()
	if space := item.Get("namespace").Str(); !space.Empty() && !name.Empty() {
		return conv.SpacedName(space, name)
	}
	return name
}

func (c *call) prefix() string {
	if c.freeform {
		return "ctc_"
	}
	return "fc_"
}

// input returns what the tool is given: the arguments, or the text in them.
func (c *call) input(args string) conv.Str {
	if c.freeform {
		return conv.FreeformInput(args)
	}
	return conv.Quote(args)
}

func (c *call) append(dst []byte, id, status string, input conv.Str) []byte {
	dst = append(append(dst, `{"id":"`...), id...)
	if c.freeform {
		dst = append(dst, `","type":"custom_tool_call","status":"`...)
	} else {
		dst = append(dst, `","type":"function_call","status":"`...)
	}
	dst = append(append(dst, status...), `","call_id":`...)
	dst = append(append(dst, c.id...), `,"name":`...)
	dst = append(dst, c.name...)
	if c.space != "" {
		dst = append(append(dst, `,"namespace":`...), c.space...)
	}
	if c.freeform {
		dst = append(dst, `,"input":`...)
	} else {
		dst = append(dst, `,"arguments":`...)
	}
	return append(append(dst, input...), '}')
}
