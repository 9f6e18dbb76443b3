package anthropic

import (
	"slices"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/tidwall/gjson"
)

// provider is the key of the channel in tests.
const provider = "0abcdef"

// losses gathers the fields that are reported lost.
type losses struct {
	t      testing.TB
	fields []string
	whys   []string
}

func (l *losses) lose(field, why string) {
	if field == "" || why == "" {
		l.t.Errorf("loss of %q for the reason %q", field, why)
	}
	l.fields = append(l.fields, field)
	l.whys = append(l.whys, why)
}

func (l *losses) want(fields string) {
	l.t.Helper()
	if want := strings.Fields(fields); !slices.Equal(l.fields, want) {
		l.t.Errorf("lost %q (%q), want %q", l.fields, l.whys, want)
	}
}

func readRequest(t testing.TB, body string) (*conv.Request, *losses) {
	t.Helper()
	l := &losses{t: t}
	r, err := ReadRequest([]byte(body), l.lose)
	if err != nil {
		t.Fatalf("%s: %v", body, err)
	}
	return r, l
}

func writeRequest(t testing.TB, r *conv.Request) (string, *losses) {
	t.Helper()
	l := &losses{t: t}
	out, err := WriteRequest(nil, r, l.lose)
	if err != nil || !gjson.ValidBytes(out) {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out), l
}

// kinds tells of what kinds the parts are, in their order.
func kinds(parts []conv.Part) string {
	names := [...]string{"text", "image", "document", "call", "result", "reasoning", "refusal"}
	var out []string
	for _, p := range parts {
		out = append(out, names[p.Kind])
	}
	return strings.Join(out, " ")
}

func text(s string) conv.Part { return conv.Part{Kind: conv.Text, Text: conv.Quote(s)} }

func user(parts ...conv.Part) conv.Message { return conv.Message{Role: conv.User, Parts: parts} }

func assistant(parts ...conv.Part) conv.Message {
	return conv.Message{Role: conv.Assistant, Parts: parts}
}

func call(id string) conv.Part {
	return conv.Part{Kind: conv.ToolCall, ID: conv.Quote(id), Name: `"f"`, Args: "{}"}
}

func result(id string, content ...conv.Part) conv.Part {
	return conv.Part{Kind: conv.ToolResult, ID: conv.Quote(id), Content: content}
}

func thought(s, signature string) conv.Part {
	return conv.Part{
		Kind: conv.Reasoning, Text: conv.Quote(s),
		State: conv.State{Kind: conv.Signature, Provider: provider, Value: conv.Quote(signature)},
	}
}

// request makes a request of messages, numbered as they come.
func request(model string, messages ...conv.Message) *conv.Request {
	for i := range messages {
		messages[i].Index = i
	}
	return &conv.Request{
		Model: model, MaxTokens: "9000", Messages: messages,
		Target: conv.Target{Provider: provider},
		Names: conv.Names{
			MaxTokens: "limit", Temperature: "heat", TopP: "topP", TopK: "topK", Stop: "stops", User: "who",
			Thinking: "effort", Format: "form", Choice: "choice", Parallel: "parallel", Messages: "turns",
		},
	}
}

// get returns the raw JSON at a path.
func get(body, path string) string { return gjson.Get(body, path).Raw }
