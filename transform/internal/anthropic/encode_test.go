package anthropic

import (
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/tidwall/gjson"
)

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

// A stream holds what is open, whatever its length.
func TestStreamHoldsNothing(t *testing.T) {
	d, e := NewDecoder(), NewEncoder(conv.EncoderOptions{})
	written := 0
	emit := func(_ string, data []byte) { written += len(data) }
	pass := func(ev *conv.Event) { e.Event(ev, emit) }
	send := func(data string) { _ = d.Event(nil, []byte(data), pass) }
	send(startEvent)
	for i := range 300 {
		send(blockStart(3*i, emptyThinking))
		send(thinkingDelta(3*i, "some words"))
		send(delta(3*i, "signature_delta", "signature", "some signature"))
		send(stopBlock(3 * i))
		send(blockStart(3*i+1, emptyText))
		send(textDelta(3*i+1, "some words"))
		send(stopBlock(3*i + 1))
		send(blockStart(3*i+2, tool("t")))
		send(argsDelta(3*i+2, `{"some":"words"}`))
		send(stopBlock(3*i + 2))
	}
	if written < 100_000 || len(d.signature) > 0 || len(e.waiting) > 0 || cap(e.buf) > 1024 {
		t.Errorf("after %d bytes: %d of a signature, %d blocks, a buffer of %d", written, len(d.signature), len(e.waiting), cap(e.buf))
	}
}
