package anthropic

import (
	"errors"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform/internal/conv"
)

const hi = `"messages":[{"role":"user","content":"hi"}]`

func TestReadThinking(t *testing.T) {
	for _, c := range []struct {
		name, in string
		want     conv.Thinking
		lost     string
	}{
		{"none", ``, conv.Thinking{}, ""},
		{"with a budget", `,"thinking":{"type":"enabled","budget_tokens":2048}`, conv.Thinking{Mode: conv.ThinkingOn, Budget: 2048}, ""},
		{"adaptive and shown", `,"thinking":{"type":"adaptive","display":"summarized"}`, conv.Thinking{Mode: conv.ThinkingOn, Show: true}, ""},
		{"adaptive and hidden", `,"thinking":{"type":"adaptive","display":"omitted"}`, conv.Thinking{Mode: conv.ThinkingOn, Hide: true}, ""},
		{"effort before adaptive", `,"output_config":{"effort":"max"},"thinking":{"type":"adaptive"}`, conv.Thinking{Mode: conv.ThinkingOn, Effort: conv.EffortMax}, ""},
		{"effort alone", `,"output_config":{"effort":"low"}`, conv.Thinking{Mode: conv.ThinkingOn, Effort: conv.EffortLow}, ""},
		{"off in spite of an effort", `,"thinking":{"type":"disabled"},"output_config":{"effort":"high"}`, conv.Thinking{Mode: conv.ThinkingOff, Effort: conv.EffortHigh}, ""},
		{"between tools", `,"thinking":{"type":"between_tools"}`, conv.Thinking{Mode: conv.ThinkingOff}, ""},
		{"null", `,"thinking":null,"output_config":null`, conv.Thinking{}, ""},
		{"new kinds", `,"thinking":{"type":"new","display":"new","x":1,"y":{}},"output_config":{"effort":"new","task_budget":{"a":1},"z":[]}`, conv.Thinking{}, "thinking.type thinking.display thinking.x output_config.effort output_config.task_budget"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, l := readRequest(t, `{"model":"m","max_tokens":9,`+hi+c.in+`}`)
			if r.Thinking != c.want {
				t.Errorf("got %+v, want %+v", r.Thinking, c.want)
			}
			l.want(c.lost)
		})
	}
}

func TestReadFormat(t *testing.T) {
	for in, name := range map[string]string{
		`"output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}}`: "output_config.format",
		`"output_format":{"type":"json_schema","schema":{"type":"object"}}`:            "output_format",
	} {
		r, l := readRequest(t, `{"model":"m","max_tokens":9,`+hi+`,`+in+`}`)
		if r.Format.Kind != conv.FormatSchema || r.Format.Schema != `{"type":"object"}` || r.Names.Format != name {
			t.Errorf("%s: %+v named %s", in, r.Format, r.Names.Format)
		}
		l.want("")
	}
	r, l := readRequest(t, `{"model":"m","max_tokens":9,`+hi+`,"output_config":{"format":{"type":"grammar"}}}`)
	if r.Format.Kind != conv.FormatText {
		t.Errorf("an unknown format was read as %+v", r.Format)
	}
	l.want("output_config.format")
}

func TestReadReasoningOfHistory(t *testing.T) {
	state := conv.State{Kind: conv.Item, Value: `"rs_1 enc=="`}
	token := string(state.Token(provider))
	none := conv.State{Kind: conv.Unsigned}
	for _, c := range []struct {
		name, block string
		text        conv.Str
		state       conv.StateKind
		lost        string
	}{
		{"signed by a provider of this protocol", `{"type":"thinking","thinking":"t","signature":"EqQB"}`, `"t"`, conv.NoState, ""},
		{"signed for another", `{"type":"thinking","thinking":"t","signature":` + token + `}`, `"t"`, conv.Item, ""},
		{"hidden, for another", `{"type":"thinking","thinking":"","signature":` + token + `}`, `""`, conv.Item, ""},
		{"not signed at all", `{"type":"thinking","thinking":"t","signature":` + string(none.Token(provider)) + `}`, `"t"`, conv.NoState, ""},
		{"redacted for another", `{"type":"redacted_thinking","data":` + token + `}`, "", conv.Item, ""},
		{"hidden by a provider of this protocol", `{"type":"thinking","thinking":"","signature":"EqQB"}`, "", conv.NoState, "messages[0].content[0]"},
		{"redacted by a provider of this protocol", `{"type":"redacted_thinking","data":"EqQB"}`, "", conv.NoState, "messages[0].content[0]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, l := readRequest(t, `{"model":"m","max_tokens":9,"messages":[{"role":"assistant","content":[`+c.block+`,{"type":"text","text":"a"}]}]}`)
			l.want(c.lost)
			parts := r.Messages[0].Parts
			if c.lost != "" {
				if kinds(parts) != "text" {
					t.Errorf("got %s", kinds(parts))
				}
				return
			}
			if kinds(parts) != "reasoning text" || parts[0].Text != c.text || parts[0].State.Kind != c.state {
				t.Errorf("got %+v", parts)
			}
			if c.state == conv.Item && (!parts[0].State.For(conv.Item, provider) || parts[0].State.Value != state.Value) {
				t.Errorf("the state became %+v", parts[0].State)
			}
		})
	}
}

