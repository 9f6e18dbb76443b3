package chat

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// told writes an event as a line.
func told(ev *conv.Event) string {
	usage := ""
	if ev.HasUsage {
		usage = fmt.Sprintf(" %+v", ev.Usage)
	}
	switch ev.Kind {
	case conv.Start:
		return fmt.Sprintf("start %s %s", ev.ID.String(), ev.Model.String())
	case conv.TextDelta:
		return "text " + ev.Text.String()
	case conv.RefusalDelta:
		return "refusal " + ev.Text.String()
	case conv.ReasoningDelta:
		return "thought " + ev.Text.String()
	case conv.ToolStart:
		return fmt.Sprintf("call %d %s %s", ev.Tool, ev.ID.String(), ev.Name.String())
	case conv.ToolDelta:
		return fmt.Sprintf("args %d %s", ev.Tool, ev.Text.String())
	case conv.Finish:
		return "finish " + [...]string{"none", "end", "length", "sequence", "tool", "refusal", "pause", "unknown"}[ev.Stop] + usage
	case conv.UsageOnly:
		return "usage" + usage
	case conv.End:
		return "end"
	case conv.Failed:
		return fmt.Sprintf("failed %d %s", ev.Err.Status, ev.Err.Message)
	case conv.Lost:
		return "lost " + ev.Text.String()
	}
	return fmt.Sprint("event ", ev.Kind)
}

// decode sends events through a decoder. The memory of each is overwritten
// after its call, as that of a reader would be.
func decode(t testing.TB, lines []string) (events []string, err error) {
	t.Helper()
	d := NewDecoder()
	emit := func(ev *conv.Event) { events = append(events, told(ev)) }
	for _, line := range lines {
		name := ""
		if rest, ok := strings.CutPrefix(line, "event: error "); ok {
			name, line = "error", rest
		}
		data := []byte(line)
		if err := d.Event([]byte(name), data, emit); err != nil {
			t.Fatal(err)
		}
		for i := range data {
			data[i] = '#'
		}
	}
	return events, d.Close(emit)
}

func chunkOf(delta string) string {
	return `{"id":"c","model":"m","choices":[{"index":0,"delta":{` + delta + `},"finish_reason":null}]}`
}

func callsOf(calls string) string { return chunkOf(`"tool_calls":[` + calls + `]`) }

const (
	stopped = `{"id":"c","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`
	done    = "[DONE]"
)

