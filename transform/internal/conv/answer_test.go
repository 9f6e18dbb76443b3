package conv_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform/internal/anthropic"
	"github.com/dctx-team/routex/transform/internal/chat"
	"github.com/dctx-team/routex/transform/internal/conv"
)

func TestResponseAnthropicToChat(t *testing.T) {
	const head = `{"id":"chatcmpl-msg_1","object":"chat.completion","created":5,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":`
	const usage = `,"usage":{"prompt_tokens":9,"completion_tokens":5,"total_tokens":14,"prompt_tokens_details":{"cached_tokens":3,"cache_write_tokens":2},"completion_tokens_details":{"reasoning_tokens":2}}}`
	cases := []struct{ name, in, want string }{
		{
			"text in two blocks, cached usage",
			`"content":[{"type":"text","text":"a"},{"type":"thinking","thinking":"t"},{"type":"text","text":"b\n"}],"stop_reason":"end_turn","usage":{"input_tokens":4,"cache_read_input_tokens":3,"cache_creation_input_tokens":2,"output_tokens":5,"output_tokens_details":{"thinking_tokens":2}}`,
			`"ab\n","refusal":null,"reasoning_content":"t"},"logprobs":null,"finish_reason":"stop"}]` + usage,
		},
		{
			"calls alone, no usage",
			`"content":[{"type":"tool_use","id":"t1","name":"f","input":{"x": 1.0}},{"type":"tool_use","id":"t2","name":"g"}],"stop_reason":"tool_use"`,
			`null,"refusal":null,"tool_calls":[{"id":"t1","type":"function","function":{"name":"f","arguments":"{\"x\": 1.0}"}},{"id":"t2","type":"function","function":{"name":"g","arguments":"{}"}}]},"logprobs":null,"finish_reason":"tool_calls"}]}`,
		},
		{"refusal", `"content":[],"stop_reason":"refusal"`, `"","refusal":null},"logprobs":null,"finish_reason":"content_filter"}]}`},
		{"stop sequence", `"content":[],"stop_reason":"stop_sequence","stop_sequence":"x"`, `"","refusal":null},"logprobs":null,"finish_reason":"stop"}]}`},
		{"window full", `"content":[],"stop_reason":"model_context_window_exceeded"`, `"","refusal":null},"logprobs":null,"finish_reason":"length"}]}`},
		{"pause", `"content":[],"stop_reason":"pause_turn"`, `"","refusal":null},"logprobs":null,"finish_reason":"stop"}]}`},
		{"unknown", `"content":[],"stop_reason":"new"`, `"","refusal":null},"logprobs":null,"finish_reason":"stop"}]}`},
	}
	for _, c := range cases {
		r, err := anthropic.ReadResponse([]byte(`{"id":"msg_1","type":"message","model":"m",` + c.in + `}`))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		r.Created = 5
		if got := string(chat.WriteResponse(nil, r)); got != head+c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, got, head+c.want)
		}
	}
}

func TestResponseChatToAnthropic(t *testing.T) {
	const head = `{"id":"msg_chatcmpl-1","type":"message","role":"assistant","model":"m","content":[`
	const none = `"usage":{"input_tokens":0,"output_tokens":0}}`
	cases := []struct{ name, in, want string }{
		{
			"text and calls that stop with stop",
			`"choices":[{"message":{"content":"a","tool_calls":[{"id":"c.1","function":{"name":"f","arguments":""}},{"id":"c2","function":{"name":"g","arguments":{"y":2}}}]},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"prompt_tokens_details":{"cached_tokens":4,"cache_write_tokens":1},"completion_tokens":3}`,
			`{"type":"text","text":"a"},{"type":"tool_use","id":"c_1_1fni50f","name":"f","input":{}},{"type":"tool_use","id":"c2","name":"g","input":{"y":2}}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":5,"cache_creation_input_tokens":1,"cache_read_input_tokens":4,"output_tokens":3}}`,
		},
		{"refusal", `"choices":[{"message":{"content":null,"refusal":"no"},"finish_reason":"stop"}]`, `{"type":"text","text":"no"}],"stop_reason":"refusal","stop_sequence":null,` + none},
		{"filter", `"choices":[{"message":{"content":""},"finish_reason":"content_filter"}]`, `],"stop_reason":"refusal","stop_sequence":null,` + none},
		{"length, content as parts", `"choices":[{"message":{"content":[{"type":"text","text":"p"}]},"finish_reason":"length"}]`, `{"type":"text","text":"p"}],"stop_reason":"max_tokens","stop_sequence":null,` + none},
		{"unknown reason", `"choices":[{"message":{},"finish_reason":"zz"}]`, `],"stop_reason":"end_turn","stop_sequence":null,` + none},
		{
			"more cached than prompted, other names",
			`"choices":[{"message":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":10,"prompt_cache_hit_tokens":40,"completion_tokens":3,"total_tokens":20,"completion_tokens_details":{"reasoning_tokens":7}}`,
			`],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":10,"output_tokens":10,"output_tokens_details":{"thinking_tokens":7}}}`,
		},
		{
			"counts out of range",
			`"choices":[{"message":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":-4,"completion_tokens":1e300}`,
			`],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":0,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":1125899906842624}}`,
		},
	}
	for _, c := range cases {
		r, err := chat.ReadResponse([]byte(`{"id":"chatcmpl-1","model":"m",` + c.in + `}`))
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if got := string(anthropic.WriteResponse(nil, r)); got != head+c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, got, head+c.want)
		}
	}
	r, err := chat.ReadResponse([]byte(`{"choices":[{"message":{"function_call":{"name":"f","arguments":"{}"}},"finish_reason":"function_call"}]}`))
	if err != nil {
		t.Fatal(err)
	}
	out := string(anthropic.WriteResponse(nil, r))
	if !strings.HasPrefix(out, `{"id":"msg_`) || !strings.Contains(out, `"id":"toolu_`) || !strings.Contains(out, `"stop_reason":"tool_use"`) {
		t.Errorf("an old function call, without ids, gives %s", out)
	}
}