func TestReadDocuments(t *testing.T) {
	for _, c := range []struct {
		name, block string
		want        string
		check       conv.Part // of the last part
		lost        string
	}{
		{"inline", `{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"QUJD"},"title":"d.pdf"}`, "document", conv.Part{MediaType: `"application/pdf"`, Data: `"QUJD"`, Name: `"d.pdf"`}, ""},
		{"linked", `{"type":"document","source":{"type":"url","url":"https://x/y.pdf"},"citations":{"enabled":false}}`, "document", conv.Part{URL: `"https://x/y.pdf"`}, ""},
		{"text with its context", `{"type":"document","source":{"type":"text","media_type":"text/plain","data":"abc"},"context":"about"}`, "text document", conv.Part{Text: `"abc"`}, ""},
		{"of blocks", `{"type":"document","source":{"type":"content","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}}`, "document", conv.Part{Text: `"a\nb"`}, ""},
		{"of one text", `{"type":"document","source":{"type":"content","content":"a"}}`, "document", conv.Part{Text: `"a"`}, ""},
		{"of blocks with an image", `{"type":"document","source":{"type":"content","content":[{"type":"text","text":"a"},{"type":"image","source":{"type":"url","url":"https://x"}}]}}`, "document image", conv.Part{URL: `"https://x"`}, ""},
		{"stored", `{"type":"document","source":{"type":"file","file_id":"f"}}`, "", conv.Part{}, "messages[0].content[0].source"},
		{"cited and cached", `{"type":"document","source":{"type":"text","data":"a"},"citations":{"enabled":true},"cache_control":{"type":"ephemeral"}}`, "document", conv.Part{Text: `"a"`}, "messages[0].content[0].citations messages[0].content[0].cache_control"},
		{"a search's result", `{"type":"search_result","source":"https://x","title":"t","content":[{"type":"text","text":"a"}],"citations":{"enabled":false}}`, "document", conv.Part{Text: `"https://x\na"`, Name: `"t"`}, ""},
		{"a stored image", `{"type":"image","source":{"type":"file","file_id":"f"}}`, "", conv.Part{}, "messages[0].content[0].source"},
		{"a new source", `{"type":"image","source":{"type":"new"}}`, "", conv.Part{}, "messages[0].content[0].source"},
	} {
		t.Run(c.name, func(t *testing.T) {
			for place, body := range map[string]string{
				"messages[0].content[0]":            `[{"role":"user","content":[` + c.block + `]}]`,
				"messages[0].content[0].content[0]": `[{"role":"user","content":[{"type":"tool_result","tool_use_id":"1","content":[` + c.block + `]}]}]`,
			} {
				r, l := readRequest(t, `{"model":"m","max_tokens":9,"messages":`+body+`}`)
				l.want(strings.ReplaceAll(c.lost, "messages[0].content[0]", place))
				parts := r.Messages[0].Parts
				if len(parts) > 0 && parts[0].Kind == conv.ToolResult {
					parts = parts[0].Content
				}
				if kinds(parts) != c.want {
					t.Fatalf("got %s, want %s", kinds(parts), c.want)
				}
				if len(parts) == 0 {
					continue
				}
				got := parts[len(parts)-1]
				got.Kind = 0
				if got.Text != c.check.Text || got.Data != c.check.Data || got.URL != c.check.URL || got.Name != c.check.Name || got.MediaType != c.check.MediaType {
					t.Errorf("got %+v, want %+v", got, c.check)
				}
			}
		})
	}
}

func TestReadStateInToolIDs(t *testing.T) {
	state := conv.State{Kind: conv.Thought, Value: `"sig+/="`}
	id := string(conv.WithState(`"call_1"`, &state, provider))
	r, l := readRequest(t, `{"model":"m","max_tokens":9,"messages":[{"role":"assistant","content":[{"type":"tool_use","id":`+id+`,"name":"f","input":{"b":1.0,"a":12345678901234567890}}]},`+
		`{"role":"user","content":[{"type":"tool_result","tool_use_id":`+id+`,"content":"r","is_error":true}]}]}`)
	l.want("")
	c, res := r.Messages[0].Parts[0], r.Messages[1].Parts[0]
	if c.ID != `"call_1"` || res.ID != c.ID || !res.IsError {
		t.Errorf("the call %s and its result %s do not meet", c.ID, res.ID)
	}
	if !c.State.For(conv.Thought, provider) || c.State.Value.String() != "sig+/=" {
		t.Errorf("the state became %+v", c.State)
	}
	if c.Args != `{"b":1.0,"a":12345678901234567890}` {
		t.Errorf("arguments changed: %s", c.Args)
	}
}

func TestReadNames(t *testing.T) {
	r, _ := readRequest(t, `{"model":"m","max_tokens":9,`+hi+`}`)
	n := r.Names
	for _, name := range []string{n.MaxTokens, n.Temperature, n.TopP, n.TopK, n.Stop, n.User, n.Thinking, n.Format, n.Choice, n.Parallel, n.Messages} {
		if name == "" {
			t.Errorf("a name is missing: %+v", n)
		}
	}
}

