package gemini_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/dctx-team/routex/transform/internal/gemini"
)

// dumpEvent writes an event in a form for people. Ids that were made at random
// are left out.
func dumpEvent(ev *conv.Event) string {
	out := [...]string{"start", "text", "refusal", "reasoning", "state", "call", "args", "finish", "usage", "end", "failed", "ping", "lost"}[ev.Kind]
	if ev.Kind == conv.ToolStart || ev.Kind == conv.ToolDelta {
		out += fmt.Sprint(" ", ev.Tool)
	}
	for _, s := range []string{string(ev.Text), string(ev.ID), string(ev.Model), string(ev.Name), dumpState(&ev.State)} {
		if s != "" && (ev.Kind != conv.ToolStart || !strings.HasPrefix(s, `"call_`)) {
			out += " " + s
		}
	}
	if ev.Stop != conv.StopNone {
		out += fmt.Sprint(" ", ev.Stop)
	}
	if ev.HasUsage {
		out += fmt.Sprint(" ", ev.Usage)
	}
	if ev.Err != nil {
		out += fmt.Sprintf(" %d %s", ev.Err.Status, ev.Err.Message)
	}
	return out
}

// decode gives the events to a new Decoder and closes it.
func decode(events []string) ([]string, error) {
	var out []string
	d := gemini.NewDecoder()
	emit := func(ev *conv.Event) { out = append(out, dumpEvent(ev)) }
	for _, data := range events {
		if err := d.Event(nil, []byte(data), emit); err != nil {
			return out, err
		}
	}
	err := d.Close(emit)
	return out, err
}

