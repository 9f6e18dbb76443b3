package conv_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform/internal/anthropic"
	"github.com/dctx-team/routex/transform/internal/chat"
	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/tidwall/gjson"
)

// translate takes a request from one protocol to the other and returns the
// paths of what was lost.
func translate(t testing.TB, toChat bool, body string) (string, []string) {
	t.Helper()
	var lost []string
	lose := func(field, why string) {
		if why == "" {
			t.Errorf("loss of %s has no reason", field)
		}
		lost = append(lost, field)
	}
	read, write := chat.ReadRequest, anthropic.WriteRequest
	if toChat {
		read, write = anthropic.ReadRequest, chat.WriteRequest
	}
	r, err := read([]byte(body), lose)
	if err != nil {
		t.Fatalf("reading %s: %v", body, err)
	}
	out, err := write(nil, r, lose)
	if err != nil {
		t.Fatalf("writing: %v", err)
	}
	if !gjson.ValidBytes(out) {
		t.Fatalf("not valid JSON: %s", out)
	}
	return string(out), lost
}

type requestCase struct {
	name string
	in   string // members beside model and what else is always there
	want string
	lost string // paths, parted by spaces
}

func runRequests(t *testing.T, toChat bool, head, wantHead string, cases []requestCase) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, lost := translate(t, toChat, head+c.in+"}")
			if want := wantHead + c.want + "}"; got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if want := strings.Fields(c.lost); !slices.Equal(lost, want) {
				t.Errorf("lost %q, want %q", lost, want)
			}
		})
	}
}

const hi = `"messages":[{"role":"user","content":"hi"}]`

