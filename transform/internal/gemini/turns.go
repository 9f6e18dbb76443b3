package gemini

import (
	"slices"
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// A turn is what this protocol calls a content: user and model take turns, so
// that neighbours of the same side make one. Results of functions go before
// all other parts.
type turn struct {
	model   bool
	index   int // of its first message
	calls   int
	results []conv.Part
	parts   []conv.Part
}

func (t *turn) empty() bool { return len(t.results)+len(t.parts) == 0 }

// turns arranges the conversation: messages of one side are joined, all calls
// of a turn must be answered in the next one, and the first turn is the
// user's.
func (w *writer) turns() []turn {
	turns := make([]turn, 0, len(w.Req.Messages)+1)
	for i := range w.Req.Messages {
		m := &w.Req.Messages[i]
		side := m.Role == conv.Assistant
		if n := len(turns); n == 0 || turns[n-1].model != side {
			turns = append(turns, turn{model: side, index: m.Index, parts: make([]conv.Part, 0, len(m.Parts))})
			if side {
				w.calls.Clear()
			}
		}
		t := &turns[len(turns)-1]
		w.add(t, m)
		if t.empty() {
			turns = turns[:len(turns)-1]
		}
	}
	if n := len(turns); n > 0 && turns[n-1].calls > 0 {
		turns = append(turns, turn{index: turns[n-1].index})
	}
	for i := range turns {
		if turns[i].calls > 0 {
			w.settle(&turns[i], &turns[i+1])
		}
	}
	if len(turns) > 0 && turns[0].model {
		w.lose(turns[0].index, "the user must speak first here: a message \".\" was put before")
		turns = append([]turn{opening(`"."`)}, turns...)
	}
	if n := len(turns); n > 0 && turns[n-1].model && w.model.major > 0 && !w.model.prefill() {
		w.Lose(w.Req.MessageList(), "the user must speak last here: a message \"Continue.\" was put behind")
		turns = append(turns, opening(`"Continue."`))
	}
	return turns
}

// add puts the parts of m into t.
func (w *writer) add(t *turn, m *conv.Message) {
	if m.Role == conv.System {
		w.lose(m.Index, conv.WhySystem)
	}
	for i := range m.Parts {
		p := &m.Parts[i]
		switch {
		case p.Kind == conv.ToolResult && w.calls.Has(p.ID):
			t.results = append(t.results, *p)
		case p.Kind == conv.ToolResult:
			w.orphan(t, p, m.Index)
		case p.Kind == conv.Reasoning:
			w.reasoning(t, p, m.Index)
		case p.Kind == conv.ToolCall:
			w.calls.Add(p.ID)
			t.calls++
			t.parts = append(t.parts, *p)
		case (p.Kind == conv.Text || p.Kind == conv.Refusal) && p.Text.Empty():
			// The protocol refuses parts without text.
		default:
			t.parts = append(t.parts, *p)
		}
	}
}

func (w *writer) orphan(t *turn, p *conv.Part, index int) {
	w.lose(index, conv.WhyOrphan)
	for _, c := range conv.Orphan(*p) {
		if c.Kind != conv.Text || !c.Text.Empty() {
			t.parts = append(t.parts, c)
		}
	}
}

// reasoning keeps what this very provider wrote and can check.
func (w *writer) reasoning(t *turn, p *conv.Part, index int) {
	if p.State.For(conv.Thought, w.Req.Target.Provider) {
		t.parts = append(t.parts, *p)
		return
	}
	w.lose(index, conv.WhyReasoning)
}

// settle sees to it that every call of t has its result at the start of the
// next turn, in the order of the calls: the API counts them. A result that
// answers a call for the second time becomes text.
func (w *writer) settle(t, next *turn) {
	given := next.results
	places := placesOf(given)
	next.results = make([]conv.Part, 0, t.calls)
	for i := range t.parts {
		if p := &t.parts[i]; p.Kind == conv.ToolCall {
			r := w.take(given, places, p.ID, t.index)
			r.Name = p.Name
			next.results = append(next.results, r)
		}
	}
	w.leftover(next, given)
}

// leftover makes text of the results that were not taken.
func (w *writer) leftover(t *turn, given []conv.Part) {
	rest := t.parts
	t.parts = nil
	for i := range given {
		if given[i].Kind == conv.ToolResult {
			w.orphan(t, &given[i], t.index)
		}
	}
	if t.parts == nil {
		t.parts = rest
		return
	}
	t.parts = append(t.parts, rest...)
}

// fewResults is how many results are looked through one by one.
const fewResults = 16

// placesOf returns where the results of each id are, nil if they are few.
func placesOf(given []conv.Part) map[string][]int {
	if len(given) <= fewResults {
		return nil
	}
	places := make(map[string][]int, len(given))
	for i := range given {
		id := given[i].ID.String()
		places[id] = append(places[id], i)
	}
	return places
}

// take takes the result of a call out of those that were given, or makes one.
func (w *writer) take(given []conv.Part, places map[string][]int, id conv.Str, index int) conv.Part {
	if of := places[id.String()]; len(of) > 0 {
		places[id.String()] = of[1:]
		return use(&given[of[0]])
	}
	for i := 0; places == nil && i < len(given); i++ {
		if r := &given[i]; r.Kind == conv.ToolResult && r.ID.Same(id) {
			return use(r)
		}
	}
	w.lose(index, conv.WhyMissing)
	return conv.Missing(id)
}

// use marks a result as one that is used.
func use(r *conv.Part) conv.Part {
	found := *r
	r.Kind = conv.Text
	return found
}

func opening(text conv.Str) turn {
	return turn{parts: []conv.Part{{Kind: conv.Text, Text: text}}}
}

// onlySystem makes the user's turn of a request that has none: the last
// system text takes its place.
func (w *writer) onlySystem() []turn {
	list, _, _ := strings.Cut(w.Req.MessagePath(&conv.Message{}), "[")
	w.Lose(list, "a user message is demanded here: the last system text was sent as one")
	for i, p := range slices.Backward(w.Req.System) {
		if isText(p) {
			w.moved = len(w.Req.System) - i
			return []turn{opening(p.Text)}
		}
	}
	return []turn{opening(`"."`)}
}