func TestDecode(t *testing.T) {
	partial := func(path, value string) string {
		return chunk(`{"functionCall":{"partialArgs":[{"jsonPath":"`+path+`",`+value+`}],"willContinue":true}}`, ``)
	}
	begin := chunk(`{"functionCall":{"name":"f","willContinue":true},"thoughtSignature":"c2ln"}`, ``)
	last := chunk(`{"text":""}`, stopped)
	for _, c := range []struct {
		name   string
		events []string
		want   []string
	}{
		{
			"text, the end is the reason and the end of the stream",
			[]string{chunk(`{"text":"a"}`, ``), chunk(`{"text":"b"}`, ``), last},
			[]string{`start "r" "m"`, `text "a"`, `text "b"`, "finish 1", "end"},
		},
		{
			"everything in one chunk",
			[]string{`{"candidates":[{"content":{"parts":[{"text":"t","thought":true},{"text":"a"},{"functionCall":{"id":"x","name":"f","args":{"q":"\""}}}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2,"thoughtsTokenCount":1}}`},
			[]string{"start {3 3 0 0 1 0}", `reasoning "t"`, `text "a"`, `call 0 "x" "f"`, `args 0 "{\"q\":\"\\\"\"}"`, "finish 4 {3 3 0 0 1 0}", "end"},
		},
		{
			"usage: the last that counts anything",
			[]string{
				`{"candidates":[{"content":{"parts":[{"text":"a"}]}}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":1}}`,
				`{"candidates":[{"content":{"parts":[{"text":"b"}]},"finishReason":"STOP"}],"usageMetadata":{"trafficType":"ON_DEMAND"}}`,
				`{"candidates":[],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2}}`,
			},
			[]string{"start {3 1 0 0 0 0}", `text "a"`, `text "b"`, "finish 1 {3 1 0 0 0 0}", "usage {3 2 0 0 0 0}", "end"},
		},
		{
			"a signature on the last, empty text",
			[]string{chunk(`{"text":"a"}`, ``), chunk(`{"text":"","thoughtSignature":"c2ln"}`, stopped)},
			[]string{`start "r" "m"`, `text "a"`, `state T::"c2ln"`, "finish 1", "end"},
		},
		{
			"calls without arguments and without ids",
			[]string{chunk(`{"functionCall":{"name":"f"},"thoughtSignature":"c2ln"},{"functionCall":{"name":"g","args":{}}}`, ``), last},
			[]string{`start "r" "m"`, `call 0 "f" T::"c2ln"`, `args 0 "{}"`, `call 1 "g"`, `args 1 "{}"`, "finish 4", "end"},
		},
		{
			"a blocked prompt is a refusal",
			[]string{`{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":{"promptTokenCount":3}}`},
			[]string{"start {3 0 0 0 0 0}", "finish 5 {3 0 0 0 0 0}", "end"},
		},
		{"safety", []string{chunk(`{"text":"a"}`, `,"finishReason":"SAFETY"`)}, []string{`start "r" "m"`, `text "a"`, "finish 5", "end"}},
		{
			"a call that cannot be used is an error",
			[]string{chunk(`{"text":"a"}`, ``), chunk(``, `,"finishReason":"MALFORMED_FUNCTION_CALL"`)},
			[]string{`start "r" "m"`, `text "a"`, "failed 502 the model's tool call cannot be used: MALFORMED_FUNCTION_CALL"},
		},
		{
			"an error inside of a good answer ends it",
			[]string{chunk(`{"text":"a"}`, ``), `{"error":{"code":503,"message":"over","status":"UNAVAILABLE"}}`, last},
			[]string{`start "r" "m"`, `text "a"`, "failed 503 over"},
		},
		{"an error in a list", []string{`[{"error":{"code":429,"message":"quota"}}]`}, []string{"failed 429 quota"}},
		{"a list of chunks", []string{`[` + chunk(`{"text":"a"}`, ``) + `,` + last + `]`}, []string{`start "r" "m"`, `text "a"`, "finish 1", "end"}},
		{"the end mark of other protocols", []string{"[DONE]", chunk(`{"text":"a"}`, stopped), "[DONE]"}, []string{`start "r" "m"`, `text "a"`, "finish 1", "end"}},
		{"what is no event", []string{"x", "{}", "7", `{"candidates":7}`, `{"candidates":[7]}`, chunk(`7,{"text":7},{"functionCall":7}`, ``), last}, []string{`start "r" "m"`, "finish 1", "end"}},
		{
			"what has no place",
			[]string{chunk(`{"inlineData":{}},{"text":"a"}`, stopped+`,"citationMetadata":{"a":1}`)},
			[]string{`start "r" "m"`, `lost "inlineData"`, `text "a"`, `lost "citationMetadata"`, "finish 1", "end"},
		},
		{
			"arguments that come in pieces, closed by an empty call",
			[]string{
				begin,
				partial("$.b.list[0].name", `"stringValue":"a \"q","willContinue":true`),
				partial("$.b.list[0].name", `"stringValue":"\" b"`),
				partial("$.b.list[0].n", `"numberValue":1.50`),
				chunk(`{"functionCall":{"willContinue":true}}`, ``),
				partial("$.b.list[1]", `"boolValue":true`),
				partial("$['a.b']", `"nullValue":"NULL_VALUE"`),
				partial("$.a", `"nullValue":null`),
				chunk(`{"functionCall":{}}`, stopped),
			},
			[]string{`start "r" "m"`, `call 0 "f" T::"c2ln"`, `args 0 "{\"b\":{\"list\":[{\"name\":\"a \\\"q\\\" b\",\"n\":1.50},true]},\"a.b\":null,\"a\":null}"`, "finish 4", "end"},
		},
		{
			"pieces whose end is missing",
			[]string{begin, partial("$.a", `"stringValue":"x","willContinue":true`), chunk(`{"functionCall":{"name":"g","willContinue":true}}`, ``), partial("$.b", `"stringValue":"y"`), last},
			[]string{`start "r" "m"`, `call 0 "f" T::"c2ln"`, `args 0 "{\"a\":\"x\"}"`, `call 1 "g"`, "finish 4", `args 1 "{\"b\":\"y\"}"`, "end"},
		},
		{
			"pieces in the chunk of the call, the last without a word that more follows",
			[]string{chunk(`{"functionCall":{"name":"f","partialArgs":[{"jsonPath":"$.a","stringValue":"x","willContinue":true}],"willContinue":true}}`, ``), chunk(`{"functionCall":{"partialArgs":[{"jsonPath":"$.a","stringValue":"y"}]}}`, ``), chunk(`{"text":"t"}`, stopped)},
			[]string{`start "r" "m"`, `call 0 "f"`, `args 0 "{\"a\":\"xy\"}"`, `text "t"`, "finish 4", "end"},
		},
		{
			"a signature with a later piece",
			[]string{chunk(`{"functionCall":{"name":"f","willContinue":true}}`, ``), chunk(`{"functionCall":{},"thoughtSignature":"c2ln"}`, ``), last},
			[]string{`start "r" "m"`, `call 0 "f"`, `lost "thoughtSignature"`, `args 0 "{}"`, "finish 4", "end"},
		},
		{
			"pieces of no call",
			[]string{chunk(`{"functionCall":{"partialArgs":[{"jsonPath":"$.a","stringValue":"x"}]}},{"functionCall":{}}`, ``), last},
			[]string{`start "r" "m"`, "finish 1", "end"},
		},
		{
			"whole arguments of a call that goes on",
			[]string{chunk(`{"functionCall":{"name":"f","args":{"a":1},"willContinue":true}}`, ``), chunk(`{"functionCall":{}}`, ``), last},
			[]string{`start "r" "m"`, `call 0 "f"`, `args 0 "{\"a\":1}"`, "finish 4", "end"},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := decode(c.events)
			if err != nil {
				t.Error(err)
			}
			if g, w := strings.Join(got, "\n"), strings.Join(c.want, "\n"); g != w {
				t.Errorf("got\n%s\nwant\n%s", g, w)
			}
		})
	}
}

