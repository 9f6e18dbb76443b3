package responses

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform/internal/conv"
)

func read(t *testing.T, members string) (*conv.Request, *losses) {
	t.Helper()
	l := &losses{t: t}
	r, err := ReadRequest([]byte(`{"model":"m",`+members+`}`), l.lose)
	if err != nil {
		t.Fatalf("%s: %v", members, err)
	}
	return r, l
}

func TestReadInput(t *testing.T) {
	thinking := conv.State{Kind: conv.Signature, Value: `"sig"`}
	token := string(thinking.Token("0abcdef"))
	thought := conv.State{Kind: conv.Thought, Value: `"th"`}
	withThought := string(conv.WithState(`"c1"`, &thought, "0abcdef"))
	for _, c := range []struct{ name, in, want, lost string }{
		{name: "a string", in: `"hi"`, want: "0 user: hi"},
		{name: "messages without a type", in: `[{"role":"user","content":"hi"},{"role":"assistant","content":"yes"},{"role":"user","content":"so"}]`, want: "0 user: hi | 1 assistant: yes | 2 user: so"},
		{name: "parts", in: `[{"type":"message","role":"user","content":[{"type":"input_text","text":"a"},{"type":"input_image","image_url":"data:image/png;base64,AA","detail":"auto"},{"type":"input_image","image_url":"http://i"},{"type":"input_image","file_id":"f1"}]}]`, want: "0 user: a image(image/pngAA) image(http://i) image(f1)"},
		{name: "an image's detail is lost", in: `[{"role":"user","content":[{"type":"input_image","image_url":"u","detail":"high"}]}]`, want: "0 user: image(u)", lost: "input[0].content[0].detail"},
		{name: "files", in: `[{"role":"user","content":[{"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;base64,AA"},{"type":"input_file","filename":"b.txt","file_data":"QQ"},{"type":"input_file","file_url":"http://f"},{"type":"input_file","file_id":"f1"}]}]`, want: "0 user: file(a.pdf:application/pdfAA) file(b.txt:text/plainQQ) file(:http://f) file(:f1)"},
		{name: "audio is lost", in: `[{"role":"user","content":[{"type":"input_audio"},{"type":"input_text","text":"a"}]}]`, want: "0 user: a", lost: "input[0].content[0]"},
		{name: "neighbouring items of the assistant are one message", in: `[{"role":"user","content":"q"},{"type":"reasoning","id":"rs","summary":[{"type":"summary_text","text":"r1"},{"type":"summary_text","text":"r2"}]},{"type":"message","id":"m","status":"completed","phase":"commentary","role":"assistant","content":[{"type":"output_text","text":"t","annotations":[],"logprobs":[]}]},{"type":"function_call","id":"fc","status":"completed","call_id":"c1","name":"f","arguments":"{\"b\":1.0,\"a\":2}"},{"type":"function_call","call_id":"c2","name":"g","arguments":""},{"type":"function_call_output","call_id":"c1","output":"o1"},{"type":"function_call_output","call_id":"c2","output":"o2"},{"role":"user","content":"go on"}]`, want: `0 user: q | 1 assistant: reasoning(r1\n\nr2) t call(c1 f {"b":1.0,"a":2}) call(c2 g {}) | 5 user: result(c1 o1) result(c2 o2) | 7 user: go on`},
		{name: "a refusal", in: `[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"refusal","refusal":"no"}]}]`, want: "0 user: q | 1 assistant: refusal(no)"},
		{name: "citations are lost", in: `[{"role":"assistant","content":[{"type":"output_text","text":"t","annotations":[{"type":"url_citation"}]}]}]`, want: "0 assistant: t", lost: "input[0].content[0].annotations"},
		{name: "a tool that takes text", in: `[{"type":"custom_tool_call","id":"x","call_id":"c1","name":"p","input":"a\nb"},{"type":"custom_tool_call_output","call_id":"c1","output":"done"}]`, want: `0 assistant: call(c1 p {"input":"a\nb"}) | 1 user: result(c1 done)`},
		{name: "results with images and files", in: `[{"type":"function_call","call_id":"c1","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c1","output":[{"type":"input_text","text":"see"},{"type":"input_image","image_url":"data:image/png;base64,AA"},{"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;base64,AA"}]}]`, want: "0 assistant: call(c1 f {}) | 1 user: result(c1 see image(image/pngAA) file(a.pdf:application/pdfAA))"},
		{name: "a failed tool is known by its mark", in: `[{"type":"function_call","call_id":"c1","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c1","output":"[tool_error] boom"}]`, want: "0 assistant: call(c1 f {}) | 1 user: result(c1 failed boom)"},
		{name: "an empty result", in: `[{"type":"function_call","call_id":"c1","name":"f","arguments":"{}"},{"type":"function_call_output","call_id":"c1","output":""}]`, want: "0 assistant: call(c1 f {}) | 1 user: result(c1)"},
		{name: "arguments that are no object", in: `[{"type":"function_call","call_id":"c1","name":"f","arguments":"[1"}]`, want: `0 assistant: call(c1 f {"_raw":"[1"})`},
		{name: "another provider's state", in: `[{"type":"reasoning","id":"rs","summary":[{"type":"summary_text","text":"r"}],"encrypted_content":` + token + `},{"role":"assistant","content":"t"}]`, want: "0 assistant: reasoning(r){S 0abcdef sig} t"},
		{name: "a state in a call's id", in: `[{"type":"function_call","call_id":` + withThought + `,"name":"f","arguments":"{}"},{"type":"function_call_output","call_id":` + withThought + `,"output":"o"}]`, want: "0 assistant: call(c1 f {}){T 0abcdef th} | 1 user: result(c1 o)"},
		{name: "a state of the protocol's own is of no use", in: `[{"type":"reasoning","id":"rs","summary":[],"encrypted_content":"gAAA"},{"role":"assistant","content":"t"}]`, want: "1 assistant: t", lost: "input[0]"},
		{name: "its text is", in: `[{"type":"reasoning","id":"rs","summary":[],"content":[{"type":"reasoning_text","text":"r"}],"encrypted_content":"gAAA"}]`, want: "0 assistant: reasoning(r)"},
		{name: "system text amid the conversation", in: `[{"role":"user","content":"a"},{"role":"developer","content":"d"}]`, want: "0 user: a | 1 system: d"},
		{name: "items of a server's tools are lost", in: `[{"role":"user","content":"a"},{"type":"web_search_call","id":"ws"},{"type":"local_shell_call","call_id":"c"},{"type":"mcp_call"},{"type":"apply_patch_call"}]`, want: "0 user: a", lost: "input[1] input[2] input[3] input[4]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, l := read(t, `"input":`+c.in)
			if got := show(r.Messages); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			l.want(c.lost)
		})
	}
}

