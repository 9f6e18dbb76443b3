package chat

import (
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"
)

// reread reads the message of an assistant, and a result, as a caller sends
// them back.
func reread(t testing.TB, message, callID string) []conv.Message {
	t.Helper()
	body := `{"model":"m","messages":[{"role":"user","content":"hi"},` + message + `,{"role":"tool","tool_call_id":"` + callID + `","content":"r"}]}`
	r, err := ReadRequest([]byte(body), func(field, why string) { t.Errorf("lost %s: %s", field, why) })
	if err != nil {
		t.Fatal(err)
	}
	return r.Messages[1:]
}

var thinking = []conv.Part{
	{Kind: conv.Reasoning, Text: `"h\nm"`, State: conv.State{Kind: conv.Signature, Value: `"sig+/="`}},
	{Kind: conv.Reasoning, State: conv.State{Kind: conv.Redacted, Value: `"red"`}},
	{Kind: conv.Text, Text: `"ok"`},
	{Kind: conv.ToolCall, ID: `"c.1"`, Name: `"f"`, Args: `{}`, State: conv.State{Kind: conv.Thought, Value: `"th"`}},
}

func minted(parts []conv.Part) []conv.Part {
	var out []conv.Part
	for _, p := range parts {
		if p.State.Kind != conv.NoState {
			p.State.Provider = provider
		}
		out = append(out, p)
	}
	return out
}

func checkReread(t *testing.T, message string) {
	t.Helper()
	id := gjson.Get(message, "tool_calls.0.id").Str
	m := reread(t, message, id)
	if diff := cmp.Diff(minted(thinking), m[0].Parts); diff != "" {
		t.Errorf("what the provider minted does not come back:\n%s", diff)
	}
	if got := m[1].Parts[0].ID; got != thinking[3].ID {
		t.Errorf("the result answers %s", got)
	}
}

func TestStateComesBackFromAnAnswer(t *testing.T) {
	r := &conv.Response{Parts: thinking, Stop: conv.StopTool, Options: conv.EncoderOptions{Provider: provider}}
	checkReread(t, gjson.GetBytes(WriteResponse(nil, r), "choices.0.message").Raw)
}

func TestStateComesBackFromAStream(t *testing.T) {
	var text, thought, id, name, args string
	var details []string
	events := []conv.Event{{Kind: conv.Start}}
	for _, p := range thinking {
		switch p.Kind {
		case conv.Reasoning:
			if p.Text != "" {
				events = append(events, conv.Event{Kind: conv.ReasoningDelta, Text: p.Text})
			}
			events = append(events, conv.Event{Kind: conv.ReasoningState, State: p.State})
		case conv.Text:
			events = append(events, conv.Event{Kind: conv.TextDelta, Text: p.Text})
		default:
			events = append(events, conv.Event{Kind: conv.ToolStart, ID: p.ID, Name: p.Name, State: p.State})
		}
	}
	for _, line := range encode(conv.EncoderOptions{Provider: provider}, append(events, conv.Event{Kind: conv.Finish, Stop: conv.StopTool})...) {
		delta := gjson.Get(line, "choices.0.delta")
		text += delta.Get("content").Str
		thought += delta.Get("reasoning_content").Str
		for _, d := range delta.Get("reasoning_details").Array() {
			details = append(details, d.Raw)
		}
		call := delta.Get("tool_calls.0")
		id += call.Get("id").Str
		name += call.Get("function.name").Str
		args += call.Get("function.arguments").Str
	}
	quote := func(s string) string { return string(conv.Quote(s)) }
	checkReread(t, `{"role":"assistant","content":`+quote(text)+`,"reasoning_content":`+quote(thought)+
		`,"reasoning_details":[`+strings.Join(details, ",")+`],"tool_calls":[{"id":`+quote(id)+`,"type":"function","function":{"name":`+quote(name)+`,"arguments":`+quote(args)+`}}]}`)
}

func TestStateAsCallersKeepIt(t *testing.T) {
	state := conv.State{Kind: conv.Signature, Value: `"sig"`}
	token := string(state.Token(provider))
	state.Provider = provider
	want := []conv.Part{{Kind: conv.Reasoning, Text: `"hm"`, State: state}}
	for name, members := range map[string]string{
		"text and state apart":      `"reasoning_content":"hm","reasoning_details":[{"type":"reasoning.text","signature":` + token + `,"index":0}]`,
		"text in pieces, the state": `"reasoning_details":[{"type":"reasoning.text","text":"h","index":0},{"type":"reasoning.text","text":"m","index":0},{"type":"reasoning.text","signature":` + token + `,"index":0}]`,
		"text in two places":        `"reasoning":"hm","reasoning_details":[{"type":"reasoning.text","text":"hm","signature":` + token + `,"index":0}]`,
	} {
		m := reread(t, `{"role":"assistant","content":null,`+members+`}`, "x")
		if diff := cmp.Diff(want, m[0].Parts); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

func TestForeignStateIsTextOnly(t *testing.T) {
	m := reread(t, `{"role":"assistant","content":"a","reasoning_details":[{"type":"reasoning.encrypted","data":"gAAAA"},{"type":"reasoning.text","text":"hm","signature":"EqQB"}]}`, "x")
	want := []conv.Part{{Kind: conv.Reasoning, Text: `"hm"`}, {Kind: conv.Text, Text: `"a"`}}
	if diff := cmp.Diff(want, m[0].Parts); diff != "" {
		t.Error(diff)
	}
}

func TestSignatureOfGeminiBehindAChatServerComesBack(t *testing.T) {
	answer := `{"choices":[{"index":0,"message":{"content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"},"extra_content":{"google":{"thought_signature":"th+/="}}}]},"finish_reason":"stop"}]}`
	r, err := ReadResponse([]byte(answer))
	if err != nil {
		t.Fatal(err)
	}
	var streamed conv.State
	_ = NewDecoder().Event(nil, []byte(strings.Replace(answer, "message", "delta", 1)), func(ev *conv.Event) {
		if ev.Kind == conv.ToolStart {
			streamed = ev.State
		}
	})
	if want := (conv.State{Kind: conv.Thought, Value: `"th+/="`}); r.Parts[0].State != want || streamed != want {
		t.Fatalf("answer %+v, stream %+v", r.Parts[0].State, streamed)
	}
	parts := minted(r.Parts)
	write := func(target conv.Target) string {
		out, err := WriteRequest(nil, &conv.Request{Model: "m", Messages: []conv.Message{{Role: conv.Assistant, Parts: parts}}, Target: target}, func(string, string) {})
		if err != nil {
			t.Fatal(err)
		}
		return gjson.GetBytes(out, "messages.0.tool_calls.0.extra_content.google.thought_signature").Str
	}
	if got := write(conv.Target{Flavor: custom, Provider: provider}); got != "th+/=" {
		t.Errorf("the one that minted it gets %q back", got)
	}
	if got := write(conv.Target{Flavor: custom, Provider: "1234567"}) + write(conv.Target{Flavor: "openai", Provider: provider}); got != "" {
		t.Errorf("others get %q", got)
	}
}
