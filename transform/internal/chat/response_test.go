package chat

import (
	"errors"
	"testing"

	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/tidwall/gjson"
)

// readAndWrite reads an answer and writes it again for a caller.
func readAndWrite(t testing.TB, body string, o conv.EncoderOptions) (string, []conv.Str) {
	t.Helper()
	r, err := ReadResponse([]byte(body))
	if err != nil {
		t.Fatalf("reading %s: %v", body, err)
	}
	r.Options = o
	out := WriteResponse(nil, r)
	if !gjson.ValidBytes(out) {
		t.Fatalf("not valid JSON: %s", out)
	}
	return string(out), r.Lost
}

func TestResponseDialects(t *testing.T) {
	cases := []struct {
		name, message, reason string // of the only choice
		want, stop            string
		lost                  string
	}{
		{"text", `"content":"a\n"`, "stop", `"content":"a\n","refusal":null`, "stop", ""},
		{"nothing", `"content":null`, "stop", `"content":"","refusal":null`, "stop", ""},
		{"reasoning_content", `"content":"a","reasoning_content":"r"`, "stop", `"content":"a","refusal":null,"reasoning_content":"r"`, "stop", ""},
		{"reasoning told twice over", `"content":"a","reasoning":"r","reasoning_details":[{"type":"reasoning.text","text":"r"}]`, "stop", `"content":"a","refusal":null,"reasoning_content":"r"`, "stop", ""},
		{"Mistral's parts", `"content":[{"type":"thinking","thinking":[{"type":"text","text":"r"}]},{"type":"text","text":"a"},{"type":"text","text":"b"},{"type":"reference"}]`, "stop", `"content":"ab","refusal":null,"reasoning_content":"r"`, "stop", "reference"},
		{"a refusal", `"content":null,"refusal":"no"`, "stop", `"content":null,"refusal":"no"`, "stop", ""},
		{"filtered content", `"content":""`, "content_filter", `"content":"","refusal":null`, "content_filter", ""},
		{"filtered content, in Zhipu's word", `"content":""`, "sensitive", `"content":"","refusal":null`, "content_filter", ""},
		{"a full window", `"content":"a"`, "model_context_window_exceeded", `"content":"a","refusal":null`, "length", ""},
		{"an unknown reason", `"content":"a"`, "whim", `"content":"a","refusal":null`, "stop", ""},
		{"calls that were not told as the reason", `"content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\": 1.10}"}}]`, "stop", `"content":null,"refusal":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{\"x\": 1.10}"}}]`, "tool_calls", ""},
		{"no arguments, and arguments as an object", `"content":"","tool_calls":[{"id":"a","function":{"name":"f","arguments":""}},{"id":"b","function":{"name":"g","arguments":{"x":1}}}]`, "tool_calls", `"content":null,"refusal":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"b","type":"function","function":{"name":"g","arguments":"{\"x\":1}"}}]`, "tool_calls", ""},
		{"calls of tools that take text", `"content":null,"tool_calls":[{"id":"a","type":"custom","custom":{"name":"sh","input":"l\"s"}}]`, "tool_calls", `"content":null,"refusal":null,"tool_calls":[{"id":"a","type":"custom","custom":{"name":"sh","input":"l\"s"}}]`, "tool_calls", ""},
		{"what has no place", `"content":"a","annotations":[{}],"audio":{"id":"x"},"images":[]`, "stop", `"content":"a","refusal":null`, "stop", "annotations audio"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			head := `{"id":"chatcmpl-x","object":"chat.completion","created":5,"model":"m","choices":[{"index":0,"message":{"role":"assistant",`
			body := head + c.message + `},"finish_reason":"` + c.reason + `"}]}`
			got, lost := readAndWrite(t, body, conv.EncoderOptions{Freeform: []string{"sh"}})
			if want := head + c.want + `},"logprobs":null,"finish_reason":"` + c.stop + `"}]}`; got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			names := ""
			for i, l := range lost {
				if i > 0 {
					names += " "
				}
				names += l.String()
			}
			if names != c.lost {
				t.Errorf("lost %q, want %q", names, c.lost)
			}
		})
	}
}

func TestResponseUsage(t *testing.T) {
	for _, c := range []struct {
		usage string
		want  conv.Usage
		ok    bool
	}{
		{`{"prompt_tokens":8,"completion_tokens":2}`, conv.Usage{Input: 8, Output: 2}, true},
		{`{"prompt_tokens":8,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":3,"cache_write_tokens":2}}`, conv.Usage{Input: 3, Output: 2, CacheRead: 3, CacheWrite: 2}, true},
		{`{"prompt_tokens":8,"completion_tokens":2,"cached_tokens":3}`, conv.Usage{Input: 5, Output: 2, CacheRead: 3}, true},
		{`{"prompt_tokens":8,"completion_tokens":2,"prompt_cache_hit_tokens":3}`, conv.Usage{Input: 5, Output: 2, CacheRead: 3}, true},
		{`{"prompt_tokens":8,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":99}}`, conv.Usage{Output: 2, CacheRead: 8}, true},
		{`{"prompt_tokens":8,"completion_tokens":5,"total_tokens":13,"completion_tokens_details":{"reasoning_tokens":3}}`, conv.Usage{Input: 8, Output: 5, Reasoning: 3}, true},
		{`{"prompt_tokens":8,"completion_tokens":2,"total_tokens":13,"completion_tokens_details":{"reasoning_tokens":3}}`, conv.Usage{Input: 8, Output: 5, Reasoning: 3}, true},
		{`null`, conv.Usage{}, false},
	} {
		r, err := ReadResponse([]byte(`{"choices":[{"message":{"content":"a"},"finish_reason":"stop"}],"usage":` + c.usage + `}`))
		if err != nil || r.Usage != c.want || r.HasUsage != c.ok {
			t.Errorf("%s: %+v %v", c.usage, r, err)
		}
	}
}

func TestBadResponsesNameTheField(t *testing.T) {
	for body, field := range map[string]string{
		`x`:                             "",
		`{}`:                            "choices",
		`{"choices":[]}`:                "choices",
		`{"choices":[{"index":1}]}`:     "choices",
		`{"choices":[{}]}`:              "choices[0].message",
		`{"choices":[{"message":"x"}]}`: "choices[0].message",
		`{"choices":[{"message":{},"finish_reason":"error"}]}`: "choices[0].finish_reason",
	} {
		_, err := ReadResponse([]byte(body))
		fe, ok := errors.AsType[*conv.FieldError](err)
		if !ok || fe.Field != field {
			t.Errorf("%s: %v, want a problem of %q", body, err, field)
		}
	}
}

func TestAnswerWithoutAModelNamesTheOneAskedFor(t *testing.T) {
	out, _ := readAndWrite(t, `{"choices":[{"message":{"content":"a"},"finish_reason":"stop"}]}`, conv.EncoderOptions{Model: "asked"})
	if gjson.Get(out, "model").Str != "asked" || gjson.Get(out, "created").Int() == 0 || gjson.Get(out, "usage").Exists() {
		t.Error(out)
	}
}
