package gemini

import (
	"slices"
	"strconv"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// WriteRequest appends the request in this protocol. Anything in r which the
// protocol cannot carry goes to lose.
func WriteRequest(dst []byte, r *conv.Request, lose conv.Lose) ([]byte, error) {
	w := writer{Writer: conv.Writer{Buf: dst, Req: r, Lose: lose}, model: modelOf(r.Model), schemas: budget{maxAllNodes, maxAllWork}}
	turns := w.turns()
	if len(turns) == 0 {
		turns = w.onlySystem()
	}
	w.Raw(`{"contents":[`)
	for i := range turns {
		if i > 0 {
			w.Raw(",")
		}
		w.turn(&turns[i])
	}
	w.Raw("]")
	w.system(w.instructions())
	w.tools()
	w.config()
	return append(w.Buf, '}'), nil
}

type writer struct {
	conv.Writer
	model  model
	calls  conv.Calls // of the model's turn at hand
	moved  int        // system parts at the end that became a user turn
	comma  bool       // a part or a member was written before
	signed bool       // the first call of this turn has its signature

	schemas budget // for those of the tools and of the answer
}

// sep writes a comma between the elements of a list.
func (w *writer) sep() {
	if w.comma {
		w.Raw(",")
	}
	w.comma = true
}

// lose reports a loss in a message.
func (w *writer) lose(index int, why string) {
	w.Lose(w.Req.MessagePath(&conv.Message{Index: index}), why)
}

// instructions returns the leading system text, with the form of the answer in
// words for models that cannot be held to it.
func (w *writer) instructions() []conv.Part {
	r := w.Req
	parts := r.System[:len(r.System)-w.moved]
	if r.Format.Kind == conv.FormatText || w.formats() {
		return parts
	}
	w.Lose(r.Names.Format, "this model takes either tools or a format: it was asked in words")
	return append(slices.Clip(parts), conv.Part{Kind: conv.Text, Text: r.Format.Instruction()})
}

// formats reports that the model can be held to the form of its answer.
func (w *writer) formats() bool { return len(w.Req.Tools) == 0 || w.model.formatsWithTools() }

func (w *writer) system(parts []conv.Part) {
	w.TextOnly(w.Req.MessageList(), parts)
	if !slices.ContainsFunc(parts, isText) {
		return
	}
	w.Raw(`,"systemInstruction":{"parts":[`)
	w.comma = false
	for i := range parts {
		if isText(parts[i]) {
			w.sep()
			w.text(parts[i].Text)
		}
	}
	w.Raw(`]}`)
}

// isText tells text that the protocol takes: it refuses parts without any.
func isText(p conv.Part) bool { return p.Kind == conv.Text && !p.Text.Empty() }

func (w *writer) text(s conv.Str) {
	w.Raw(`{"text":`)
	w.Str(s)
	w.Raw("}")
}

func (w *writer) tools() {
	r := w.Req
	if len(r.Tools) == 0 {
		if m := r.Choice.Mode; m == conv.ChoiceAny || m == conv.ChoiceTool {
			w.Lose(r.Names.Choice, "there are no tools to choose from")
		}
		return
	}
	w.Raw(`,"tools":[{"functionDeclarations":[`)
	for i := range r.Tools {
		if i > 0 {
			w.Raw(",")
		}
		w.tool(&r.Tools[i], i)
	}
	w.Raw(`]}]`)
	w.choice()
	if r.NoParallel {
		w.Lose(r.Names.Parallel, "several calls at once cannot be forbidden here")
	}
}

func (w *writer) tool(t *conv.Tool, index int) {
	w.Raw(`{"name":`)
	w.Str(t.Name)
	if !t.Description.Empty() {
		w.Raw(`,"description":`)
		w.Str(t.Description)
	}
	at := "tools[" + strconv.Itoa(index) + "]"
	w.parameters(t.InputSchema(), at)
	if m := w.Req.Choice.Mode; t.Strict == "true" && m != conv.ChoiceAny && m != conv.ChoiceTool {
		w.Lose(at, "only calls that must be made are held to the schema here")
	}
	w.Raw("}")
}

func (w *writer) parameters(schema, at string) {
	start := len(w.Buf)
	w.Raw(`,"parameters":`)
	part := w.schemas.part()
	s := subset{buf: w.Buf, left: part}
	if s.parameters(schema) {
		w.Buf = s.buf
	} else {
		w.Buf = w.Buf[:start]
	}
	w.schemas.spend(part, s.left)
	if why := s.why(); why != "" {
		w.Lose(at, why)
	}
}

func (w *writer) choice() {
	switch c := w.Req.Choice; c.Mode {
	case conv.ChoiceAuto:
		w.Raw(`,"toolConfig":{"functionCallingConfig":{"mode":"AUTO"}}`)
	case conv.ChoiceAny:
		w.Raw(`,"toolConfig":{"functionCallingConfig":{"mode":"ANY"}}`)
	case conv.ChoiceNone:
		w.Raw(`,"toolConfig":{"functionCallingConfig":{"mode":"NONE"}}`)
	case conv.ChoiceTool:
		w.Raw(`,"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":[`)
		w.Str(c.Name)
		w.Raw(`]}}`)
	}
}