func TestDecodeDialects(t *testing.T) {
	u := " {Input:5 Output:2 CacheRead:3 CacheWrite:0 Reasoning:1 CacheWriteHour:0}"
	usage := `"usage":{"prompt_tokens":8,"completion_tokens":2,"total_tokens":10,"prompt_tokens_details":{"cached_tokens":3},"completion_tokens_details":{"reasoning_tokens":1}}`
	cases := []struct {
		name  string
		lines []string
		want  []string // between start and end
	}{
		{"plain text, many alike", []string{chunkOf(`"role":"assistant","content":""`), chunkOf(`"content":"a"`), chunkOf(`"content":"b"`), chunkOf(`"content":"\u00fc\n"`), stopped}, []string{"text a", "text b", "text ü\n", "finish end"}},
		{"reasoning_content, many alike", []string{chunkOf(`"reasoning_content":"a"`), chunkOf(`"reasoning_content":"b"`), chunkOf(`"content":"c"`), stopped}, []string{"thought a", "thought b", "text c", "finish end"}},
		{"reasoning and content in one chunk", []string{chunkOf(`"content":"c","reasoning_content":"r"`), stopped}, []string{"thought r", "text c", "finish end"}},
		{"reasoning told twice over", []string{chunkOf(`"content":"","reasoning":"r","reasoning_details":[{"type":"reasoning.text","text":"r","index":0}]`), stopped}, []string{"thought r", "finish end"}},
		{"reasoning in details only", []string{chunkOf(`"reasoning_details":[{"type":"reasoning.text","text":"r","index":0},{"type":"reasoning.encrypted","data":"x","index":1},{"type":"reasoning.summary","summary":"s","index":2}]`), stopped}, []string{"thought rs", "finish end"}},
		{"reasoning as an object", []string{chunkOf(`"reasoning_content":{"text":"r"}`), stopped}, []string{"thought r", "finish end"}},
		{"Mistral's parts", []string{chunkOf(`"content":[{"type":"thinking","thinking":[{"type":"text","text":"r"}]}]`), chunkOf(`"content":[{"type":"text","text":"c"},{"type":"reference","reference_ids":[1]}]`), stopped}, []string{"thought r", "text c", "lost reference", "finish end"}},
		{"thinking between tags stays text", []string{chunkOf(`"content":"<think>a</think>"`), stopped}, []string{"text <think>a</think>", "finish end"}},
		{"a refusal", []string{chunkOf(`"refusal":"no"`), stopped}, []string{"refusal no", "finish refusal"}},
		{"what has no place", []string{chunkOf(`"content":"a","annotations":[{}],"audio":{"id":"x"},"images":[]`), stopped}, []string{"text a", "lost annotations", "lost audio", "finish end"}},
		{"content, finish and usage in one chunk", []string{`{"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}],` + usage + `}`}, []string{"text a", "finish end" + u}},
		{"usage after the finish, without choices", []string{chunkOf(`"content":"a"`), stopped, `{"id":"c","model":"m","choices":[],` + usage + `}`}, []string{"text a", "finish end", "usage" + u}},
		{"usage on every chunk", []string{`{"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"a"}}],"usage":{"prompt_tokens":8,"completion_tokens":1}}`, `{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],` + usage + `}`}, []string{"text a", "usage {Input:8 Output:1 CacheRead:0 CacheWrite:0 Reasoning:0 CacheWriteHour:0}", "finish end" + u}},
		{"Groq's usage", []string{`{"id":"c","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"x_groq":{"id":"x",` + usage + `}}`}, []string{"finish end" + u}},
		{"Kimi's usage", []string{`{"id":"c","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop",` + usage + `}]}`}, []string{"finish end" + u}},
		{"DeepSeek's usage", []string{`{"id":"c","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":8,"completion_tokens":2,"prompt_cache_hit_tokens":3,"prompt_cache_miss_tokens":5,"completion_tokens_details":{"reasoning_tokens":1}}}`}, []string{"finish end" + u}},
		{"xAI counts reasoning beside the answer", []string{`{"id":"c","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":8,"completion_tokens":1,"total_tokens":10,"prompt_tokens_details":{"cached_tokens":3},"completion_tokens_details":{"reasoning_tokens":1}}}`}, []string{"finish end" + u}},
		{"Azure's first chunk has no choice", []string{`{"id":"","model":"","choices":[],"prompt_filter_results":[{}]}`, chunkOf(`"content":"a"`), `{"choices":[{"index":0,"content_filter_offsets":{},"finish_reason":null}]}`, stopped}, []string{"text a", "finish end"}},
		{"other answers of several are not ours", []string{`{"id":"c","model":"m","choices":[{"index":1,"delta":{"content":"x"}},{"index":0,"delta":{"content":"a"}}]}`, stopped}, []string{"text a", "finish end"}},
		{"a message in place of a delta", []string{`{"id":"c","model":"m","choices":[{"index":0,"message":{"content":"a"},"finish_reason":"stop"}]}`}, []string{"text a", "finish end"}},
		{"content after the finish", []string{stopped, chunkOf(`"content":"a"`)}, []string{"finish end", "text a"}},
		{"no reason but an end mark", []string{chunkOf(`"content":"a"`)}, []string{"text a", "finish none"}},
		{"a reason that nobody knows", []string{`{"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"whim"}]}`}, []string{"text a", "finish unknown"}},
		{"what is no chunk", []string{chunkOf(`"content":"a"`), `{"x`, `3`, `null`, stopped}, []string{"text a", "finish end"}},
		{"legacy calls", []string{chunkOf(`"function_call":{"name":"f","arguments":""}`), chunkOf(`"function_call":{"arguments":"{}"}`), `{"choices":[{"index":0,"delta":{},"finish_reason":"function_call"}]}`}, []string{"call 0  f", "args 0 {}", "finish tool"}},
		{"a call that only has an id", []string{callsOf(`{"index":0,"id":"a"},{"index":1,"id":"b","function":{"name":"g","arguments":"{}"}}`), stopped}, []string{"call 0 b g", "args 0 {}", "finish tool"}},
		{"a name that comes late", []string{callsOf(`{"index":0,"id":"a"},{"index":1,"id":"b","function":{"name":"g","arguments":"{}"}}`), callsOf(`{"index":0,"function":{"name":"f","arguments":"{}"}}`), stopped}, []string{"call 0 b g", "args 0 {}", "call 1 a f", "args 1 {}", "finish tool"}},
		{"a custom call after the finish", []string{stopped, callsOf(`{"index":0,"id":"a","type":"custom","custom":{"name":"sh","input":"ls"}}`)}, []string{"finish end", "call 0 a sh", `args 0 {"input":"ls`, `args 0 "}`}},
		{"custom calls", []string{callsOf(`{"index":0,"id":"a","type":"custom","custom":{"name":"sh","input":""}}`), callsOf(`{"index":0,"custom":{"input":"l\"s"}}`), callsOf(`{"index":0,"custom":{"input":" -a"}}`), callsOf(`{"index":1,"id":"b","type":"custom","custom":{"name":"sh","input":""}}`), stopped}, []string{"call 0 a sh", `args 0 {"input":"l\"s`, `args 0  -a`, "call 1 b sh", "finish tool", `args 0 "}`, `args 1 {"input":""}`}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := decode(t, append(c.lines, done))
			want := append(append([]string{"start c m"}, c.want...), "end")
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%v\ngot  %q\nwant %q", err, got, want)
			}
		})
	}
}

