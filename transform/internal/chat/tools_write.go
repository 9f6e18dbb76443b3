package chat

import (
	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/dctx-team/routex/transform/internal/openai"
)

func (w *writer) tools() {
	r := w.Req
	mode := r.Choice.Mode
	if len(r.Tools) == 0 {
		if mode == conv.ChoiceAny || mode == conv.ChoiceTool {
			w.Lose(r.Names.Choice, "there are no tools to choose from")
		}
		return
	}
	if w.flavor == zhipu && mode == conv.ChoiceNone {
		return // only without tools does it call none
	}
	w.Raw(`,"tools":[`)
	for i := range r.Tools {
		if i > 0 {
			w.Raw(",")
		}
		w.tool(&r.Tools[i])
	}
	w.Raw("]")
	w.choice()
	if r.NoParallel {
		w.oneAtATime()
	}
}

func (w *writer) tool(t *conv.Tool) {
	w.Raw(`{"type":"function","function":{"name":`)
	w.Str(t.Name)
	w.Member(`,"description":`, string(t.Description))
	w.Raw(`,"parameters":`)
	w.Raw(openai.Parameters(t.InputSchema()))
	if w.flavor != zhipu {
		w.Member(`,"strict":`, t.Strict)
	} else if t.Strict == "true" {
		w.Lose("tools", "this server does not hold calls to their schemas")
	}
	w.Raw(`}}`)
}

func (w *writer) choice() {
	c := w.Req.Choice
	if why := w.unforced(); why != "" && (c.Mode == conv.ChoiceAny || c.Mode == conv.ChoiceTool) {
		w.Lose(w.Req.Names.Choice, why)
		c.Mode = conv.ChoiceAuto
	}
	switch c.Mode {
	case conv.ChoiceAuto:
		w.Raw(`,"tool_choice":"auto"`)
	case conv.ChoiceAny:
		w.Raw(`,"tool_choice":"required"`)
	case conv.ChoiceNone:
		w.Raw(`,"tool_choice":"none"`)
	case conv.ChoiceTool:
		w.Raw(`,"tool_choice":{"type":"function","function":{"name":`)
		w.Str(c.Name)
		w.Raw(`}}`)
	}
}

// unforced tells why the model cannot be made to call a tool.
func (w *writer) unforced() string {
	switch {
	case w.flavor == zhipu:
		return "this server leaves it to the model whether it calls a tool"
	case w.thinks() && w.Req.Thinking.Mode != conv.ThinkingOff:
		return "while it reasons the model itself decides whether it calls a tool"
	}
	return ""
}

func (w *writer) oneAtATime() {
	series := w.Reasons && w.name[0] == 'o'
	if series || w.flavor == zhipu {
		w.Lose(w.Req.Names.Parallel, "the model decides itself how many tools it calls at a time")
		return
	}
	w.Raw(`,"parallel_tool_calls":false`)
}
