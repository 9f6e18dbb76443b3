package responses

import (
	"crypto/rand"
	"strconv"
	"time"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// A head is what all that is told of one answer has in common.
type head struct {
	id      conv.Str // with the prefix of the protocol
	base    string   // by which the ids of its items are told from others
	model   conv.Str
	created int64
	told    []byte // the answer as it was told at the start of a stream that is gone on with
}

func newHead(id, model conv.Str, created int64, o *conv.EncoderOptions) head {
	h := head{id: conv.Str(conv.AppendID(nil, "resp_", id)), model: model, created: created}
	if h.base = h.id.Inner()[len("resp_"):]; len(h.base) > 40 || !isPlainID(h.base) {
		h.base = rand.Text()
	}
	if model.Empty() {
		h.model = conv.Quote(o.Model)
	}
	if created == 0 {
		h.created = time.Now().Unix()
	}
	return h
}

func isPlainID(id string) bool {
	for i := range len(id) {
		c := id[i]
		if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') && c != '_' && c != '-' {
			return false
		}
	}
	return true
}

// itemID returns the id of the item with that index.
func (h *head) itemID(prefix string, index int) string {
	return prefix + h.base + "_" + strconv.Itoa(index)
}

// append appends the answer with the items in output. What the caller asked
// for is not known here and given as if he had asked for nothing.
func (h *head) append(dst []byte, o outcome, output []byte) []byte {
	if h.told != nil {
		return h.appendTold(dst, o, output)
	}
	dst = append(append(dst, `{"id":`...), h.id...)
	dst = append(dst, `,"object":"response","created_at":`...)
	dst = strconv.AppendInt(dst, h.created, 10)
	dst = append(append(append(dst, `,"status":"`...), o.status...), `","background":false,"error":`...)
	dst = o.appendError(dst)
	dst = o.appendDetails(append(dst, `,"incomplete_details":`...))
	dst = append(dst, `,"instructions":null,"max_output_tokens":null,"metadata":{},"model":`...)
	dst = append(append(dst, h.model...), `,"output":[`...)
	dst = append(append(dst, output...), `],"parallel_tool_calls":true,"previous_response_id":null,`...)
	dst = append(dst, `"reasoning":{"effort":null,"summary":null},"store":false,"temperature":null,"text":{"format":{"type":"text"}},`...)
	dst = append(dst, `"tool_choice":"auto","tools":[],"top_p":null,"truncation":"disabled","usage":`...)
	dst = o.appendUsage(dst)
	return append(dst, `,"user":null}`...)
}

// WriteResponse appends the answer in this protocol.
func WriteResponse(dst []byte, r *conv.Response) []byte {
	h := newHead(r.ID, r.Model, r.Created, &r.Options)
	output, refused := h.items(r)
	o := outcomeOf(r.Stop, refused)
	if r.HasUsage {
		o.usage = &r.Usage
	}
	return h.append(dst, o, output)
}

// items writes the parts of an answer as items: neighbouring texts are one.
func (h *head) items(r *conv.Response) (out []byte, refused bool) {
	index := 0
	next := func() {
		if index > 0 {
			out = append(out, ',')
		}
		index++
	}
	for i := 0; i < len(r.Parts); i++ {
		p := &r.Parts[i]
		switch p.Kind {
		case conv.Text, conv.Refusal:
			next()
			out = appendMessageHead(out, h.itemID("msg_", index-1))
			for n := i; i < len(r.Parts) && isSaid(&r.Parts[i]); i++ {
				if i > n {
					out = append(out, ',')
				}
				refused = refused || r.Parts[i].Kind == conv.Refusal
				out = appendPart(out, r.Parts[i].Kind == conv.Refusal, r.Parts[i].Text)
			}
			i--
			out = append(out, `]}`...)
		case conv.Reasoning:
			next()
			var summary []byte
			if !p.Text.Empty() {
				summary = appendSummary(nil, p.Text)
			}
			out = appendReasoning(out, h.itemID("rs_", index-1), summary, token(&p.State, &r.Options))
		case conv.ToolCall:
			next()
			c := newCall(p.ID, p.Name, &p.State, &r.Options)
			out = c.append(out, h.itemID(c.prefix(), index-1), "completed", c.input(argsOf(p)))
		}
	}
	return out, refused
}

func isSaid(p *conv.Part) bool { return p.Kind == conv.Text || p.Kind == conv.Refusal }
