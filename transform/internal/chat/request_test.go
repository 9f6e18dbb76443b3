package chat

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/tidwall/gjson"
)

const provider = "0abcdef"

// rewrite reads a request and writes it for a server of the flavor.
func rewrite(t testing.TB, flavor, body string) (string, []string) {
	t.Helper()
	var lost []string
	lose := func(field, why string) {
		if why == "" {
			t.Errorf("loss of %s has no reason", field)
		}
		lost = append(lost, field)
	}
	r, err := ReadRequest([]byte(body), lose)
	if err != nil {
		t.Fatalf("reading %s: %v", body, err)
	}
	r.Target = conv.Target{Provider: provider, Flavor: flavor}
	out, err := WriteRequest(nil, r, lose)
	if err != nil {
		t.Fatalf("writing: %v", err)
	}
	if !gjson.ValidBytes(out) {
		t.Fatalf("not valid JSON: %s", out)
	}
	return string(out), lost
}

type requestCase struct {
	name   string
	flavor string
	model  string
	in     string // members beside the model
	want   string // the same unless it is given
	lost   string // paths, parted by spaces
}

func runRequests(t *testing.T, cases []requestCase) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if c.model == "" {
				c.model = "m"
			}
			if c.want == "" {
				c.want = c.in
			}
			head := `{"model":"` + c.model + `",`
			got, lost := rewrite(t, c.flavor, head+c.in+"}")
			if want := head + c.want + "}"; got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			if want := strings.Fields(c.lost); !slices.Equal(lost, want) {
				t.Errorf("lost %q, want %q", lost, want)
			}
		})
	}
}

const (
	hi       = `"messages":[{"role":"user","content":"hi"}]`
	tool     = `"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}}}]`
	called   = `{"role":"user","content":"hi"},{"role":"assistant","content":null`
	callOfF  = `"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]}`
	resultC1 = `,{"role":"tool","tool_call_id":"c1","content":"r"}`
)

func TestSystemAndRoles(t *testing.T) {
	runRequests(t, []requestCase{
		{
			name: "leading system and developer texts are one message",
			in:   `"messages":[{"role":"system","content":"a"},{"role":"developer","content":[{"type":"text","text":"b"}]},{"role":"user","content":"hi"}]`,
			want: `"messages":[{"role":"system","content":"a\nb"},{"role":"user","content":"hi"}]`,
		},
		{name: "system amid the conversation stays there", in: `"messages":[{"role":"user","content":"a"},{"role":"system","content":"s"},{"role":"user","content":"b"}]`},
		{
			name: "names and cache breakpoints are lost",
			in:   `"messages":[{"role":"user","name":"bob","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral"}}]}]`,
			want: `"messages":[{"role":"user","content":"a"}]`,
			lost: "messages[0].name messages[0].content[0].cache_control",
		},
		{
			name: "empty texts are left out, an empty message stays",
			in:   `"messages":[{"role":"user","content":[{"type":"text","text":""},{"type":"text","text":"a"}]},{"role":"assistant","content":""},{"role":"user","content":""}]`,
			want: `"messages":[{"role":"user","content":"a"},{"role":"assistant","content":""},{"role":"user","content":""}]`,
		},
	})
}

func TestLimitByItsRightName(t *testing.T) {
	for _, c := range []struct{ flavor, model, want string }{
		{"openai", "gpt-4o", "max_completion_tokens"},
		{"openai", "gpt-5-mini", "max_completion_tokens"},
		{"", "o3", "max_completion_tokens"},
		{"openai", "ft:gpt-4.1:org::x", "max_completion_tokens"},
		{"openai", "gpt-4-turbo", "max_tokens"},
		{"openai", "gpt-3.5-turbo", "max_tokens"},
		{"openai", "some-model", "max_tokens"},
		{"azure", "my-deployment", "max_completion_tokens"},
		{"azure", "gpt-35-turbo", "max_tokens"},
		{"zhipu", "glm-4.6", "max_tokens"},
		{"custom", "gpt-5", "max_tokens"},
		{"custom", "deepseek-chat", "max_tokens"},
	} {
		for _, sent := range []string{"max_tokens", "max_completion_tokens"} {
			out, lost := rewrite(t, c.flavor, `{"model":"`+c.model+`",`+hi+`,"`+sent+`":9}`)
			if got := gjson.Get(out, c.want).Int(); got != 9 || strings.Count(out, "_tokens") != 1 || lost != nil {
				t.Errorf("%s %s, %s: %s, lost %v", c.flavor, c.model, sent, out, lost)
			}
		}
	}
	out, _ := rewrite(t, "custom", `{"model":"m",`+hi+`,"max_tokens":8,"max_completion_tokens":9}`)
	if got := gjson.Get(out, "max_tokens").Int(); got != 9 {
		t.Errorf("the newer limit does not win: %s", out)
	}
}

