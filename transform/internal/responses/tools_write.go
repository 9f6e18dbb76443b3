package responses

import (
	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/dctx-team/routex/transform/internal/openai"
)

func (w *writer) tools() {
	r := w.Req
	if len(r.Tools) == 0 {
		if m := r.Choice.Mode; m == conv.ChoiceAny || m == conv.ChoiceTool {
			w.Lose(r.Names.Choice, "there are no tools to choose from")
		}
		return
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
		w.Raw(`,"parallel_tool_calls":false`)
	}
}

// tool writes a tool. Without a word on strictness the provider would try to
// make a schema strict, and its optional members with it.
func (w *writer) tool(t *conv.Tool) {
	w.Raw(`{"type":`)
	w.kind(t.Freeform)
	w.Raw(`,"name":`)
	w.Str(t.Name)
	w.Member(`,"description":`, string(t.Description))
	if !t.Freeform {
		w.Member(`,"parameters":`, openai.Parameters(t.InputSchema()))
		strict := t.Strict
		if strict == "" {
			strict = "false"
		}
		w.Member(`,"strict":`, strict)
	}
	w.Raw(`}`)
}

func (w *writer) kind(freeform bool) {
	if freeform {
		w.Raw(`"custom"`)
	} else {
		w.Raw(`"function"`)
	}
}

func (w *writer) choice() {
	switch c := w.Req.Choice; c.Mode {
	case conv.ChoiceAuto:
		w.Raw(`,"tool_choice":"auto"`)
	case conv.ChoiceAny:
		w.Raw(`,"tool_choice":"required"`)
	case conv.ChoiceNone:
		w.Raw(`,"tool_choice":"none"`)
	case conv.ChoiceTool:
		w.Raw(`,"tool_choice":{"type":`)
		w.kind(w.takesText(c.Name))
		w.Raw(`,"name":`)
		w.Str(c.Name)
		w.Raw(`}`)
	}
}

// takesText reports that the tool of that name takes text.
func (w *writer) takesText(name conv.Str) bool { return w.freeform.Has(name) }

// freeforms notes the tools that take text.
func (w *writer) freeforms() {
	for i := range w.Req.Tools {
		if t := &w.Req.Tools[i]; t.Freeform {
			w.freeform.Add(t.Name)
		}
	}
}