func TestRequestAnthropicToChat(t *testing.T) {
	runRequests(t, true, `{"model":"gpt-4o","max_tokens":9,`, `{"model":"gpt-4o",`, []requestCase{
		{name: "plain", in: hi, want: hi + `,"max_completion_tokens":9`},
		{
			name: "system as blocks",
			in:   `"system":[{"type":"text","text":"a\n","cache_control":{"type":"ephemeral"}},{"type":"text","text":"b"}],` + hi,
			want: `"messages":[{"role":"system","content":"a\n\nb"},{"role":"user","content":"hi"}],"max_completion_tokens":9`,
			lost: "system[0].cache_control",
		},
		{
			name: "system amid the conversation",
			in:   `"messages":[{"role":"user","content":"a"},{"role":"system","content":"s"}]`,
			want: `"messages":[{"role":"user","content":"a"},{"role":"system","content":"s"}],"max_completion_tokens":9`,
		},
		{
			name: "settings",
			in:   hi + `,"temperature":0.70,"top_p":0.9,"top_k":5,"stop_sequences":["a","b","c","d","e"],"metadata":{"user_id":"u","x":1},"stream":true`,
			want: hi + `,"max_completion_tokens":9,"temperature":0.70,"top_p":0.9,"stop":["a","b","c","d"],"user":"u","stream":true,"stream_options":{"include_usage":true}`,
			lost: "metadata.x stop_sequences top_k",
		},
		{
			name: "long user id",
			in:   hi + `,"metadata":{"user_id":"` + strings.Repeat("u", 65) + `"}`,
			want: hi + `,"max_completion_tokens":9,"user":"f20e249d15fa4b9f44ba21d154f62e1efa76ddfdce5d25139a33a4787cee5a8b"`,
		},
		{
			name: "settings without effect",
			in:   hi + `,"thinking":{"type":"disabled"},"service_tier":"auto","stop_sequences":null,"mcp_servers":[]`,
			want: hi + `,"max_completion_tokens":9`,
		},
		{
			name: "settings without a place",
			in:   hi + `,"service_tier":"standard_only","cache_control":{},"container":"c","new_thing":1`,
			want: hi + `,"max_completion_tokens":9`,
			lost: "service_tier cache_control container new_thing",
		},
		{
			name: "images",
			in:   `"messages":[{"role":"user","content":[{"type":"text","text":"see"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"QUJD"}},{"type":"image","source":{"type":"url","url":"https://x/y.png"}},{"type":"image","source":{"type":"file","file_id":"f"}}]}]`,
			want: `"messages":[{"role":"user","content":[{"type":"text","text":"see"},{"type":"image_url","image_url":{"url":"data:image/png;base64,QUJD"}},{"type":"image_url","image_url":{"url":"https://x/y.png"}}]}],"max_completion_tokens":9`,
			lost: "messages[0].content[3].source",
		},
		{
			name: "blocks without a place",
			in:   `"messages":[{"role":"user","content":[{"type":"document","source":{"type":"file","file_id":"f"}},{"type":"text","text":"hi","citations":[{}]}]},{"role":"assistant","content":[{"type":"thinking","thinking":"","signature":"s"},{"type":"redacted_thinking","data":"d"},{"type":"server_tool_use","id":"x","name":"n","input":{}},{"type":"text","text":"yo","citations":null}]}]`,
			want: `"messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"yo"}],"max_completion_tokens":9`,
			lost: "messages[0].content[0].source messages[0].content[1].citations messages[1].content[0] messages[1].content[1] messages[1].content[2]",
		},
		{
			name: "tools",
			in:   hi + `,"tools":[{"name":"t","description":"d","input_schema":{"type":"object"},"strict":true,"cache_control":{}},{"type":"custom","name":"u","input_schema":{}},{"type":"web_search_20250305","name":"web_search"},{"name":"v","defer_loading":true,"input_schema":{"type":"object"}}]`,
			want: hi + `,"tools":[{"type":"function","function":{"name":"t","description":"d","parameters":{"type":"object","properties":{}},"strict":true}},{"type":"function","function":{"name":"u","parameters":{"type":"object","properties":{}}}},{"type":"function","function":{"name":"v","parameters":{"type":"object","properties":{}}}}],"max_completion_tokens":9`,
			lost: "tools[0].cache_control tools[2] tools[3].defer_loading",
		},
		{
			name: "tool choice any, one at a time",
			in:   hi + `,"tools":[{"name":"t","input_schema":{"type":"object"}}],"tool_choice":{"type":"any","disable_parallel_tool_use":true}`,
			want: hi + `,"tools":[{"type":"function","function":{"name":"t","parameters":{"type":"object","properties":{}}}}],"tool_choice":"required","parallel_tool_calls":false,"max_completion_tokens":9`,
		},
		{
			name: "tool choice of one",
			in:   hi + `,"tools":[{"name":"t","input_schema":{"type":"object"}}],"tool_choice":{"type":"tool","name":"t"}`,
			want: hi + `,"tools":[{"type":"function","function":{"name":"t","parameters":{"type":"object","properties":{}}}}],"tool_choice":{"type":"function","function":{"name":"t"}},"max_completion_tokens":9`,
		},
		{
			name: "tool choice without tools",
			in:   hi + `,"tool_choice":{"type":"any"}`,
			want: hi + `,"max_completion_tokens":9`,
			lost: "tool_choice",
		},
		{
			name: "parallel results, an error, an image, then text",
			in: `"messages":[{"role":"user","content":"go"},` +
				`{"role":"assistant","content":[{"type":"text","text":"ok"},{"type":"tool_use","id":"1","name":"a","input":{"x":1.10,"a":"ü"}},{"type":"tool_use","id":"2","name":"b","input":{}}]},` +
				`{"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":"bad","is_error":true},{"type":"tool_result","tool_use_id":"2","content":[{"type":"text","text":"x"},{"type":"image","source":{"type":"url","url":"u"}},{"type":"text","text":"y"}]},{"type":"text","text":"next"}]}]`,
			want: `"messages":[{"role":"user","content":"go"},` +
				`{"role":"assistant","content":"ok","tool_calls":[{"id":"1","type":"function","function":{"name":"a","arguments":"{\"x\":1.10,\"a\":\"ü\"}"}},{"id":"2","type":"function","function":{"name":"b","arguments":"{}"}}]},` +
				`{"role":"tool","tool_call_id":"1","content":"[tool_error] bad"},` +
				`{"role":"tool","tool_call_id":"2","content":"x\ny\n[image: see the next user message]"},` +
				`{"role":"user","content":[{"type":"image_url","image_url":{"url":"u"}},{"type":"text","text":"next"}]}],"max_completion_tokens":9`,
		},
		{
			name: "results over several messages, calls over several messages",
			in: `"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"1","name":"a","input":{}}]},{"role":"assistant","content":[{"type":"tool_use","id":"2","name":"a","input":{}}]},` +
				`{"role":"user","content":[{"type":"tool_result","tool_use_id":"1"},{"type":"text","text":"t"}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"2","content":""}]}]`,
			want: `"messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"a","arguments":"{}"}},{"id":"2","type":"function","function":{"name":"a","arguments":"{}"}}]},` +
				`{"role":"tool","tool_call_id":"1","content":""},{"role":"tool","tool_call_id":"2","content":""},{"role":"user","content":"t"}],"max_completion_tokens":9`,
		},
		{
			name: "orphan result",
			in:   `"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"9","content":"r","is_error":true}]}]`,
			want: `"messages":[{"role":"user","content":[{"type":"text","text":"[tool_error] [tool_result 9]"},{"type":"text","text":"r"}]}],"max_completion_tokens":9`,
			lost: "messages[0]",
		},
		{
			name: "empty content",
			in:   `"messages":[{"role":"user","content":""},{"role":"assistant","content":[]},{"role":"user","content":[{"type":"text","text":""}]}]`,
			want: `"messages":[{"role":"user","content":""},{"role":"assistant","content":""},{"role":"user","content":""}],"max_completion_tokens":9`,
		},
		{
			name: "what a tool cannot tell",
			in: `"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"1","name":"a","input":{},"caller":{"type":"direct"}}]},` +
				`{"role":"user","content":[{"type":"tool_result","tool_use_id":"1","cache_control":{},"content":[{"type":"tool_reference","tool_name":"t"}]}]}]`,
			want: `"messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"1","type":"function","function":{"name":"a","arguments":"{}"}}]},{"role":"tool","tool_call_id":"1","content":""}],"max_completion_tokens":9`,
			lost: "messages[1].content[0].cache_control messages[1].content[0].content[0]",
		},
	})
}