func TestSettingsByServer(t *testing.T) {
	all := `,"temperature":0.5,"top_p":0.9,"stop":["a","b"],"user":"somebody","seed":7,"frequency_penalty":0.1,"presence_penalty":0.2,"logit_bias":{"1":2},"logprobs":true,"top_logprobs":3,` +
		`"verbosity":"low","metadata":{"k":"v"},"store":true,"service_tier":"flex","prompt_cache_key":"p","prompt_cache_retention":"24h","safety_identifier":"s"`
	rest := `"seed":7,"frequency_penalty":0.1,"presence_penalty":0.2,"logit_bias":{"1":2},"logprobs":true,"top_logprobs":3,`
	stored := `"metadata":{"k":"v"},"store":true,"service_tier":"flex","prompt_cache_key":"p","prompt_cache_retention":"24h","safety_identifier":"s"`
	runRequests(t, []requestCase{
		{
			name: "OpenAI", flavor: "openai", model: "gpt-4o", in: hi + all,
			want: hi + `,"temperature":0.5,"top_p":0.9,"stop":["a","b"],"user":"somebody",` + rest + stored,
			lost: "verbosity",
		},
		{
			name: "a model that reasons rejects what steers sampling", flavor: "openai", model: "gpt-5", in: hi + all,
			want: hi + `,"user":"somebody","seed":7,"verbosity":"low",` + stored,
			lost: "temperature top_p stop frequency_penalty presence_penalty logit_bias logprobs top_logprobs",
		},
		{
			name: "what such a model does anyhow is no loss", flavor: "azure", model: "o3", in: hi + `,"temperature":1,"top_p":1.0`,
			want: hi,
		},
		{
			name: "a model that does not reason on demand takes them", flavor: "openai", model: "gpt-5.1",
			in:   hi + `,"temperature":0.5,"logprobs":true,"reasoning_effort":"none"`,
			want: hi + `,"temperature":0.5,"reasoning_effort":"none","logprobs":true`,
		},
		{
			name: "a compatible server gets what all of them know", flavor: "custom", in: hi + all,
			want: hi + `,"temperature":0.5,"top_p":0.9,"stop":["a","b"],"user":"somebody","seed":7,"frequency_penalty":0.1,"presence_penalty":0.2`,
			lost: "logit_bias logprobs top_logprobs verbosity metadata store service_tier prompt_cache_key prompt_cache_retention safety_identifier",
		},
		{
			name: "Kimi fixes what steers sampling", flavor: "custom", model: "kimi-k2.6", in: hi + `,"temperature":0.5,"frequency_penalty":1,"seed":7`,
			want: hi + `,"seed":7`,
			lost: "temperature frequency_penalty",
		},
		{
			name: "xAI's models that reason take no penalties and no stop sequences", flavor: "custom", model: "grok-4", in: hi + `,"temperature":0.5,"stop":"a","presence_penalty":1,"seed":7`,
			want: hi + `,"temperature":0.5,"seed":7`,
			lost: "stop presence_penalty",
		},
		{
			name: "those that do not take them", flavor: "custom", model: "grok-4-fast-non-reasoning", in: hi + `,"stop":["a"],"presence_penalty":1`,
		},
		{
			name: "Mistral rejects what it does not know", flavor: "custom", model: "mistral-large-latest", in: hi + `,"seed":7,"user":"u","reasoning_effort":"low","stream":true`,
			want: hi + `,"random_seed":7,"stream":true`,
			lost: "user reasoning_effort",
		},
		{
			name: "Zhipu", flavor: "zhipu", model: "glm-4.6", in: hi + all,
			want: hi + `,"temperature":0.5,"top_p":0.9,"stop":["a"],"user_id":"somebody"`,
			lost: "stop seed frequency_penalty presence_penalty logit_bias logprobs top_logprobs verbosity metadata store service_tier prompt_cache_key prompt_cache_retention safety_identifier",
		},
		{
			name: "Zhipu's ranges", flavor: "zhipu", model: "glm-4.6", in: hi + `,"temperature":1.5,"top_p":0`,
			want: hi + `,"temperature":1,"top_p":0.01`,
			lost: "temperature top_p",
		},
		{
			name: "no randomness at Zhipu is a switch", flavor: "zhipu", model: "glm-4.6", in: hi + `,"temperature":0`,
			want: hi + `,"do_sample":false`,
		},
		{
			name: "labels go only with a stored answer", flavor: "openai", model: "gpt-4o", in: hi + `,"metadata":{"k":"v"}`,
			want: hi, lost: "metadata",
		},
		{
			name: "four stop sequences, no top_k", in: hi + `,"stop":["a","b","c","d","e"],"top_k":5`,
			want: hi + `,"stop":["a","b","c","d"]`, lost: "stop top_k",
		},
		{name: "one stop sequence", in: hi + `,"stop":"x"`, want: hi + `,"stop":["x"]`},
		{
			name: "usual values ask for nothing", flavor: "custom",
			in: hi + `,"n":1,"presence_penalty":0,"frequency_penalty":0.0,"response_format":{"type":"text"},"logprobs":false,"logit_bias":{},"store":false,"metadata":{},"service_tier":"auto",` +
				`"modalities":["text"],"seed":null,"verbosity":"medium","parallel_tool_calls":true,"repetition_penalty":1,"top_logprobs":0,"reasoning_effort":"default","stream":false`,
			want: hi,
		},
		{
			name: "what no other protocol has", in: hi + `,"modalities":["text","audio"],"audio":{"voice":"v"},"prediction":{},"web_search_options":{},"new_thing":1`,
			want: hi, lost: "modalities audio prediction web_search_options new_thing",
		},
		{
			name: "a stream is always asked for its usage", in: hi + `,"stream":true,"stream_options":{"include_obfuscation":false}`,
			want: hi + `,"stream":true,"stream_options":{"include_usage":true}`,
		},
		{name: "who only names the end user safely", in: hi + `,"safety_identifier":"s"`, want: hi + `,"user":"s"`},
	})
}

