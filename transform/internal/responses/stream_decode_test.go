package responses

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// tell writes the events of a stream, neighbouring deltas as one.
type tell struct {
	b    strings.Builder
	last conv.EventKind
}

func (w *tell) event(ev *conv.Event) {
	switch ev.Kind {
	case conv.TextDelta, conv.ReasoningDelta, conv.RefusalDelta:
		if ev.Kind != w.last {
			w.b.WriteString([...]string{conv.TextDelta: " text:", conv.ReasoningDelta: " why:", conv.RefusalDelta: " refused:"}[ev.Kind])
		}
		w.b.WriteString(ev.Text.String())
	case conv.Start:
		fmt.Fprintf(&w.b, "start(%s %s %d)", ev.ID.Inner(), ev.Model.Inner(), ev.Created)
	case conv.ReasoningState:
		fmt.Fprintf(&w.b, " {%c %s}", ev.State.Kind, ev.State.Value.Inner())
	case conv.ToolStart:
		fmt.Fprintf(&w.b, " call%d(%s %s)", ev.Tool, ev.ID.Inner(), ev.Name.Inner())
	case conv.ToolDelta:
		fmt.Fprintf(&w.b, " %d:%s", ev.Tool, ev.Text.String())
	case conv.Finish:
		fmt.Fprintf(&w.b, " finish(%d", ev.Stop)
		if ev.HasUsage {
			fmt.Fprintf(&w.b, " %d", ev.Usage)
		}
		w.b.WriteString(")")
	case conv.End:
		w.b.WriteString(" end")
	case conv.Failed:
		fmt.Fprintf(&w.b, " failed(%d %s %s)", ev.Err.Status, ev.Err.Code, ev.Err.Message)
	case conv.Ping:
		w.b.WriteString(" ping")
	case conv.Lost:
		w.b.WriteString(" lost:" + ev.Text.Inner())
	}
	w.last = ev.Kind
}

const (
	created   = `{"type":"response.created","sequence_number":0,"response":{"id":"resp_1","model":"m","created_at":7,"status":"in_progress","output":[]}}`
	textAdded = `{"type":"response.output_item.added","output_index":0,"item":{"id":"msg","type":"message","content":[]}}`
	textDelta = `{"type":"response.output_text.delta","sequence_number":4,"item_id":"msg","output_index":0,"content_index":0,"delta":"hello","logprobs":[]}`
	textDone  = `{"type":"response.output_item.done","output_index":0,"item":{"id":"msg","type":"message","content":[{"type":"output_text","text":"hello","annotations":[]}]}}`
	usage     = `"usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":3,"cache_write_tokens":2},"output_tokens":7,"output_tokens_details":{"reasoning_tokens":4}}`
	completed = `{"type":"response.completed","response":{"id":"resp_1","model":"m","status":"completed","output":[{"id":"msg","type":"message","content":[{"type":"output_text","text":"hello"}]}],` + usage + `}}`
	bare      = `{"type":"response.completed","response":{"id":"resp_1","status":"completed"}}`
)