func TestResponseFieldErrors(t *testing.T) {
	for body, field := range map[string]string{`<`: "", `{}`: "content", `{"content":"x"}`: "content"} {
		_, err := anthropic.ReadResponse([]byte(body))
		if fe, ok := errors.AsType[*conv.FieldError](err); !ok || fe.Field != field {
			t.Errorf("anthropic %s: %v", body, err)
		}
	}
	for body, field := range map[string]string{
		`<`: "", `{}`: "choices", `{"choices":[]}`: "choices", `{"choices":[{}]}`: "choices[0].message",
		`{"choices":[{"message":{},"finish_reason":"network_error"}]}`: "choices[0].finish_reason",
	} {
		_, err := chat.ReadResponse([]byte(body))
		if fe, ok := errors.AsType[*conv.FieldError](err); !ok || fe.Field != field {
			t.Errorf("chat %s: %v", body, err)
		}
	}
}

func TestReadError(t *testing.T) {
	long := strings.Repeat("é", 400)
	cases := []struct {
		status int
		body   string
		want   conv.Error
	}{
		{400, `{"type":"error","error":{"type":"invalid_request_error","message":"m","details":{"error_code":"c"}}}`, conv.Error{Status: 400, Type: "invalid_request_error", Code: "c", Message: "m"}},
		{404, `{"error":{"message":"m","type":"invalid_request_error","param":"model","code":"model_not_found"}}`, conv.Error{Status: 404, Type: "invalid_request_error", Code: "model_not_found", Param: "model", Message: "m"}},
		{429, `{"error":{"code":1302,"message":"m"}}`, conv.Error{Status: 429, Code: "1302", Message: "m"}},
		{429, `[{"error":{"code":429,"message":"m","status":"RESOURCE_EXHAUSTED","details":[{"retryDelay":"34.5s"}]}}]`, conv.Error{Status: 429, Type: "RESOURCE_EXHAUSTED", Code: "429", Message: "m", RetryAfter: 34500000000}},
		{500, `{"error":"boom"}`, conv.Error{Status: 500, Message: "boom"}},
		{429, `{"statusCode":429,"message":"slow"}`, conv.Error{Status: 429, Message: "slow"}},
		{422, `{"detail":"d"}`, conv.Error{Status: 422, Message: "d"}},
		{502, `<html><head><title> Bad Gateway </title>`, conv.Error{Status: 502, Message: "Bad Gateway"}},
		{502, `<html>`, conv.Error{Status: 502, Message: "bad gateway"}},
		{503, ``, conv.Error{Status: 503, Message: "service unavailable"}},
		{599, ``, conv.Error{Status: 599, Message: "the provider gave no reason"}},
		{500, long, conv.Error{Status: 500, Message: long[:512]}},
		{500, "\xff", conv.Error{Status: 500, Message: "\ufffd"}},
		{200, `{"error":{"code":502,"message":"m"}}`, conv.Error{Status: 502, Code: "502", Message: "m"}},
		{0, `{"type":"error","error":{"type":"overloaded_error","message":"m"}}`, conv.Error{Status: 529, Type: "overloaded_error", Message: "m"}},
		{0, `{"error":{"type":"zz","message":"m"}}`, conv.Error{Status: 500, Type: "zz", Message: "m"}},
		{0, `{"error":{"type":"requests","code":"rate_limit_exceeded","message":"m"}}`, conv.Error{Status: 429, Type: "requests", Code: "rate_limit_exceeded", Message: "m"}},
	}
	for _, c := range cases {
		for _, read := range []func(int, []byte) *conv.Error{anthropic.ReadError, chat.ReadError} {
			if got := read(c.status, []byte(c.body)); *got != c.want {
				t.Errorf("%d %.60s:\ngot  %+v\nwant %+v", c.status, c.body, *got, c.want)
			}
		}
	}
}

