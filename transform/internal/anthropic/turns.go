package anthropic

import (
	"github.com/dctx-team/routex/transform/internal/conv"
)

// A turn is what this protocol calls a message: users and assistants take
// turns, so that neighbours of the same side make one. Results of tools go
// before all other content.
type turn struct {
	role    conv.Role
	first   *conv.Message // of those it is made of; nil if it was put in
	results []conv.Part
	lead    []conv.Part // reasoning that goes before all other parts
	parts   []conv.Part
}

func (t *turn) empty() bool { return len(t.results)+len(t.lead)+len(t.parts) == 0 }

// turns arranges the conversation: messages of one side are joined, results
// answer the calls of the turn before, every call is answered, and the user is
// first.
func (w *writer) turns() []turn {
	all := w.Req.Messages
	turns := make([]turn, 0, len(all)+1)
	for i := range all {
		m := &all[i]
		role := w.role(turns, all[i:])
		if n := len(turns); n == 0 || turns[n-1].role != role {
			if role == conv.Assistant {
				turns = w.answer(turns)
				w.calls.Clear()
				w.answered.Clear()
			}
			turns = append(turns, turn{role: role, first: m, parts: make([]conv.Part, 0, len(m.Parts))})
		}
		t := &turns[len(turns)-1]
		w.add(t, m)
		if t.empty() {
			turns = turns[:len(turns)-1]
		}
	}
	for i := range turns {
		if t := &turns[i]; t.lead != nil {
			t.parts = append(t.lead, t.parts...)
		}
	}
	return w.ends(w.answer(turns))
}

// role returns whose turn the first of the messages belongs to. A system
// message may stand only behind the user's turn and before the assistant's;
// anywhere else the user says it.
func (w *writer) role(turns []turn, rest []conv.Message) conv.Role {
	m := &rest[0]
	if m.Role != conv.System {
		return m.Role
	}
	n := len(turns)
	if w.model.midSystem() && n > 0 && turns[n-1].role != conv.Assistant && systemFits(rest) {
		return conv.System
	}
	w.Lose(w.Req.MessagePath(m)+".role", conv.WhySystem)
	return conv.User
}

// systemFits reports that the assistant or nobody speaks after the system
// messages at the beginning of rest, which hold text only.
func systemFits(rest []conv.Message) bool {
	for i := range rest {
		if rest[i].Role != conv.System {
			return rest[i].Role == conv.Assistant
		}
		for j := range rest[i].Parts {
			if rest[i].Parts[j].Kind != conv.Text {
				return false
			}
		}
	}
	return true
}

// add puts the parts of m into t.
func (w *writer) add(t *turn, m *conv.Message) {
	for i := range m.Parts {
		switch p := &m.Parts[i]; p.Kind {
		case conv.ToolResult:
			w.addResult(t, m, p)
		case conv.Reasoning:
			w.addReasoning(t, m, p)
		case conv.Image, conv.Document:
			w.addMedia(t, m, p)
		case conv.ToolCall:
			w.calls.Add(p.ID)
			t.add(*p)
		default:
			t.add(*p)
		}
	}
}

func (w *writer) addResult(t *turn, m *conv.Message, p *conv.Part) {
	if w.calls.Has(p.ID) && !w.answered.Has(p.ID) {
		w.answered.Add(p.ID)
		r := *p
		r.Content = w.resultContent(m, p.Content)
		t.results = append(t.results, r)
		return
	}
	w.Lose(w.Req.MessagePath(m), conv.WhyOrphan)
	for _, c := range conv.Orphan(*p) {
		if c.Kind == conv.Text {
			t.add(c)
		} else {
			w.addMedia(t, m, &c)
		}
	}
}

// resultContent leaves out what this protocol rejects.
func (w *writer) resultContent(m *conv.Message, parts []conv.Part) []conv.Part {
	kept := make([]conv.Part, 0, len(parts))
	for i := range parts {
		p := parts[i]
		if p.Kind == conv.Text && !p.Text.IsSpace() || p.Kind != conv.Text && w.shown(m, &p) {
			kept = append(kept, p)
		}
	}
	return kept
}

func (w *writer) addReasoning(t *turn, m *conv.Message, p *conv.Part) {
	if t.role != conv.Assistant || !w.takes(p) {
		w.Lose(w.Req.MessagePath(m), conv.WhyReasoning)
		return
	}
	if w.model.adaptive() {
		t.parts = append(t.parts, *p)
	} else { // they want it before all else
		t.lead = append(t.lead, *p)
	}
}

func (w *writer) addMedia(t *turn, m *conv.Message, p *conv.Part) {
	if t.role != conv.User {
		w.Lose(w.Req.MessagePath(m), "an assistant's message takes no images and documents")
		return
	}
	media := *p
	if w.shown(m, &media) {
		t.add(media)
	}
}

// add leaves out text that is nothing but white space, which this protocol
// rejects.
func (t *turn) add(p conv.Part) {
	if p.Kind != conv.Text && p.Kind != conv.Refusal || !p.Text.IsSpace() {
		t.parts = append(t.parts, p)
	}
}

// answer sees to it that every call of the assistant's last turn has a
// result.
func (w *writer) answer(turns []turn) []turn {
	last := len(turns) - 1
	for last >= 0 && turns[last].role != conv.Assistant {
		last--
	}
	if last < 0 {
		return turns
	}
	t := turns[last]
	for i := range t.parts {
		if p := &t.parts[i]; p.Kind == conv.ToolCall && !w.answered.Has(p.ID) {
			w.Lose(w.Req.MessagePath(t.first), conv.WhyMissing)
			if last+1 == len(turns) {
				turns = append(turns, turn{role: conv.User})
			}
			next := &turns[last+1]
			next.results = append(next.results, conv.Missing(p.ID))
			w.answered.Add(p.ID)
		}
	}
	return turns
}