func TestDecodeParallelCalls(t *testing.T) {
	cases := []struct {
		name  string
		lines []string
		want  []string
	}{
		{"one after the other", []string{callsOf(`{"index":0,"id":"a","function":{"name":"f","arguments":""}}`), callsOf(`{"index":0,"function":{"arguments":"{}"}}`), callsOf(`{"index":1,"id":"b","function":{"name":"g","arguments":"{}"}}`)}, []string{"call 0 a f", "args 0 {}", "call 1 b g", "args 1 {}"}},
		{"interleaved", []string{callsOf(`{"index":0,"id":"a","function":{"name":"f","arguments":""}},{"index":1,"id":"b","function":{"name":"g","arguments":""}}`), callsOf(`{"index":1,"function":{"arguments":"{\"x\""}}`), callsOf(`{"index":0,"function":{"arguments":"{}"}}`), callsOf(`{"index":1,"function":{"arguments":":1}"}}`)}, []string{"call 0 a f", "call 1 b g", `args 1 {"x"`, "args 0 {}", "args 1 :1}"}},
		{"the same index for all, in pieces", []string{callsOf(`{"index":0,"id":"a","function":{"name":"f","arguments":"{"}}`), callsOf(`{"index":0,"function":{"arguments":" "}}`), callsOf(`{"index":0,"function":{"arguments":"}"}}`), callsOf(`{"index":0,"id":"b","function":{"name":"g","arguments":"{"}}`), callsOf(`{"index":0,"function":{"arguments":"  "}}`), callsOf(`{"index":0,"function":{"arguments":"}"}}`)}, []string{"call 0 a f", "args 0 {", "args 0  ", "args 0 }", "call 1 b g", "args 1 {", "args 1   ", "args 1 }"}},
		{"counted from 1", []string{callsOf(`{"index":1,"id":"a","function":{"name":"f","arguments":""}}`), callsOf(`{"index":1,"function":{"arguments":"{}"}}`), callsOf(`{"index":2,"id":"b","function":{"name":"g","arguments":"{}"}}`)}, []string{"call 0 a f", "args 0 {}", "call 1 b g", "args 1 {}"}},
		{"without an index", []string{callsOf(`{"id":"a","function":{"name":"f","arguments":""}}`), callsOf(`{"function":{"arguments":"{}"}}`), callsOf(`{"id":"b","function":{"name":"g","arguments":"{}"}}`)}, []string{"call 0 a f", "args 0 {}", "call 1 b g", "args 1 {}"}},
		{"whole, with the same index and ids", []string{callsOf(`{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}},{"index":0,"id":"b","function":{"name":"f","arguments":"{}"}}`)}, []string{"call 0 a f", "args 0 {}", "call 1 b f", "args 1 {}"}},
		{"whole, with the same index and no ids", []string{callsOf(`{"index":0,"id":"","function":{"name":"f","arguments":"{}"}},{"index":0,"id":"","function":{"name":"g","arguments":"{\"x\":1}"}}`)}, []string{"call 0  f", "args 0 {}", "call 1  g", `args 1 {"x":1}`}},
		{"with the same id and other indexes", []string{callsOf(`{"index":0,"id":"a","function":{"name":"f","arguments":"{}"}}`), callsOf(`{"index":1,"id":"a","function":{"name":"f","arguments":"{}"}}`)}, []string{"call 0 a f", "args 0 {}", "call 1 a f", "args 1 {}"}},
		{"id and name repeated", []string{callsOf(`{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\""}}`), callsOf(`{"index":0,"id":"a","function":{"name":"f","arguments":":1"}}`), callsOf(`{"index":0,"id":"","function":{"name":"","arguments":"}"}}`)}, []string{"call 0 a f", `args 0 {"x"`, "args 0 :1", "args 0 }"}},
		{"arguments as an object", []string{callsOf(`{"index":0,"id":"a","function":{"name":"f","arguments":{"x": 1.0}}}`)}, []string{"call 0 a f", `args 0 {"x": 1.0}`}},
		{"no arguments", []string{callsOf(`{"index":0,"id":"a","function":{"name":"f"}}`)}, []string{"call 0 a f"}},
		{"nothing to tell them by", []string{callsOf(`{"function":{"arguments":"{}"}}`), callsOf(`3`)}, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := decode(t, append(c.lines, stopped, done))
			stop := "finish tool"
			if c.want == nil {
				stop = "finish end"
			}
			want := append(append([]string{"start c m"}, c.want...), stop, "end")
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("%v\ngot  %q\nwant %q", err, got, want)
			}
		})
	}
}