func TestReadSystemText(t *testing.T) {
	r, l := read(t, `"input":[{"role":"system","content":"b"},{"role":"developer","content":[{"type":"input_text","text":"c"}]},{"role":"user","content":"q"}],"instructions":"a"`)
	if got := showParts(r.System) + " | " + show(r.Messages); got != " a b c | 2 user: q" {
		t.Error(got)
	}
	l.want("")
}

func TestReadSettings(t *testing.T) {
	r, l := read(t, `"input":"q","max_output_tokens":100,"temperature":0.5,"top_p":1,"stream":true,"parallel_tool_calls":false,
		"reasoning":{"effort":"low","summary":"auto"},"text":{"format":{"type":"json_schema","name":"n","description":"d","schema":{"type":"object"},"strict":true},"verbosity":"low"},
		"include":["reasoning.encrypted_content"],"store":false,"truncation":"disabled","service_tier":"auto","background":false,"metadata":{},"user":"u","stream_options":{"include_obfuscation":false}`)
	if r.MaxTokens != "100" || r.Temperature != "0.5" || r.TopP != "1" || !r.Stream || !r.NoParallel || r.User != `"u"` {
		t.Errorf("%+v", r)
	}
	if r.Thinking != (conv.Thinking{Mode: conv.ThinkingOn, Effort: conv.EffortLow, Show: true}) {
		t.Errorf("thinking %+v", r.Thinking)
	}
	if r.Format != (conv.Format{Kind: conv.FormatSchema, Name: `"n"`, Description: `"d"`, Schema: `{"type":"object"}`, Strict: "true"}) {
		t.Errorf("format %+v", r.Format)
	}
	if len(r.Settings) != 1 || r.Settings[0].Key != conv.Verbosity || r.Settings[0].Field != "text.verbosity" {
		t.Errorf("settings %+v", r.Settings)
	}
	l.want("")
}