func TestWriteError(t *testing.T) {
	cases := []struct {
		in        conv.Error
		anthropic string
		chat      string // type and code
	}{
		{conv.Error{Status: 400}, "invalid_request_error", `invalid_request_error null`},
		{conv.Error{Status: 401}, "authentication_error", `invalid_request_error "invalid_api_key"`},
		{conv.Error{Status: 402}, "billing_error", `insufficient_quota "insufficient_quota"`},
		{conv.Error{Status: 403}, "permission_error", `permission_error null`},
		{conv.Error{Status: 404}, "not_found_error", `invalid_request_error "model_not_found"`},
		{conv.Error{Status: 408}, "timeout_error", `timeout null`},
		{conv.Error{Status: 409}, "conflict_error", `conflict null`},
		{conv.Error{Status: 413}, "request_too_large", `invalid_request_error null`},
		{conv.Error{Status: 422, Code: "x"}, "invalid_request_error", `invalid_request_error "x"`},
		{conv.Error{Status: 429}, "rate_limit_error", `rate_limit_exceeded "rate_limit_exceeded"`},
		{conv.Error{Status: 429, Type: "insufficient_quota"}, "rate_limit_error", `insufficient_quota "rate_limit_exceeded"`},
		{conv.Error{Status: 500, Type: "api_error"}, "api_error", `server_error null`},
		{conv.Error{Status: 502}, "api_error", `server_error null`},
		{conv.Error{Status: 503}, "overloaded_error", `server_error "overloaded"`},
		{conv.Error{Status: 504}, "timeout_error", `timeout null`},
		{conv.Error{Status: 529}, "overloaded_error", `server_error "overloaded"`},
	}
	for _, c := range cases {
		c.in.Message, c.in.Param = "a\"b\x01", "p"
		details := ""
		if c.in.Code != "" {
			details = `,"details":{"error_code":"` + c.in.Code + `"}`
		}
		got, want := string(anthropic.WriteError(nil, &c.in)), `{"type":"error","error":{"type":"`+c.anthropic+`","message":"a\"b\u0001"`+details+`}}`
		if got != want {
			t.Errorf("anthropic %d:\ngot  %s\nwant %s", c.in.Status, got, want)
		}
		kind, code, _ := strings.Cut(c.chat, " ")
		got, want = string(chat.WriteError(nil, &c.in)), `{"error":{"message":"a\"b\u0001","type":"`+kind+`","param":"p","code":`+code+`}}`
		if got != want {
			t.Errorf("chat %d:\ngot  %s\nwant %s", c.in.Status, got, want)
		}
	}
}

func TestWatchAnthropic(t *testing.T) {
	var w anthropic.Watch
	for _, c := range []struct {
		data string
		want conv.Mark
	}{
		{anthropicStart, 0},
		{`{"type":"ping"}`, 0},
		{`{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}`, 0},
		{`{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"x"}}`, conv.MarkContent},
		{`{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":""}}`, 0},
		{`{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"x"}}`, conv.MarkContent},
		{`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":""}}`, 0},
		{`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}`, conv.MarkContent},
		{`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"b and more text"}}`, conv.MarkContent},
		{`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":""}}`, 0},
		{`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a "b"}}`, conv.MarkInvalid},
		{`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\x"}}`, conv.MarkInvalid},
		{`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\u12"}}`, conv.MarkInvalid},
		{`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"tab	tab"}}`, conv.MarkInvalid},
		{`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\"\u12aF\n ü and a word"}}`, conv.MarkContent},
		{`{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"a"}}`, conv.MarkContent},
		{`{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":""}}`, conv.MarkContent},
		{`{"type":"new"}`, 0},
		{`{}`, 0},
		{`[DONE]`, conv.MarkInvalid},
		{``, conv.MarkInvalid},
		{`{"type":"message_delta","delta":{"stop_reason":null},"usage":{"output_tokens":2}}`, 0},
		{`{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":6}}`, conv.MarkFinish},
		{`{"type":"message_stop"}`, conv.MarkEnd},
		{`{"type":"error","error":{"type":"rate_limit_error","message":"m"}}`, conv.MarkError},
	} {
		if got := w.Look(nil, []byte(c.data)); got != c.want {
			t.Errorf("%s: mark %b, want %b", c.data, got, c.want)
		}
	}
	if want := (conv.Usage{Input: 7, CacheRead: 3, Output: 6}); !w.HasUsage || w.Usage != want {
		t.Errorf("usage %+v, want %+v", w.Usage, want)
	}
	if w.Err == nil || w.Err.Status != 429 {
		t.Errorf("error %+v", w.Err)
	}
}