// A coding agent sends more than other protocols know. None of it may fail.
func TestReadWhatAgentsSend(t *testing.T) {
	r, l := readRequest(t, `{
		"model":"claude-sonnet-4-6","max_tokens":32000,"stream":true,
		"system":[{"type":"text","text":"x-billing-header: a"},{"type":"text","text":"You are","cache_control":{"type":"ephemeral","ttl":"1h"}}],
		"thinking":{"type":"adaptive"},
		"context_management":{"edits":[{"type":"clear_thinking_20251015","keep":"all"}]},
		"output_config":{"effort":"medium","format":{"type":"json_schema","schema":{"type":"object"}}},
		"metadata":{"user_id":"user_account__session_"},
		"service_tier":"auto","speed":"standard","mcp_servers":[],"container":null,"inference_geo":"us",
		"tools":[
			{"name":"Read","description":"d","input_schema":{"type":"object","properties":{}},"strict":true,"defer_loading":false,"eager_input_streaming":true},
			{"name":"Edit","input_schema":{"type":"object"},"input_examples":[{"a":1}],"allowed_callers":["direct"],"defer_loading":true},
			{"type":"web_search_20250305","name":"web_search","max_uses":8},
			{"type":"mcp_toolset","mcp_server_name":"x"}],
		"tool_choice":{"type":"auto"},
		"messages":[
			{"role":"user","content":[{"type":"text","text":"go","cache_control":{"type":"ephemeral"}}]},
			{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"s"},{"type":"server_tool_use","id":"srvtoolu_1","name":"web_search","input":{}},
				{"type":"web_search_tool_result","tool_use_id":"srvtoolu_1","content":[]},{"type":"mcp_tool_use","id":"m","name":"n","server_name":"s","input":{}},
				{"type":"tool_use","id":"toolu_1","name":"Read","input":{},"caller":{"type":"direct"}}]},
			{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1","content":[{"type":"text","text":"r"},{"type":"tool_reference","tool_name":"Edit"}]},{"type":"text","text":""}]},
			{"role":"system","content":[{"type":"text","text":"the clock says ten"}]}]}`)
	l.want("system[1].cache_control context_management inference_geo " +
		"tools[0].eager_input_streaming tools[1].input_examples tools[1].defer_loading tools[2] tools[3] " +
		"messages[0].content[0].cache_control messages[1].content[1] messages[1].content[2] messages[1].content[3] messages[2].content[0].content[1]")
	if len(r.System) != 2 || len(r.Tools) != 2 || r.Tools[0].Strict != "true" || r.User != `"user_account__session_"` {
		t.Errorf("%d system texts, tools %+v, user %s", len(r.System), r.Tools, r.User)
	}
	if got := kinds(r.Messages[1].Parts); got != "reasoning call" {
		t.Errorf("the assistant's message has %s", got)
	}
	if r.Messages[3].Role != conv.System {
		t.Errorf("the last message is by %d", r.Messages[3].Role)
	}
}

func TestReadBadRequests(t *testing.T) {
	const head = `{"model":"m","max_tokens":9,`
	for in, field := range map[string]string{
		`[]`:                            "",
		`{"max_tokens":9}`:              "model",
		head + hi + `,"thinking":"on"}`: "thinking",
		head + hi + `,"thinking":{"type":"enabled","budget_tokens":"many"}}`:                                                 "thinking.budget_tokens",
		head + hi + `,"output_config":1}`:                                                                                    "output_config",
		head + hi + `,"output_config":{"effort":1}}`:                                                                         "output_config.effort",
		head + hi + `,"output_config":{"format":[]}}`:                                                                        "output_config.format",
		head + hi + `,"output_config":{"format":{"type":"json_schema"}}}`:                                                    "output_config.format.schema",
		head + `"messages":[{"role":"user","content":[{"type":"document"}]}]}`:                                               "messages[0].content[0].source",
		head + `"messages":[{"role":"user","content":[{"type":"document","source":{"type":"base64","media_type":"a/b"}}]}]}`: "messages[0].content[0].source.data",
		head + `"messages":[{"role":"user","content":[{"type":"document","source":{"type":"text"}}]}]}`:                      "messages[0].content[0].source.data",
		head + `"messages":[{"role":"user","content":[{"type":"document","source":{"type":"content","content":1}}]}]}`:       "messages[0].content[0].source.content",
		head + `"messages":[{"role":"user","content":[{"type":"thinking","thinking":"t"}]}]}`:                                "messages[0].content",
		head + `"messages":[{"role":"assistant","content":[{"type":"thinking","thinking":1}]}]}`:                             "messages[0].content[0].thinking",
		head + `"messages":[{"role":"user","content":[{"type":"search_result","title":1}]}]}`:                                "messages[0].content[0].title",
	} {
		_, err := ReadRequest([]byte(in), func(string, string) {})
		if fe, ok := errors.AsType[*conv.FieldError](err); !ok || fe.Field != field || fe.Problem == "" {
			t.Errorf("%s: got %v, want an error about %q", in, err, field)
		}
	}
}