func TestPathsOfPartialArguments(t *testing.T) {
	for path, want := range map[string]string{
		"$.a":              `{"a":1}`,
		"a.b":              `{"a":{"b":1}}`,
		"$.a[0][1].b":      `{"a":[[{"b":1}]]}`,
		`$[\"x y\"].z`:     `{"x y":{"z":1}}`,
		`$['it\\'s'][0]`:   `{"it's":[1]}`,
		"$.a[x]":           `{"a":{"x":1}}`,
		"$.":               `{"":1}`,
		"$.a[":             `{"a":{"":1}}`,
		"$[0]":             `{}`, // arguments are an object
		"$":                `{}`,
		"$.ü":              `{"ü":1}`,
		`$.\"`:             `{"\"":1}`,
		"$.a[99999999999]": `{"a":[1]}`,
	} {
		got, err := decode([]string{
			chunk(`{"functionCall":{"name":"f","partialArgs":[{"jsonPath":"`+path+`","numberValue":1}]}}`, stopped),
		})
		args := ""
		for _, line := range got {
			if text, ok := strings.CutPrefix(line, "args 0 "); ok {
				args = conv.Str(text).String()
			}
		}
		if err != nil || args != want {
			t.Errorf("%s: got %s (%v), want %s", path, args, err, want)
		}
	}
}

// encode gives the events to a new Encoder and closes it.
func encode(t *testing.T, events ...conv.Event) []string {
	t.Helper()
	var out []string
	e := gemini.NewEncoder(conv.EncoderOptions{Provider: provider, Model: "asked"})
	emit := func(name string, data []byte) {
		if name != "" || !gjson.ValidBytes(data) {
			t.Errorf("bad event %q %s", name, data)
		}
		out = append(out, string(data))
	}
	for i := range events {
		e.Event(&events[i], emit)
	}
	e.Close(emit)
	return out
}