func TestDecodeErrorsInsideAStream(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{`{"error":{"message":"m","code":429}}`, "failed 429 m"},
		{`{"error":{"message":"m","code":"1302"}}`, "failed 429 m"},
		{`[{"error":{"message":"m","code":503,"status":"UNAVAILABLE"}}]`, "failed 503 m"},
		{`{"error":"boom"}`, "failed 500 boom"},
		{`{"object":"error","message":"m","type":"BadRequestError","code":400}`, "failed 400 m"},
		{`{"statusCode":429,"message":"slow"}`, "failed 429 slow"},
		{`event: error {"message":"m","code":"503"}`, "failed 503 m"},
		{`event: error boom`, "failed 500 boom"},
		{`{"id":"c","choices":[{"index":0,"delta":{},"error":{"message":"m","code":502}}]}`, "failed 502 m"},
		{`{"id":"c","choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"error"}]}`, "failed 502 the provider gave up: error"},
		{`{"id":"c","choices":[{"index":0,"delta":{},"finish_reason":"network_error"}]}`, "failed 502 the provider gave up: network_error"},
	} {
		got, err := decode(t, []string{chunkOf(`"content":"a"`), c.line, stopped, done})
		if want := []string{"start c m", "text a", c.want}; err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v\ngot  %q\nwant %q", c.line, err, got, want)
		}
	}
}

func TestDecodeCutStream(t *testing.T) {
	for _, lines := range [][]string{nil, {done}, {chunkOf(`"content":"a"`)}, {`{"choices":[]}`}} {
		if _, err := decode(t, lines); !errors.Is(err, conv.ErrTruncated) {
			t.Errorf("%q: %v", lines, err)
		}
	}
	if got, err := decode(t, []string{stopped}); err != nil || !slices.Equal(got, []string{"start c m", "finish end", "end"}) {
		t.Errorf("a finished answer without an end mark: %q %v", got, err)
	}
}

// encode writes events as a stream.
func encode(o conv.EncoderOptions, events ...conv.Event) (lines []string) {
	e := NewEncoder(o)
	emit := func(_ string, data []byte) { lines = append(lines, string(data)) }
	for i := range events {
		e.Event(&events[i], emit)
	}
	e.Close(emit)
	return lines
}