func TestRequestChatToAnthropic(t *testing.T) {
	runRequests(t, false, `{"model":"claude-x","max_tokens":9,`, `{"model":"claude-x","max_tokens":9,`, []requestCase{
		{name: "plain", in: hi, want: hi},
		{
			name: "leading system and developer",
			in:   `"messages":[{"role":"system","content":"a"},{"role":"developer","content":[{"type":"text","text":"b"}]},{"role":"user","content":"hi"}]`,
			want: `"system":[{"type":"text","text":"a"},{"type":"text","text":"b"}],` + hi,
		},
		{
			name: "system amid the conversation",
			in:   `"messages":[{"role":"system","content":"a"},{"role":"user","content":"hi"},{"role":"assistant","content":"yo"},{"role":"system","content":"s"}]`,
			want: `"system":"a","messages":[{"role":"user","content":"hi"},{"role":"assistant","content":"yo"},{"role":"user","content":"s"}]`,
			lost: "messages[3].role",
		},
		{
			name: "only system",
			in:   `"messages":[{"role":"system","content":"a"},{"role":"system","content":"b"},{"role":"system","content":" "}]`,
			want: `"system":"a","messages":[{"role":"user","content":"b"}]`,
			lost: "messages",
		},
		{
			name: "nothing at all",
			in:   `"messages":[{"role":"user","content":"\n "}]`,
			want: `"messages":[{"role":"user","content":"."}]`,
			lost: "messages",
		},
		{
			name: "settings",
			in:   hi + `,"temperature":1.5,"top_p":0.5,"top_k":3,"stop":"x","user":"u","safety_identifier":"v","stream":true,"stream_options":{"include_usage":true,"include_obfuscation":false,"zz":1}`,
			want: hi + `,"temperature":1,"top_p":0.5,"top_k":3,"stop_sequences":["x"],"metadata":{"user_id":"u"},"stream":true`,
			lost: "stream_options.zz temperature safety_identifier",
		},
		{
			name: "stops of white space",
			in:   hi + `,"stop":["\n\n"," \u0020","a"]`,
			want: hi + `,"stop_sequences":["a"]`,
			lost: "stop stop",
		},
		{
			name: "usual values lose nothing",
			in:   hi + `,"n":1,"presence_penalty":0,"frequency_penalty":0.0,"response_format":{"type":"text"},"logprobs":false,"logit_bias":{},"store":false,"metadata":{},"service_tier":"auto","modalities":["text"],"seed":null,"verbosity":"medium","parallel_tool_calls":true,"repetition_penalty":1,"top_logprobs":0,"tool_choice":"auto"`,
			want: hi,
		},
		{
			name: "fields without a place",
			in:   hi + `,"presence_penalty":1,"frequency_penalty":0.5,"logprobs":true,"logit_bias":{"1":2},"store":true,"metadata":{"a":"b"},"service_tier":"flex","modalities":["text","audio"],"seed":7,"audio":{},"prediction":{},"web_search_options":{},"new_thing":{}`,
			want: hi,
			lost: "modalities audio prediction web_search_options new_thing presence_penalty frequency_penalty logprobs logit_bias store metadata service_tier seed",
		},
		{
			name: "images",
			in:   `"messages":[{"role":"user","name":"bob","content":[{"type":"image_url","image_url":{"url":"data:image\/png;base64,QUJD","detail":"high"}},{"type":"image_url","image_url":{"url":"https://x/y","detail":"auto"}},{"type":"image_url","image_url":{"url":"data:image/svg+xml,<svg>"}},{"type":"input_audio","input_audio":{}},{"type":"file","file":{"file_id":"f"}},{"type":"text","text":"t","cache_control":{"type":"ephemeral"}}]}]`,
			want: `"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image\/png","data":"QUJD"}},{"type":"image","source":{"type":"url","url":"https://x/y"}},{"type":"text","text":"t"}]}]`,
			lost: "messages[0].name messages[0].content[0].image_url.detail messages[0].content[2].image_url.url messages[0].content[3] messages[0].content[5].cache_control messages[0]",
		},
		{
			name: "tools",
			in:   hi + `,"tools":[{"type":"function","function":{"name":"a"}},{"type":"function","function":{"name":"b","description":"d","parameters":{"properties":{}},"strict":false}},{"type":"custom","custom":{"name":"c"}},{"type":"web_search"}],"tool_choice":"required","parallel_tool_calls":false`,
			want: hi + `,"tools":[{"name":"a","input_schema":{"type":"object","properties":{}}},{"name":"b","description":"d","input_schema":{"type":"object","properties":{}}},{"name":"c","input_schema":{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}}],"tool_choice":{"type":"any","disable_parallel_tool_use":true}`,
			lost: "tools[3]",
		},
		{
			name: "one tool at a time needs a choice",
			in:   hi + `,"tools":[{"type":"function","function":{"name":"a","parameters":{"type":"object"}}}],"parallel_tool_calls":false`,
			want: hi + `,"tools":[{"name":"a","input_schema":{"type":"object"}}],"tool_choice":{"type":"auto","disable_parallel_tool_use":true}`,
		},
		{
			name: "no tool may be called",
			in:   hi + `,"tools":[{"type":"function","function":{"name":"a","parameters":{"type":"object"}}}],"parallel_tool_calls":false,"tool_choice":"none"`,
			want: hi + `,"tools":[{"name":"a","input_schema":{"type":"object"}}],"tool_choice":{"type":"none"}`,
		},
		{
			name: "one tool must be called",
			in:   hi + `,"tools":[{"type":"function","function":{"name":"a","parameters":{"type":"object"}}}],"tool_choice":{"type":"function","function":{"name":"a"}}`,
			want: hi + `,"tools":[{"name":"a","input_schema":{"type":"object"}}],"tool_choice":{"type":"tool","name":"a"}`,
		},
		{
			name: "allowed tools",
			in:   hi + `,"tools":[{"type":"function","function":{"name":"a"}},{"type":"function","function":{"name":"b"}}],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"auto","tools":[{"type":"function","function":{"name":"b"}}]}}`,
			want: hi + `,"tools":[{"name":"b","input_schema":{"type":"object","properties":{}}}],"tool_choice":{"type":"auto"}`,
		},
		{
			name: "choice without tools",
			in:   hi + `,"tool_choice":"any"`,
			want: hi,
			lost: "tool_choice",
		},
		{
			name: "tool results before the user's text",
			in: `"messages":[{"role":"user","content":"go"},{"role":"assistant","content":null,"tool_calls":[{"id":"c:1","type":"function","function":{"name":"a","arguments":"{\"n\": 1.0}"}},{"id":"c2","type":"function","function":{"name":"b","arguments":""}},{"id":"c3","type":"function","function":{"name":"c","arguments":"nonsense"}},{"id":"c4","type":"mcp"}]},` +
				`{"role":"tool","tool_call_id":"c:1","content":"[tool_error] bad"},{"role":"tool","tool_call_id":"c2","content":[{"type":"text","text":"x"},{"type":"text","text":"y"}]},{"role":"user","content":"now"},{"role":"tool","tool_call_id":"c3","content":""}]`,
			want: `"messages":[{"role":"user","content":"go"},{"role":"assistant","content":[{"type":"tool_use","id":"c_1_1hth9rf","name":"a","input":{"n": 1.0}},{"type":"tool_use","id":"c2","name":"b","input":{}},{"type":"tool_use","id":"c3","name":"c","input":{"_raw":"nonsense"}}]},` +
				`{"role":"user","content":[{"type":"tool_result","tool_use_id":"c_1_1hth9rf","content":"bad","is_error":true},{"type":"tool_result","tool_use_id":"c2","content":[{"type":"text","text":"x"},{"type":"text","text":"y"}]},{"type":"tool_result","tool_use_id":"c3"},{"type":"text","text":"now"}]}]`,
			lost: "messages[1].tool_calls[3]",
		},
		{
			name: "old functions",
			in:   `"messages":[{"role":"user","content":"go"},{"role":"assistant","function_call":{"name":"f","arguments":"{}"}},{"role":"function","name":"f","content":"r"}],"functions":[{"name":"f"}],"function_call":{"name":"f"}`,
			want: `"messages":[{"role":"user","content":"go"},{"role":"assistant","content":[{"type":"tool_use","id":"call_function_0","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"call_function_0","content":"r"}]}],"tools":[{"name":"f","input_schema":{"type":"object","properties":{}}}],"tool_choice":{"type":"tool","name":"f"}`,
		},
		{
			name: "orphan result",
			in:   `"messages":[{"role":"tool","tool_call_id":"9","content":"r"}]`,
			want: `"messages":[{"role":"user","content":[{"type":"text","text":"[tool_result 9]"},{"type":"text","text":"r"}]}]`,
			lost: "messages[0]",
		},
		{
			name: "neighbours are joined, empty messages left out",
			in:   `"messages":[{"role":"user","content":"a"},{"role":"assistant","content":""},{"role":"user","content":"b"},{"role":"assistant","content":"x"},{"role":"assistant","content":"y \n\t"}]`,
			want: `"messages":[{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},{"role":"assistant","content":[{"type":"text","text":"x"},{"type":"text","text":"y"}]}]`,
		},
		{
			name: "the assistant speaks first",
			in:   `"messages":[{"role":"assistant","content":"x"},{"role":"user","content":"a"}]`,
			want: `"messages":[{"role":"user","content":"."},{"role":"assistant","content":"x"},{"role":"user","content":"a"}]`,
			lost: "messages",
		},
		{
			name: "refusal and reasoning in the history",
			in:   `"messages":[{"role":"user","content":"a"},{"role":"assistant","content":null,"refusal":"no","reasoning_content":"r","audio":{"id":"a"}},{"role":"user","content":"b"}]`,
			want: `"messages":[{"role":"user","content":"a"},{"role":"assistant","content":"no"},{"role":"user","content":"b"}]`,
			lost: "messages[1].audio messages[1]",
		},
	})
}