func TestDecode(t *testing.T) {
	added := func(i int, item string) string {
		return fmt.Sprintf(`{"type":"response.output_item.added","output_index":%d,"item":%s}`, i, item)
	}
	done := func(i int, item string) string {
		return fmt.Sprintf(`{"type":"response.output_item.done","output_index":%d,"item":%s}`, i, item)
	}
	ev := func(kind string, i int, rest string) string {
		return fmt.Sprintf(`{"type":"response.%s","output_index":%d,%s}`, kind, i, rest)
	}
	for _, c := range []struct {
		name string
		in   []string
		want string
	}{
		{"text", []string{created, textAdded, textDelta, textDone, completed}, "start(resp_1 m 7) text:hello finish(1 {5 7 3 2 4 0}) end"},
		{"an end mark of another protocol", []string{created, textAdded, textDelta, bare, "[DONE]"}, "start(resp_1 m 7) text:hello finish(1) end"},
		{"a whole text without deltas", []string{created, textAdded, ev("output_text.done", 0, `"content_index":0,"text":"hello"`), textDone, completed}, "start(resp_1 m 7) text:hello finish(1 {5 7 3 2 4 0}) end"},
		{"a whole item without deltas", []string{created, textDone, completed}, "start(resp_1 m 7) text:hello finish(1 {5 7 3 2 4 0}) end"},
		{"a whole answer without deltas", []string{completed}, "start(resp_1 m 0) text:hello finish(1 {5 7 3 2 4 0}) end"},
		{"two parts of a message", []string{created, textDelta, ev("output_text.delta", 0, `"content_index":1,"delta":" you"`), bare}, "start(resp_1 m 7) text:hello you finish(1) end"},
		{"events without a start", []string{textDelta, bare}, "start(  0) text:hello finish(1) end"},
		{
			"ids that change with every event",
			[]string{created, added(0, `{"id":"a","type":"function_call","call_id":"c1","name":"f","arguments":""}`), ev("function_call_arguments.delta", 0, `"item_id":"b","delta":"{}"`), ev("function_call_arguments.done", 0, `"item_id":"x","arguments":"{}"`), done(0, `{"id":"d","type":"function_call","call_id":"c1","name":"f","arguments":"{}"}`), bare},
			"start(resp_1 m 7) call0(c1 f) 0:{} finish(4) end",
		},
		{
			"interleaved calls",
			[]string{created, added(0, `{"type":"function_call","call_id":"c1","name":"f"}`), added(1, `{"type":"function_call","call_id":"c2","name":"g"}`), ev("function_call_arguments.delta", 1, `"delta":"{"`), ev("function_call_arguments.delta", 0, `"delta":"[]"`), ev("function_call_arguments.delta", 1, `"delta":"}"`), bare},
			"start(resp_1 m 7) call0(c1 f) call1(c2 g) 1:{ 0:[] 1:} finish(4) end",
		},
		{
			"arguments told only when they are whole",
			[]string{created, added(0, `{"type":"function_call","call_id":"c1","name":"f","arguments":""}`), ev("function_call_arguments.done", 0, `"arguments":"{\"a\":1.0}"`), bare},
			`start(resp_1 m 7) call0(c1 f) 0:{"a":1.0} finish(4) end`,
		},
		{"a call told only when it is whole", []string{created, done(0, `{"type":"function_call","call_id":"c1","name":"f","arguments":"{}"}`), bare}, "start(resp_1 m 7) call0(c1 f) 0:{} finish(4) end"},
		{"a call without arguments", []string{created, added(0, `{"type":"function_call","call_id":"c1","name":"f","arguments":""}`), done(0, `{"type":"function_call","call_id":"c1","name":"f","arguments":""}`), bare}, "start(resp_1 m 7) call0(c1 f) finish(4) end"},
		{
			"a tool that takes text",
			[]string{created, added(0, `{"type":"custom_tool_call","call_id":"c1","name":"p","input":""}`), ev("custom_tool_call_input.delta", 0, `"delta":"a\n"`), ev("custom_tool_call_input.delta", 0, `"delta":"\"b\""`), ev("custom_tool_call_input.done", 0, `"input":"a\n\"b\""`), done(0, `{"type":"custom_tool_call","call_id":"c1","name":"p","input":"a\n\"b\""}`), bare},
			`start(resp_1 m 7) call0(c1 p) 0:{"input":" 0:a\n 0:\"b\" 0:"} finish(4) end`,
		},
		{"a tool that takes text told at once", []string{created, done(0, `{"type":"custom_tool_call","call_id":"c1","name":"p","input":"a"}`), bare}, `start(resp_1 m 7) call0(c1 p) 0:{"input":" 0:a 0:"} finish(4) end`},
		{"no text for it", []string{created, done(0, `{"type":"custom_tool_call","call_id":"c1","name":"p","input":""}`), bare}, `start(resp_1 m 7) call0(c1 p) 0:{"input":" 0:"} finish(4) end`},
		{
			"reasoning and its state",
			[]string{created, added(0, `{"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"early"}`), ev("reasoning_summary_part.added", 0, `"summary_index":0`), ev("reasoning_summary_text.delta", 0, `"summary_index":0,"delta":"a"`), ev("reasoning_summary_text.done", 0, `"summary_index":0,"text":"a"`), ev("reasoning_summary_text.delta", 0, `"summary_index":1,"delta":"b"`), ev("reasoning_summary_text.delta", 0, `"summary_index":1,"delta":"c"`), done(0, `{"id":"rs_1","type":"reasoning","summary":[{"text":"a"},{"text":"bc"}],"encrypted_content":"gAAA"}`), bare},
			"start(resp_1 m 7) why:a\n\nbc {I rs_1 gAAA} finish(1) end",
		},
		{"a state alone", []string{created, done(0, `{"id":"rs_1","type":"reasoning","summary":[],"encrypted_content":"gAAA"}`), textDelta, bare}, "start(resp_1 m 7) {I rs_1 gAAA} text:hello finish(1) end"},
		{"reasoning told only when it is whole", []string{created, done(0, `{"id":"rs_1","type":"reasoning","summary":[{"text":"a"},{"text":"b"}]}`), bare}, "start(resp_1 m 7) why:a\n\nb finish(1) end"},
		{"what open models reason", []string{created, ev("reasoning_text.delta", 0, `"content_index":0,"delta":"a"`), done(0, `{"type":"reasoning","summary":[],"content":[{"type":"reasoning_text","text":"a"}]}`), bare}, "start(resp_1 m 7) why:a finish(1) end"},
		{"two items of reasoning", []string{created, ev("reasoning_summary_text.delta", 0, `"delta":"a"`), ev("reasoning_summary_text.delta", 1, `"delta":"b"`), bare}, "start(resp_1 m 7) why:a\n\nb finish(1) end"},
		{"a refusal", []string{created, textAdded, ev("refusal.delta", 0, `"delta":"n"`), ev("refusal.delta", 0, `"delta":"o"`), ev("refusal.done", 0, `"refusal":"no"`), bare}, "start(resp_1 m 7) refused:no finish(5) end"},
		{"a refusal told at once", []string{created, ev("refusal.done", 0, `"refusal":"no"`), bare}, "start(resp_1 m 7) refused:no finish(5) end"},
		{"an answer cut by the limit", []string{created, textDelta, `{"type":"response.incomplete","response":{"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"}}}`}, "start(resp_1 m 7) text:hello finish(2) end"},
		{"an answer cut by a filter", []string{created, textDelta, `{"type":"response.incomplete","response":{"status":"incomplete","incomplete_details":{"reason":"content_filter"}}}`}, "start(resp_1 m 7) text:hello finish(5) end"},
		{"an answer cut for no reason", []string{created, textDelta, `{"type":"response.incomplete","response":{}}`}, "start(resp_1 m 7) text:hello finish(7) end"},
		{"what a server's tools did is lost", []string{created, added(0, `{"type":"web_search_call"}`), ev("web_search_call.searching", 0, `"item_id":"x"`), done(0, `{"type":"web_search_call"}`), ev("output_text.delta", 1, `"delta":"hello"`), ev("output_text.annotation.added", 1, `"annotation":{}`), bare}, "start(resp_1 m 7) lost:web_search_call text:hello lost:annotations finish(1) end"},
		{"signs of life and unknown events", []string{created, `{"type":"keepalive"}`, `{"type":"response.new_thing"}`, `nonsense`, `[]`, textDelta, bare}, "start(resp_1 m 7) ping text:hello finish(1) end"},
		{"an answer that failed", []string{created, `{"type":"response.failed","response":{"status":"failed","error":{"code":"rate_limit_exceeded","message":"slow down"}}}`}, "start(resp_1 m 7) failed(429 rate_limit_exceeded slow down)"},
		{"an answer that failed for no reason", []string{created, `{"type":"response.failed","response":{"status":"failed","error":null}}`}, "start(resp_1 m 7) failed(502  the provider gave up: failed)"},
		{"an error, and then that the answer failed", []string{created, `{"type":"error","code":"server_error","message":"oh","param":null,"sequence_number":2}`, `{"type":"response.failed","response":{"status":"failed","error":{"code":"server_error","message":"oh"}}}`}, "start(resp_1 m 7) failed(500 server_error oh)"},
		{"an error in an object", []string{created, `{"type":"error","sequence_number":2,"error":{"type":"insufficient_quota","code":"insufficient_quota","message":"oh","param":null}}`}, "start(resp_1 m 7) failed(429 insufficient_quota oh)"},
		{"an envelope in place of an event", []string{`{"error":{"message":"oh","code":"model_not_found"}}`}, " failed(404 model_not_found oh)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var w tell
			if err := decode(frames(c.in...), w.event); err != nil {
				t.Fatal(err)
			}
			if got := w.b.String(); got != c.want {
				t.Errorf("got  %q\nwant %q", got, c.want)
			}
		})
	}
}