func TestEncode(t *testing.T) {
	start := conv.Event{Kind: conv.Start, ID: `"x"`, Model: `"m"`, Created: 5}
	state := conv.State{Kind: conv.Signature, Value: `"sig"`}
	redacted := conv.State{Kind: conv.Redacted, Value: `"red"`}
	usage := conv.Usage{Input: 4, Output: 3, CacheRead: 2, CacheWrite: 1, Reasoning: 1}
	delta := func(s, reason string) string {
		return `{"id":"chatcmpl-x","object":"chat.completion.chunk","created":5,"model":"m","choices":[{"index":0,"delta":{` + s + `},"logprobs":null,"finish_reason":` + reason + `}]}`
	}
	first := delta(`"role":"assistant","content":""`, "null")
	cases := []struct {
		name   string
		o      conv.EncoderOptions
		events []conv.Event
		want   []string
	}{
		{
			"the role once, text, the reason, the end mark",
			conv.EncoderOptions{},
			[]conv.Event{start, {Kind: conv.TextDelta, Text: `"a\n"`}, {Kind: conv.Ping}, {Kind: conv.Finish, Stop: conv.StopLength, Usage: usage, HasUsage: true}, {Kind: conv.End}},
			[]string{first, delta(`"content":"a\n"`, "null"), delta("", `"length"`), done},
		},
		{
			"what follows the reason comes before it",
			conv.EncoderOptions{},
			[]conv.Event{start, {Kind: conv.Finish, Stop: conv.StopEnd}, {Kind: conv.TextDelta, Text: `"a"`}},
			[]string{first, delta(`"content":"a"`, "null"), delta("", `"stop"`), done},
		},
		{
			"reasoning with what its provider wants back",
			conv.EncoderOptions{Provider: provider},
			[]conv.Event{start, {Kind: conv.ReasoningDelta, Text: `"h"`}, {Kind: conv.ReasoningDelta, Text: `"m\n"`}, {Kind: conv.ReasoningState, State: state}, {Kind: conv.ReasoningState, State: redacted}, {Kind: conv.Finish, Stop: conv.StopEnd}},
			[]string{
				first, delta(`"reasoning_content":"h"`, "null"), delta(`"reasoning_content":"m\n"`, "null"),
				delta(`"reasoning_details":[{"type":"reasoning.text","text":"hm\n","signature":`+string(state.Token(provider))+`,"index":0}]`, "null"),
				delta(`"reasoning_details":[{"type":"reasoning.encrypted","data":`+string(redacted.Token(provider))+`,"index":1}]`, "null"),
				delta("", `"stop"`), done,
			},
		},
		{
			"calls by their order, one without arguments",
			conv.EncoderOptions{Provider: provider},
			[]conv.Event{
				start,
				{Kind: conv.ToolStart, Tool: 0, ID: `"a"`, Name: `"f"`, State: state},
				{Kind: conv.ToolStart, Tool: 1, ID: `"b"`, Name: `"g"`},
				{Kind: conv.ToolDelta, Tool: 1, Text: `"{\"x\":1}"`},
				{Kind: conv.Finish, Stop: conv.StopTool},
			},
			[]string{
				first, delta(`"tool_calls":[{"index":0,"id":`+string(conv.WithState(`"a"`, &state, provider))+`,"type":"function","function":{"name":"f","arguments":""}}]`, "null"),
				delta(`"tool_calls":[{"index":1,"id":"b","type":"function","function":{"name":"g","arguments":""}}]`, "null"),
				delta(`"tool_calls":[{"index":1,"function":{"arguments":"{\"x\":1}"}}]`, "null"),
				delta(`"tool_calls":[{"index":0,"function":{"arguments":"{}"}}]`, "null"), delta("", `"tool_calls"`), done,
			},
		},
		{
			"calls of tools that take text",
			conv.EncoderOptions{Freeform: []string{"sh"}},
			[]conv.Event{
				start,
				{Kind: conv.ToolStart, Tool: 0, ID: `"a"`, Name: `"sh"`},
				{Kind: conv.ToolDelta, Tool: 0, Text: `"{\"input\":\"l"`},
				{Kind: conv.ToolDelta, Tool: 0, Text: `"s\"}"`},
				{Kind: conv.ToolStart, Tool: 1, ID: `"b"`, Name: `"sh"`},
				{Kind: conv.Finish, Stop: conv.StopTool},
			},
			[]string{
				first, delta(`"tool_calls":[{"index":0,"id":"a","type":"custom","custom":{"name":"sh","input":""}}]`, "null"),
				delta(`"tool_calls":[{"index":1,"id":"b","type":"custom","custom":{"name":"sh","input":""}}]`, "null"),
				delta(`"tool_calls":[{"index":0,"custom":{"input":"ls"}}]`, "null"), delta("", `"tool_calls"`), done,
			},
		},
		{
			"a call of a tool that takes text, cut",
			conv.EncoderOptions{Freeform: []string{"sh"}},
			[]conv.Event{
				start,
				{Kind: conv.ToolStart, Tool: 0, ID: `"a"`, Name: `"sh"`},
				{Kind: conv.ToolDelta, Tool: 0, Text: `"{\"input\":\"ls \\"`},
				{Kind: conv.Finish, Stop: conv.StopLength},
			},
			[]string{
				first, delta(`"tool_calls":[{"index":0,"id":"a","type":"custom","custom":{"name":"sh","input":""}}]`, "null"),
				delta(`"tool_calls":[{"index":0,"custom":{"input":"ls "}}]`, "null"), delta("", `"length"`), done,
			},
		},
		{
			"a refusal in words ends in the ordinary way",
			conv.EncoderOptions{},
			[]conv.Event{start, {Kind: conv.RefusalDelta, Text: `"no"`}, {Kind: conv.Finish, Stop: conv.StopRefusal}},
			[]string{first, delta(`"refusal":"no"`, "null"), delta("", `"stop"`), done},
		},
		{
			"one without words is filtered content",
			conv.EncoderOptions{},
			[]conv.Event{start, {Kind: conv.Finish, Stop: conv.StopRefusal}},
			[]string{first, delta("", `"content_filter"`), done},
		},
		{
			"an error, and nothing after it",
			conv.EncoderOptions{},
			[]conv.Event{start, {Kind: conv.Failed, Err: &conv.Error{Status: 529, Message: "m"}}, {Kind: conv.End}},
			[]string{first, `{"error":{"message":"m","type":"server_error","param":null,"code":"overloaded"}}`},
		},
		{"nothing at all", conv.EncoderOptions{}, nil, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := encode(c.o, c.events...); !slices.Equal(got, c.want) {
				t.Errorf("got  %s\nwant %s", strings.Join(got, "\n     "), strings.Join(c.want, "\n     "))
			}
		})
	}
}