func TestLongUserIsHashed(t *testing.T) {
	long := strings.Repeat("ü", 65)
	for flavor, path := range map[string]string{"openai": "user", "custom": "user", "zhipu": "user_id"} {
		user := long
		if flavor == "zhipu" {
			user = "ü"
		}
		out, lost := rewrite(t, flavor, `{"model":"m",`+hi+`,"user":"`+user+`"}`)
		again, _ := rewrite(t, flavor, `{"model":"m",`+hi+`,"user":"`+user+`"}`)
		other, _ := rewrite(t, flavor, `{"model":"m",`+hi+`,"user":"`+strings.Repeat("u", 129)+`"}`)
		if got := gjson.Get(out, path).Str; len(got) != 64 || out != again || out == other || lost != nil {
			t.Errorf("%s: %s, lost %v", flavor, out, lost)
		}
	}
}

func TestReasoningIsAskedForInTheServersWay(t *testing.T) {
	on, off := `"thinking":{"type":"enabled"}`, `"thinking":{"type":"disabled"}`
	for _, c := range []struct{ flavor, model, in, want, lost string }{
		{"openai", "gpt-5", `"reasoning_effort":"low"`, `"reasoning_effort":"low"`, ""},
		{"openai", "gpt-5", `"reasoning":{"effort":"xhigh"}`, `"reasoning_effort":"high"`, "reasoning"},
		{"openai", "gpt-5", `"reasoning":{"max_tokens":5000,"exclude":true}`, `"reasoning_effort":"medium"`, ""},
		{"openai", "gpt-5", `"reasoning":{"enabled":false}`, `"reasoning_effort":"minimal"`, "reasoning"},
		{"openai", "gpt-5.1", off, `"reasoning_effort":"none"`, ""},
		{"openai", "gpt-4o", `"reasoning_effort":"high"`, ``, "reasoning_effort"},
		{"openai", "gpt-4o", `"reasoning_effort":"none"`, ``, ""},
		{"azure", "my-deployment", on, ``, "thinking"},
		{"custom", "qwen3", `"enable_thinking":false`, `"reasoning_effort":"none"`, ""},
		{"custom", "qwen3", `"enable_thinking":true,"thinking_budget":500`, `"reasoning_effort":"low"`, ""},
		{"custom", "qwen3", `"enable_thinking":true`, ``, ""},
		{"custom", "openai/gpt-5", `"reasoning_effort":"minimal"`, `"reasoning_effort":"minimal"`, ""},
		{"custom", "llama-3.3-70b", `"reasoning_effort":"high"`, ``, "reasoning_effort"},
		{"custom", "grok-4", `"reasoning_effort":"high"`, ``, "reasoning_effort"},
		{"custom", "grok-4.3", `"reasoning_effort":"high"`, `"reasoning_effort":"high"`, ""},
		{"custom", "deepseek-v4-pro", `"reasoning_effort":"medium"`, on + `,"reasoning_effort":"low"`, "reasoning_effort"},
		{"custom", "deepseek-v4-pro", `"reasoning_effort":"none"`, off, ""},
		{"custom", "deepseek/deepseek-v4", `"reasoning_effort":"none"`, `"reasoning_effort":"none"`, ""},
		{"custom", "kimi-k2.6", off, off, ""},
		{"custom", "kimi-k2.6", `"reasoning_effort":"high"`, on, "reasoning_effort"},
		{"custom", "kimi-k3", `"reasoning_effort":"max"`, `"reasoning_effort":"max"`, ""},
		{"custom", "kimi-k3", off, `"reasoning_effort":"low"`, "thinking"},
		{"zhipu", "glm-4.7", on, on, ""},
		{"zhipu", "glm-4.7", off, off, ""},
		{"zhipu", "glm-4.6v", `"reasoning_effort":"high"`, on, "reasoning_effort"},
		{"zhipu", "glm-4.7", `"reasoning":{"max_tokens":2000}`, on, ""},
		{"zhipu", "glm-4-plus", on, ``, "thinking"},
		{"zhipu", "glm-4-plus", off, ``, ""},
		{"zhipu", "glm-5.3", off, `"reasoning_effort":"low"`, "thinking"},
		{"zhipu", "glm-5.3", `"reasoning_effort":"medium"`, on + `,"reasoning_effort":"low"`, "reasoning_effort"},
		{"zhipu", "glm-5.2-air", `"reasoning_effort":"max"`, on + `,"reasoning_effort":"max"`, ""},
		{"zhipu", "glm-5.3", `"thinking":{"type":"enabled"},"reasoning_effort":"high"`, on + `,"reasoning_effort":"high"`, ""},
		{"custom", "deepseek-v4-pro", `"thinking":{"type":"disabled"},"reasoning_effort":"high"`, off, ""},
	} {
		want := hi
		if c.want != "" {
			want += "," + c.want
		}
		runRequests(t, []requestCase{{
			name: c.flavor + " " + c.model + " " + c.in, flavor: c.flavor, model: c.model, in: hi + "," + c.in, want: want, lost: c.lost,
		}})
	}
}

