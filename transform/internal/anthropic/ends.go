package anthropic

import (
	"slices"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// ends sees to it that the user begins, that no turn ends with reasoning, and
// that an answer begun by the caller is one that the model can go on with.
func (w *writer) ends(turns []turn) []turn {
	turns = w.bare(turns)
	if len(turns) == 0 {
		return nil
	}
	if turns[0].role == conv.Assistant {
		w.Lose(w.Req.MessageList(), "the user must speak first here: a message \".\" was put before")
		turns = append([]turn{opening(`"."`)}, turns...)
	}
	last := &turns[len(turns)-1]
	if last.role != conv.Assistant {
		return turns
	}
	if !w.model.prefill() || w.schema != nil {
		w.Lose(w.Req.MessageList(), "the user must speak last here: a message \"Continue.\" was put behind")
		return append(turns, opening(`"Continue."`))
	}
	last.trim()
	return turns
}

// bare takes away reasoning that nothing follows in its turn, and the turns
// that hold nothing else.
func (w *writer) bare(turns []turn) []turn {
	kept := turns[:0]
	for _, t := range turns {
		n := len(t.parts)
		for n > 0 && t.parts[n-1].Kind == conv.Reasoning {
			n--
		}
		if n < len(t.parts) {
			w.Lose(w.Req.MessagePath(t.first), conv.WhyReasoning)
			t.parts = t.parts[:n]
		}
		if !t.empty() {
			kept = append(kept, t)
		}
	}
	return kept
}

func (t *turn) trim() {
	if n := len(t.parts); n > 0 && t.parts[n-1].Kind != conv.ToolCall {
		t.parts[n-1].Text = t.parts[n-1].Text.TrimRight()
	}
}

func opening(text conv.Str) turn {
	return turn{parts: []conv.Part{{Kind: conv.Text, Text: text}}}
}

// onlySystem makes the user's turn of a request that has none: the last
// system text takes its place.
func (w *writer) onlySystem() []turn {
	w.Lose(w.Req.MessageList(), "a user message is demanded here: the last system text was sent as one")
	for i, p := range slices.Backward(w.Req.System) {
		if p.Kind == conv.Text && !p.Text.IsSpace() {
			w.moved = len(w.Req.System) - i
			return []turn{opening(p.Text)}
		}
	}
	return []turn{opening(`"."`)}
}
