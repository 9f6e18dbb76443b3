package conv_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform/internal/anthropic"
	"github.com/dctx-team/routex/transform/internal/chat"
	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/tidwall/gjson"
)

// A frame is one event of a stream.
type frame struct {
	name string
	data string
}

type decoder interface {
	Event(name, data []byte, emit func(*conv.Event)) error
	Close(emit func(*conv.Event)) error
}

type encoder interface {
	Event(ev *conv.Event, emit func(string, []byte))
	Close(emit func(string, []byte))
}

// pump sends frames through a decoder and an encoder. The memory of a frame
// is overwritten after its call, as that of a reader would be.
func pump(frames []frame, d decoder, e encoder) (out []frame, err error) {
	write := func(name string, data []byte) { out = append(out, frame{name, string(data)}) }
	pass := func(ev *conv.Event) { e.Event(ev, write) }
	for _, f := range frames {
		data := []byte(f.data)
		if err = d.Event([]byte(f.name), data, pass); err != nil {
			return out, err
		}
		for i := range data {
			data[i] = '#'
		}
	}
	if err = d.Close(pass); err == nil {
		e.Close(write)
	}
	return out, err
}

func chatFrames(lines ...string) []frame {
	var out []frame
	for _, l := range lines {
		out = append(out, frame{data: l})
	}
	return out
}

func anthropicFrames(lines ...string) []frame {
	var out []frame
	for _, l := range lines {
		out = append(out, frame{name: gjson.Get(l, "type").Str, data: l})
	}
	return out
}

// An answer is what a caller reads out of a stream or a body.
type answer struct {
	Text  string
	Calls []call
	Stop  string
	In    int64
	Out   int64
	Read  int64
}

type call struct{ ID, Name, Args string }

// readAnthropic reads a stream as strictly as a client would.
func readAnthropic(t testing.TB, frames []frame) (a answer) {
	t.Helper()
	open, next, args := -1, 0, ""
	kind := ""
	for i, f := range frames {
		v := gjson.Parse(f.data)
		if !gjson.Valid(f.data) || v.Get("type").Str != f.name {
			t.Errorf("frame %d: bad event %q: %s", i, f.name, f.data)
		}
		if (i == 0) != (f.name == "message_start") {
			t.Errorf("frame %d is %s", i, f.name)
		}
		switch f.name {
		case "content_block_start":
			if open >= 0 || int(v.Get("index").Int()) != next {
				t.Errorf("frame %d: block %s started while %d is open, %d is next", i, v.Get("index"), open, next)
			}
			open, args = next, ""
			next++
			kind = v.Get("content_block.type").Str
			if kind == "tool_use" {
				a.Calls = append(a.Calls, call{ID: v.Get("content_block.id").Str, Name: v.Get("content_block.name").Str})
			}
		case "content_block_delta":
			if int(v.Get("index").Int()) != open {
				t.Errorf("frame %d: delta for block %s while %d is open", i, v.Get("index"), open)
			}
			switch d := v.Get("delta"); d.Get("type").Str {
			case "text_delta":
				if kind != "text" {
					t.Errorf("frame %d: text in a block of %s", i, kind)
				}
				a.Text += d.Get("text").Str
			case "input_json_delta":
				args += d.Get("partial_json").Str
			}
		case "content_block_stop":
			if int(v.Get("index").Int()) != open {
				t.Errorf("frame %d: stop of block %s while %d is open", i, v.Get("index"), open)
			}
			if kind == "tool_use" {
				a.Calls[len(a.Calls)-1].Args = canonical(args)
			}
			open = -1
		case "message_delta":
			if open >= 0 {
				t.Errorf("frame %d: message_delta while block %d is open", i, open)
			}
			a.Stop = v.Get("delta.stop_reason").Str
			u := v.Get("usage")
			a.In, a.Out, a.Read = u.Get("input_tokens").Int()+u.Get("cache_creation_input_tokens").Int(), u.Get("output_tokens").Int(), u.Get("cache_read_input_tokens").Int()
		}
	}
	if n := len(frames); n == 0 || frames[n-1].name != "message_stop" {
		t.Errorf("the stream does not end with message_stop: %v", frames)
	}
	return a
}

// canonical returns arguments without white space. Those of an answer that was
// cut off by its length are no JSON and stay as they are.
func canonical(args string) string {
	if args == "" {
		args = "{}"
	}
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(args)); err != nil {
		return args
	}
	return b.String()
}