func TestEncode(t *testing.T) {
	begin := conv.Event{Kind: conv.Start, ID: `"msg_1"`, Model: `"claude"`}
	textOf := func(s string) conv.Event { return conv.Event{Kind: conv.TextDelta, Text: conv.Quote(s)} }
	call := func(n int, id, name string) conv.Event {
		return conv.Event{Kind: conv.ToolStart, Tool: n, ID: conv.Quote(id), Name: conv.Quote(name)}
	}
	args := func(n int, s string) conv.Event {
		return conv.Event{Kind: conv.ToolDelta, Tool: n, Text: conv.Quote(s)}
	}
	finish := conv.Event{Kind: conv.Finish, Stop: conv.StopTool}
	usage := conv.Event{Kind: conv.UsageOnly, HasUsage: true, Usage: conv.Usage{Input: 3, Output: 2}}
	last := conv.Event{Kind: conv.End}
	state := conv.State{Kind: conv.Signature, Value: `"sig"`}
	const tail = `,"modelVersion":"claude","responseId":"msg_1"}`
	part := func(p string) string {
		return `{"candidates":[{"content":{"parts":[` + p + `],"role":"model"},"index":0}]` + tail
	}
	final := func(p, more string) string {
		return `{"candidates":[{"content":{"parts":[` + p + `],"role":"model"},"finishReason":` + more + tail
	}
	for _, c := range []struct {
		name   string
		events []conv.Event
		want   []string
	}{
		{
			"text, and usage after the reason",
			[]conv.Event{begin, textOf("a"), {Kind: conv.Ping}, textOf("b"), {Kind: conv.Finish, Stop: conv.StopEnd}, usage, last},
			[]string{part(`{"text":"a"}`), part(`{"text":"b"}`), final(`{"text":""}`, `"STOP","index":0}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2,"totalTokenCount":5}`)},
		},
		{"the limit, without usage", []conv.Event{begin, textOf("a"), {Kind: conv.Finish, Stop: conv.StopLength}}, []string{part(`{"text":"a"}`), final(`{"text":""}`, `"MAX_TOKENS","index":0}]`)}},
		{"a refusal", []conv.Event{begin, {Kind: conv.RefusalDelta, Text: `"no"`}, {Kind: conv.Finish, Stop: conv.StopRefusal}, last}, []string{part(`{"text":"no"}`), final(`{"text":""}`, `"SAFETY","index":0}]`)}},
		{
			"reasoning, its state as a token",
			[]conv.Event{begin, {Kind: conv.ReasoningDelta, Text: `"t"`}, {Kind: conv.ReasoningState, State: state}, textOf("a"), finish, last},
			[]string{part(`{"text":"t","thought":true}`), part(`{"text":"","thought":true,"thoughtSignature":"RtxStateSabcdef0c2ln"}`), part(`{"text":"a"}`), final(`{"text":""}`, `"STOP","index":0}]`)},
		},
		{
			"a call is told when it is whole",
			[]conv.Event{begin, call(0, "a", "f"), args(0, `{"x":`), args(0, `1.50}`), call(1, "b", "g"), args(1, `{}`), finish, last},
			[]string{part(`{"functionCall":{"id":"a","name":"f","args":{"x":1.50}}}`), final(`{"functionCall":{"id":"b","name":"g","args":{}}}`, `"STOP","index":0}]`)},
		},
		{
			"calls whose arguments come by turns",
			[]conv.Event{begin, call(0, "a", "f"), call(1, "b", "g"), args(1, `{"y"`), args(0, `{"x":1`), args(1, `:2}`), args(0, `}`), textOf("t"), finish, last},
			[]string{part(`{"functionCall":{"id":"a","name":"f","args":{"x":1}}}`), part(`{"functionCall":{"id":"b","name":"g","args":{"y":2}}}`), part(`{"text":"t"}`), final(`{"text":""}`, `"STOP","index":0}]`)},
		},
		{
			"calls without arguments, with broken ones, with a state",
			[]conv.Event{begin, call(0, "a", "f"), call(1, "b", "g"), args(1, `{"y`), {Kind: conv.ToolStart, Tool: 2, ID: `"c"`, Name: `"h"`, State: ownSig}, finish, last},
			[]string{final(`{"functionCall":{"id":"a","name":"f","args":{}}},{"functionCall":{"id":"b","name":"g","args":{"_raw":"{\"y"}}},{"functionCall":{"id":"c_RtxStateTabcdef0YzJsbg","name":"h","args":{}}}`, `"STOP","index":0}]`)},
		},
		{
			"arguments written on several lines",
			[]conv.Event{begin, call(0, "a", "f"), args(0, "{\n \"x\": \"\\n\"}"), textOf("t"), call(1, "b", "g"), args(1, "{\r\n}"), finish, last},
			[]string{part(`{"functionCall":{"id":"a","name":"f","args":{  "x": "\n"}}}`), part(`{"text":"t"}`), final(`{"functionCall":{"id":"b","name":"g","args":{  }}}`, `"STOP","index":0}]`)},
		},
		{"arguments of no call", []conv.Event{begin, args(3, `{}`), finish, last}, []string{final(`{"text":""}`, `"STOP","index":0}]`)}},
		{
			"an error",
			[]conv.Event{begin, textOf("a"), {Kind: conv.Failed, Err: &conv.Error{Status: 529, Message: "over"}}, textOf("b"), last},
			[]string{part(`{"text":"a"}`), `{"error":{"code":503,"message":"over","status":"UNAVAILABLE"}}`},
		},
		{"nothing", nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := strings.Join(encode(t, c.events...), "\n")
			const signed = `,"thoughtSignature":"c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I="`
			if calls := strings.Count(got, `"functionCall"`); strings.Count(got, `}`+signed+`}`) != calls {
				t.Errorf("not each of the %d calls has what stands for a signature: %s", calls, got)
			}
			if g, w := strings.ReplaceAll(got, signed, ""), strings.Join(c.want, "\n"); g != w {
				t.Errorf("got\n%s\nwant\n%s", g, w)
			}
		})
	}
}