func TestFormatOfTheAnswer(t *testing.T) {
	schema := `{"type":"object","properties":{"a":{"type":"number"}}}`
	wish := `,"response_format":{"type":"json_schema","json_schema":{"name":"n","description":"d","schema":` + schema + `,"strict":true}}`
	object := `,"response_format":{"type":"json_object"}`
	json := `"messages":[{"role":"user","content":"as json"}]`
	f := conv.Format{Kind: conv.FormatSchema, Schema: schema}
	told := func(f conv.Format, user string) string {
		return `"messages":[{"role":"system","content":` + string(f.Instruction()) + `},{"role":"user","content":"` + user + `"}]`
	}
	runRequests(t, []requestCase{
		{name: "a schema", flavor: "openai", model: "gpt-4o", in: hi + wish},
		{name: "a schema for a compatible server", flavor: "custom", in: hi + wish},
		{
			name: "a schema must have a name", flavor: "openai", model: "gpt-4o",
			in:   hi + `,"response_format":{"type":"json_schema","json_schema":{"schema":{"type":"object"}}}`,
			want: hi + `,"response_format":{"type":"json_schema","json_schema":{"name":"answer","schema":{"type":"object"}}}`,
		},
		{name: "Zhipu takes no schema", flavor: "zhipu", model: "glm-4.6", in: hi + wish, want: told(f, "hi") + object, lost: "response_format"},
		{name: "DeepSeek takes no schema", flavor: "custom", model: "deepseek-chat", in: hi + wish, want: told(f, "hi") + object, lost: "response_format"},
		{name: "others with DeepSeek's models do", flavor: "custom", model: "deepseek/deepseek-chat", in: hi + wish},
		{name: "old models take no schema", flavor: "openai", model: "gpt-4-turbo", in: hi + wish, want: told(f, "hi") + object, lost: "response_format"},
		{name: "JSON that is spoken of", in: json + object},
		{name: "JSON that is not spoken of", in: hi + object, want: told(conv.Format{Kind: conv.FormatJSON}, "hi") + object},
		{name: "a schema that is missing", in: json + `,"response_format":{"type":"json_schema","json_schema":{"name":"n"}}`, want: json + object},
	})
}