func readChat(t testing.TB, frames []frame) (a answer) {
	t.Helper()
	var id, created string
	for i, f := range frames {
		if f.data == "[DONE]" {
			if i != len(frames)-1 {
				t.Errorf("frame %d: [DONE] amid the stream", i)
			}
			continue
		}
		v := gjson.Parse(f.data)
		if !gjson.Valid(f.data) || f.name != "" {
			t.Errorf("frame %d: bad event %q: %s", i, f.name, f.data)
		}
		if i == 0 {
			id, created = v.Get("id").Str, v.Get("created").Raw
		}
		if v.Get("id").Str != id || v.Get("created").Raw != created {
			t.Errorf("frame %d has another id or time: %s", i, f.data)
		}
		delta := v.Get("choices.0.delta")
		if delta.Get("role").Exists() != (i == 0) {
			t.Errorf("frame %d: the role belongs in the first chunk: %s", i, f.data)
		}
		a.Text += delta.Get("content").Str
		for _, c := range delta.Get("tool_calls").Array() {
			n := int(c.Get("index").Int())
			if c.Get("id").Exists() {
				if n != len(a.Calls) {
					t.Errorf("frame %d: call %d begins, %d was next", i, n, len(a.Calls))
				}
				a.Calls = append(a.Calls, call{ID: c.Get("id").Str, Name: c.Get("function.name").Str})
			}
			a.Calls[n].Args += c.Get("function.arguments").Str
		}
		if stop := v.Get("choices.0.finish_reason").Str; stop != "" {
			if a.Stop != "" {
				t.Errorf("frame %d finishes again", i)
			}
			a.Stop = stop
		}
		if u := v.Get("usage"); u.IsObject() {
			a.Read = u.Get("prompt_tokens_details.cached_tokens").Int()
			a.In, a.Out = u.Get("prompt_tokens").Int()-a.Read, u.Get("completion_tokens").Int()
		}
	}
	if n := len(frames); n == 0 || frames[n-1].data != "[DONE]" {
		t.Errorf("the stream does not end with [DONE]: %v", frames)
	}
	for i := range a.Calls {
		a.Calls[i].Args = canonical(a.Calls[i].Args)
	}
	return a
}

func compare(t testing.TB, what string, got, want answer) {
	t.Helper()
	g, _ := json.Marshal(got)
	w, _ := json.Marshal(want)
	if string(g) != string(w) {
		t.Errorf("%s:\ngot  %s\nwant %s", what, g, w)
	}
}

