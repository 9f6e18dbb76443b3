package transform

import (
	"context"
	"regexp"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// HasForeign reports that a body may hold what [DropForeign] leaves out. It
// looks for short texts only. The value of the body's member "thinking" is
// named apart, since whoever asks knows where it stands; it is empty where
// there is none.
func HasForeign(body, thinking []byte) bool {
	return conv.HasToken(body) || mayBeUnled(body, thinking)
}

// DropForeign leaves out of a request what translation had put into earlier
// answers for other providers: their signatures and encrypted reasoning, which
// a provider of the caller's own protocol would refuse. It is needed when a
// conversation that was translated comes to a channel that needs no
// translation.
//
// An Anthropic model with a budget for thinking refuses to go on with a turn
// in which tools were called and that does not begin with thinking of its own.
// For such a turn, which another provider began, thinking is turned off.
func DropForeign(d Dialect) Transformer { return foreign{d} }

type foreign struct{ dialect Dialect }

// inID is a state inside of a tool call's id.
var inID = regexp.MustCompile(`_RtxState[SRIT][0-9a-f]{7}[A-Za-z0-9_-]*`)

func (f foreign) Request(_ context.Context, r *Request) error {
	thinking := []byte(gjson.GetBytes(r.Body, "thinking").Raw)
	if !HasForeign(r.Body, thinking) || !gjson.ValidBytes(r.Body) {
		return nil
	}
	if conv.HasToken(r.Body) {
		f.drop(r)
	}
	if f.dialect == Anthropic && mayBeUnled(r.Body, thinking) {
		lead(r)
	}
	return nil
}

func (f foreign) drop(r *Request) {
	whole := conv.Body(string(r.Body))
	switch f.dialect {
	case Anthropic:
		whole = inside(whole, "messages", func(list conv.Raw) conv.Raw { return filter(list, message("content", f.thinking)) })
	case OpenAIChat:
		whole = inside(whole, "messages", func(list conv.Raw) conv.Raw { return filter(list, f.details) })
	case OpenAIResponses:
		whole = inside(whole, "input", func(list conv.Raw) conv.Raw { return filter(list, f.item) })
	case Gemini:
		whole = inside(whole, "contents", func(list conv.Raw) conv.Raw { return filter(list, message("parts", f.part)) })
	}
	r.Body = []byte(inID.ReplaceAllLiteralString(string(whole), ""))
}

func (foreign) Response(context.Context, *Response) error { return nil }

func (foreign) Stream(context.Context, *Response) Stream { return nil }

func isToken(v conv.Raw) bool {
	_, ok := conv.ReadToken(v.Str())
	return ok
}

// thinking keeps all blocks but those of thinking that others signed.
func (foreign) thinking(block conv.Raw) (conv.Raw, bool) {
	return block, block.Get("type") != `"thinking"` || !isToken(block.Get("signature"))
}

// details takes the details of others' reasoning out of a message.
func (foreign) details(message conv.Raw) (conv.Raw, bool) {
	if strings.Contains(string(message.Get("reasoning_details")), "RtxState") {
		return without(message, "reasoning_details"), true
	}
	return message, true
}

func (foreign) item(item conv.Raw) (conv.Raw, bool) {
	return item, item.Get("type") != `"reasoning"` || !isToken(item.Get("encrypted_content"))
}

// part keeps what a part says, and leaves out the signature and a part that is
// nothing else.
func (foreign) part(part conv.Raw) (conv.Raw, bool) {
	if !isToken(part.Get("thoughtSignature")) {
		return part, true
	}
	if part.Get("thought") == "true" || part.Get("text") == `""` {
		return part, false
	}
	return without(part, "thoughtSignature"), true
}

// message filters one member of a message, and drops a message of which
// nothing is left.
func message(member string, keep func(conv.Raw) (conv.Raw, bool)) func(conv.Raw) (conv.Raw, bool) {
	return func(m conv.Raw) (conv.Raw, bool) {
		empty := false
		m = inside(m, member, func(list conv.Raw) conv.Raw {
			kept := filter(list, keep)
			empty = kept == "[]" && kept != list
			return kept
		})
		return m, !empty
	}
}

// inside replaces the value of a member by what change makes of it. Everything
// around it stays as it is.
func inside(object conv.Raw, member string, change func(conv.Raw) conv.Raw) conv.Raw {
	old := object.Get(member)
	if !old.IsArray() {
		return object
	}
	changed := change(old)
	if changed == old {
		return object
	}
	at := conv.Offset(string(object), string(old))
	return object[:at] + changed + object[at+len(old):]
}

// filter gives the elements that are kept, as keep changes them. A list of
// which all stays as it is is returned itself.
func filter(list conv.Raw, keep func(conv.Raw) (conv.Raw, bool)) conv.Raw {
	kept := make([]string, 0, 16)
	same := true
	for c := list.Walk(); c.Next(); {
		value, ok := keep(c.Value)
		same = same && ok && value == c.Value
		if ok {
			kept = append(kept, string(value))
		}
	}
	if same {
		return list
	}
	return conv.Raw("[" + strings.Join(kept, ",") + "]")
}

// without takes a member out of an object.
func without(object conv.Raw, member string) conv.Raw {
	kept := make([]string, 0, 8)
	for c := object.Walk(); c.Next(); {
		if c.Key != member {
			kept = append(kept, string(conv.Quote(c.Key))+":"+string(c.Value))
		}
	}
	return conv.Raw("{" + strings.Join(kept, ",") + "}")
}