func TestTools(t *testing.T) {
	runRequests(t, []requestCase{
		{
			name: "fields of a tool",
			in:   hi + `,"tools":[{"type":"function","function":{"name":"a","description":"d","parameters":{"type":"object","properties":{}},"strict":true}},{"function":{"name":"b"}}],"tool_choice":"auto","parallel_tool_calls":false`,
			want: hi + `,"tools":[{"type":"function","function":{"name":"a","description":"d","parameters":{"type":"object","properties":{}},"strict":true}},{"type":"function","function":{"name":"b","parameters":{"type":"object","properties":{}}}}],"tool_choice":"auto","parallel_tool_calls":false`,
		},
		{
			name: "a tool that takes text becomes a function",
			in:   hi + `,"tools":[{"type":"custom","custom":{"name":"sh","description":"d","format":{"type":"grammar"}}}],"tool_choice":{"type":"custom","custom":{"name":"sh"}}`,
			want: hi + `,"tools":[{"type":"function","function":{"name":"sh","description":"d","parameters":` + conv.FreeformSchema + `}}],"tool_choice":{"type":"function","function":{"name":"sh"}}`,
			lost: "tools[0].custom.format",
		},
		{
			name: "tools of a server, cache breakpoints",
			in:   hi + `,"tools":[{"type":"web_search"},{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}},"cache_control":{}}]`,
			want: hi + "," + tool,
			lost: "tools[0] tools[1].cache_control",
		},
		{
			name: "functions, the older form",
			in:   hi + `,"functions":[{"name":"f","parameters":{"type":"object","properties":{}}}],"function_call":{"name":"f"}`,
			want: hi + "," + tool + `,"tool_choice":{"type":"function","function":{"name":"f"}}`,
		},
		{name: "the word of another protocol for required", in: hi + "," + tool + `,"tool_choice":"any"`, want: hi + "," + tool + `,"tool_choice":"required"`},
		{
			name: "a choice of some tools leaves the others out",
			in:   hi + `,"tools":[{"type":"function","function":{"name":"e","parameters":{"type":"object","properties":{}}}},{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}}}}],"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"f"}},{"type":"mcp"}]}}`,
			want: hi + "," + tool + `,"tool_choice":"required"`,
			lost: "tool_choice.allowed_tools.tools[1]",
		},
		{name: "a choice of another kind", in: hi + "," + tool + `,"tool_choice":{"type":"x"}`, want: hi + "," + tool, lost: "tool_choice"},
		{name: "a choice without tools", in: hi + `,"tool_choice":"required"`, want: hi, lost: "tool_choice"},
		{
			name: "Zhipu takes no choice, no strictness, no limit of calls", flavor: "zhipu",
			in:   hi + `,"tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":{}},"strict":true}}],"tool_choice":"required","parallel_tool_calls":false`,
			want: hi + "," + tool + `,"tool_choice":"auto"`,
			lost: "tools tool_choice parallel_tool_calls",
		},
		{name: "without tools Zhipu calls none", flavor: "zhipu", in: hi + "," + tool + `,"tool_choice":"none"`, want: hi},
		{
			name: "DeepSeek's model is not forced to call while it reasons", flavor: "custom", model: "deepseek-chat",
			in: hi + "," + tool + `,"tool_choice":"required"`, want: hi + "," + tool + `,"tool_choice":"auto"`, lost: "tool_choice",
		},
		{
			name: "it is when it does not", flavor: "custom", model: "deepseek-chat",
			in:   hi + "," + tool + `,"tool_choice":"required","thinking":{"type":"disabled"}`,
			want: hi + "," + tool + `,"tool_choice":"required","thinking":{"type":"disabled"}`,
		},
		{name: "one call at a time is no setting of o3", model: "o3", in: hi + "," + tool + `,"parallel_tool_calls":false`, want: hi + "," + tool, lost: "parallel_tool_calls"},
	})
}

