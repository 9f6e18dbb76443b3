package responses

import (
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/tidwall/gjson"
)

var (
	start     = conv.Event{Kind: conv.Start, ID: `"x"`, Model: `"m"`, Created: 7}
	end       = conv.Event{Kind: conv.End}
	signature = conv.State{Kind: conv.Signature, Value: `"sig"`}
)

func said(s string) conv.Event { return conv.Event{Kind: conv.TextDelta, Text: conv.Quote(s)} }
func refused(s string) conv.Event {
	return conv.Event{Kind: conv.RefusalDelta, Text: conv.Quote(s)}
}

func reasoned(s string) conv.Event {
	return conv.Event{Kind: conv.ReasoningDelta, Text: conv.Quote(s)}
}
func sealed(s conv.State) conv.Event { return conv.Event{Kind: conv.ReasoningState, State: s} }
func called(n int, id, name string) conv.Event {
	return conv.Event{Kind: conv.ToolStart, Tool: n, ID: conv.Quote(id), Name: conv.Quote(name)}
}

func args(n int, s string) conv.Event {
	return conv.Event{Kind: conv.ToolDelta, Tool: n, Text: conv.Quote(s)}
}
func finish(s conv.StopReason) conv.Event { return conv.Event{Kind: conv.Finish, Stop: s} }

