package anthropic

import (
	"testing"

	"github.com/dctx-team/routex/transform/internal/conv"
)

const (
	oldModel = "claude-sonnet-4-5"
	newModel = "claude-opus-5"
)

func system(s string) conv.Message {
	return conv.Message{Role: conv.System, Parts: []conv.Part{text(s)}}
}

func on(r *conv.Request) *conv.Request {
	r.Thinking = conv.Thinking{Mode: conv.ThinkingOn, Budget: 2000}
	return r
}

const (
	useA     = `{"type":"tool_use","id":"a","name":"f","input":{}}`
	useB     = `{"type":"tool_use","id":"b","name":"f","input":{}}`
	resA     = `{"type":"tool_result","tool_use_id":"a","content":"r"}`
	missing  = `"content":"no result of this call is known","is_error":true}`
	missingA = `{"type":"tool_result","tool_use_id":"a",` + missing
	missingB = `{"type":"tool_result","tool_use_id":"b",` + missing
	goUser   = `{"role":"user","content":"go"}`
)

func TestWriteTurns(t *testing.T) {
	foreign := conv.Part{Kind: conv.Reasoning, Text: `"t"`, State: conv.State{Kind: conv.Signature, Provider: "other01", Value: `"s"`}}
	redacted := conv.Part{Kind: conv.Reasoning, State: conv.State{Kind: conv.Redacted, Provider: provider, Value: `"d+/="`}}
	for _, c := range []struct {
		name string
		req  *conv.Request
		want string
		lost string
	}{
		{
			"results before the user's text, with errors",
			request(oldModel, user(text("go")), assistant(call("a"), call("b")), user(result("a", text("r"))), user(text("and")), user(conv.Part{Kind: conv.ToolResult, ID: `"b"`, IsError: true})),
			goUser + `,{"role":"assistant","content":[` + useA + `,` + useB + `]},{"role":"user","content":[` + resA + `,{"type":"tool_result","tool_use_id":"b","content":"the tool failed","is_error":true},{"type":"text","text":"and"}]}`, "",
		},
		{
			"a call without a result, amid and at the end",
			request(oldModel, user(text("go")), assistant(call("a"), call("b")), user(result("a", text("r"))), assistant(call("c"))),
			goUser + `,{"role":"assistant","content":[` + useA + `,` + useB + `]},{"role":"user","content":[` + resA + `,` + missingB + `]},{"role":"assistant","content":[{"type":"tool_use","id":"c","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"c",` + missing + `]}`,
			"turns[1] turns[3]",
		},
		{
			"a call that is followed by text only",
			request(oldModel, user(text("go")), assistant(call("a")), user(text("stop"))),
			goUser + `,{"role":"assistant","content":[` + useA + `]},{"role":"user","content":[` + missingA + `,{"type":"text","text":"stop"}]}`, "turns[1]",
		},
		{
			"a result without its call, and one told twice",
			request(oldModel, user(result("x", text("r"))), assistant(call("a")), user(result("a", text("r")), result("a", text("again")))),
			`{"role":"user","content":[{"type":"text","text":"[tool_result x]"},{"type":"text","text":"r"}]},{"role":"assistant","content":[` + useA + `]},{"role":"user","content":[` + resA + `,{"type":"text","text":"[tool_result a]"},{"type":"text","text":"again"}]}`,
			"turns[0] turns[2]",
		},
		{
			"reasoning goes back first, as it was",
			on(request(oldModel, user(text("go")), assistant(text("hm"), thought("t", "s"), redacted, call("a")), user(result("a", text("r"))))),
			goUser + `,{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"s"},{"type":"redacted_thinking","data":"d+/="},{"type":"text","text":"hm"},` + useA + `]},{"role":"user","content":[` + resA + `]}`, "",
		},
		{
			"reasoning stays in its place for models that think in between",
			on(request(newModel, user(text("go")), assistant(text("hm"), thought("t", "s"), call("a")), user(result("a", text("r"))))),
			goUser + `,{"role":"assistant","content":[{"type":"text","text":"hm"},{"type":"thinking","thinking":"t","signature":"s"},` + useA + `]},{"role":"user","content":[` + resA + `]}`, "",
		},
		{
			"reasoning of another provider stays away",
			on(request(newModel, user(text("go")), assistant(foreign, conv.Part{Kind: conv.Reasoning, Text: `"u"`}, text("x")), user(text("go")))),
			goUser + `,{"role":"assistant","content":"x"},` + goUser, "turns[1] turns[1]",
		},
		{
			"reasoning stays away while it is off",
			request(oldModel, user(text("go")), assistant(thought("t", "s"), call("a")), user(result("a", text("r")))),
			goUser + `,{"role":"assistant","content":[` + useA + `]},{"role":"user","content":[` + resA + `]}`, "turns[1]",
		},
		{
			"nothing but reasoning",
			on(request(newModel, user(text("go")), assistant(thought("t", "s")), user(text("go")))),
			goUser + `,` + goUser, "turns[1]",
		},
		{
			"a system message where it may stand",
			request(newModel, user(text("go")), system("s"), system("u"), assistant(text("x")), user(text("go")), system("v")),
			goUser + `,{"role":"system","content":[{"type":"text","text":"s"},{"type":"text","text":"u"}]},{"role":"assistant","content":"x"},` + goUser + `,{"role":"system","content":"v"}`, "",
		},
		{
			"a system message where it may not",
			request(newModel, user(text("go")), system("s"), user(text("t")), assistant(text("x")), system("u")),
			`{"role":"user","content":[{"type":"text","text":"go"},{"type":"text","text":"s"},{"type":"text","text":"t"}]},{"role":"assistant","content":"x"},{"role":"user","content":"u"}`, "turns[1].role turns[4].role",
		},
		{
			"a system message for a model that knows none",
			request(oldModel, user(text("go")), system("s"), assistant(text("x")), user(text("go"))),
			`{"role":"user","content":[{"type":"text","text":"go"},{"type":"text","text":"s"}]},{"role":"assistant","content":"x"},` + goUser, "turns[1].role",
		},
		{
			"the beginning of an answer",
			request(oldModel, user(text("go")), assistant(text("x"), text("y \n"))),
			goUser + `,{"role":"assistant","content":[{"type":"text","text":"x"},{"type":"text","text":"y"}]}`, "",
		},
		{
			"the beginning of an answer that cannot be gone on with",
			request("claude-sonnet-4-6", user(text("go")), assistant(text("x "))),
			goUser + `,{"role":"assistant","content":"x "},{"role":"user","content":"Continue."}`, "turns",
		},
		{
			"empty texts and messages",
			request(oldModel, user(text("go"), text(" \n")), assistant(text("")), user(text("on")), assistant(conv.Part{Kind: conv.Refusal, Text: `"no"`}), user(text("go"))),
			`{"role":"user","content":[{"type":"text","text":"go"},{"type":"text","text":"on"}]},{"role":"assistant","content":"no"},` + goUser, "",
		},
		{
			"the assistant first",
			request(oldModel, assistant(text("x")), user(text("go"))),
			`{"role":"user","content":"."},{"role":"assistant","content":"x"},` + goUser, "turns",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, l := writeRequest(t, c.req)
			if got, want := get(out, "messages"), "["+c.want+"]"; got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			l.want(c.lost)
		})
	}
}