func TestImagesAndDocuments(t *testing.T) {
	user := func(parts string) string { return `"messages":[{"role":"user","content":[` + parts + `]}]` }
	pdf := `{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,QUJD"}}`
	text := `{"type":"text","text":"t"}`
	runRequests(t, []requestCase{
		{
			name: "images as data and as links",
			in:   user(`{"type":"image_url","image_url":{"url":"data:image\/png;base64,QUJD"}},{"type":"image_url","image_url":{"url":"https://x/y.png","detail":"high"}}`),
			want: user(`{"type":"image_url","image_url":{"url":"data:image\/png;base64,QUJD"}},{"type":"image_url","image_url":{"url":"https://x/y.png"}}`),
			lost: "messages[0].content[1].image_url.detail",
		},
		{name: "a document", flavor: "openai", in: user(pdf + "," + text)},
		{name: "a document for a compatible server", flavor: "custom", in: user(pdf + "," + text)},
		{name: "Zhipu takes no documents", flavor: "zhipu", in: user(pdf + "," + text), want: `"messages":[{"role":"user","content":"t"}]`, lost: "messages[0]"},
		{
			name: "a document without a name, one that is text, an image in a file",
			in:   user(`{"type":"file","file":{"file_data":"data:application/pdf;base64,QUJD"}},{"type":"file","file":{"filename":"n.txt","file_data":"data:text/plain;base64,aGkK"}},{"type":"file","file":{"file_data":"data:image/png;base64,QUJD"}}`),
			want: user(`{"type":"file","file":{"filename":"document.pdf","file_data":"data:application/pdf;base64,QUJD"}},{"type":"text","text":"n.txt\nhi\n"},{"type":"image_url","image_url":{"url":"data:image/png;base64,QUJD"}}`),
		},
		{name: "a stored file", flavor: "openai", in: user(`{"type":"file","file":{"file_id":"file-1"}},` + text)},
		{name: "a file stored elsewhere", flavor: "custom", in: user(`{"type":"file","file":{"file_id":"file-1"}},` + text), want: `"messages":[{"role":"user","content":"t"}]`, lost: "messages[0]"},
		{name: "a link to a document", in: user(`{"type":"file","file":{"file_data":"https://x/a.pdf"}},` + text), want: `"messages":[{"role":"user","content":"t"}]`, lost: "messages[0]"},
		{
			name: "what is not translated",
			in:   user(`{"type":"input_audio","input_audio":{"data":"QUJD","format":"wav"}},{"type":"video_url","video_url":{}},{"type":"image_url","image_url":{"url":"data:image/svg+xml,<svg>"}},` + text),
			want: `"messages":[{"role":"user","content":"t"}]`,
			lost: "messages[0].content[0] messages[0].content[1] messages[0].content[2].image_url.url",
		},
	})
}

func TestCallsAndResults(t *testing.T) {
	long := strings.Repeat("x", 41)
	short := conv.NameRule{Max: 40}.Fit(long)
	withID := func(id string) string {
		return `"messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"` + id + `","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"` + id + `","content":"r"}]`
	}
	runRequests(t, []requestCase{
		{
			name: "arguments keep their order and their numbers, none are an empty object",
			in:   `"messages":[{"role":"assistant","content":"ok","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"b\":1.10,\"a\":12345678901234567890}"}},{"id":"c2","type":"function","function":{"name":"g","arguments":""}}]}` + resultC1 + `,{"role":"tool","tool_call_id":"c2","content":""}]`,
			want: `"messages":[{"role":"assistant","content":"ok","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{\"b\":1.10,\"a\":12345678901234567890}"}},{"id":"c2","type":"function","function":{"name":"g","arguments":"{}"}}]}` + resultC1 + `,{"role":"tool","tool_call_id":"c2","content":""}]`,
		},
		{
			name: "images and documents among results follow in a message of the user's",
			in:   `"messages":[` + called + `,` + callOfF + `,{"role":"tool","tool_call_id":"c1","content":[{"type":"text","text":"r"},{"type":"image_url","image_url":{"url":"u"}},{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,QUJD"}}]}]`,
			want: `"messages":[` + called + `,` + callOfF + `,{"role":"tool","tool_call_id":"c1","content":"r\n[image: see the next user message]\n[document: see the next user message]"},{"role":"user","content":[{"type":"image_url","image_url":{"url":"u"}},{"type":"file","file":{"filename":"a.pdf","file_data":"data:application/pdf;base64,QUJD"}}]}]`,
		},
		{name: "a failed call stays one", in: `"messages":[` + called + `,` + callOfF + `,{"role":"tool","tool_call_id":"c1","content":"[tool_error] bad"}]`},
		{
			name: "a result without its call becomes text",
			in:   `"messages":[{"role":"tool","tool_call_id":"c9","content":"r"},{"role":"user","content":"hi"}]`,
			want: `"messages":[{"role":"user","content":[{"type":"text","text":"[tool_result c9]"},{"type":"text","text":"r"}]},{"role":"user","content":"hi"}]`,
			lost: "messages[0]",
		},
		{
			name: "a call without its result is given one",
			in:   `"messages":[` + called + `,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"c2","type":"function","function":{"name":"f","arguments":"{}"}}]}` + resultC1 + `,{"role":"user","content":"on"}]`,
			want: `"messages":[` + called + `,"tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"c2","type":"function","function":{"name":"f","arguments":"{}"}}]}` + resultC1 + `,{"role":"tool","tool_call_id":"c2","content":"[tool_error] no result of this call is known"},{"role":"user","content":"on"}]`,
			lost: "messages[1]",
		},
		{
			name: "also at the very end",
			in:   `"messages":[` + called + `,` + callOfF + `]`,
			want: `"messages":[` + called + `,` + callOfF + `,{"role":"tool","tool_call_id":"c1","content":"[tool_error] no result of this call is known"}]`,
			lost: "messages[1]",
		},
		{
			name: "results go before the user's text",
			in:   `"messages":[` + called + `,` + callOfF + `,{"role":"user","content":"t"}` + resultC1 + `]`,
			want: `"messages":[` + called + `,` + callOfF + resultC1 + `,{"role":"user","content":"t"}]`,
		},
		{name: "long ids are cut alike", flavor: "openai", in: withID(long), want: withID(short)},
		{name: "ids of nine letters and digits are Mistral's own", flavor: "custom", model: "codestral-2508", in: withID("aB3456789")},
		{name: "others are replaced there", flavor: "custom", model: "codestral-2508", in: withID("call_1"), want: withID("pzjw2jx61")},
		{name: "long ids are kept by others", flavor: "custom", in: withID(long)},
		{
			name: "a call of a tool that takes text",
			in:   `"messages":[` + called + `,"tool_calls":[{"id":"c1","type":"custom","custom":{"name":"sh","input":"ls \"a\""}}]}` + resultC1 + `]`,
			want: `"messages":[` + called + `,"tool_calls":[{"id":"c1","type":"function","function":{"name":"sh","arguments":"{\"input\":\"ls \\\"a\\\"\"}"}}]}` + resultC1 + `]`,
		},
		{
			name: "calls in the older form",
			in:   `"messages":[{"role":"assistant","function_call":{"name":"f","arguments":"{}"}},{"role":"function","name":"f","content":"r"}]`,
			want: `"messages":[{"role":"assistant","content":null,"tool_calls":[{"id":"call_function_0","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"call_function_0","content":"r"}]`,
		},
		{
			name: "calls of another kind",
			in:   `"messages":[{"role":"assistant","content":"a","tool_calls":[{"id":"c1","type":"mcp"}]}]`,
			want: `"messages":[{"role":"assistant","content":"a"}]`,
			lost: "messages[0].tool_calls[0]",
		},
		{
			name: "neighbouring answers are one",
			in:   `"messages":[{"role":"assistant","content":"a"},{"role":"assistant","content":"b",` + callOfF + resultC1 + `]`,
			want: `"messages":[{"role":"assistant","content":"ab",` + callOfF + resultC1 + `]`,
		},
	})
}