func TestStreamChatToAnthropic(t *testing.T) {
	const head = `{"id":"x","created":1,"model":"m","choices":[{"index":0,`
	text := func(s string) string { return head + `"delta":{"content":"` + s + `"},"finish_reason":null}]}` }
	calls := func(s string) string { return head + `"delta":{"tool_calls":[` + s + `]},"finish_reason":null}]}` }
	finish := func(s string) string { return head + `"delta":{},"finish_reason":"` + s + `"}]}` }
	const usage = `{"id":"x","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":4}}}`
	one := []call{{"a", "f", `{"x":1}`}}
	cases := []struct {
		name string
		in   []string
		want answer
	}{
		{"text", []string{
			head + `"delta":{"role":"assistant","content":""}}]}`, text("Hel"), text("lo\\n"), finish("stop"), usage, "[DONE]",
		}, answer{Text: "Hello\n", Stop: "end_turn", In: 6, Out: 5, Read: 4}},
		{"the first chunk has no choice", []string{
			`{"id":"","model":"","choices":[],"prompt_filter_results":[]}`, text("a"), finish("length"), "[DONE]",
		}, answer{Text: "a", Stop: "max_tokens"}},
		{"everything in one chunk", []string{
			head + `"delta":{"content":"a"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2}}`,
		}, answer{Text: "a", Stop: "end_turn", In: 1, Out: 2}},
		{"usage on every chunk", []string{
			head + `"delta":{"content":"a"}}],"usage":{"prompt_tokens":1,"completion_tokens":1}}`,
			head + `"delta":{"content":"b"}}],"usage":{"prompt_tokens":1,"completion_tokens":2}}`,
			finish("stop"), "[DONE]",
		}, answer{Text: "ab", Stop: "end_turn", In: 1, Out: 2}},
		{"usage in x_groq", []string{
			text("a"), head + `"delta":{},"finish_reason":"stop"}],"x_groq":{"usage":{"prompt_tokens":3,"completion_tokens":2}}}`, "[DONE]",
		}, answer{Text: "a", Stop: "end_turn", In: 3, Out: 2}},
		{"content after the finish", []string{
			text("a"), finish("stop"), text("b"), usage, "[DONE]",
		}, answer{Text: "ab", Stop: "end_turn", In: 6, Out: 5, Read: 4}},
		{"no done mark", []string{text("a"), finish("stop")}, answer{Text: "a", Stop: "end_turn"}},
		{"done without a reason", []string{text("a"), "[DONE]"}, answer{Text: "a", Stop: "end_turn"}},
		{"what is no event is passed over", []string{"", "{", text("a"), "null", `{"zz":1}`, "garbage", finish("stop"), "[DONE]", text("b")}, answer{Text: "a", Stop: "end_turn"}},
		{"other choices are passed over", []string{
			text("a"), `{"choices":[{"index":1,"delta":{"content":"b"},"finish_reason":"stop"}]}`, finish("stop"), "[DONE]",
		}, answer{Text: "a", Stop: "end_turn"}},
		{"refusal", []string{head + `"delta":{"refusal":"no"}}]}`, finish("stop"), "[DONE]"}, answer{Text: "no", Stop: "refusal"}},
		{"content filter", []string{text("a"), finish("content_filter"), "[DONE]"}, answer{Text: "a", Stop: "refusal"}},
		{"content as parts", []string{
			head + `"delta":{"content":[{"type":"thinking","thinking":[]},{"type":"text","text":"a"}]}}]}`, finish("stop"), "[DONE]",
		}, answer{Text: "a", Stop: "end_turn"}},
		{"a message in place of a delta", []string{head + `"message":{"content":"a"},"finish_reason":"stop"}]}`, "[DONE]"}, answer{Text: "a", Stop: "end_turn"}},
		{"reasoning is left out", []string{
			head + `"delta":{"reasoning_content":"hm","content":null}}]}`, text("a"), finish("stop"), "[DONE]",
		}, answer{Text: "a", Stop: "end_turn"}},
		{"one call", []string{
			calls(`{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}`),
			calls(`{"index":0,"function":{"arguments":"{\"x\""}}`), calls(`{"index":0,"function":{"arguments":":1}"}}`), finish("tool_calls"), "[DONE]",
		}, answer{Calls: one, Stop: "tool_use"}},
		{"a call that stops with stop, index from 1, id and name repeated", []string{
			text("t"),
			calls(`{"index":1,"id":"a","function":{"name":"f","arguments":""}}`),
			calls(`{"index":1,"id":"a","function":{"name":"f","arguments":"{\"x\""}}`),
			calls(`{"index":1,"id":"","function":{"name":"","arguments":":1}"}}`), finish("stop"), "[DONE]",
		}, answer{Text: "t", Calls: one, Stop: "tool_use"}},
		{"no index", []string{
			calls(`{"id":"a","function":{"name":"f","arguments":"{\"x\""}}`), calls(`{"function":{"arguments":":1}"}}`),
			calls(`{"id":"b","function":{"name":"g","arguments":"{}"}}`), finish("tool_calls"), "[DONE]",
		}, answer{Calls: []call{one[0], {"b", "g", "{}"}}, Stop: "tool_use"}},
		{"whole calls with one index", []string{
			calls(`{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":1}"}},{"index":0,"id":"b","function":{"name":"f","arguments":"{}"}}`), finish("stop"), "[DONE]",
		}, answer{Calls: []call{one[0], {"b", "f", "{}"}}, Stop: "tool_use"}},
		{"another id on each chunk", []string{
			calls(`{"index":0,"id":"a","function":{"name":"f"}}`), calls(`{"index":0,"id":"b","function":{"arguments":"{\"x\":1}"}}`), finish("tool_calls"), "[DONE]",
		}, answer{Calls: one, Stop: "tool_use"}},
		{"the name comes after the id", []string{
			calls(`{"index":0,"id":"a"}`), calls(`{"index":0,"function":{"name":"f","arguments":"{\"x\":1}"}}`), finish("tool_calls"), "[DONE]",
		}, answer{Calls: one, Stop: "tool_use"}},
		{"arguments as an object", []string{
			calls(`{"index":0,"id":"a","function":{"name":"f","arguments":{"x":1}}}`), finish("tool_calls"), "[DONE]",
		}, answer{Calls: one, Stop: "tool_use"}},
		{"no arguments", []string{
			calls(`{"index":0,"id":"a","function":{"name":"f","arguments":""}}`), finish("tool_calls"), "[DONE]",
		}, answer{Calls: []call{{"a", "f", "{}"}}, Stop: "tool_use"}},
		{"arguments without a call are passed over", []string{
			calls(`{"index":0,"function":{"arguments":"{}"}}`), text("a"), finish("stop"), "[DONE]",
		}, answer{Text: "a", Stop: "end_turn"}},
		{"calls that interleave", []string{
			calls(`{"index":0,"id":"a","function":{"name":"f","arguments":""}},{"index":1,"id":"b","function":{"name":"g","arguments":""}}`),
			calls(`{"index":1,"function":{"arguments":"{\"y\":\"}\\\""}}`), calls(`{"index":0,"function":{"arguments":"{\"x\""}}`),
			text("t"), text("u"),
			calls(`{"index":1,"function":{"arguments":"\"}"}}`), calls(`{"index":0,"function":{"arguments":":1}"}}`), finish("tool_calls"), "[DONE]",
		}, answer{Text: "tu", Calls: []call{one[0], {"b", "g", `{"y":"}\""}`}}, Stop: "tool_use"}},
		{"an id that the protocol does not take", []string{
			calls(`{"index":0,"id":"a:1","function":{"name":"f","arguments":"{\u0022x\u0022:1}"}}`), finish("tool_calls"), "[DONE]",
		}, answer{Calls: []call{{"a_1_1oywwh5", "f", `{"x":1}`}}, Stop: "tool_use"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			out, err := pump(chatFrames(c.in...), chat.NewDecoder(), anthropic.NewEncoder(conv.EncoderOptions{Model: "fallback"}))
			if err != nil {
				t.Fatal(err)
			}
			compare(t, "answer", readAnthropic(t, out), c.want)
		})
	}
}

