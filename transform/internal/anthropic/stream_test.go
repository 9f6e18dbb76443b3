package anthropic

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// decode sends events through a decoder and tells in words what it emits. The
// memory of an event is overwritten after its call, as a reader's would be.
func decode(t testing.TB, events []string, more func(*conv.Event)) (told []string, err error) {
	t.Helper()
	d := NewDecoder()
	emit := func(ev *conv.Event) {
		told = append(told, describe(ev))
		if more != nil {
			more(ev)
		}
	}
	for _, s := range events {
		data := []byte(s)
		if err := d.Event(nil, data, emit); err != nil {
			t.Fatal(err)
		}
		for i := range data {
			data[i] = '#'
		}
	}
	return told, d.Close(emit)
}

func describe(ev *conv.Event) string {
	switch ev.Kind {
	case conv.Start:
		return fmt.Sprintf("start %s %s %d", ev.ID.Inner(), ev.Model.Inner(), ev.Usage.Input)
	case conv.TextDelta:
		return "text " + ev.Text.Inner()
	case conv.ReasoningDelta:
		return "reasoning " + ev.Text.Inner()
	case conv.ReasoningState:
		return fmt.Sprintf("state %c %s", ev.State.Kind, ev.State.Value.Inner())
	case conv.ToolStart:
		return fmt.Sprintf("tool %d %s %s", ev.Tool, ev.ID.Inner(), ev.Name.Inner())
	case conv.ToolDelta:
		return fmt.Sprintf("args %d %s", ev.Tool, ev.Text.String())
	case conv.Finish:
		return fmt.Sprintf("finish %d %s %d/%d", ev.Stop, ev.StopText.Inner(), ev.Usage.Input, ev.Usage.Output)
	case conv.UsageOnly:
		return fmt.Sprintf("usage %d/%d", ev.Usage.Input, ev.Usage.Output)
	case conv.End:
		return "end"
	case conv.Failed:
		return fmt.Sprintf("failed %d %s %s", ev.Err.Status, ev.Err.Message, ev.Err.RequestID)
	case conv.Ping:
		return "ping"
	case conv.Lost:
		return "lost " + ev.Text.Inner()
	}
	return "?"
}

const (
	startEvent = `{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"usage":{"input_tokens":7,"cache_read_input_tokens":3,"output_tokens":1}}}`
	endEvent   = `{"type":"message_stop"}`
)

func blockStart(i int, block string) string {
	return fmt.Sprintf(`{"type":"content_block_start","index":%d,"content_block":%s}`, i, block)
}

func delta(i int, kind, member, text string) string {
	return fmt.Sprintf(`{"type":"content_block_delta","index":%d,"delta":{"type":"%s","%s":%s}}`, i, kind, member, string(conv.Quote(text)))
}

func textDelta(i int, s string) string     { return delta(i, "text_delta", "text", s) }
func thinkingDelta(i int, s string) string { return delta(i, "thinking_delta", "thinking", s) }
func argsDelta(i int, s string) string     { return delta(i, "input_json_delta", "partial_json", s) }

func stopBlock(i int) string { return fmt.Sprintf(`{"type":"content_block_stop","index":%d}`, i) }

func finish(reason, usage string) string {
	return `{"type":"message_delta","delta":{"stop_reason":"` + reason + `","stop_sequence":null},"usage":` + usage + `}`
}

const (
	emptyText     = `{"type":"text","text":""}`
	emptyThinking = `{"type":"thinking","thinking":"","signature":""}`
)

func tool(id string) string { return `{"type":"tool_use","id":"` + id + `","name":"f","input":{}}` }

