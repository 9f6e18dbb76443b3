package gemini_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// losses collects the paths of what is reported lost.
type losses []string

func (l *losses) lose(t testing.TB) conv.Lose {
	return func(field, why string) {
		if field == "" || why == "" {
			t.Errorf("loss of %q because of %q says too little", field, why)
		}
		*l = append(*l, field)
	}
}

func (l losses) check(t testing.TB, want string) {
	t.Helper()
	if got := []string(l); !slices.Equal(got, strings.Fields(want)) {
		t.Errorf("lost %q, want %q", got, strings.Fields(want))
	}
}

// dump writes parts in a form for people: one line each.
func dump(parts []conv.Part) string {
	var b strings.Builder
	for i := range parts {
		p := &parts[i]
		b.WriteString([...]string{"text", "image", "document", "call", "result", "reasoning", "refusal"}[p.Kind])
		for _, f := range [...]struct {
			name  string
			value string
		}{
			{"", string(p.Text)},
			{"", string(p.MediaType)},
			{"", string(p.Data)},
			{"url", string(p.URL)},
			{"file", string(p.File)},
			{"id", string(p.ID)},
			{"name", string(p.Name)},
			{"args", p.Args},
			{"state", dumpState(&p.State)},
		} {
			if f.value != "" {
				b.WriteString(" " + f.name + f.value)
			}
		}
		if p.IsError {
			b.WriteString(" failed")
		}
		if len(p.Content) > 0 {
			b.WriteString(" {" + strings.TrimSpace(dump(p.Content)) + "}")
		}
		b.WriteString("\n")
	}
	return b.String()
}

func dumpState(s *conv.State) string {
	if s.Kind == conv.NoState {
		return ""
	}
	return fmt.Sprintf("%c:%s:%s", s.Kind, s.Provider, string(s.Value))
}

func dumpMessages(messages []conv.Message) string {
	var b strings.Builder
	for _, m := range messages {
		fmt.Fprintf(&b, "%s %d\n%s", [...]string{"user", "assistant", "system"}[m.Role], m.Index, dump(m.Parts))
	}
	return b.String()
}

// lines joins the lines that are wanted.
func lines(s ...string) string { return strings.Join(s, "\n") + "\n" }
