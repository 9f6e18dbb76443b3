package anthropic

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/tidwall/gjson"
)

func TestReadResponse(t *testing.T) {
	r, err := ReadResponse([]byte(`{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[
		{"type":"thinking","thinking":"t","signature":"s+/="},{"type":"redacted_thinking","data":"d=="},{"type":"thinking","thinking":"","signature":"v"},{"type":"thinking","thinking":"","signature":""},
		{"type":"text","text":"a","citations":[{"type":"char_location"}]},{"type":"text","text":""},
		{"type":"server_tool_use","id":"x","name":"n","input":{}},{"type":"web_search_tool_result","tool_use_id":"x","content":[]},{"type":"fallback","from":{},"to":{}},
		{"type":"tool_use","id":"t1","name":"f","input":{"b": 1.0,"a":12345678901234567890}}],
		"stop_reason":"tool_use","stop_sequence":null,
		"usage":{"input_tokens":1,"cache_read_input_tokens":2,"cache_creation":{"ephemeral_5m_input_tokens":3,"ephemeral_1h_input_tokens":4},"output_tokens":9,"output_tokens_details":{"thinking_tokens":5}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if got := kinds(r.Parts); got != "reasoning reasoning reasoning text call" {
		t.Fatalf("got %s", got)
	}
	if p := r.Parts[0]; p.Text != `"t"` || !p.State.For(conv.Signature, "") || p.State.Value != `"s+/="` {
		t.Errorf("thinking: %+v", p)
	}
	if p := r.Parts[1]; !p.State.For(conv.Redacted, "") || p.State.Value != `"d=="` {
		t.Errorf("redacted: %+v", p)
	}
	if args := r.Parts[4].Args; args != `{"b": 1.0,"a":12345678901234567890}` {
		t.Errorf("arguments: %s", args)
	}
	if want := (conv.Usage{Input: 1, CacheRead: 2, CacheWrite: 7, Output: 9, Reasoning: 5, CacheWriteHour: 4}); r.Usage != want || !r.HasUsage {
		t.Errorf("usage: %+v", r.Usage)
	}
	if want := []conv.Str{`"citations"`, `"server_tool_use"`, `"web_search_tool_result"`, `"fallback"`}; !slices.Equal(r.Lost, want) {
		t.Errorf("lost %s", r.Lost)
	}
}

func TestReadStopReasons(t *testing.T) {
	for reason, want := range map[string]conv.StopReason{
		"end_turn": conv.StopEnd, "max_tokens": conv.StopLength, "stop_sequence": conv.StopSequence, "tool_use": conv.StopTool,
		"refusal": conv.StopRefusal, "pause_turn": conv.StopPause, "model_context_window_exceeded": conv.StopLength, "new": conv.StopUnknown,
	} {
		r, err := ReadResponse([]byte(`{"content":[],"stop_reason":"` + reason + `","stop_sequence":"x"}`))
		if err != nil || r.Stop != want || r.StopText != `"x"` || r.HasUsage {
			t.Errorf("%s: %+v, %v", reason, r, err)
		}
	}
	r, _ := ReadResponse([]byte(`{"content":[{"type":"tool_use","id":"a","name":"f"}],"stop_reason":"end_turn"}`))
	if r.Stop != conv.StopTool {
		t.Errorf("an answer with a call stops with %d", r.Stop)
	}
}

func TestReadBadResponse(t *testing.T) {
	for body, field := range map[string]string{`{`: "", `{}`: "content", `{"content":"a"}`: "content", ``: ""} {
		_, err := ReadResponse([]byte(body))
		if fe, ok := errors.AsType[*conv.FieldError](err); !ok || fe.Field != field {
			t.Errorf("%q: %v", body, err)
		}
	}
}

func token1(kind conv.StateKind, value string) string {
	s := conv.State{Kind: kind, Value: conv.Quote(value)}
	return string(s.Token(provider))
}

func TestWriteResponse(t *testing.T) {
	item := conv.State{Kind: conv.Item, Value: `"rs_1 enc"`}
	usage := conv.Usage{Input: 5, CacheRead: 4, CacheWrite: 1, Output: 3, Reasoning: 2}
	for _, c := range []struct {
		name string
		in   conv.Response
		want string // from the content on
	}{
		{
			"reasoning, text and a call",
			conv.Response{Stop: conv.StopEnd, HasUsage: true, Usage: usage, Parts: []conv.Part{
				{Kind: conv.Reasoning, Text: `"t"`, State: item}, text("a"), {Kind: conv.ToolCall, ID: `"c.1"`, Name: `"f"`, Args: `{"n":1.0}`},
			}},
			`[{"type":"thinking","thinking":"t","signature":` + token1(conv.Item, "rs_1 enc") + `},{"type":"text","text":"a"},{"type":"tool_use","id":"c_1_1fni50f","name":"f","input":{"n":1.0}}],"stop_reason":"tool_use","stop_sequence":null,` +
				`"usage":{"input_tokens":5,"cache_creation_input_tokens":1,"cache_read_input_tokens":4,"output_tokens":3,"output_tokens_details":{"thinking_tokens":2}}}`,
		},
		{
			"hidden reasoning, without usage",
			conv.Response{Stop: conv.StopEnd, Parts: []conv.Part{{Kind: conv.Reasoning, State: item}, text("a")}},
			`[{"type":"thinking","thinking":"","signature":` + token1(conv.Item, "rs_1 enc") + `},{"type":"text","text":"a"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":77,"output_tokens":0}}`,
		},
		{
			"reasoning that nobody signed",
			conv.Response{Stop: conv.StopEnd, Parts: []conv.Part{{Kind: conv.Reasoning, Text: `"t"`}}},
			`[{"type":"thinking","thinking":"t","signature":` + token1(conv.Unsigned, "") + `}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":77,"output_tokens":0}}`,
		},
		{
			"a refusal",
			conv.Response{Stop: conv.StopEnd, Parts: []conv.Part{{Kind: conv.Refusal, Text: `"no"`}}},
			`[{"type":"text","text":"no"}],"stop_reason":"refusal","stop_sequence":null,"usage":{"input_tokens":77,"output_tokens":0}}`,
		},
		{
			"a call that was cut",
			conv.Response{Stop: conv.StopLength, Parts: []conv.Part{call("a")}},
			`[{"type":"tool_use","id":"a","name":"f","input":{}}],"stop_reason":"max_tokens","stop_sequence":null,"usage":{"input_tokens":77,"output_tokens":0}}`,
		},
		{
			"a stop sequence",
			conv.Response{Stop: conv.StopSequence, StopText: `"x"`},
			`[],"stop_reason":"stop_sequence","stop_sequence":"x","usage":{"input_tokens":77,"output_tokens":0}}`,
		},
		{
			"no call after all",
			conv.Response{Stop: conv.StopTool},
			`[],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":77,"output_tokens":0}}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.in.ID = `"x"`
			c.in.Options = conv.EncoderOptions{Provider: provider, Input: 77, Model: "asked"}
			got := string(WriteResponse(nil, &c.in))
			want := `{"id":"msg_x","type":"message","role":"assistant","model":"asked","content":` + c.want
			if got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

// What a caller gets for the state of another provider comes back to it
// unchanged.
func TestStateComesBack(t *testing.T) {
	item := conv.State{Kind: conv.Item, Value: `"rs_1 a+/=\u0000\""`}
	mark := conv.State{Kind: conv.Thought, Value: `"CiQB+/=="`}
	answer := conv.Response{Stop: conv.StopTool, Options: conv.EncoderOptions{Provider: provider}, Parts: []conv.Part{
		{Kind: conv.Reasoning, Text: `"t"`, State: item}, {Kind: conv.Reasoning, State: mark}, {Kind: conv.ToolCall, ID: `"call.1"`, Name: `"f"`, Args: `{}`, State: mark},
	}}
	content := gjson.GetBytes(WriteResponse(nil, &answer), "content").Raw
	r, l := readRequest(t, `{"model":"m","max_tokens":9,"messages":[{"role":"assistant","content":`+content+`},{"role":"user","content":[{"type":"tool_result","tool_use_id":`+get(content, "2.id")+`,"content":"r"}]}]}`)
	l.want("")
	parts := r.Messages[0].Parts
	if kinds(parts) != "reasoning reasoning call" {
		t.Fatalf("got %s", kinds(parts))
	}
	for i, want := range []conv.State{item, mark, mark} {
		if s := parts[i].State; !s.For(want.Kind, provider) || !s.Value.Same(want.Value) {
			t.Errorf("part %d: the state became %+v", i, s)
		}
	}
	if id := parts[2].ID; id != r.Messages[1].Parts[0].ID || strings.Contains(string(id), "RtxState") {
		t.Errorf("the call's id became %s", id)
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		in   conv.Error
		want string
	}{
		{conv.Error{Status: 400, Message: "m", RequestID: "req_1"}, `{"type":"error","error":{"type":"invalid_request_error","message":"m"},"request_id":"req_1"}`},
		{conv.Error{Status: 400, Message: "m", Code: "context_length_exceeded"}, `{"type":"error","error":{"type":"invalid_request_error","message":"m","details":{"error_code":"context_length_exceeded"}}}`},
		{conv.Error{Status: 429, Message: "m", Code: "1302"}, `{"type":"error","error":{"type":"rate_limit_error","message":"m"}}`},
		{conv.Error{Status: 412, Message: "m"}, `{"type":"error","error":{"type":"invalid_request_error","message":"m"}}`},
		{conv.Error{Status: 499, Message: "m"}, `{"type":"error","error":{"type":"invalid_request_error","message":"m"}}`},
		{conv.Error{Status: 501, Message: "m"}, `{"type":"error","error":{"type":"api_error","message":"m"}}`},
		{conv.Error{Status: 529, Type: "UNAVAILABLE", Message: "m"}, `{"type":"error","error":{"type":"overloaded_error","message":"m"}}`},
	} {
		if got := string(WriteError(nil, &c.in)); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
	e := ReadError(200, []byte(`{"type":"error","error":{"type":"overloaded_error","message":"busy","details":{"error_code":"c"}},"request_id":"req_1"}`))
	if e.Status != 529 || e.RequestID != "req_1" || e.Code != "c" || e.Message != "busy" {
		t.Errorf("%+v", e)
	}
	if e := ReadError(502, []byte(`<html><title>Bad</title>`)); e.Status != 502 || e.Message != "Bad" {
		t.Errorf("%+v", e)
	}
}

func TestLookBody(t *testing.T) {
	u, ok, err := LookBody([]byte(`{"content":[],"usage":{"input_tokens":1,"output_tokens":2}}`))
	if u.Input != 1 || u.Output != 2 || !ok || err != nil {
		t.Error(u, ok, err)
	}
	if _, ok, err := LookBody([]byte(`{"type":"error","error":{"type":"api_error","message":"m"}}`)); ok || err == nil {
		t.Error(ok, err)
	}
	if _, ok, err := LookBody([]byte(`no`)); ok || err != nil {
		t.Error(ok, err)
	}
}
