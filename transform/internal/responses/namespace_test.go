package responses

import (
	"slices"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// A caller who has his tools in namespaces is told both parts of the name.
func TestCallsOfToolsInNamespacesAreStreamed(t *testing.T) {
	out := encode(conv.EncoderOptions{
		Freeform: []string{"functions__exec"},
		Spaces:   []conv.Spaced{{Name: "functions__exec", Space: "functions", Bare: "exec"}, {Name: "mcp__x__y", Space: "mcp__x__", Bare: "y"}},
	}, []conv.Event{
		start, called(0, "c", "functions__exec"), args(0, `{"input":"ls"}`), called(1, "d", "mcp__x__y"), args(1, `{}`), called(2, "e", "y"), args(2, `{}`),
		finish(conv.StopTool), end,
	})
	want := []string{"custom_tool_call/functions/exec", "function_call/mcp__x__/y", "function_call//y"}
	told := map[string][]string{}
	for _, f := range out {
		if item := gjson.Get(f.data, "item"); item.Exists() {
			told[f.name] = append(told[f.name], item.Get("type").Str+"/"+item.Get("namespace").Str+"/"+item.Get("name").Str)
		}
	}
	for _, name := range []string{"response.output_item.added", "response.output_item.done"} {
		if got := told[name]; !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}

	var names []string
	d := NewDecoder()
	for _, f := range out {
		_ = d.Event([]byte(f.name), []byte(f.data), func(ev *conv.Event) {
			if ev.Kind == conv.ToolStart {
				names = append(names, ev.Name.String())
			}
		})
	}
	if want := []string{"functions__exec", "mcp__x__y", "y"}; !slices.Equal(names, want) {
		t.Errorf("read back as %q, want %q", names, want)
	}
}
