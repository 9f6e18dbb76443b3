package router

import (
	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/internal/jsonscan"
)

// ToolNames lists the names of the tools that the call offers, in any of the
// protocols. One of the provider's own that has no name is called by its type,
// such as web_search or googleSearch. The list must not be changed.
func (r *Request) ToolNames() []string {
	if r.named {
		return r.tools
	}
	r.named = true
	for _, list := range [...]string{"tools", "functions"} {
		m, ok := r.member(list)
		if !ok {
			continue
		}
		var room [8]jsonscan.Member
		jsonscan.Elements(r.body[m.Start:m.End], room[:0], func(tool []byte, members []jsonscan.Member) bool {
			r.addTool(tool, members)
			return true
		})
	}
	return r.tools
}

// addTool reads one tool: a flat one, one of Chat Completions, or a set of
// Gemini's.
func (r *Request) addTool(tool []byte, members []jsonscan.Member) {
	var name, label, kind string
	for _, m := range members {
		value := view(tool[m.Start:m.End])
		switch m.Key {
		case "name":
			name = gjson.Parse(value).Str
		case "function", "custom":
			name = gjson.Get(value, "name").Str
		case "server_label", "mcp_server_name":
			label = gjson.Parse(value).Str
		case "type":
			kind = gjson.Parse(value).Str
		}
	}
	for _, own := range [...]string{name, label, kind} {
		if own != "" {
			r.tools = append(r.tools, own)
			return
		}
	}
	for _, m := range members {
		if m.Key == "functionDeclarations" || m.Key == "function_declarations" {
			gjson.Get(view(tool[m.Start:m.End]), "#.name").ForEach(func(_, name gjson.Result) bool {
				r.tools = append(r.tools, name.Str)
				return true
			})
			continue
		}
		r.tools = append(r.tools, m.Key)
	}
}