func TestRefusalsInTheHistory(t *testing.T) {
	runRequests(t, []requestCase{
		{
			name: "of the message and of its content", flavor: "openai",
			in:   `"messages":[{"role":"assistant","content":[{"type":"refusal","refusal":"a"}]},{"role":"user","content":"x"},{"role":"assistant","content":null,"refusal":"b"}]`,
			want: `"messages":[{"role":"assistant","content":"","refusal":"a"},{"role":"user","content":"x"},{"role":"assistant","content":"","refusal":"b"}]`,
		},
		{
			name: "are text for servers without them", flavor: "custom",
			in:   `"messages":[{"role":"assistant","content":null,"refusal":"b"}]`,
			want: `"messages":[{"role":"assistant","content":"b"}]`,
		},
	})
}

func TestReasoningGoesBackWhereItIsDemanded(t *testing.T) {
	with := func(member string) string { return `"messages":[` + called + member + `,` + callOfF + resultC1 + `]` }
	without := with("")
	runRequests(t, []requestCase{
		{name: "Zhipu", flavor: "zhipu", in: with(`,"reasoning_content":"hm"`)},
		{name: "a compatible server", flavor: "custom", in: with(`,"reasoning":"hm"`), want: with(`,"reasoning_content":"hm"`)},
		{name: "not OpenAI", flavor: "openai", in: with(`,"reasoning_content":"hm"`), want: without, lost: "messages[1]"},
		{name: "not Azure", flavor: "azure", in: with(`,"reasoning_content":"hm"`), want: without, lost: "messages[1]"},
		{
			name: "only with calls", flavor: "custom", in: `"messages":[{"role":"assistant","content":"a","reasoning_content":"hm"}]`,
			want: `"messages":[{"role":"assistant","content":"a"}]`, lost: "messages[0]",
		},
		{name: "not Groq, which rejects it", flavor: "custom", model: "openai/gpt-oss-120b", in: with(`,"reasoning":"hm"`), want: without, lost: "messages[1]"},
		{name: "Kimi rejects a call without any", flavor: "custom", model: "kimi-k2.6", in: without, want: with(`,"reasoning_content":" "`)},
		{name: "foreign details are text", flavor: "custom", in: with(`,"reasoning_details":[{"type":"reasoning.text","text":"h","signature":"sig"},{"type":"reasoning.summary","summary":"m"},{"type":"reasoning.encrypted","data":"xx"}]`), want: with(`,"reasoning_content":"hm"`)},
	})
}