func TestRequestLimits(t *testing.T) {
	for in, want := range map[string]string{
		`{"model":"claude-3-opus-20240229",` + hi + `}`:                                       "4096",
		`{"model":"claude-sonnet-4-5",` + hi + `}`:                                            "64000",
		`{"model":"claude-x","max_completion_tokens":7,"max_tokens":9,` + hi + `}`:            "7",
		`{"model":"claude-x","max_completion_tokens":null,"max_tokens":10000,` + hi + `}`:     "10000",
		`{"model":"claude-x","max_tokens":9,"max_completion_tokens":18446744,` + hi + `}`:     "18446744",
		`{"model":"claude-2.1","safety_identifier":"s","max_completion_tokens":1,` + hi + `}`: "1",
	} {
		out, _ := translate(t, false, in)
		if got := gjson.Get(out, "max_tokens").Raw; got != want {
			t.Errorf("max_tokens %s, want %s, of %s", got, want, in)
		}
	}
}

func TestRequestModels(t *testing.T) {
	for model, want := range map[string]string{
		"o1": "max_completion_tokens", "o3-mini": "max_completion_tokens", "openai/o4-mini": "max_completion_tokens",
		"gpt-4o-mini": "max_completion_tokens", "gpt-4.1": "max_completion_tokens", "gpt-5": "max_completion_tokens",
		"chatgpt-4o-latest": "max_completion_tokens", "ft:gpt-4o:x": "max_completion_tokens", "gpt-10": "max_completion_tokens",
		"gpt-4": "max_tokens", "gpt-4-turbo": "max_tokens", "gpt-3.5-turbo": "max_tokens", "gpt-35-turbo": "max_tokens",
		"gpt-oss-120b": "max_tokens", "deepseek-chat": "max_tokens", "glm-4.6": "max_tokens", "olmo-2": "max_tokens", "gpt-": "max_tokens",
	} {
		out, lost := translate(t, true, `{"model":"`+model+`","max_tokens":9,"temperature":1,`+hi+`}`)
		if got := gjson.Get(out, want).Raw; got != "9" {
			t.Errorf("%s: no %s in %s", model, want, out)
		}
		if len(lost) > 0 {
			t.Errorf("%s: lost %q", model, lost)
		}
	}
	out, lost := translate(t, true, `{"model":"gpt-5-mini","max_tokens":9,"temperature":0.5,"top_p":0.5,"stop_sequences":["x"],`+hi+`}`)
	if want := []string{"temperature", "top_p", "stop_sequences"}; !slices.Equal(lost, want) {
		t.Errorf("a model that reasons lost %q, want %q", lost, want)
	}
	if strings.Contains(out, "temperature") || strings.Contains(out, "top_p") || strings.Contains(out, "stop") {
		t.Errorf("a model that reasons was sent settings that it rejects: %s", out)
	}
}