const anthropicStart = `{"type":"message_start","message":{"id":"msg_1","model":"m","usage":{"input_tokens":7,"cache_read_input_tokens":3,"output_tokens":1}}}`

func TestStreamAnthropicToChat(t *testing.T) {
	textStart := func(i string) string {
		return `{"type":"content_block_start","index":` + i + `,"content_block":{"type":"text","text":""}}`
	}
	text := func(i, s string) string {
		return `{"type":"content_block_delta","index":` + i + `,"delta":{"type":"text_delta","text":"` + s + `"}}`
	}
	tool := func(i, id, input string) string {
		return `{"type":"content_block_start","index":` + i + `,"content_block":{"type":"tool_use","id":"` + id + `","name":"f","input":` + input + `}}`
	}
	args := func(i, s string) string {
		return `{"type":"content_block_delta","index":` + i + `,"delta":{"type":"input_json_delta","partial_json":"` + s + `"}}`
	}
	stop := func(i string) string { return `{"type":"content_block_stop","index":` + i + `}` }
	finish := func(s string) string {
		return `{"type":"message_delta","delta":{"stop_reason":"` + s + `","stop_sequence":null},"usage":{"output_tokens":5}}`
	}
	const end, ping = `{"type":"message_stop"}`, `{"type":"ping"}`
	cases := []struct {
		name string
		in   []string
		want answer
	}{
		{"text", []string{anthropicStart, textStart("0"), ping, text("0", "Hel"), text("0", "lo\\u00e9"), stop("0"), finish("end_turn"), end}, answer{Text: "Helloé", Stop: "stop", In: 7, Out: 5, Read: 3}},
		{"start repeated, unknown events, thinking", []string{
			ping, anthropicStart, anthropicStart, `{"type":"new_event"}`, "{",
			`{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}}`,
			`{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"hm"}}`,
			`{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"s"}}`, stop("0"),
			textStart("1"), text("1", "a"), text("1", ""), stop("1"), finish("max_tokens"), end, text("1", "late"),
		}, answer{Text: "a", Stop: "length", In: 7, Out: 5, Read: 3}},
		{"tools", []string{
			anthropicStart, textStart("0"), text("0", "t"), stop("0"),
			tool("1", "a", "{}"), args("1", ""), args("1", `{\"x\"`), args("1", ":1}"), stop("1"),
			tool("2", "b", "{}"), args("2", ""), stop("2"),
			`{"type":"content_block_start","index":3,"content_block":{"type":"server_tool_use","id":"s","name":"web_search","input":{}}}`, args("3", "{}"), stop("3"),
			tool("4", "c", `{"y": 1}`), stop("4"), finish("tool_use"), end,
		}, answer{Text: "t", Calls: []call{{"a", "f", `{"x":1}`}, {"b", "f", "{}"}, {"c", "f", `{"y":1}`}}, Stop: "tool_calls", In: 7, Out: 5, Read: 3}},
		{"later usage supersedes", []string{
			anthropicStart, `{"type":"message_delta","delta":{"stop_reason":"stop_sequence","stop_sequence":"x"},"usage":{"input_tokens":9,"output_tokens":2}}`,
			`{"type":"message_delta","delta":{},"usage":{"output_tokens":4}}`, end,
		}, answer{Stop: "stop", In: 9, Out: 4, Read: 3}},
		{"no message_stop", []string{anthropicStart, textStart("0"), text("0", "a"), finish("refusal")}, answer{Text: "a", Stop: "content_filter", In: 7, Out: 5, Read: 3}},
		{"no message_start, no message_delta", []string{`{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"a"}}`, end}, answer{Text: "a", Stop: "stop"}},
		{"pause", []string{anthropicStart, finish("pause_turn"), end}, answer{Stop: "stop", In: 7, Out: 5, Read: 3}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			out, err := pump(anthropicFrames(c.in...), anthropic.NewDecoder(), chat.NewEncoder(conv.EncoderOptions{IncludeUsage: true, Model: "fallback"}))
			if err != nil {
				t.Fatal(err)
			}
			compare(t, "answer", readChat(t, out), c.want)
		})
	}
}

