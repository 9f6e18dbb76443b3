package anthropic

import (
	"github.com/dctx-team/routex/transform/internal/conv"
)

func (w *writer) messages(turns []turn) {
	w.Raw(`,"messages":[`)
	for i := range turns {
		t := &turns[i]
		if i > 0 {
			w.Raw(",")
		}
		switch t.role {
		case conv.Assistant:
			w.Raw(`{"role":"assistant","content":`)
		case conv.System:
			w.Raw(`{"role":"system","content":`)
		default:
			w.Raw(`{"role":"user","content":`)
		}
		w.content(t.results, t.parts)
		w.Raw("}")
	}
	w.Raw("]")
}

// content writes text alone as a string and all else as blocks.
func (w *writer) content(first, then []conv.Part) {
	if len(first) == 0 && len(then) == 1 && (then[0].Kind == conv.Text || then[0].Kind == conv.Refusal) {
		w.Str(then[0].Text)
		return
	}
	w.Raw("[")
	w.blocks(first)
	if len(first) > 0 && len(then) > 0 {
		w.Raw(",")
	}
	w.blocks(then)
	w.Raw("]")
}

func (w *writer) blocks(parts []conv.Part) {
	for i := range parts {
		if i > 0 {
			w.Raw(",")
		}
		w.block(&parts[i])
	}
}

func (w *writer) block(p *conv.Part) {
	switch p.Kind {
	case conv.Text, conv.Refusal:
		w.Raw(`{"type":"text","text":`)
		w.Str(p.Text)
	case conv.Image:
		w.Raw(`{"type":"image","source":`)
		w.source(p)
	case conv.Document:
		w.Raw(`{"type":"document","source":`)
		w.source(p)
		if !p.Name.Empty() {
			w.Member(`,"title":`, string(p.Name))
		}
	case conv.ToolCall:
		w.Buf = appendToolUse(w.Buf, p)
	case conv.ToolResult:
		w.Raw(`{"type":"tool_result","tool_use_id":`)
		w.Buf = conv.AppendToolID(w.Buf, p.ID)
		w.result(p)
	case conv.Reasoning:
		w.reasoning(p)
	}
	w.Raw("}")
}

func (w *writer) reasoning(p *conv.Part) {
	if p.State.Kind == conv.Redacted {
		w.Raw(`{"type":"redacted_thinking","data":`)
		w.Str(p.State.Value)
		return
	}
	w.Raw(`{"type":"thinking","thinking":`)
	w.Str(p.Text)
	w.Raw(`,"signature":`)
	w.Str(p.State.Value)
}

func (w *writer) source(p *conv.Part) {
	switch {
	case p.URL != "":
		w.Raw(`{"type":"url","url":`)
		w.Str(p.URL)
	case p.Text != "":
		w.Raw(`{"type":"text","media_type":"text/plain","data":`)
		w.Str(p.Text)
	default:
		w.Raw(`{"type":"base64","media_type":`)
		w.Str(p.MediaType)
		w.Raw(`,"data":`)
		w.Str(p.Data)
	}
	w.Raw("}")
}

func (w *writer) result(p *conv.Part) {
	if len(p.Content) > 0 {
		w.Raw(`,"content":`)
		w.content(nil, p.Content)
	} else if p.IsError { // which must have some
		w.Raw(`,"content":"the tool failed"`)
	}
	if p.IsError {
		w.Raw(`,"is_error":true`)
	}
}

// appendToolUse writes a tool_use block up to its closing brace.
func appendToolUse(dst []byte, p *conv.Part) []byte {
	dst = append(dst, `{"type":"tool_use","id":`...)
	dst = conv.AppendToolID(dst, p.ID)
	dst = append(dst, `,"name":`...)
	if p.Name == "" {
		dst = append(dst, `""`...)
	}
	dst = append(dst, p.Name...)
	dst = append(dst, `,"input":`...)
	if p.Args == "" {
		return append(dst, `{}`...)
	}
	return append(dst, p.Args...)
}