func TestRequestFieldErrors(t *testing.T) {
	cases := []struct {
		name, body, field string
		read              func([]byte, conv.Lose) (*conv.Request, error)
	}{}
	add := func(read func([]byte, conv.Lose) (*conv.Request, error), bodies map[string]string) {
		for body, field := range bodies {
			cases = append(cases, struct {
				name, body, field string
				read              func([]byte, conv.Lose) (*conv.Request, error)
			}{field, body, field, read})
		}
	}
	a, o := `{"model":"m","max_tokens":1,`, `{"model":"m",`
	add(anthropic.ReadRequest, map[string]string{
		`[]`:                               "",
		`{}`:                               "model",
		`{"model":1}`:                      "model",
		`{"model":"m"}`:                    "max_tokens",
		`{"model":"m","max_tokens":1.5}`:   "max_tokens",
		`{"model":"m","max_tokens":"1"}`:   "max_tokens",
		a + `"messages":[]}`:               "messages",
		a + `"messages":{}}`:               "messages",
		a + `"messages":["x"]}`:            "messages[0]",
		a + `"messages":[{}]}`:             "messages[0].role",
		a + `"messages":[{"role":"bot"}]}`: "messages[0].role",
		a + `"messages":[{"role":"user","content":1}]}`:                                                          "messages[0].content",
		a + `"messages":[{"role":"user","content":[1]}]}`:                                                        "messages[0].content[0]",
		a + `"messages":[{"role":"user","content":[{}]}]}`:                                                       "messages[0].content[0].type",
		a + `"messages":[{"role":"user","content":[{"type":"text"}]}]}`:                                          "messages[0].content[0].text",
		a + `"messages":[{"role":"user","content":[{"type":"text","text":1}]}]}`:                                 "messages[0].content[0].text",
		a + `"messages":[{"role":"user","content":[{"type":"image"}]}]}`:                                         "messages[0].content[0].source",
		a + `"messages":[{"role":"user","content":[{"type":"image","source":1}]}]}`:                              "messages[0].content[0].source",
		a + `"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64"}}]}]}`:              "messages[0].content[0].source.media_type",
		a + `"messages":[{"role":"user","content":[{"type":"image","source":{"type":"url"}}]}]}`:                 "messages[0].content[0].source.url",
		a + `"messages":[{"role":"assistant","content":[{"type":"tool_use","name":"n"}]}]}`:                      "messages[0].content[0].id",
		a + `"messages":[{"role":"assistant","content":[{"type":"tool_use","id":"i","name":"n","input":"x"}]}]}`: "messages[0].content[0].input",
		a + `"messages":[{"role":"user","content":[{"type":"tool_use","id":"i","name":"n","input":{}}]}]}`:       "messages[0].content",
		a + `"messages":[{"role":"assistant","content":[{"type":"tool_result","tool_use_id":"i"}]}]}`:            "messages[0].content",
		a + `"messages":[{"role":"user","content":[{"type":"tool_result"}]}]}`:                                   "messages[0].content[0].tool_use_id",
		a + `"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"i","is_error":1}]}]}`:    "messages[0].content[0].is_error",
		a + `"system":1}`: "system",
		a + `"system":[{"type":"image","source":{"type":"url","url":"u"}}]}`: "system[0]",
		a + `"system":["x"]}`:                           "system[0]",
		a + `"stop_sequences":"x"}`:                     "stop_sequences",
		a + `"stop_sequences":[1]}`:                     "stop_sequences[0]",
		a + `"metadata":1}`:                             "metadata",
		a + `"metadata":{"user_id":1}}`:                 "metadata.user_id",
		a + `"stream":1}`:                               "stream",
		a + `"temperature":"1"}`:                        "temperature",
		a + `"tools":{}}`:                               "tools",
		a + `"tools":[1]}`:                              "tools[0]",
		a + `"tools":[{}]}`:                             "tools[0].name",
		a + `"tools":[{"name":"n","input_schema":[]}]}`: "tools[0].input_schema",
		a + `"tool_choice":"auto"}`:                     "tool_choice",
		a + `"tool_choice":{"type":"maybe"}}`:           "tool_choice.type",
		a + `"tool_choice":{"type":"tool"}}`:            "tool_choice.name",
	})
	add(chat.ReadRequest, map[string]string{
		`"x"`:                               "",
		`{}`:                                "model",
		`{"model":null}`:                    "model",
		`{"model":"m"}`:                     "messages",
		o + `"n":2}`:                        "n",
		o + `"messages":{}}`:                "messages",
		o + `"messages":[1]}`:               "messages[0]",
		o + `"messages":[{}]}`:              "messages[0].role",
		o + `"messages":[{"role":"user"}]}`: "messages[0].content",
		o + `"messages":[{"role":"user","content":{}}]}`:                                                          "messages[0].content",
		o + `"messages":[{"role":"user","content":["x"]}]}`:                                                       "messages[0].content[0]",
		o + `"messages":[{"role":"user","content":[{"text":"x"}]}]}`:                                              "messages[0].content[0].type",
		o + `"messages":[{"role":"user","content":[{"type":"text"}]}]}`:                                           "messages[0].content[0].text",
		o + `"messages":[{"role":"user","content":[{"type":"image_url","image_url":{}}]}]}`:                       "messages[0].content[0].image_url.url",
		o + `"messages":[{"role":"assistant","tool_calls":{}}]}`:                                                  "messages[0].tool_calls",
		o + `"messages":[{"role":"assistant","tool_calls":[{"function":{"name":"n"}}]}]}`:                         "messages[0].tool_calls[0].id",
		o + `"messages":[{"role":"assistant","tool_calls":[{"id":"i","function":{}}]}]}`:                          "messages[0].tool_calls[0].function.name",
		o + `"messages":[{"role":"assistant","tool_calls":[{"id":"i","function":{"name":"n","arguments":{}}}]}]}`: "messages[0].tool_calls[0].function.arguments",
		o + `"messages":[{"role":"assistant","refusal":1}]}`:                                                      "messages[0].refusal",
		o + `"messages":[{"role":"tool","content":"x"}]}`:                                                         "messages[0].tool_call_id",
		o + `"max_tokens":-1}`:                            "max_tokens",
		o + `"parallel_tool_calls":"no"}`:                 "parallel_tool_calls",
		o + `"stop":1}`:                                   "stop",
		o + `"stop":[1]}`:                                 "stop[0]",
		o + `"stream_options":1}`:                         "stream_options",
		o + `"stream_options":{"include_usage":1}}`:       "stream_options.include_usage",
		o + `"tools":1}`:                                  "tools",
		o + `"tools":["x"]}`:                              "tools[0]",
		o + `"tools":[{"type":"function"}]}`:              "tools[0].function.name",
		o + `"tools":[{"type":"function","function":1}]}`: "tools[0].function",
		o + `"functions":1}`:                              "functions",
		o + `"functions":[1]}`:                            "functions[0]",
		o + `"tool_choice":"maybe"}`:                      "tool_choice",
		o + `"tool_choice":1}`:                            "tool_choice",
		o + `"tool_choice":{"type":"function"}}`:          "tool_choice.function.name",
		o + `"function_call":{}}`:                         "function_call.name",
	})
	for _, c := range cases {
		_, err := c.read([]byte(c.body), func(string, string) {})
		fe, ok := errors.AsType[*conv.FieldError](err)
		if !ok || fe.Field != c.field {
			t.Errorf("%s: got error %v, want one about %q", c.body, err, c.field)
		} else if fe.Problem == "" || !strings.Contains(fe.Error(), fe.Problem) {
			t.Errorf("%s: the error %q does not say what is wrong", c.body, fe.Error())
		}
	}
}

