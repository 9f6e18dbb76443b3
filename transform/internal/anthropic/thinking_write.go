package anthropic

import (
	"strconv"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// limit decides how many tokens the answer may have, which this protocol
// demands to be told. A caller who sets no limit gets what the model allows.
func (w *writer) limit() {
	most := w.model.maxTokens()
	w.max = w.Req.MaxTokens
	switch {
	case w.max == "":
		w.max = strconv.FormatInt(most, 10)
	case w.model.version > 0 && conv.Limit(w.max) > most:
		w.Lose(w.Req.Names.MaxTokens, "the model puts out fewer tokens: "+w.max+" became "+strconv.FormatInt(most, 10))
		w.max = strconv.FormatInt(most, 10)
	}
}

// think decides how the model is told to reason.
func (w *writer) think() {
	switch w.Req.Thinking.Mode {
	case conv.ThinkingOff:
		w.thinkOff()
	case conv.ThinkingOn:
		switch {
		case !w.model.thinks():
			w.Lose(w.Req.Names.Thinking, "this model does not reason")
		case w.model.adaptive():
			w.thinkAdaptively()
		default:
			w.thinkWithin()
		}
	}
}

func (w *writer) thinkOff() {
	switch {
	case w.model.always():
		w.effort = conv.EffortLow
		w.Lose(w.Req.Names.Thinking, "this model always reasons: it was asked for as little as it can")
	case w.model.betweenTools():
		w.thinking = `{"type":"between_tools"}`
	case w.model.byItself():
		w.thinking = `{"type":"disabled"}`
	}
}

func (w *writer) thinkAdaptively() {
	t := &w.Req.Thinking
	w.on, w.thinking = true, `{"type":"adaptive"}`
	switch {
	case t.Hide:
		w.thinking = `{"type":"adaptive","display":"omitted"}`
	case t.Show:
		w.thinking = `{"type":"adaptive","display":"summarized"}`
	}
	w.effort = w.model.effort(t.EffortOf())
	if t.Effort != "" && t.Effort != w.effort {
		w.Lose(w.Req.Names.Thinking, "the model knows no effort "+string(t.Effort)+": it became "+string(w.effort))
	}
}

// thinkWithin gives the reasoning a budget, which must be smaller than the
// tokens of the answer.
func (w *writer) thinkWithin() {
	if w.unled() {
		w.Lose(w.Req.Names.Thinking, "reasoning is off for this turn: what the assistant thought at its beginning cannot be given back")
		return
	}
	t, most := &w.Req.Thinking, conv.Limit(w.max)
	budget := t.BudgetOf()
	if budget == 0 {
		budget = (&conv.Thinking{Effort: conv.EffortMedium}).BudgetOf()
	}
	budget = max(budget, conv.MinBudget)
	switch {
	case w.Req.MaxTokens == "" && w.model.version == 0:
		most += budget
	case most <= conv.MinBudget:
		budget = conv.MinBudget
		most += budget
		w.Lose(w.Req.Names.MaxTokens, "reasoning takes 1024 tokens more: "+w.max+" became "+strconv.FormatInt(most, 10))
	case budget >= most:
		budget = most - 1
		if t.Budget > 0 {
			w.Lose(w.Req.Names.Thinking, "the budget must be smaller than the tokens of the answer: it became "+strconv.FormatInt(budget, 10))
		}
	}
	w.on, w.max = true, strconv.FormatInt(most, 10)
	w.effort = w.model.effort(t.Effort)
	w.thinking = `{"type":"enabled","budget_tokens":` + strconv.FormatInt(budget, 10) + `}`
}

// unled reports that the assistant's last turn goes on, with calls whose
// results follow or because it is the caller's beginning of the answer, but
// does not begin with reasoning that can be given back. Models with a budget
// then reject reasoning.
func (w *writer) unled() bool {
	all := w.Req.Messages
	end := len(all)
	for end > 0 && all[end-1].Role != conv.Assistant {
		end--
	}
	goesOn := end > 0 && end == len(all)
	for i := end - 1; i >= 0 && all[i].Role == conv.Assistant; i-- {
		for j := range all[i].Parts {
			switch p := &all[i].Parts[j]; {
			case p.Kind == conv.ToolCall:
				goesOn = true
			case p.Kind == conv.Reasoning && w.minted(p):
				return false
			}
		}
	}
	return goesOn
}

// minted reports that the provider of this channel wrote the reasoning.
func (w *writer) minted(p *conv.Part) bool {
	provider := w.Req.Target.Provider
	return p.State.For(conv.Signature, provider) || p.State.For(conv.Redacted, provider)
}

// takes reports that the reasoning can be given back: to a model with a
// budget only while it reasons.
func (w *writer) takes(p *conv.Part) bool {
	return w.minted(p) && (w.on || w.model.adaptive())
}
