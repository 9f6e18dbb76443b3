package anthropic

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/tidwall/gjson"
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

// encode sends events through an encoder, checks that they follow the rules of
// the protocol, and returns their data.
func encode(t testing.TB, o conv.EncoderOptions, events ...conv.Event) []string {
	t.Helper()
	var out []string
	e := NewEncoder(o)
	emit := func(name string, data []byte) {
		if !gjson.ValidBytes(data) || gjson.GetBytes(data, "type").Str != name {
			t.Errorf("bad event %s: %s", name, data)
		}
		out = append(out, string(data))
	}
	for i := range events {
		e.Event(&events[i], emit)
	}
	e.Close(emit)
	checkBlocks(t, out)
	return out
}

// checkBlocks sees that blocks come one after the other and hold what their
// kind may.
func checkBlocks(t testing.TB, out []string) {
	t.Helper()
	open, next, kind, signed := -1, 0, "", false
	for _, data := range out {
		v := gjson.Parse(data)
		index := int(v.Get("index").Int())
		switch v.Get("type").Str {
		case "content_block_start":
			if open >= 0 || index != next {
				t.Errorf("block %d began while %d was open", index, open)
			}
			open, kind, signed = index, v.Get("content_block.type").Str, false
			next++
		case "content_block_delta":
			want := map[string]string{"text_delta": "text", "thinking_delta": "thinking", "signature_delta": "thinking", "input_json_delta": "tool_use"}[v.Get("delta.type").Str]
			if index != open || want != kind || signed {
				t.Errorf("in block %d of %s: %s", open, kind, data)
			}
			signed = v.Get("delta.type").Str == "signature_delta"
		case "content_block_stop":
			if index != open || kind == "thinking" && !signed {
				t.Errorf("block %d of %s ends: %s", open, kind, data)
			}
			open = -1
		case "message_delta":
			if open >= 0 {
				t.Errorf("block %d is still open at the end", open)
			}
		}
	}
}

// blocks puts the stream's content together again.
func blocks(out []string) string {
	var list []string
	for _, data := range out {
		v := gjson.Parse(data)
		switch v.Get("type").Str {
		case "content_block_start":
			b := v.Get("content_block")
			list = append(list, b.Get("type").Str+strings.TrimSuffix(" "+b.Get("id").Str, " ")+":")
		case "content_block_delta":
			d := v.Get("delta")
			if s := d.Get("signature"); s.Exists() {
				list[len(list)-1] += "|" + s.Str
			}
			list[len(list)-1] += d.Get("text").Str + d.Get("thinking").Str + d.Get("partial_json").Str
		}
	}
	return strings.Join(list, "\n")
}

func ev(kind conv.EventKind, s string) conv.Event { return conv.Event{Kind: kind, Text: conv.Quote(s)} }

func toolStart(n int, id string) conv.Event {
	return conv.Event{Kind: conv.ToolStart, Tool: n, ID: conv.Quote(id), Name: `"f"`}
}

func args(n int, s string) conv.Event {
	return conv.Event{Kind: conv.ToolDelta, Tool: n, Text: conv.Quote(s)}
}

func state(kind conv.StateKind, value string) conv.Event {
	return conv.Event{Kind: conv.ReasoningState, State: conv.State{Kind: kind, Value: conv.Quote(value)}}
}

func end(stop conv.StopReason) conv.Event { return conv.Event{Kind: conv.Finish, Stop: stop} }

func TestEncode(t *testing.T) {
	unquote := func(s string) string { return conv.Str(s).String() }
	item, none := unquote(token1(conv.Item, "i")), unquote(token1(conv.Unsigned, ""))
	mark := conv.State{Kind: conv.Thought, Value: `"m"`}
	withMark := conv.WithState(`"a"`, &mark, provider).Inner()
	begin := conv.Event{Kind: conv.Start, ID: `"x"`, Model: `"m"`}
	for _, c := range []struct {
		name   string
		events []conv.Event
		want   string
		stop   string
	}{
		{
			"reasoning ends when text begins",
			[]conv.Event{ev(conv.ReasoningDelta, "a"), ev(conv.ReasoningDelta, "b"), ev(conv.TextDelta, "c"), ev(conv.TextDelta, "d"), end(conv.StopEnd)},
			"thinking:ab|" + none + "\ntext:cd", "end_turn",
		},
		{
			"a state ends its reasoning",
			[]conv.Event{ev(conv.ReasoningDelta, "a"), state(conv.Item, "i"), ev(conv.ReasoningDelta, "b"), ev(conv.TextDelta, "c"), end(conv.StopEnd)},
			"thinking:a|" + item + "\nthinking:b|" + none + "\ntext:c", "end_turn",
		},
		{
			"states alone",
			[]conv.Event{state(conv.Item, "i"), state(conv.Item, "i"), ev(conv.TextDelta, "c"), state(conv.Item, "i"), end(conv.StopEnd)},
			"thinking:|" + item + "\nthinking:|" + item + "\ntext:c\nthinking:|" + item, "end_turn",
		},
		{
			"calls in turns wait for each other",
			[]conv.Event{toolStart(0, "a"), args(0, `{"x":`), toolStart(1, "b"), args(1, `{"y":`), ev(conv.TextDelta, "t"), ev(conv.ReasoningDelta, "r"), state(conv.Item, "i"), args(0, `"}"}`), args(1, `2}`), end(conv.StopTool)},
			"tool_use a:{\"x\":\"}\"}\ntool_use b:{\"y\":2}\ntext:t\nthinking:r|" + item, "tool_use",
		},
		{
			"a call without arguments",
			[]conv.Event{toolStart(0, "a"), args(0, ""), toolStart(1, "b"), end(conv.StopEnd)},
			"tool_use a:{}\ntool_use b:{}", "tool_use",
		},
		{
			"a call with a state",
			[]conv.Event{{Kind: conv.ToolStart, ID: `"a"`, Name: `"f"`, State: mark}, args(0, "{}"), end(conv.StopTool)},
			"tool_use " + withMark + ":{}", "tool_use",
		},
		{
			"a refusal",
			[]conv.Event{ev(conv.RefusalDelta, "n"), ev(conv.RefusalDelta, "o"), end(conv.StopEnd)},
			"text:no", "refusal",
		},
		{"text after the finish", []conv.Event{end(conv.StopLength), ev(conv.TextDelta, "a")}, "text:a", "max_tokens"},
		{"nothing", []conv.Event{ev(conv.TextDelta, ""), ev(conv.ReasoningDelta, ""), end(conv.StopEnd)}, "", "end_turn"},
		{"a call that was cut", []conv.Event{toolStart(0, "a"), args(0, `{"x`), end(conv.StopLength)}, "tool_use a:{\"x", "max_tokens"},
	} {
		t.Run(c.name, func(t *testing.T) {
			events := append([]conv.Event{begin}, c.events...)
			out := encode(t, conv.EncoderOptions{Provider: provider}, append(events, conv.Event{Kind: conv.End})...)
			if got := blocks(out); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
			n := len(out)
			if got := gjson.Get(out[n-2], "delta.stop_reason").Str; got != c.stop || out[n-1] != endEvent {
				t.Errorf("it ends with %s %s", out[n-2], out[n-1])
			}
		})
	}
}