func TestDecode(t *testing.T) {
	for _, c := range []struct {
		name   string
		events []string
		want   string // lines
	}{
		{
			"reasoning, text, a call and a ping",
			[]string{
				startEvent, `{"type": "ping"}`, blockStart(0, emptyThinking), thinkingDelta(0, "a"), thinkingDelta(0, "b"), thinkingDelta(0, ""),
				delta(0, "signature_delta", "signature", "s1"), delta(0, "signature_delta", "signature", "s2"), stopBlock(0),
				blockStart(1, emptyText), textDelta(1, "x"), textDelta(1, "y"), stopBlock(1),
				blockStart(2, tool("t1")), argsDelta(2, ""), argsDelta(2, `{"a":`), argsDelta(2, `1}`), stopBlock(2),
				finish("tool_use", `{"output_tokens":9}`), endEvent,
			},
			"start msg_1 m 7\nping\nreasoning a\nreasoning b\nstate S s1s2\ntext x\ntext y\ntool 0 t1 f\nargs 0 {\"a\":\nargs 0 1}\nfinish 4  7/9\nend",
		},
		{
			"reasoning that only its signature tells of, and redacted",
			[]string{startEvent, blockStart(0, emptyThinking), delta(0, "signature_delta", "signature", "s"), stopBlock(0), blockStart(1, `{"type":"redacted_thinking","data":"d"}`), stopBlock(1), finish("end_turn", `{}`), endEvent},
			"start msg_1 m 7\nstate S s\nstate R d\nfinish 1  7/1\nend",
		},
		{
			"all in the start of a block",
			[]string{startEvent, blockStart(0, `{"type":"thinking","thinking":"t","signature":"s"}`), blockStart(1, `{"type":"text","text":"x"}`), blockStart(2, `{"type":"tool_use","id":"i","name":"f","input":{"a":1}}`), finish("end_turn", `{}`), endEvent},
			"start msg_1 m 7\nreasoning t\nstate S s\ntext x\ntool 0 i f\nargs 0 {\"a\":1}\nfinish 4  7/1\nend",
		},
		{
			"the message begins twice",
			[]string{startEvent, startEvent, blockStart(0, emptyText), textDelta(0, "a"), finish("end_turn", `{"output_tokens":2}`), endEvent},
			"start msg_1 m 7\ntext a\nfinish 1  7/2\nend",
		},
		{
			"a second message goes on with the first",
			[]string{
				startEvent, blockStart(0, tool("a")), argsDelta(0, "{}"), stopBlock(0), strings.Replace(startEvent, `"input_tokens":7`, `"input_tokens":8`, 1),
				blockStart(0, tool("b")), argsDelta(0, `{"x":1}`), stopBlock(0), finish("tool_use", `{}`), endEvent,
			},
			"start msg_1 m 7\ntool 0 a f\nargs 0 {}\ntool 1 b f\nargs 1 {\"x\":1}\nfinish 4  8/1\nend",
		},
		{
			"tools of the server, another model's taking over, citations",
			[]string{
				startEvent, blockStart(0, `{"type":"fallback","from":{"model":"a"},"to":{"model":"b"}}`), stopBlock(0),
				blockStart(1, `{"type":"server_tool_use","id":"s","name":"n","input":{}}`), argsDelta(1, `{"q":1}`), stopBlock(1),
				blockStart(2, emptyText), `{"type":"content_block_delta","index":2,"delta":{"type":"citations_delta","citation":{}}}`, textDelta(2, "a"), stopBlock(2), finish("end_turn", `{}`), endEvent,
			},
			"start msg_1 m 7\nlost fallback\nlost server_tool_use\nlost citations\ntext a\nfinish 1  7/1\nend",
		},
		{
			"the last usage holds and is not added",
			[]string{startEvent, `{"type":"message_delta","delta":{},"usage":{"output_tokens":3}}`, finish("max_tokens", `{"input_tokens":61,"cache_read_input_tokens":0,"output_tokens":5}`), endEvent},
			"start msg_1 m 7\nusage 7/3\nfinish 2  61/5\nend",
		},
		{
			"a stop sequence",
			[]string{startEvent, `{"type":"message_delta","delta":{"stop_reason":"stop_sequence","stop_sequence":"x"},"usage":{}}`, endEvent},
			"start msg_1 m 7\nfinish 3 x 7/1\nend",
		},
		{
			"an error amid the answer",
			[]string{startEvent, `{"type":"error","error":{"type":"overloaded_error","message":"busy"},"request_id":"req_1"}`, textDelta(0, "a"), endEvent},
			"start msg_1 m 7\nfailed 529 busy req_1",
		},
		{
			"what is no event",
			[]string{`no`, startEvent, `{`, `{"type":"new"}`, `[]`, `"a"`, finish("end_turn", `{}`), endEvent, textDelta(0, "late")},
			"start msg_1 m 7\nfinish 1  7/1\nend",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			told, err := decode(t, c.events, nil)
			if err != nil {
				t.Error(err)
			}
			if got := strings.Join(told, "\n"); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

func TestDecodeTruncated(t *testing.T) {
	for _, events := range [][]string{{}, {startEvent}, {startEvent, blockStart(0, emptyText), textDelta(0, "a"), stopBlock(0)}, {startEvent, finish("", `{}`)[:40]}} {
		if _, err := decode(t, events, nil); !errors.Is(err, conv.ErrTruncated) {
			t.Errorf("%d events: %v", len(events), err)
		}
	}
	told, err := decode(t, []string{startEvent, finish("end_turn", `{}`)}, nil)
	if err != nil || told[len(told)-1] != "end" {
		t.Errorf("the end mark alone is missing: %v, %v", told, err)
	}
}
