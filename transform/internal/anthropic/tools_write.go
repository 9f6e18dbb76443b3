package anthropic

import (
	"github.com/dctx-team/routex/transform/internal/conv"
)

func (w *writer) tools() {
	r := w.Req
	if len(r.Tools) == 0 {
		if mode := r.Choice.Mode; mode == conv.ChoiceAny || mode == conv.ChoiceTool {
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
}

func (w *writer) tool(t *conv.Tool) {
	w.Raw(`{"name":`)
	w.Str(t.Name)
	w.Member(`,"description":`, string(t.Description))
	schema, strict := t.InputSchema(), false
	if t.Strict == "true" {
		schema, strict = w.strict(t, schema)
	}
	schema = w.plain(t, schema)
	w.Member(`,"input_schema":`, schema)
	if strict {
		w.Raw(`,"strict":true`)
	}
	w.Raw("}")
}

// strict returns the schema that the model can be held to, if there is one.
func (w *writer) strict(t *conv.Tool, schema string) (string, bool) {
	var s fitted
	if s.schema(conv.Raw(schema), 0); s.unfit || s.lost != "" || !w.model.strictTools() || circular(schema) {
		w.Lose("tools", "the model cannot be held to the schema of "+t.Name.String())
		return schema, false
	}
	return conv.View(s.buf), true
}

// plain leaves out of a tool's schema what may not stand at its top.
func (w *writer) plain(t *conv.Tool, schema string) string {
	v := conv.Raw(schema)
	if v.Get("anyOf") == "" && v.Get("oneOf") == "" && v.Get("allOf") == "" {
		return schema
	}
	w.Lose("tools", "a choice of schemas may not stand at the top of the schema of "+t.Name.String())
	kept := fitted{buf: []byte("{")}
	for c := v.Walk(); c.Next(); {
		if c.Key != "anyOf" && c.Key != "oneOf" && c.Key != "allOf" {
			kept.member(c.Key, c.Value, 1)
		}
	}
	return conv.View(append(kept.buf, '}'))
}

func (w *writer) choice() {
	mode := w.mode()
	parallelOff := w.Req.NoParallel && mode != conv.ChoiceNone
	if mode == conv.ChoiceUnset && !parallelOff {
		return
	}
	w.Raw(`,"tool_choice":{"type":`)
	switch mode {
	case conv.ChoiceAny:
		w.Raw(`"any"`)
	case conv.ChoiceNone:
		w.Raw(`"none"`)
	case conv.ChoiceTool:
		w.Raw(`"tool","name":`)
		w.Str(w.Req.Choice.Name)
	default:
		w.Raw(`"auto"`)
	}
	if parallelOff {
		w.Raw(`,"disable_parallel_tool_use":true`)
	}
	w.Raw("}")
}

// mode returns what the model can be told about tools: one that reasons
// cannot be made to call any.
func (w *writer) mode() conv.ChoiceMode {
	mode := w.Req.Choice.Mode
	if mode != conv.ChoiceAny && mode != conv.ChoiceTool {
		return mode
	}
	switch {
	case w.on:
		w.Lose(w.Req.Names.Choice, "a model that reasons cannot be made to call a tool: it may")
	case !w.model.forced():
		w.Lose(w.Req.Names.Choice, "this model cannot be made to call a tool: it may")
	default:
		return mode
	}
	return conv.ChoiceAuto
}