func TestEncodeUsage(t *testing.T) {
	o := conv.EncoderOptions{Input: 1234, Model: "asked"}
	usage := conv.Usage{Input: 10, CacheRead: 20, CacheWrite: 3, Output: 5, Reasoning: 2}
	const full = `{"input_tokens":10,"cache_creation_input_tokens":3,"cache_read_input_tokens":20,"output_tokens":5,"output_tokens_details":{"thinking_tokens":2}}`
	for _, c := range []struct {
		name   string
		events []conv.Event
		first  string
		last   string
	}{
		{"told at the end", []conv.Event{ev(conv.TextDelta, "a"), end(conv.StopEnd), {Kind: conv.UsageOnly, Usage: usage, HasUsage: true}}, `{"input_tokens":1234,"output_tokens":0}`, full},
		{"told at the beginning", []conv.Event{{Kind: conv.Start, Usage: usage, HasUsage: true}, end(conv.StopEnd)}, full, full},
		{"never told", []conv.Event{ev(conv.TextDelta, "a"), end(conv.StopEnd)}, `{"input_tokens":1234,"output_tokens":0}`, `{"output_tokens":0}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			out := encode(t, o, c.events...)
			if got := get(out[0], "message.usage"); got != c.first || get(out[0], "message.model") != `"asked"` {
				t.Errorf("first %s", out[0])
			}
			if got := get(out[len(out)-2], "usage"); got != c.last {
				t.Errorf("last %s, want %s", got, c.last)
			}
		})
	}
}

func TestEncodeErrorsAndPings(t *testing.T) {
	failed := conv.Event{Kind: conv.Failed, Err: &conv.Error{Status: 503, Message: "busy"}}
	out := encode(t, conv.EncoderOptions{}, conv.Event{Kind: conv.Ping}, ev(conv.TextDelta, "a"), conv.Event{Kind: conv.Ping}, failed, ev(conv.TextDelta, "b"))
	if n := len(out); n != 5 || get(out[3], "type") != `"ping"` || get(out[4], "error.type") != `"overloaded_error"` {
		t.Errorf("%q", out)
	}
	if out := encode(t, conv.EncoderOptions{}); len(out) != 0 {
		t.Errorf("nothing was told, but %q was written", out)
	}
}

func TestWatch(t *testing.T) {
	var w Watch
	for _, c := range []struct {
		data string
		want conv.Mark
	}{
		{startEvent, 0},
		{`{"type":"ping"}`, 0},
		{blockStart(0, emptyThinking), 0},
		{thinkingDelta(0, ""), 0},
		{thinkingDelta(0, "a"), conv.MarkContent},
		{thinkingDelta(0, "b"), conv.MarkContent},
		{delta(0, "signature_delta", "signature", "s"), conv.MarkContent},
		{blockStart(1, `{"type":"redacted_thinking","data":"d"}`), conv.MarkContent},
		{blockStart(2, tool("a")), conv.MarkContent},
		{argsDelta(2, "{"), conv.MarkContent},
		{argsDelta(2, "}"), conv.MarkContent},
		{blockStart(3, emptyText), 0},
		{stopBlock(3), 0},
		{finish("tool_use", `{"output_tokens":9,"output_tokens_details":{"thinking_tokens":4}}`), conv.MarkFinish},
		{endEvent, conv.MarkEnd},
		{`nonsense`, conv.MarkInvalid},
		{`{"type":"error","error":{"type":"api_error","message":"m"}}`, conv.MarkError},
	} {
		if got := w.Look(nil, []byte(c.data)); got != c.want {
			t.Errorf("%s: %b, want %b", c.data, got, c.want)
		}
	}
	u, ok, err := w.Seen()
	if want := (conv.Usage{Input: 7, CacheRead: 3, Output: 9, Reasoning: 4}); u != want || !ok || err == nil {
		t.Errorf("%+v %v %v", u, ok, err)
	}
	var cut Watch
	cut.Look(nil, []byte(startEvent))
	if u, ok, _ := cut.Seen(); !ok || u.Input != 7 || u.Output != 1 {
		t.Errorf("of a stream that was cut: %+v", u)
	}
}