func TestWatchChat(t *testing.T) {
	var w chat.Watch
	delta := func(s string) string { return `{"choices":[{"index":0,"delta":{` + s + `},"finish_reason":null}]}` }
	for _, c := range []struct {
		data string
		want conv.Mark
	}{
		{delta(`"role":"assistant","content":""`), 0},
		{delta(`"content":"a"`), conv.MarkContent},
		{delta(`"content":"bcd"`), conv.MarkContent},
		{delta(`"content":null`), 0},
		{delta(`"reasoning_content":"a","content":null`), conv.MarkContent},
		{delta(`"reasoning":"a"`), conv.MarkContent},
		{delta(`"refusal":"a"`), conv.MarkContent},
		{delta(`"tool_calls":[{"index":0}]`), conv.MarkContent},
		{delta(`"tool_calls":[]`), 0},
		{`{"choices":[],"prompt_filter_results":[]}`, 0},
		{`{"choices":[{"index":0,"message":{"content":"x"},"finish_reason":"stop"}]}`, conv.MarkContent | conv.MarkFinish},
		{`{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}`, conv.MarkFinish},
		{`{"choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2}}`, 0},
		{`[DONE]`, conv.MarkEnd},
		{` [DONE] `, conv.MarkEnd},
		{`{"x`, conv.MarkInvalid},
		{`{"error":null}`, 0},
		{`{"error":{"message":"m","code":429}}`, conv.MarkError},
	} {
		if got := w.Look(nil, []byte(c.data)); got != c.want {
			t.Errorf("%s: mark %b, want %b", c.data, got, c.want)
		}
	}
	if want := (conv.Usage{Input: 5, Output: 2}); !w.HasUsage || w.Usage != want {
		t.Errorf("usage %+v, want %+v", w.Usage, want)
	}
	if w.Err == nil || w.Err.Status != 429 {
		t.Errorf("error %+v", w.Err)
	}
	if !(conv.MarkContent | conv.MarkFinish).Has(conv.MarkFinish) {
		t.Error("Has does not find a mark among two")
	}
}

func TestWatchChatWaitsForEveryAnswer(t *testing.T) {
	var w chat.Watch
	chunk := func(index int, delta, stop string) string {
		return fmt.Sprintf(`{"choices":[{"index":%d,"delta":{%s},"finish_reason":%s}]}`, index, delta, stop)
	}
	for _, c := range []struct {
		data string
		want conv.Mark
	}{
		{chunk(0, `"content":""`, "null"), 0},
		{chunk(1, `"content":""`, "null"), 0},
		{chunk(0, `"content":"a"`, "null"), conv.MarkContent},
		{chunk(1, `"content":"a"`, "null"), 0},
		{chunk(0, ``, `"stop"`), 0}, // the other goes on
		{chunk(1, `"content":"b"`, "null"), 0},
		{chunk(1, ``, `"stop"`), conv.MarkFinish},
	} {
		if got := w.Look(nil, []byte(c.data)); got != c.want {
			t.Errorf("%s: mark %b, want %b", c.data, got, c.want)
		}
	}
}

func TestLookBody(t *testing.T) {
	type look func([]byte) (conv.Usage, bool, *conv.Error)
	for _, c := range []struct {
		look   look
		body   string
		usage  conv.Usage
		ok     bool
		status int
	}{
		{anthropic.LookBody, `{"content":[],"usage":{"input_tokens":1,"output_tokens":2}}`, conv.Usage{Input: 1, Output: 2}, true, 0},
		{anthropic.LookBody, `{"content":[]}`, conv.Usage{}, false, 0},
		{anthropic.LookBody, `{"type":"error","error":{"type":"api_error"}}`, conv.Usage{}, false, 500},
		{anthropic.LookBody, `<html>`, conv.Usage{}, false, 0},
		{chat.LookBody, `{"choices":[{}],"usage":{"prompt_tokens":1,"completion_tokens":2}}`, conv.Usage{Input: 1, Output: 2}, true, 0},
		{chat.LookBody, `{"choices":[{}],"usage":null}`, conv.Usage{}, false, 0},
		{chat.LookBody, `{"error":{"code":502,"message":"m"}}`, conv.Usage{}, false, 502},
		{chat.LookBody, ``, conv.Usage{}, false, 0},
	} {
		u, ok, err := c.look([]byte(c.body))
		status := 0
		if err != nil {
			status = err.Status
		}
		if u != c.usage || ok != c.ok || status != c.status {
			t.Errorf("%s: %+v %v %d", c.body, u, ok, status)
		}
	}
}