func TestModelAndIDThatNobodyTold(t *testing.T) {
	got := encode(t, conv.Event{Kind: conv.Start}, conv.Event{Kind: conv.TextDelta, Text: `"a"`}, conv.Event{Kind: conv.Finish, Stop: conv.StopEnd})
	id := gjson.Get(got[0], "responseId").String()
	if id == "" || gjson.Get(got[1], "responseId").String() != id || gjson.Get(got[0], "modelVersion").String() != "asked" {
		t.Errorf("got %s", got)
	}
}

// sse is a stream with everything in it.
var sse = func() string {
	var b strings.Builder
	for _, data := range []string{
		chunk(`{"text":"think ü","thought":true}`, ``),
		chunk(`{"text":"a\n\"b\""}`, ``),
		chunk(`{"functionCall":{"name":"f","willContinue":true},"thoughtSignature":"c2ln"}`, ``),
		chunk(`{"functionCall":{"partialArgs":[{"jsonPath":"$.a","stringValue":"x"}],"willContinue":true}}`, ``),
		chunk(`{"functionCall":{}}`, ``),
		chunk(`{"functionCall":{"id":"y","name":"g","args":{"n":1.50}}}`, ``),
		chunk(`{"text":""}`, stopped),
	} {
		b.WriteString("data: " + data + "\n\n")
	}
	return b.String()
}()

func dataOf(stream string) []string {
	var events []string
	for line := range strings.SplitSeq(stream, "\n") {
		if data, ok := strings.CutPrefix(line, "data: "); ok {
			events = append(events, data)
		}
	}
	return events
}

// Cut anywhere, a stream never looks complete before the reason has come.
func TestCutAtEveryByte(t *testing.T) {
	whole, err := decode(dataOf(sse))
	if err != nil {
		t.Fatal(err)
	}
	for cut := range len(sse) {
		got, err := decode(dataOf(sse[:cut]))
		complete := cut >= len(strings.TrimRight(sse, "\n"))
		if complete != (err == nil) || !complete && !errors.Is(err, conv.ErrTruncated) {
			t.Fatalf("cut at %d of %d: %v", cut, len(sse), err)
		}
		for i, line := range got {
			if i >= len(whole) || line != whole[i] {
				t.Fatalf("cut at %d: event %d is %s", cut, i, line)
			}
		}
	}
}

func TestWatch(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     conv.Mark
	}{
		{"text", chunk(`{"text":"a"}`, ``), conv.MarkContent},
		{"reasoning", chunk(`{"text":"a","thought":true}`, ``), conv.MarkContent},
		{"a call", chunk(`{"functionCall":{"name":"f"}}`, ``), conv.MarkContent},
		{"a signature", chunk(`{"text":"","thoughtSignature":"c2ln"}`, ``), conv.MarkContent},
		{"an image", chunk(`{"inlineData":{}}`, ``), conv.MarkContent},
		{"no text", chunk(`{"text":""}`, ``), 0},
		{"the reason", chunk(`{"text":""}`, stopped), conv.MarkFinish},
		{"all at once", chunk(`{"text":"a"}`, stopped), conv.MarkContent | conv.MarkFinish},
		{"a blocked prompt", `{"promptFeedback":{"blockReason":"OTHER"}}`, conv.MarkFinish},
		{"feedback without a block", `{"promptFeedback":{"blockReason":"BLOCKED_REASON_UNSPECIFIED"}}`, 0},
		{"usage alone", `{"usageMetadata":{"promptTokenCount":1}}`, 0},
		{"an error", `{"error":{"code":500,"message":"m"}}`, conv.MarkError},
		{"the end mark of others", `[DONE]`, conv.MarkOver},
		{"a list", `[` + chunk(`{"text":"a"}`, ``) + `,` + chunk(``, stopped) + `]`, conv.MarkContent | conv.MarkFinish},
		{"no JSON", `x`, conv.MarkInvalid},
	} {
		var w gemini.Watch
		if got := w.Look(nil, []byte(c.in)); got != c.want {
			t.Errorf("%s: got %b want %b", c.name, got, c.want)
		}
		if _, _, err := w.Seen(); (err != nil) != (c.want == conv.MarkError) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	var w gemini.Watch
	w.Look(nil, []byte(`{"candidates":[{}],"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":1}}`))
	w.Look(nil, []byte(`{"candidates":[{}],"usageMetadata":{"trafficType":"x"}}`))
	if u, ok, _ := w.Seen(); !ok || u != (conv.Usage{Input: 9, Output: 1}) {
		t.Errorf("usage %v %v", u, ok)
	}
}
