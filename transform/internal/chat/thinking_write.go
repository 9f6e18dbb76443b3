package chat

import "github.com/dctx-team/routex/transform/internal/conv"

// thinking asks for reasoning in the server's own way.
func (w *writer) thinking() {
	t := &w.Req.Thinking
	switch {
	case w.kept():
		why := ""
		if t.Mode == conv.ThinkingOn {
			why = "by this protocol the model takes tools only while it does not reason"
		}
		w.effort("none", why)
	case t.Mode == conv.ThinkingUnset:
	case w.flavor == zhipu:
		w.zhipuThinking(t)
	case w.thinks():
		w.houseThinking(t)
	case w.flavor == custom:
		w.customThinking(t)
	default:
		effort, why := w.Effort(t)
		w.effort(effort, why)
	}
}

func (w *writer) effort(effort, why string) {
	if why != "" {
		w.Lose(w.Req.Names.Thinking, why)
	}
	if effort != "" {
		w.Raw(`,"reasoning_effort":`)
		w.Quoted(effort)
	}
}

// toggle writes the switch that Zhipu, DeepSeek and Kimi have.
func (w *writer) toggle(on bool) {
	if on {
		w.Raw(`,"thinking":{"type":"enabled"}`)
	} else {
		w.Raw(`,"thinking":{"type":"disabled"}`)
	}
}

// zhipuThinking knows that models before 4.5 do not reason, that those from
// 5.2 on take an effort, and that those from 5.3 on always reason.
func (w *writer) zhipuThinking(t *conv.Thinking) {
	major, minor, known := w.glm()
	since := func(a, b int) bool { return !known || major > a || major == a && minor >= b }
	on := t.Mode == conv.ThinkingOn
	switch {
	case !since(4, 5):
		if on {
			w.effort("", "the model does not reason")
		}
	case !on && known && since(5, 3):
		w.effort("low", "the model always reasons: the effort became low")
	default:
		w.toggle(on)
		if on {
			w.zhipuEffort(t.EffortOf(), known && since(5, 2))
		}
	}
}

func (w *writer) zhipuEffort(want conv.Effort, takes bool) {
	switch {
	case want == "":
	case !takes:
		if w.Req.Thinking.Effort != "" {
			w.effort("", "the model takes no effort")
		}
	default:
		w.near(want, conv.EffortLow, conv.EffortHigh, conv.EffortMax)
	}
}

// near asks for the nearest effort that the server knows.
func (w *writer) near(want conv.Effort, known ...conv.Effort) {
	got, why := want.Near(known...), ""
	if got != want && w.Req.Thinking.Effort != "" {
		why = "the model knows no effort " + string(want) + ": it became " + string(got)
	}
	w.effort(string(got), why)
}

// houseThinking knows that DeepSeek's models, Kimi's from K3 on, take an
// effort, and that the latter always reason.
func (w *writer) houseThinking(t *conv.Thinking) {
	on, want := t.Mode == conv.ThinkingOn, t.EffortOf()
	switch {
	case w.house == deepSeek:
		w.toggle(on)
		if on && want != "" {
			w.near(want, conv.EffortLow, conv.EffortHigh, conv.EffortMax)
		}
	case len(w.name) > 6 && w.name[:6] == "kimi-k" && w.name[6] >= '3':
		if !on {
			w.effort("low", "the model always reasons: the effort became low")
		} else if want != "" {
			w.near(want, conv.EffortLow, conv.EffortHigh, conv.EffortMax)
		}
	default:
		w.toggle(on)
		if on && t.Effort != "" {
			w.effort("", "the model takes no effort")
		}
	}
}

// customThinking asks in OpenAI's words, which most servers understand and
// the others pass over.
func (w *writer) customThinking(t *conv.Thinking) {
	switch {
	case !w.takesEffort():
		if t.Mode == conv.ThinkingOn {
			w.effort("", "the model takes no effort")
		}
	case t.Mode == conv.ThinkingOff:
		w.effort("none", "")
	default:
		w.effort(string(t.EffortOf()), "")
	}
}