// TestStreamTruncated: whatever is cut off before the answer was complete
// must be told, and what is whole must not.
func TestStreamTruncated(t *testing.T) {
	a := anthropicFrames(anthropicStart, `{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`,
		`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}`, `{"type":"content_block_stop","index":0}`,
		`{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{}}`, `{"type":"message_stop"}`)
	for n := range len(a) + 1 {
		_, err := pump(a[:n], anthropic.NewDecoder(), chat.NewEncoder(conv.EncoderOptions{}))
		if want := n < 5; errors.Is(err, conv.ErrTruncated) != want {
			t.Errorf("anthropic: after %d events the error is %v", n, err)
		}
	}
	o := chatFrames(`{"choices":[{"index":0,"delta":{"role":"assistant"}}]}`, `{"choices":[{"index":0,"delta":{"content":"a"}}]}`,
		`{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`, `[DONE]`)
	for n := range len(o) + 1 {
		_, err := pump(o[:n], chat.NewDecoder(), anthropic.NewEncoder(conv.EncoderOptions{}))
		if want := n < 3; errors.Is(err, conv.ErrTruncated) != want {
			t.Errorf("chat: after %d events the error is %v", n, err)
		}
	}
	if _, err := pump(chatFrames("[DONE]"), chat.NewDecoder(), anthropic.NewEncoder(conv.EncoderOptions{})); !errors.Is(err, conv.ErrTruncated) {
		t.Errorf("chat: nothing but [DONE] gives %v", err)
	}
}

func TestStreamErrors(t *testing.T) {
	out, err := pump(anthropicFrames(anthropicStart, `{"type":"error","error":{"type":"overloaded_error","message":"busy"}}`, `{"type":"message_stop"}`),
		anthropic.NewDecoder(), chat.NewEncoder(conv.EncoderOptions{}))
	last := out[len(out)-1]
	if err != nil || last.data != `{"error":{"message":"busy","type":"server_error","param":null,"code":"overloaded"}}` {
		t.Errorf("anthropic to chat: %v, last %s", err, last)
	}
	for _, in := range []string{
		`{"error":{"message":"busy","code":503}}`,
		`{"object":"error","message":"busy","code":503}`,
		`{"choices":[{"index":0,"delta":{},"error":{"message":"busy","code":529}}]}`,
	} {
		out, err = pump(chatFrames(`{"choices":[{"index":0,"delta":{"content":"a"}}]}`, in, "[DONE]"),
			chat.NewDecoder(), anthropic.NewEncoder(conv.EncoderOptions{}))
		last = out[len(out)-1]
		if err != nil || last.name != "error" || last.data != `{"type":"error","error":{"type":"overloaded_error","message":"busy"}}` {
			t.Errorf("chat to anthropic: %v, last %s", err, last)
		}
	}
	out, err = pump(chatFrames(`{"choices":[{"index":0,"delta":{},"finish_reason":"network_error"}]}`),
		chat.NewDecoder(), anthropic.NewEncoder(conv.EncoderOptions{}))
	if err != nil || len(out) != 1 || out[0].name != "error" {
		t.Errorf("a broken answer must end in an error: %v %v", err, out)
	}
}

