package anthropic

import (
	"github.com/dctx-team/routex/transform/internal/conv"
)

func (r *reader) toolUse(at *conv.Path, v conv.Raw, parts []conv.Part) (_ []conv.Part, err error) {
	p := conv.Part{Kind: conv.ToolCall, Args: "{}"}
	for c := r.Walk(v); c.Next() && err == nil; {
		switch c.Key {
		case "id":
			p.ID, err = r.Text(at, &c)
		case "name":
			p.Name, err = r.Text(at, &c)
		case "input":
			var input conv.Raw
			input, err = r.Object(at, &c)
			p.Args = string(input)
		case "caller":
			if c.Value.Get("type") != `"direct"` {
				r.rest(at, &c)
			}
		default:
			r.rest(at, &c)
		}
	}
	err = r.require(at, "id", p.ID, err)
	err = r.require(at, "name", p.Name, err)
	p.ID, p.State = conv.CutState(p.ID)
	return append(parts, p), err
}

func (r *reader) toolResult(at *conv.Path, v conv.Raw, parts []conv.Part) (_ []conv.Part, err error) {
	p := conv.Part{Kind: conv.ToolResult}
	for c := r.Walk(v); c.Next() && err == nil; {
		switch c.Key {
		case "tool_use_id":
			p.ID, err = r.Text(at, &c)
		case "is_error":
			p.IsError, err = r.Bool(at, &c)
		case "content":
			p.Content, err = r.content(at, &c)
		default:
			r.rest(at, &c)
		}
	}
	p.Content = r.resultContent(at, p.Content)
	err = r.require(at, "tool_use_id", p.ID, err)
	p.ID, _ = conv.CutState(p.ID)
	return append(parts, p), err
}

// resultContent keeps what a tool can tell.
func (r *reader) resultContent(at *conv.Path, parts []conv.Part) []conv.Part {
	kept := parts[:0]
	for _, p := range parts {
		switch p.Kind {
		case conv.Text, conv.Image, conv.Document:
			kept = append(kept, p)
		default:
			r.Lose.Member(at, "content", "a tool result holds text, images and documents only")
		}
	}
	return kept
}