func TestNamesOfEventsServeForTypes(t *testing.T) {
	var w tell
	err := decode([]frame{{"response.output_text.delta", `{"delta":"hello"}`}, {"response.completed", `{"response":{}}`}}, w.event)
	if got := w.b.String(); err != nil || got != "start(  0) text:hello finish(1) end" {
		t.Errorf("%v: %s", err, got)
	}
}

func TestAStreamWithoutItsLastEventIsTruncated(t *testing.T) {
	for _, in := range [][]string{{}, {created}, {created, textDelta}, {created, textDelta, "[DONE]"}, {created, textDelta, textDone, completed[:len(completed)-1]}} {
		var w tell
		if err := decode(frames(in...), w.event); !errors.Is(err, conv.ErrTruncated) {
			t.Errorf("%q: %v", in, err)
		}
		if strings.Contains(w.b.String(), "finish") {
			t.Errorf("%q: %s", in, w.b.String())
		}
	}
}

// A stream that is decoded and encoded again tells the same.
func TestStreamsSurviveTheWayThroughTheModel(t *testing.T) {
	events := []conv.Event{start, reasoned("r"), sealed(conv.State{Kind: conv.Item, Value: `"rs_1 gAAA"`}), said("a\n\"b\""), called(0, "c1", "f"), args(0, `{"x":`), args(0, `1.0}`), called(1, "c2", "g"), args(1, "{}"), finish(conv.StopTool), end}
	first := encode(conv.EncoderOptions{}, events)
	e := NewEncoder(conv.EncoderOptions{})
	var second []frame
	emit := func(name string, data []byte) { second = append(second, frame{name, string(data)}) }
	if err := decode(first, func(ev *conv.Event) { e.Event(ev, emit) }); err != nil {
		t.Fatal(err)
	}
	// Only the state of reasoning differs: it is wrapped once more.
	if got, want := outline(second), outline(first); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}
