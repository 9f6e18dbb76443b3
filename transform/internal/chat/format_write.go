package chat

import (
	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/dctx-team/routex/transform/internal/openai"
)

// instruction returns what the system is to say of the answer's form, absent
// when nothing: the schema, where a server takes none, or that JSON is wanted,
// without which word servers reject the wish for it.
func (w *writer) instruction() conv.Str {
	f := &w.Req.Format
	switch {
	case w.shapeless():
		w.Lose(w.Req.Names.Format, whyShape)
		return f.Instruction()
	case f.Kind == conv.FormatSchema && !w.schemas():
		w.Lose(w.Req.Names.Format, "this server takes no schema: it became an instruction")
		return f.Instruction()
	case f.Kind == conv.FormatJSON && !w.Req.MentionsJSON():
		return f.Instruction()
	}
	return ""
}

const whyShape = "only an object can be asked for here: it was asked for in words"

// shapeless reports that the answer is to be something else than an object.
func (w *writer) shapeless() bool {
	f := &w.Req.Format
	return f.Kind == conv.FormatSchema && (w.ofOpenAI() || !w.schemas()) && !openai.HasObject(f.Schema)
}

// formatNames is what the protocol takes as the name of a schema.
var formatNames = conv.NameRule{Max: 64}

func (w *writer) format() {
	f := &w.Req.Format
	switch {
	case f.Kind == conv.FormatText, w.shapeless():
		return
	case f.Kind == conv.FormatJSON, !w.schemas():
		w.Raw(`,"response_format":{"type":"json_object"}`)
		return
	}
	w.Raw(`,"response_format":{"type":"json_schema","json_schema":{"name":`)
	if f.Name.Empty() {
		w.Raw(`"answer"`)
	} else {
		w.Quoted(formatNames.Fit(f.Name.String()))
	}
	w.Member(`,"description":`, string(f.Description))
	w.Member(`,"schema":`, f.Schema)
	w.Member(`,"strict":`, f.Strict)
	w.Raw(`}}`)
}