func TestReadCarriedSettings(t *testing.T) {
	r, l := read(t, `"input":"q","prompt_cache_key":"k","metadata":{"a":"b"},"service_tier":"flex","safety_identifier":"s","user":"u"`)
	var keys []string
	for _, s := range r.Settings {
		if s.Why == "" || s.Field != s.Key {
			t.Errorf("%+v", s)
		}
		keys = append(keys, s.Key)
	}
	if want := []string{conv.PromptCacheKey, conv.Metadata, conv.ServiceTier, conv.SafetyIdentifier}; !slices.Equal(keys, want) {
		t.Errorf("settings %q", keys)
	}
	l.want("")
}

func TestSafetyIdentifierNamesTheUser(t *testing.T) {
	r, l := read(t, `"input":"q","safety_identifier":"s"`)
	if r.User != `"s"` || len(r.Settings) != 0 {
		t.Errorf("user %s, settings %v", r.User, r.Settings)
	}
	l.want("")
}

func TestReadLosses(t *testing.T) {
	_, l := read(t, `"input":"q","store":true,"background":true,"truncation":"auto","max_tool_calls":3,"top_logprobs":2,"include":["message.output_text.logprobs","web_search_call.action.sources"],"context_management":[{"type":"compaction"}],"reasoning":{"effort":"huge"},"text":{"format":{"type":"grammar"}},"odd":1`)
	l.want("store background truncation max_tool_calls top_logprobs include[0] include[1] context_management reasoning.effort text.format odd")
}

func TestReadTools(t *testing.T) {
	r, l := read(t, `"input":"q","tools":[{"type":"function","name":"f","description":"d","parameters":{"type":"object"},"strict":true},{"type":"custom","name":"p","format":{"type":"text"}},{"type":"custom","name":"g","format":{"type":"grammar","syntax":"lark"}},{"type":"web_search"},{"type":"namespace","name":"n","tools":[]},{"type":"function","name":"h","parameters":null,"strict":null,"defer_loading":false}],"tool_choice":"required"`)
	want := []conv.Tool{
		{Name: `"f"`, Description: `"d"`, Schema: `{"type":"object"}`, Strict: "true"},
		{Name: `"p"`, Freeform: true},
		{Name: `"g"`, Freeform: true},
		{Name: `"h"`},
	}
	if !slices.Equal(r.Tools, want) {
		t.Errorf("%+v", r.Tools)
	}
	if r.Choice.Mode != conv.ChoiceAny {
		t.Errorf("choice %+v", r.Choice)
	}
	l.want("tools[2].format tools[3]")
}

func TestGrammarsAreToldInWords(t *testing.T) {
	r, l := read(t, `"input":"q","tools":[{"type":"custom","name":"p","description":"d","format":{"type":"grammar","syntax":"lark","definition":"start: \"a\""}}]`)
	if got, want := r.Tools[0].Description, conv.Str(`"d\n\nThe input must fit this grammar (lark):\nstart: \"a\""`); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	l.want("tools[0].format")
}