func TestReasoningIsOffWhenItsBeginningIsMissing(t *testing.T) {
	tools := []conv.Message{user(text("go")), assistant(text("hm"), call("a")), user(result("a", text("r")))}
	for _, c := range []struct {
		name, model string
		messages    []conv.Message
		want, lost  string
	}{
		{"calls whose reasoning is lost", oldModel, tools, ``, "effort"},
		{"calls of a model that does not mind", newModel, tools, `{"type":"adaptive"}`, ""},
		{"calls of an earlier turn", oldModel, append(tools[:3:3], assistant(text("x")), user(text("go"))), `{"type":"enabled","budget_tokens":2000}`, ""},
		{"the caller began the answer", oldModel, []conv.Message{user(text("go")), assistant(text("x"))}, ``, "effort"},
		{"the first turn", oldModel, []conv.Message{user(text("go"))}, `{"type":"enabled","budget_tokens":2000}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, l := writeRequest(t, on(request(c.model, c.messages...)))
			if got := get(out, "thinking"); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
			l.want(c.lost)
		})
	}
}

func TestWriteMedia(t *testing.T) {
	image := func(kind string) conv.Part {
		return conv.Part{Kind: conv.Image, MediaType: conv.Quote(kind), Data: `"QUJD"`}
	}
	document := func(kind string) conv.Part {
		return conv.Part{Kind: conv.Document, MediaType: conv.Quote(kind), Data: `"QUJD"`, Name: `"n"`}
	}
	for _, c := range []struct {
		name string
		part conv.Part
		want string
		lost string
	}{
		{"an image", image("image/png"), `{"type":"image","source":{"type":"base64","media_type":"image/png","data":"QUJD"}}`, ""},
		{"an image by another name", image("image/jpg"), `{"type":"image","source":{"type":"base64","media_type":"image/jpeg","data":"QUJD"}}`, ""},
		{"an image that is linked", conv.Part{Kind: conv.Image, URL: `"https://x"`}, `{"type":"image","source":{"type":"url","url":"https://x"}}`, ""},
		{"an image of a kind that is not known", image("image/heic"), ``, "turns[0]"},
		{"an image in a store", conv.Part{Kind: conv.Image, File: `"file-1"`}, ``, "turns[0]"},
		{"an image at a place that cannot be reached", conv.Part{Kind: conv.Image, URL: `"gs://x"`}, ``, "turns[0]"},
		{"a PDF", document("application/pdf"), `{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"QUJD"},"title":"n"}`, ""},
		{"a PDF that is linked", conv.Part{Kind: conv.Document, URL: `"https://x"`}, `{"type":"document","source":{"type":"url","url":"https://x"}}`, ""},
		{"text", conv.Part{Kind: conv.Document, Text: `"t"`, Name: `"n"`}, `{"type":"document","source":{"type":"text","media_type":"text/plain","data":"t"},"title":"n"}`, ""},
		{"text in base64", document("text/csv"), `{"type":"document","source":{"type":"text","media_type":"text/plain","data":"ABC"},"title":"n"}`, ""},
		{"no text in base64", conv.Part{Kind: conv.Document, MediaType: `"text/plain"`, Data: `"/////w=="`}, ``, "turns[0]"},
		{"an empty text", conv.Part{Kind: conv.Document, Text: `" "`}, ``, "turns[0]"},
		{"sound", document("audio/wav"), ``, "turns[0]"},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, l := writeRequest(t, request(oldModel, user(text("see"), c.part)))
			if got := get(out, "messages.0.content.1"); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			l.want(c.lost)
			out, _ = writeRequest(t, request(oldModel, assistant(call("a")), user(result("a", text("see"), c.part))))
			if got := get(out, "messages.2.content.0.content.1"); got != c.want {
				t.Errorf("in a result: got  %s\nwant %s", got, c.want)
			}
		})
	}
	out, l := writeRequest(t, request(oldModel, user(text("go")), assistant(text("x"), image("image/png")), user(text("go"))))
	if get(out, "messages.1.content") != `"x"` {
		t.Errorf("an assistant's image: %s", out)
	}
	l.want("turns[1]")
}