// outline gives the events of a stream, each with the item and the part that
// it is of and the text in it.
func outline(in []frame) string {
	var b strings.Builder
	for _, f := range in {
		v := gjson.Parse(f.data)
		b.WriteString(strings.TrimPrefix(f.name, "response."))
		for _, key := range []string{"output_index", "content_index", "summary_index", "item.type", "delta", "text", "refusal", "arguments", "input"} {
			if m := v.Get(key); m.Exists() {
				b.WriteString(" " + m.String())
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestEventsComeInTheOrderOfTheProtocol(t *testing.T) {
	for _, c := range []struct {
		name   string
		events []conv.Event
		want   string
	}{
		{
			name:   "text",
			events: []conv.Event{start, said("he"), said("llo"), finish(conv.StopEnd), end},
			want: `output_item.added 0 message
content_part.added 0 0
output_text.delta 0 0 he
output_text.delta 0 0 llo
output_text.done 0 0 hello
content_part.done 0 0
output_item.done 0 message
completed
`,
		},
		{
			name:   "reasoning, text and a call",
			events: []conv.Event{start, reasoned("wh"), reasoned("y"), sealed(signature), said("t"), called(0, "c", "f"), args(0, "{"), args(0, "}"), finish(conv.StopTool), end},
			want: `output_item.added 0 reasoning
reasoning_summary_part.added 0 0
reasoning_summary_text.delta 0 0 wh
reasoning_summary_text.delta 0 0 y
reasoning_summary_text.done 0 0 why
reasoning_summary_part.done 0 0
output_item.done 0 reasoning
output_item.added 1 message
content_part.added 1 0
output_text.delta 1 0 t
output_text.done 1 0 t
content_part.done 1 0
output_item.done 1 message
output_item.added 2 function_call
function_call_arguments.delta 2 {
function_call_arguments.delta 2 }
function_call_arguments.done 2 {}
output_item.done 2 function_call
completed
`,
		},
		{
			name:   "calls one after the other",
			events: []conv.Event{start, called(0, "c", "f"), args(0, `{"a":1}`), called(1, "d", "f"), args(1, `{}`), finish(conv.StopTool), end},
			want: `output_item.added 0 function_call
function_call_arguments.delta 0 {"a":1}
function_call_arguments.done 0 {"a":1}
output_item.done 0 function_call
output_item.added 1 function_call
function_call_arguments.delta 1 {}
function_call_arguments.done 1 {}
output_item.done 1 function_call
completed
`,
		},
		{
			name:   "interleaved calls",
			events: []conv.Event{start, called(0, "c", "f"), args(0, `{"a`), called(1, "d", "f"), args(1, `{`), args(0, `":1}`), args(1, `}`), finish(conv.StopTool), end},
			want: `output_item.added 0 function_call
function_call_arguments.delta 0 {"a
output_item.added 1 function_call
function_call_arguments.delta 1 {
function_call_arguments.delta 0 ":1}
function_call_arguments.delta 1 }
function_call_arguments.done 0 {"a":1}
output_item.done 0 function_call
function_call_arguments.done 1 {}
output_item.done 1 function_call
completed
`,
		},
		{
			name:   "a call without arguments gives an empty object",
			events: []conv.Event{start, called(0, "c", "f"), finish(conv.StopTool), end},
			want: `output_item.added 0 function_call
function_call_arguments.delta 0 {}
function_call_arguments.done 0 {}
output_item.done 0 function_call
completed
`,
		},
		{
			name:   "a tool that takes text",
			events: []conv.Event{start, called(0, "c", "patch"), args(0, `{"in`), args(0, `put":"a\nb"}`), finish(conv.StopTool), end},
			want: `output_item.added 0 custom_tool_call
custom_tool_call_input.delta 0 a
b
custom_tool_call_input.done 0 a
b
output_item.done 0 custom_tool_call
completed
`,
		},
		{
			name:   "a tool that takes text, cut",
			events: []conv.Event{start, called(0, "c", "patch"), args(0, `{"in`), args(0, `put":"a\nb`), finish(conv.StopLength), end},
			want: `output_item.added 0 custom_tool_call
custom_tool_call_input.delta 0 a
b
custom_tool_call_input.done 0 a
b
output_item.done 0 custom_tool_call
incomplete
`,
		},
		{
			name:   "a refusal is a part of its own",
			events: []conv.Event{start, said("t"), refused("n"), refused("o"), finish(conv.StopRefusal), end},
			want: `output_item.added 0 message
content_part.added 0 0
output_text.delta 0 0 t
output_text.done 0 0 t
content_part.done 0 0
content_part.added 0 1
refusal.delta 0 1 n
refusal.delta 0 1 o
refusal.done 0 1 no
content_part.done 0 1
output_item.done 0 message
completed
`,
		},
		{
			name:   "a state alone",
			events: []conv.Event{start, sealed(signature), said("t"), finish(conv.StopEnd), end},
			want: `output_item.added 0 reasoning
output_item.done 0 reasoning
output_item.added 1 message
content_part.added 1 0
output_text.delta 1 0 t
output_text.done 1 0 t
content_part.done 1 0
output_item.done 1 message
completed
`,
		},
		{
			name:   "nothing at all",
			events: []conv.Event{start, finish(conv.StopEnd), end},
			want:   "completed\n",
		},
		{
			name:   "text cut by the limit",
			events: []conv.Event{start, said("t"), finish(conv.StopLength), end},
			want: `output_item.added 0 message
content_part.added 0 0
output_text.delta 0 0 t
output_text.done 0 0 t
content_part.done 0 0
output_item.done 0 message
incomplete
`,
		},
		{
			name:   "text after the finish and between calls",
			events: []conv.Event{said("a"), called(0, "c", "f"), args(0, "{}"), said("b"), finish(conv.StopTool), said("c"), end},
			want: `output_item.added 0 message
content_part.added 0 0
output_text.delta 0 0 a
output_text.done 0 0 a
content_part.done 0 0
output_item.done 0 message
output_item.added 1 function_call
function_call_arguments.delta 1 {}
function_call_arguments.done 1 {}
output_item.done 1 function_call
output_item.added 2 message
content_part.added 2 0
output_text.delta 2 0 b
output_text.delta 2 0 c
output_text.done 2 0 bc
content_part.done 2 0
output_item.done 2 message
completed
`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := encode(conv.EncoderOptions{Freeform: []string{"patch"}}, c.events)
			readStrictly(t, out)
			if got, want := outline(out), "created\nin_progress\n"+c.want; got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// The members are those that the official clients demand.
func TestEventsHaveAllMembers(t *testing.T) {
	var out []string
	for _, f := range encode(conv.EncoderOptions{Provider: "0abcdef"}, []conv.Event{start, reasoned("r"), sealed(signature), said("t"), called(0, "c", "f"), finish(conv.StopTool), end}) {
		out = append(out, f.data)
	}
	want := []string{
		2:  `{"type":"response.output_item.added","sequence_number":2,"output_index":0,"item":{"id":"rs_x_0","type":"reasoning","summary":[],"encrypted_content":null}}`,
		3:  `{"type":"response.reasoning_summary_part.added","sequence_number":3,"item_id":"rs_x_0","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":""}}`,
		4:  `{"type":"response.reasoning_summary_text.delta","sequence_number":4,"item_id":"rs_x_0","output_index":0,"summary_index":0,"delta":"r"}`,
		7:  `{"type":"response.output_item.done","sequence_number":7,"output_index":0,"item":{"id":"rs_x_0","type":"reasoning","summary":[{"type":"summary_text","text":"r"}],"encrypted_content":"RtxStateS0abcdefc2ln"}}`,
		8:  `{"type":"response.output_item.added","sequence_number":8,"output_index":1,"item":{"id":"msg_x_1","type":"message","status":"in_progress","role":"assistant","content":[]}}`,
		9:  `{"type":"response.content_part.added","sequence_number":9,"item_id":"msg_x_1","output_index":1,"content_index":0,"part":{"type":"output_text","text":"","annotations":[],"logprobs":[]}}`,
		10: `{"type":"response.output_text.delta","sequence_number":10,"item_id":"msg_x_1","output_index":1,"content_index":0,"delta":"t","logprobs":[]}`,
		13: `{"type":"response.output_item.done","sequence_number":13,"output_index":1,"item":{"id":"msg_x_1","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"t","annotations":[],"logprobs":[]}]}}`,
		14: `{"type":"response.output_item.added","sequence_number":14,"output_index":2,"item":{"id":"fc_x_2","type":"function_call","status":"in_progress","call_id":"c","name":"f","arguments":""}}`,
		16: `{"type":"response.function_call_arguments.done","sequence_number":16,"item_id":"fc_x_2","output_index":2,"name":"f","arguments":"{}"}`,
		17: `{"type":"response.output_item.done","sequence_number":17,"output_index":2,"item":{"id":"fc_x_2","type":"function_call","status":"completed","call_id":"c","name":"f","arguments":"{}"}}`,
	}
	for i, w := range want {
		if w != "" && out[i] != w {
			t.Errorf("event %d\ngot  %s\nwant %s", i, out[i], w)
		}
	}
}

func TestTheLastEventHoldsTheWholeAnswer(t *testing.T) {
	usage := conv.Usage{Input: 5, CacheRead: 3, CacheWrite: 2, Output: 7, Reasoning: 4}
	out := encode(conv.EncoderOptions{}, []conv.Event{start, said("t"), finish(conv.StopEnd), {Kind: conv.UsageOnly, Usage: usage, HasUsage: true}, end})
	got := gjson.Get(out[len(out)-1].data, "response").Raw
	const want = `{"id":"resp_x","object":"response","created_at":7,"status":"completed","background":false,"error":null,"incomplete_details":null,"instructions":null,"max_output_tokens":null,"metadata":{},"model":"m","output":[{"id":"msg_x_0","type":"message","status":"completed","role":"assistant","content":[{"type":"output_text","text":"t","annotations":[],"logprobs":[]}]}],"parallel_tool_calls":true,"previous_response_id":null,"reasoning":{"effort":null,"summary":null},"store":false,"temperature":null,"text":{"format":{"type":"text"}},"tool_choice":"auto","tools":[],"top_p":null,"truncation":"disabled","usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":3,"cache_write_tokens":2},"output_tokens":7,"output_tokens_details":{"reasoning_tokens":4},"total_tokens":17},"user":null}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestUsageThatIsNotKnownStaysAbsent(t *testing.T) {
	out := encode(conv.EncoderOptions{}, []conv.Event{start, said("t"), finish(conv.StopEnd), end})
	if u := gjson.Get(out[len(out)-1].data, "response.usage"); u.Type != gjson.Null {
		t.Errorf("usage %s", u.Raw)
	}
}

func TestAnErrorEndsTheStreamForEveryClient(t *testing.T) {
	err := &conv.Error{Status: 529, Code: "overloaded", Message: "too much"}
	out := encode(conv.EncoderOptions{}, []conv.Event{start, said("t"), {Kind: conv.Failed, Err: err}, said("more"), end})
	s := readStrictly(t, out)
	if s.end != "failed" || s.whole.Get("error.message").Str != "too much" {
		t.Errorf("end %s: %s", s.end, s.whole.Raw)
	}
	event := gjson.Parse(out[len(out)-2].data)
	// The official clients look for the member error, others for the code
	// and the message in the event itself.
	for _, at := range []string{"", "error."} {
		if event.Get(at+"message").Str != "too much" || event.Get(at+"code").Str != "overloaded" {
			t.Errorf("error event %s", event.Raw)
		}
	}
}

func TestStateOfACallTravelsInItsID(t *testing.T) {
	ev := called(0, "c1", "f")
	ev.State = conv.State{Kind: conv.Thought, Value: `"th"`}
	out := encode(conv.EncoderOptions{Provider: "0abcdef"}, []conv.Event{start, ev, finish(conv.StopTool), end})
	s := readStrictly(t, out)
	id, state := conv.CutState(conv.Quote(s.items[0].item.Get("call_id").Str))
	if id != `"c1"` || !state.For(conv.Thought, "0abcdef") || state.Value != `"th"` {
		t.Errorf("id %s, state %+v", id, state)
	}
}

func TestStopReasonsAsStatus(t *testing.T) {
	for stop, want := range map[conv.StopReason]string{
		conv.StopEnd: "completed ", conv.StopTool: "completed ", conv.StopSequence: "completed ", conv.StopPause: "completed ", conv.StopUnknown: "completed ",
		conv.StopLength: "incomplete max_output_tokens", conv.StopRefusal: "incomplete content_filter",
	} {
		s := readStrictly(t, encode(conv.EncoderOptions{}, []conv.Event{start, said("t"), finish(stop), end}))
		if got := s.end + " " + s.whole.Get("incomplete_details.reason").Str; got != want {
			t.Errorf("stop %d: %s, want %s", stop, got, want)
		}
	}
}