func TestEncodeUsageForThoseWhoAsked(t *testing.T) {
	o := conv.EncoderOptions{IncludeUsage: true, Model: "asked"}
	start := conv.Event{Kind: conv.Start, ID: `"x"`, Created: 5}
	finish := conv.Event{Kind: conv.Finish, Stop: conv.StopEnd}
	counts := conv.Event{Kind: conv.UsageOnly, HasUsage: true, Usage: conv.Usage{Input: 4, Output: 3, CacheRead: 2, CacheWrite: 1, Reasoning: 1}}
	lines := encode(o, start, finish, counts)
	head := `{"id":"chatcmpl-x","object":"chat.completion.chunk","created":5,"model":"asked","choices":[`
	want := []string{
		head + `{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],"usage":null}`,
		head + `{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null}`,
		head + `],"usage":{"prompt_tokens":7,"completion_tokens":3,"total_tokens":10,"prompt_tokens_details":{"cached_tokens":2,"cache_write_tokens":1},"completion_tokens_details":{"reasoning_tokens":1}}}`,
		done,
	}
	if !slices.Equal(lines, want) {
		t.Errorf("got  %s\nwant %s", strings.Join(lines, "\n     "), strings.Join(want, "\n     "))
	}
	if lines := encode(o, start, finish); len(lines) != 3 {
		t.Errorf("counts were made up: %q", lines)
	}
}