// TestEncoderHeads checks what only the first and last events hold.
func TestEncoderHeads(t *testing.T) {
	out, _ := pump(chatFrames(`{"id":"x","model":"","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}`, "[DONE]"),
		chat.NewDecoder(), anthropic.NewEncoder(conv.EncoderOptions{Model: "fallback"}))
	if want := `{"type":"message_start","message":{"id":"msg_x","type":"message","role":"assistant","model":"fallback","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":0,"output_tokens":0}}}`; out[0].data != want {
		t.Errorf("got  %s\nwant %s", out[0].data, want)
	}
	in := anthropicFrames(anthropicStart, `{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}`, `{"type":"message_stop"}`)
	out, _ = pump(in, anthropic.NewDecoder(), chat.NewEncoder(conv.EncoderOptions{}))
	if len(out) != 3 || strings.Contains(out[0].data+out[1].data, "usage") {
		t.Errorf("a caller who did not ask got the usage: %v", out)
	}
	out, _ = pump(in, anthropic.NewDecoder(), chat.NewEncoder(conv.EncoderOptions{IncludeUsage: true}))
	if len(out) != 4 || gjson.Get(out[2].data, "choices").Raw != "[]" || gjson.Get(out[2].data, "usage.total_tokens").Int() != 12 {
		t.Errorf("a caller who asked did not get the usage: %v", out)
	}
	out, _ = pump(chatFrames(`{"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}`), chat.NewDecoder(), chat.NewEncoder(conv.EncoderOptions{IncludeUsage: true}))
	if len(out) != 4 {
		t.Errorf("usage was made up: %v", out)
	}
}

// corpus calls f with each recorded stream below a folder of the corpus.
func corpus(t *testing.T, suffix string, f func(t *testing.T, path string, data []byte)) {
	root := os.Getenv("ROUTEX_CORPUS")
	if root == "" {
		t.Skip("ROUTEX_CORPUS does not name the folder of recorded answers")
	}
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, suffix) {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(root, path)
		t.Run(rel, func(t *testing.T) { f(t, rel, data) })
		return nil
	})
}

func parseSSE(data []byte) (frames []frame) {
	var f frame
	sc := bufio.NewScanner(bytes.NewReader(data))
	sc.Buffer(nil, 1<<24)
	for sc.Scan() {
		line := strings.TrimSuffix(sc.Text(), "\r")
		switch {
		case line == "" && f.data != "":
			frames, f = append(frames, f), frame{}
		case strings.HasPrefix(line, "event:"):
			f.name = strings.TrimSpace(line[6:])
		case strings.HasPrefix(line, "data:"):
			f.data += strings.TrimPrefix(line[5:], " ")
		}
	}
	if f.data != "" {
		frames = append(frames, f)
	}
	return frames
}

// collect reads the events themselves into an answer.
func collect(t *testing.T, frames []frame, d decoder) (a answer) {
	t.Helper()
	see := func(ev *conv.Event) {
		switch ev.Kind {
		case conv.TextDelta:
			a.Text += ev.Text.String()
		case conv.ToolStart:
			a.Calls = append(a.Calls, call{Name: ev.Name.String()})
		case conv.ToolDelta:
			a.Calls[ev.Tool].Args += ev.Text.String()
		}
	}
	for _, f := range frames {
		_ = d.Event([]byte(f.name), []byte(f.data), see)
	}
	if err := d.Close(see); err != nil {
		t.Errorf("Close: %v", err)
	}
	for i := range a.Calls {
		a.Calls[i].Args = canonical(a.Calls[i].Args)
	}
	return a
}

