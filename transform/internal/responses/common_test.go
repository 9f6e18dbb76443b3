package responses

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// A losses records what was lost.
type losses struct {
	t      testing.TB
	fields []string
}

func (l *losses) lose(field, why string) {
	if field == "" || why == "" {
		l.t.Errorf("loss of %q because %q", field, why)
	}
	l.fields = append(l.fields, field)
}

// want checks the fields that were lost, given parted by spaces.
func (l *losses) want(fields string) {
	l.t.Helper()
	if want := strings.Fields(fields); !slices.Equal(l.fields, want) {
		l.t.Errorf("lost %q, want %q", l.fields, want)
	}
}

var roles = map[conv.Role]string{conv.User: "user", conv.Assistant: "assistant", conv.System: "system"}

// show writes messages in a form that is easily compared.
func show(messages []conv.Message) string {
	var b strings.Builder
	for i, m := range messages {
		if i > 0 {
			b.WriteString(" | ")
		}
		fmt.Fprintf(&b, "%d %s:%s", m.Index, roles[m.Role], showParts(m.Parts))
	}
	return b.String()
}

func showParts(parts []conv.Part) string {
	var b strings.Builder
	for i := range parts {
		p := &parts[i]
		b.WriteByte(' ')
		switch p.Kind {
		case conv.Text:
			b.WriteString(p.Text.String())
		case conv.Image:
			fmt.Fprintf(&b, "image(%s%s%s%s)", p.URL.Inner(), p.File.Inner(), p.MediaType.Inner(), p.Data.Inner())
		case conv.Document:
			fmt.Fprintf(&b, "file(%s:%s%s%s%s)", p.Name.Inner(), p.URL.Inner(), p.File.Inner(), p.MediaType.Inner(), p.Data.Inner())
		case conv.ToolCall:
			fmt.Fprintf(&b, "call(%s %s %s)", p.ID.Inner(), p.Name.Inner(), p.Args)
		case conv.ToolResult:
			fmt.Fprintf(&b, "result(%s", p.ID.Inner())
			if p.IsError {
				b.WriteString(" failed")
			}
			b.WriteString(showParts(p.Content) + ")")
		case conv.Reasoning:
			fmt.Fprintf(&b, "reasoning(%s)", p.Text.Inner())
		case conv.Refusal:
			fmt.Fprintf(&b, "refusal(%s)", p.Text.Inner())
		}
		if p.State.Kind != conv.NoState {
			fmt.Fprintf(&b, "{%c %s %s}", p.State.Kind, p.State.Provider, p.State.Value.String())
		}
	}
	return b.String()
}