func TestReadToolChoice(t *testing.T) {
	const tools = `"input":"q","tools":[{"type":"function","name":"f"},{"type":"function","name":"g"},{"type":"web_search"}],"tool_choice":`
	for _, c := range []struct {
		in, tools, lost string
		mode            conv.ChoiceMode
		name            conv.Str
	}{
		{in: `"auto"`, tools: "fg", mode: conv.ChoiceAuto},
		{in: `"none"`, tools: "fg", mode: conv.ChoiceNone},
		{in: `{"type":"function","name":"g"}`, tools: "fg", mode: conv.ChoiceTool, name: `"g"`},
		{in: `{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"g"}]}`, tools: "g", mode: conv.ChoiceAny},
		{in: `{"type":"allowed_tools","mode":"auto","tools":[{"type":"web_search"},{"type":"function","name":"f"}]}`, tools: "f", mode: conv.ChoiceAuto},
		{in: `{"type":"web_search_preview"}`, tools: "fg", lost: "tool_choice"},
	} {
		r, l := read(t, tools+c.in)
		names := ""
		for _, tool := range r.Tools {
			names += tool.Name.Inner()
		}
		if names != c.tools || r.Choice != (conv.ToolChoice{Mode: c.mode, Name: c.name}) {
			t.Errorf("%s: tools %s, choice %+v", c.in, names, r.Choice)
		}
		l.want(strings.TrimSpace("tools[2] " + c.lost))
	}
}

func TestBadRequestsNameTheField(t *testing.T) {
	for _, c := range []struct{ in, field string }{
		{`[]`, ""},
		{`{"input":"q"}`, "model"},
		{`{"model":"m"}`, "input"},
		{`{"model":"m","input":[]}`, "input"},
		{`{"model":"m","input":3}`, "input"},
		{`{"model":"m","input":["q"]}`, "input[0]"},
		{`{"model":"m","input":[{"role":"king","content":"q"}]}`, "input[0].role"},
		{`{"model":"m","input":[{"role":"user"}]}`, "input[0].content"},
		{`{"model":"m","input":[{"role":"user","content":[{"type":"input_text"}]}]}`, "input[0].content[0].text"},
		{`{"model":"m","input":[{"role":"user","content":[{"type":"input_image"}]}]}`, "input[0].content[0]"},
		{`{"model":"m","input":[{"type":"function_call","name":"f","arguments":"{}"}]}`, "input[0].call_id"},
		{`{"model":"m","input":[{"type":"function_call","call_id":"c","name":"f","arguments":{}}]}`, "input[0].arguments"},
		{`{"model":"m","input":[{"type":"item_reference","id":"msg_1"}]}`, "input[0]"},
		{`{"model":"m","input":[{"id":"msg_1"}]}`, "input[0]"},
		{`{"model":"m","input":"q","previous_response_id":"resp_1"}`, "previous_response_id"},
		{`{"model":"m","input":"q","conversation":"conv_1"}`, "conversation"},
		{`{"model":"m","input":"q","prompt":{"id":"pmpt_1"}}`, "prompt"},
		{`{"model":"m","input":"q","max_output_tokens":1.5}`, "max_output_tokens"},
		{`{"model":"m","input":"q","temperature":"hot"}`, "temperature"},
		{`{"model":"m","input":"q","reasoning":"high"}`, "reasoning"},
		{`{"model":"m","input":"q","text":{"format":{"type":"json_schema","name":"n"}}}`, "text.format.schema"},
		{`{"model":"m","input":"q","tools":[{"type":"function"}]}`, "tools[0].name"},
		{`{"model":"m","input":"q","tool_choice":"perhaps"}`, "tool_choice"},
	} {
		_, err := ReadRequest([]byte(c.in), func(string, string) {})
		if fe, ok := errors.AsType[*conv.FieldError](err); !ok || fe.Field != c.field {
			t.Errorf("%s: %v, want the field %q", c.in, err, c.field)
		}
	}
}