func content(a answer) answer {
	b := answer{Text: a.Text}
	for _, c := range a.Calls {
		b.Calls = append(b.Calls, call{Name: c.Name, Args: c.Args})
	}
	return b
}

// TestCorpusStreams sends recorded streams to the other protocol and back.
func TestCorpusStreams(t *testing.T) {
	check := func(t *testing.T, frames []frame) {
		opts := conv.EncoderOptions{IncludeUsage: true}
		if frames[0].name == "message_start" {
			want := collect(t, frames, anthropic.NewDecoder())
			there, err := pump(frames, anthropic.NewDecoder(), chat.NewEncoder(opts))
			if err != nil {
				t.Fatal(err)
			}
			first := readChat(t, there)
			compare(t, "as chat", content(first), want)
			back, _ := pump(there, chat.NewDecoder(), anthropic.NewEncoder(opts))
			second := readAnthropic(t, back)
			compare(t, "back again", content(second), want)
			if second.In != first.In || second.Out != first.Out || second.Read != first.Read || first.Out == 0 {
				t.Errorf("usage changed on its way: %+v, %+v", first, second)
			}
			return
		}
		want := collect(t, frames, chat.NewDecoder())
		there, err := pump(frames, chat.NewDecoder(), anthropic.NewEncoder(opts))
		if err != nil {
			t.Fatal(err)
		}
		compare(t, "as anthropic", content(readAnthropic(t, there)), want)
		back, _ := pump(there, anthropic.NewDecoder(), chat.NewEncoder(opts))
		compare(t, "back again", content(readChat(t, back)), want)
	}
	seen := 0
	corpus(t, ".sse", func(t *testing.T, path string, data []byte) {
		frames := parseSSE(data)
		if frames[0].name != "message_start" && gjson.Get(frames[0].data, "object").Str != "chat.completion.chunk" {
			return
		}
		seen++
		check(t, frames)
	})
	corpus(t, ".json", func(t *testing.T, path string, data []byte) {
		v := gjson.GetBytes(data, "response.body")
		if gjson.GetBytes(data, "protocol").Str != "openai-chat" || v.Type != gjson.String || !strings.HasPrefix(v.Str, "data:") {
			return
		}
		seen++
		check(t, parseSSE([]byte(v.Str)))
	})
	if seen < 20 {
		t.Errorf("only %d recorded streams were found", seen)
	}
}

// TestCorpusAnswers sends recorded whole answers to the other protocol and
// back.
func TestCorpusAnswers(t *testing.T) {
	seen := 0
	corpus(t, ".json", func(t *testing.T, path string, data []byte) {
		body := data
		if v := gjson.GetBytes(data, "response.body"); v.IsObject() && gjson.GetBytes(data, "response.status").Int() == 200 {
			body = []byte(v.Raw)
		}
		read, write, back, again := chat.ReadResponse, anthropic.WriteResponse, anthropic.ReadResponse, chat.WriteResponse
		switch {
		case gjson.GetBytes(body, "object").Str == "chat.completion" && gjson.GetBytes(body, "choices.0.message").Exists():
		case gjson.GetBytes(body, "type").Str == "message":
			read, write, back, again = anthropic.ReadResponse, chat.WriteResponse, chat.ReadResponse, anthropic.WriteResponse
		default:
			return
		}
		seen++
		r, err := read(body)
		if err != nil {
			t.Fatal(err)
		}
		there := write(nil, r)
		r2, err := back(there)
		if err != nil || !gjson.ValidBytes(there) {
			t.Fatalf("%v: %s", err, there)
		}
		if out := again(nil, r2); !gjson.ValidBytes(out) {
			t.Errorf("not valid JSON: %s", out)
		}
		compare(t, "back again", summary(r2), summary(r))
	})
	if seen < 20 {
		t.Errorf("only %d recorded answers were found", seen)
	}
}

func summary(r *conv.Response) (a answer) {
	for _, p := range r.Parts {
		if p.Kind == conv.ToolCall {
			a.Calls = append(a.Calls, call{ID: p.ID.String(), Name: p.Name.String(), Args: canonical(p.Args)})
		} else {
			a.Text += p.Text.String()
		}
	}
	a.In, a.Out, a.Read = r.Usage.Input+r.Usage.CacheWrite, r.Usage.Output, r.Usage.CacheRead
	return a
}
