package responses

import (
	"hash/fnv"
	"strconv"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// assistant writes what the assistant said: text, calls, and reasoning, which
// is taken only together with what follows it. Calls without a result get one.
func (w *writer) assistant(m *conv.Message) {
	var thoughts []*conv.Part
	var orphans []conv.Part
	for i := 0; i < len(m.Parts); i++ {
		p := &m.Parts[i]
		switch p.Kind {
		case conv.Text, conv.Refusal:
			first := i
			for i+1 < len(m.Parts) && isSaid(&m.Parts[i+1]) {
				i++
			}
			thoughts = w.thought(thoughts)
			w.said(m.Parts[first : i+1])
		case conv.ToolCall:
			thoughts = w.thought(thoughts)
			if w.call(m, p) {
				orphans = append(orphans, conv.Missing(p.ID))
			}
		case conv.Reasoning:
			if p.State.For(conv.Item, w.Req.Target.Provider) {
				thoughts = append(thoughts, p)
			} else {
				w.Lose(w.Req.MessagePath(m), conv.WhyReasoning)
			}
		default:
			w.Lose(w.Req.MessagePath(m), "an assistant's message takes text only")
		}
	}
	if len(thoughts) > 0 {
		w.Lose(w.Req.MessagePath(m), "reasoning is taken only before what follows from it")
	}
	for i := range orphans {
		w.result(&orphans[i])
	}
}

// thought writes items of reasoning and returns the empty list.
func (w *writer) thought(thoughts []*conv.Part) []*conv.Part {
	for _, p := range thoughts {
		w.reasoning(p)
	}
	return thoughts[:0]
}

// said writes text of the assistant's. A refusal is text to the next turn:
// parts of its own kind are taken only in messages that have an id.
func (w *writer) said(texts []conv.Part) {
	w.next(`{"type":"message","role":"assistant","content":[`)
	for i := range texts {
		w.item(i == 0, `{"type":"output_text","text":`)
		w.Str(texts[i].Text)
		w.Raw("}")
	}
	w.Raw("]}")
}

// call writes a call and reports that it has no result.
func (w *writer) call(m *conv.Message, p *conv.Part) (orphan bool) {
	w.calls.Add(p.ID)
	text := w.takesText(p.Name)
	if text {
		w.texts.Add(p.ID)
		w.next(`{"type":"custom_tool_call","call_id":`)
	} else {
		w.next(`{"type":"function_call","call_id":`)
	}
	w.callID(p.ID)
	w.Raw(`,"name":`)
	w.Str(p.Name)
	if text {
		w.Raw(`,"input":`)
		w.Str(conv.FreeformInput(p.Args))
	} else {
		w.Raw(`,"arguments":`)
		w.Quoted(argsOf(p))
	}
	w.Raw("}")
	if p.State.Kind != conv.NoState {
		w.Lose(w.Req.MessagePath(m), conv.WhyReasoning)
	}
	if orphan = !w.results.Has(p.ID); orphan {
		w.Lose(w.Req.MessagePath(m), conv.WhyMissing)
	}
	return orphan
}

func argsOf(p *conv.Part) string {
	if p.Args == "" {
		return "{}"
	}
	return p.Args
}

// maxID is how long the protocol lets ids be.
const maxID = 64

// callID writes the id of a call, one that is too long shortened always in
// the same way, so that the call and its result still meet.
func (w *writer) callID(id conv.Str) {
	text := id.String()
	if len(text) <= maxID {
		w.Str(id)
		return
	}
	h := fnv.New64a()
	h.Write([]byte(text))
	w.Quoted(text[:40] + "_" + strconv.FormatUint(h.Sum64(), 36))
}