// TestCorpusRequests translates what published clients send, and looks for
// each text and name of it in the result.
func TestCorpusRequests(t *testing.T) {
	seen := 0
	corpus(t, ".json", func(t *testing.T, _ string, data []byte) {
		gjson.GetBytes(data, "requests").ForEach(func(key, value gjson.Result) bool {
			body, path := value.Get("body"), value.Get("path").Str
			toChat := strings.HasSuffix(path, "/messages")
			if !toChat && !strings.HasSuffix(path, "/chat/completions") {
				return true
			}
			seen++
			out, lost := translate(t, toChat, body.Raw)
			t.Logf("%s: lost %q", key.Str, lost)
			for _, want := range body.Get(`messages.#.content.#(type=="text")#.text|@flatten`).Array() {
				if !strings.Contains(out, strings.TrimSpace(want.Str)) {
					t.Errorf("%s: %q is not in %s", key.Str, want.Str, out)
				}
			}
			for _, want := range body.Get("tools.#.name").Array() {
				if !strings.Contains(out, want.Raw) && !slices.ContainsFunc(lost, func(p string) bool { return strings.HasPrefix(p, "tools[") }) {
					t.Errorf("%s: tool %s is not in %s", key.Str, want.Raw, out)
				}
			}
			return true
		})
	})
	if seen < 20 {
		t.Errorf("only %d requests were found", seen)
	}
}