func TestOnlyOneAnswerCanBeHad(t *testing.T) {
	_, err := ReadRequest([]byte(`{"model":"m",`+hi+`,"n":2}`), func(string, string) {})
	fe, ok := errors.AsType[*conv.FieldError](err)
	if !ok || fe.Field != "n" {
		t.Errorf("two answers were asked for: %v", err)
	}
}

func TestBadRequestsNameTheField(t *testing.T) {
	for body, field := range map[string]string{
		`[]`:                             "",
		`{"model":"m"}`:                  "messages",
		`{` + hi + `}`:                   "model",
		`{"model":1}`:                    "model",
		`{"messages":{}}`:                "messages",
		`{"messages":[1]}`:               "messages[0]",
		`{"messages":[{"role":"x"}]}`:    "messages[0].role",
		`{"messages":[{"role":"user"}]}`: "messages[0].content",
		`{"messages":[{"role":"user","content":1}]}`:                                                           "messages[0].content",
		`{"messages":[{"role":"user","content":[{}]}]}`:                                                        "messages[0].content[0].type",
		`{"messages":[{"role":"user","content":[{"type":"image_url"}]}]}`:                                      "messages[0].content[0].image_url.url",
		`{"messages":[{"role":"user","content":[{"type":"file","file":{}}]}]}`:                                 "messages[0].content[0].file",
		`{"messages":[{"role":"tool","content":"x"}]}`:                                                         "messages[0].tool_call_id",
		`{"messages":[{"role":"assistant","tool_calls":[{}]}]}`:                                                "messages[0].tool_calls[0].id",
		`{"messages":[{"role":"assistant","tool_calls":[{"id":"x","function":{}}]}]}`:                          "messages[0].tool_calls[0].function.name",
		`{"messages":[{"role":"assistant","tool_calls":[{"id":"x","function":{"name":"f","arguments":{}}}]}]}`: "messages[0].tool_calls[0].function.arguments",
		`{"messages":[{"role":"assistant","tool_calls":[{"id":"x","type":"custom","custom":{}}]}]}`:            "messages[0].tool_calls[0].custom.name",
		`{"tools":[{"type":"function","function":{}}]}`:                                                        "tools[0].function.name",
		`{"tools":[1]}`:                              "tools[0]",
		`{"tool_choice":"x"}`:                        "tool_choice",
		`{"tool_choice":{"type":"function"}}`:        "tool_choice.function.name",
		`{"temperature":"1"}`:                        "temperature",
		`{"max_tokens":1.5}`:                         "max_tokens",
		`{"stop":[1]}`:                               "stop[0]",
		`{"seed":"x"}`:                               "seed",
		`{"logit_bias":[]}`:                          "logit_bias",
		`{"reasoning_effort":"ultra"}`:               "reasoning_effort",
		`{"reasoning":{"effort":1}}`:                 "reasoning.effort",
		`{"thinking":{"type":"x"}}`:                  "thinking.type",
		`{"response_format":{"type":"x"}}`:           "response_format.type",
		`{"response_format":{"type":"json_schema"}}`: "response_format.json_schema",
		`{"stream_options":{"include_usage":1}}`:     "stream_options.include_usage",
		`{"tool_choice":{"type":"allowed_tools","allowed_tools":{"mode":"x"}}}`: "tool_choice.allowed_tools.mode",
	} {
		_, err := ReadRequest([]byte(body), func(string, string) {})
		fe, ok := errors.AsType[*conv.FieldError](err)
		if !ok || fe.Field != field {
			t.Errorf("%s: %v, want a problem of %q", body, err, field)
		}
	}
}

func TestHousesAreToldByTheNamesOfModels(t *testing.T) {
	for model, want := range map[string]string{
		"deepseek-chat": deepSeek, "deepseek-v4-pro": deepSeek, "deepseek/deepseek-chat": "", "deepseek-r1:8b": "", "deepseek-r1-distill-llama-70b": "",
		"kimi-k2.6": kimi, "moonshotai/kimi-k2.6": "", "kimi-k2:cloud": "",
		"mistral-small-2506": mistral, "codestral-latest": mistral, "mistral-small": "", "mistralai/mistral-small-2506": "", "qwen3-2507": "",
	} {
		if got := houseOf(model); got != want {
			t.Errorf("%s: %q, want %q", model, got, want)
		}
	}
}
