package chat

import (
	"github.com/dctx-team/routex/transform/internal/conv"
)

// instruction returns what the system is to say of the answer's form, absent
// when nothing: the schema, where a server takes none, or that JSON is wanted,
// without which word servers reject the wish for it.
func (w *writer) instruction() conv.Str {
	f := &w.Req.Format
	switch {
	case f.Kind == conv.FormatSchema && !w.schemas():
		w.Lose(w.Req.Names.Format, "this server takes no schema: it became an instruction")
		return f.Instruction()
	case f.Kind == conv.FormatJSON && !w.Req.MentionsJSON():
		return f.Instruction()
	}
	return ""
}

// formatNames is what the protocol takes as the name of a schema.
var formatNames = conv.NameRule{Max: 64}

func (w *writer) format() {
	f := &w.Req.Format
	switch {
	case f.Kind == conv.FormatText:
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
