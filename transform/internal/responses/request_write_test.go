package responses

import (
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/tidwall/gjson"
)

// names are the words of a caller of another protocol.
var names = conv.Names{
	MaxTokens: "max_tokens", Temperature: "temp", TopP: "topp", TopK: "topk", Stop: "stops", User: "user_id",
	Thinking: "thinking", Format: "format", Choice: "choice", Parallel: "parallel", Messages: "contents",
}

// write gives the members after the model, of which those that are always
// there are cut off.
func write(t *testing.T, r *conv.Request) (string, *losses) {
	t.Helper()
	l := &losses{t: t}
	if r.Model == "" {
		r.Model = "gpt-4o"
	}
	r.Names = names
	out, err := WriteRequest(nil, r, l.lose)
	if err != nil || !gjson.ValidBytes(out) {
		t.Fatalf("%v: %s", err, out)
	}
	got, found := strings.CutPrefix(string(out), `{"model":"`+r.Model+`",`)
	if !found {
		t.Errorf("no model: %s", out)
	}
	got, found = strings.CutSuffix(got, `,"store":false}`)
	if !found && !strings.Contains(got, `,"store":false,`) {
		t.Errorf("the answer would be stored: %s", out)
	}
	return got, l
}

func text(s string) conv.Part { return conv.Part{Kind: conv.Text, Text: conv.Quote(s)} }

func toolCall(id, name, args string) conv.Part {
	return conv.Part{Kind: conv.ToolCall, ID: conv.Quote(id), Name: conv.Quote(name), Args: args}
}

func toolResult(id string, parts ...conv.Part) conv.Part {
	return conv.Part{Kind: conv.ToolResult, ID: conv.Quote(id), Content: parts}
}

func user(index int, parts ...conv.Part) conv.Message {
	return conv.Message{Index: index, Parts: parts}
}

func assistant(index int, parts ...conv.Part) conv.Message {
	return conv.Message{Role: conv.Assistant, Index: index, Parts: parts}
}

const (
	callF   = `{"type":"function_call","call_id":"c1","name":"f","arguments":"{}"}`
	resultF = `{"type":"function_call_output","call_id":"c1","output":"o"}`
)

func TestWriteInput(t *testing.T) {
	png := conv.Part{Kind: conv.Image, MediaType: `"image/png"`, Data: `"AA"`}
	pdf := conv.Part{Kind: conv.Document, MediaType: `"application/pdf"`, Data: `"AA"`}
	failed := toolResult("c1", text("boom"))
	failed.IsError = true
	failedImage := toolResult("c1", png)
	failedImage.IsError = true
	mine := conv.State{Kind: conv.Item, Provider: "0abcdef", Value: `"rs_1 gAAA"`}
	foreign := conv.State{Kind: conv.Item, Provider: "1234567", Value: `"rs_1 gAAA"`}
	reasoning := func(s conv.State, text conv.Str) conv.Part {
		return conv.Part{Kind: conv.Reasoning, Text: text, State: s}
	}
	long := strings.Repeat("x", 70)
	for _, c := range []struct {
		name     string
		system   []conv.Part
		messages []conv.Message
		want     string
		lost     string
	}{
		{name: "text", messages: []conv.Message{user(0, text("hi"))}, want: `{"role":"user","content":"hi"}`},
		{name: "no text", messages: []conv.Message{user(0)}, want: `{"role":"user","content":""}`},
		{
			name: "system text becomes instructions", system: []conv.Part{text("a"), text("b")}, messages: []conv.Message{user(0, text("hi"))},
			want: `instructions "a\nb" {"role":"user","content":"hi"}`,
		},
		{name: "system text alone", system: []conv.Part{text("a")}, want: `{"role":"system","content":"a"}`},
		{
			name:     "system text amid the conversation stays there",
			messages: []conv.Message{user(0, text("hi")), {Role: conv.System, Index: 1, Parts: []conv.Part{text("s")}}},
			want:     `{"role":"user","content":"hi"},{"role":"system","content":"s"}`,
		},
		{
			name:     "images and documents",
			messages: []conv.Message{user(0, png, conv.Part{Kind: conv.Image, URL: `"http://i"`}, conv.Part{Kind: conv.Image, File: `"f1"`}, pdf, conv.Part{Kind: conv.Document, Name: `"b.pdf"`, URL: `"http://d"`}, conv.Part{Kind: conv.Document, Name: `"T"`, Text: `"body"`}, conv.Part{Kind: conv.Document, MediaType: `"text/plain"`, Data: `"aGk="`})},
			want:     `{"role":"user","content":[{"type":"input_image","image_url":"data:image/png;base64,AA"},{"type":"input_image","image_url":"http://i"},{"type":"input_image","file_id":"f1"},{"type":"input_file","filename":"document.pdf","file_data":"data:application/pdf;base64,AA"},{"type":"input_file","file_url":"http://d"},{"type":"input_text","text":"T\nbody"},{"type":"input_text","text":"hi"}]}`,
		},
		{
			name:     "results go before what else the user says",
			messages: []conv.Message{assistant(0, text("t"), toolCall("c1", "f", "{}"), toolCall("c2", "f", `{"a":1.0}`)), user(1, text("and"), toolResult("c1", text("o")), toolResult("c2"))},
			want:     `{"type":"message","role":"assistant","content":[{"type":"output_text","text":"t"}]},` + callF + `,{"type":"function_call","call_id":"c2","name":"f","arguments":"{\"a\":1.0}"},` + resultF + `,{"type":"function_call_output","call_id":"c2","output":""},{"role":"user","content":"and"}`,
		},
		{
			name:     "an image in a result",
			messages: []conv.Message{assistant(0, toolCall("c1", "f", "")), user(1, toolResult("c1", text("see"), png))},
			want:     callF + `,{"type":"function_call_output","call_id":"c1","output":[{"type":"input_text","text":"see"},{"type":"input_image","image_url":"data:image/png;base64,AA"}]}`,
		},
		{
			name:     "a failed tool",
			messages: []conv.Message{assistant(0, toolCall("c1", "f", "{}")), user(1, failed)},
			want:     callF + `,{"type":"function_call_output","call_id":"c1","output":"[tool_error] boom"}`,
		},
		{
			name:     "a failed tool that told an image",
			messages: []conv.Message{assistant(0, toolCall("c1", "f", "{}")), user(1, failedImage)},
			want:     callF + `,{"type":"function_call_output","call_id":"c1","output":[{"type":"input_text","text":"[tool_error] "},{"type":"input_image","image_url":"data:image/png;base64,AA"}]}`,
		},
		{
			name:     "a result without its call becomes text",
			messages: []conv.Message{user(3, toolResult("c9", text("o")))},
			want:     `{"role":"user","content":[{"type":"input_text","text":"[tool_result c9]"},{"type":"input_text","text":"o"}]}`,
			lost:     "contents[3]",
		},
		{
			name:     "a call without its result gets one",
			messages: []conv.Message{assistant(0, toolCall("c1", "f", "{}")), user(1, text("never mind"))},
			want:     callF + `,{"type":"function_call_output","call_id":"c1","output":"[tool_error] no result of this call is known"},{"role":"user","content":"never mind"}`,
			lost:     "contents[0]",
		},
		{
			name:     "long ids of calls are shortened alike",
			messages: []conv.Message{assistant(0, toolCall(long, "f", "{}")), user(1, toolResult(long, text("o")))},
			want:     strings.ReplaceAll(callF+","+resultF, `"c1"`, `"`+long[:40]+`_18gvhg8jmmorh"`),
		},
		{
			name:     "reasoning goes back as it came, before what follows from it",
			messages: []conv.Message{assistant(0, reasoning(mine, `"why"`), toolCall("c1", "f", "{}")), user(1, toolResult("c1", text("o")))},
			want:     `{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"why"}],"encrypted_content":"gAAA"},` + callF + `,` + resultF,
		},
		{
			name:     "another provider's does not",
			messages: []conv.Message{assistant(0, reasoning(foreign, `"why"`), text("t"))},
			want:     `{"type":"message","role":"assistant","content":[{"type":"output_text","text":"t"}]}`,
			lost:     "contents[0]",
		},
		{
			name:     "reasoning without what follows from it",
			messages: []conv.Message{assistant(0, text("t"), reasoning(mine, "")), user(1, text("go on"))},
			want:     `{"type":"message","role":"assistant","content":[{"type":"output_text","text":"t"}]},{"role":"user","content":"go on"}`,
			lost:     "contents[0]",
		},
		{
			name:     "text, reasoning and text",
			messages: []conv.Message{assistant(0, text("a"), reasoning(mine, ""), text("b"))},
			want:     `{"type":"message","role":"assistant","content":[{"type":"output_text","text":"a"}]},{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"gAAA"},{"type":"message","role":"assistant","content":[{"type":"output_text","text":"b"}]}`,
		},
		{
			name:     "an image of the assistant's is lost",
			messages: []conv.Message{assistant(2, text("a"), png)},
			want:     `{"type":"message","role":"assistant","content":[{"type":"output_text","text":"a"}]}`,
			lost:     "contents[2]",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := conv.Request{System: c.system, Messages: c.messages, Target: conv.Target{Provider: "0abcdef"}}
			got, l := write(t, &r)
			v := gjson.Parse("{" + strings.TrimSuffix(got, "}") + "}")
			input := v.Get("input").Raw
			input = input[1 : len(input)-1]
			if in := v.Get("instructions"); in.Exists() {
				input = "instructions " + in.Raw + " " + input
			}
			if input != c.want {
				t.Errorf("got  %s\nwant %s", input, c.want)
			}
			l.want(c.lost)
		})
	}
}

func TestEncryptedReasoningIsAskedOfModelsThatReason(t *testing.T) {
	for _, c := range []struct {
		model, flavor string
		mode          conv.ThinkingMode
		want          bool
	}{
		{"gpt-5", "openai", conv.ThinkingUnset, true},
		{"o4-mini", "openai", conv.ThinkingOff, true},
		{"gpt-4o", "openai", conv.ThinkingOn, false},
		{"mine", "azure", conv.ThinkingOn, false},
		{"mine", custom, conv.ThinkingUnset, false},
		{"mine", custom, conv.ThinkingOn, true},
	} {
		r := conv.Request{Model: c.model, Target: conv.Target{Flavor: c.flavor}, Thinking: conv.Thinking{Mode: c.mode}, Messages: []conv.Message{user(0, text("q"))}}
		r.Names = names
		out, _ := WriteRequest(nil, &r, func(string, string) {})
		if got := strings.Contains(string(out), `"include":["reasoning.encrypted_content"]`); got != c.want {
			t.Errorf("%s, thinking %d: %s", c.model, c.mode, out)
		}
	}
}

func TestWriteSettings(t *testing.T) {
	setting := func(key string, value conv.Raw) []conv.Setting {
		return []conv.Setting{{Key: key, Field: "its." + key, Value: value, Why: "no place"}}
	}
	schema := conv.Format{Kind: conv.FormatSchema, Schema: `{"type":"object"}`, Strict: "true", Description: `"d"`}
	for _, c := range []struct {
		name string
		r    conv.Request
		want string
		lost string
	}{
		{name: "numbers", r: conv.Request{MaxTokens: "100", Temperature: "0.5", TopP: "0.9"}, want: `"max_output_tokens":100,"temperature":0.5,"top_p":0.9`},
		{name: "a low limit is raised to the lowest", r: conv.Request{MaxTokens: "1"}, want: `"max_output_tokens":16`, lost: "max_tokens"},
		{name: "models that reason take no sampling", r: conv.Request{Model: "gpt-5", Temperature: "0.5", TopP: "1"}, want: ``, lost: "temp"},
		{name: "there is no place for them", r: conv.Request{TopK: "5", Stop: []conv.Str{`"x"`}}, lost: "topk stops"},
		{name: "the user", r: conv.Request{User: `"u"`}, want: `"user":"u"`},
		{name: "a long id of the user", r: conv.Request{User: conv.Quote(strings.Repeat("u", 65))}, want: `"user":"f20e249d15fa4b9f44ba21d154f62e1efa76ddfdce5d25139a33a4787cee5a8b"`},
		{name: "an effort", r: conv.Request{Model: "gpt-5", Thinking: conv.Thinking{Mode: conv.ThinkingOn, Effort: conv.EffortHigh, Hide: true}}, want: `"reasoning":{"effort":"high"}`},
		{name: "a budget", r: conv.Request{Model: "gpt-5", Thinking: conv.Thinking{Mode: conv.ThinkingOn, Budget: 4000}}, want: `"reasoning":{"effort":"medium","summary":"auto"}`},
		{name: "an effort that the model lacks", r: conv.Request{Model: "o3", Thinking: conv.Thinking{Mode: conv.ThinkingOn, Effort: conv.EffortMax}}, want: `"reasoning":{"effort":"high","summary":"auto"}`, lost: "thinking"},
		{name: "an effort of a model that is not known", r: conv.Request{Model: "mine", Thinking: conv.Thinking{Mode: conv.ThinkingOn, Effort: conv.EffortMax}}, lost: "thinking"},
		{name: "an effort at a compatible server", r: conv.Request{Model: "mine", Target: conv.Target{Flavor: custom}, Thinking: conv.Thinking{Mode: conv.ThinkingOn, Effort: conv.EffortMax}}, want: `"reasoning":{"effort":"max","summary":"auto"}`},
		{name: "as much as the model wants", r: conv.Request{Model: "gpt-5", Thinking: conv.Thinking{Mode: conv.ThinkingOn}}, want: `"reasoning":{"summary":"auto"}`},
		{name: "no thinking", r: conv.Request{Model: "gpt-5.1", Thinking: conv.Thinking{Mode: conv.ThinkingOff}}, want: `"reasoning":{"effort":"none"}`},
		{name: "no thinking of a model that always does", r: conv.Request{Model: "gpt-5", Thinking: conv.Thinking{Mode: conv.ThinkingOff}}, want: `"reasoning":{"effort":"minimal"}`, lost: "thinking"},
		{name: "no thinking of a model that never does", r: conv.Request{Thinking: conv.Thinking{Mode: conv.ThinkingOff}}},
		{name: "thinking of a model that never does", r: conv.Request{Thinking: conv.Thinking{Mode: conv.ThinkingOn, Effort: conv.EffortLow}}, lost: "thinking"},
		{name: "more than the model can answer with", r: conv.Request{MaxTokens: "64000"}, want: `"max_output_tokens":16384`},
		{name: "a schema and verbosity", r: conv.Request{Format: schema, Settings: setting(conv.Verbosity, `"low"`)}, want: `"text":{"format":{"type":"json_schema","name":"answer","description":"d","schema":{"type":"object"},"strict":true},"verbosity":"low"}`},
		{name: "verbosity alone", r: conv.Request{Settings: setting(conv.Verbosity, `"low"`)}, want: `"text":{"verbosity":"low"}`},
		{name: "a key of caches", r: conv.Request{Settings: setting(conv.PromptCacheKey, `"k"`)}, want: `"prompt_cache_key":"k"`},
		{name: "penalties", r: conv.Request{Settings: setting(conv.FrequencyPenalty, "1")}, lost: "its.frequency_penalty"},
		{name: "a wish to store", r: conv.Request{Settings: setting(conv.Store, "true")}, lost: "its.store"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.r.Messages = []conv.Message{user(0, text("q"))}
			got, l := write(t, &c.r)
			got, _, _ = strings.Cut(got, `,"store":false`)
			got = strings.TrimPrefix(strings.TrimPrefix(got, `"input":[{"role":"user","content":"q"}]`), ",")
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			l.want(c.lost)
		})
	}
}

func TestJSONIsSpokenOfInTheInput(t *testing.T) {
	for _, c := range []struct {
		system, user, want string
	}{
		{"", "q", `"input":[{"role":"system","content":"Answer with JSON only, without any text around it and without code fences. The answer must be one JSON object."},{"role":"user","content":"q"}]`},
		{"as JSON", "q", `"input":[{"role":"system","content":"as JSON"},{"role":"user","content":"q"}]`},
		{"", "some json", `"input":[{"role":"user","content":"some json"}]`},
	} {
		r := conv.Request{Messages: []conv.Message{user(0, text(c.user))}, Format: conv.Format{Kind: conv.FormatJSON}}
		if c.system != "" {
			r.System = []conv.Part{text(c.system)}
		}
		got, l := write(t, &r)
		if want := c.want + `,"text":{"format":{"type":"json_object"}}`; got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
		l.want("")
	}
}

func TestStoredFilesAreKnownToTheirServerOnly(t *testing.T) {
	image := conv.Part{Kind: conv.Image, File: `"f1"`}
	messages := func() []conv.Message {
		return []conv.Message{
			user(0, text("a"), image), assistant(1, toolCall("c1", "f", "{}")),
			user(2, toolResult("c1", text("o"), conv.Part{Kind: conv.Document, File: `"f2"`})),
		}
	}
	got, l := write(t, &conv.Request{Messages: messages()})
	if !strings.Contains(got, `"file_id":"f1"`) || !strings.Contains(got, `"file_id":"f2"`) {
		t.Error(got)
	}
	l.want("")
	got, l = write(t, &conv.Request{Messages: messages(), Target: conv.Target{Flavor: custom}})
	if strings.Contains(got, "file_id") || !strings.Contains(got, `"output":"o"`) {
		t.Error(got)
	}
	l.want("contents[0] contents[2]")
}

func TestWriteTools(t *testing.T) {
	tools := []conv.Tool{
		{Name: `"f"`, Description: `"d"`, Schema: `{"type":"object","properties":{"a":{}}}`},
		{Name: `"g"`, Strict: "true"},
		{Name: `"p"`, Freeform: true},
	}
	const list = `"tools":[{"type":"function","name":"f","description":"d","parameters":{"type":"object","properties":{"a":{}}},"strict":false},{"type":"function","name":"g","parameters":{"type":"object","properties":{}},"strict":true},{"type":"custom","name":"p"}]`
	for _, c := range []struct {
		choice conv.ToolChoice
		none   bool // there are no tools
		off    bool
		want   string
		lost   string
	}{
		{want: list},
		{choice: conv.ToolChoice{Mode: conv.ChoiceAuto}, want: list + `,"tool_choice":"auto"`},
		{choice: conv.ToolChoice{Mode: conv.ChoiceAny}, off: true, want: list + `,"tool_choice":"required","parallel_tool_calls":false`},
		{choice: conv.ToolChoice{Mode: conv.ChoiceNone}, want: list + `,"tool_choice":"none"`},
		{choice: conv.ToolChoice{Mode: conv.ChoiceTool, Name: `"f"`}, want: list + `,"tool_choice":{"type":"function","name":"f"}`},
		{choice: conv.ToolChoice{Mode: conv.ChoiceTool, Name: `"p"`}, want: list + `,"tool_choice":{"type":"custom","name":"p"}`},
		{choice: conv.ToolChoice{Mode: conv.ChoiceAuto}, none: true, off: true},
		{choice: conv.ToolChoice{Mode: conv.ChoiceAny}, none: true, lost: "choice"},
	} {
		r := conv.Request{Messages: []conv.Message{user(0, text("q"))}, Tools: tools, Choice: c.choice, NoParallel: c.off}
		if c.none {
			r.Tools = nil
		}
		got, l := write(t, &r)
		got = strings.TrimPrefix(strings.TrimPrefix(got, `"input":[{"role":"user","content":"q"}]`), ",")
		if got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
		l.want(c.lost)
	}
}

func TestToolsThatTakeTextAreCalledWithText(t *testing.T) {
	r := conv.Request{
		Tools: []conv.Tool{{Name: `"p"`, Freeform: true}},
		Messages: []conv.Message{
			assistant(0, toolCall("c1", "p", `{"input":"a\nb"}`), toolCall("c2", "p", `{"odd":1}`)),
			user(1, toolResult("c1", text("o")), toolResult("c2", text("o"))),
		},
	}
	got, l := write(t, &r)
	const want = `"input":[{"type":"custom_tool_call","call_id":"c1","name":"p","input":"a\nb"},{"type":"custom_tool_call","call_id":"c2","name":"p","input":"{\"odd\":1}"},{"type":"custom_tool_call_output","call_id":"c1","output":"o"},{"type":"custom_tool_call_output","call_id":"c2","output":"o"}]`
	if !strings.HasPrefix(got, want) {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	l.want("")
}

// What this protocol's caller says is said to a channel of this protocol in
// the same way.
func TestReadingAndWritingLosesNothing(t *testing.T) {
	const body = `{"model":"gpt-5","instructions":"be","input":[{"role":"user","content":"q"},{"type":"message","role":"assistant","content":[{"type":"output_text","text":"t"}]},` + callF + `,` + resultF + `,{"role":"user","content":[{"type":"input_text","text":"a"},{"type":"input_image","image_url":"data:image/png;base64,AA"},{"type":"input_file","filename":"a.pdf","file_data":"data:application/pdf;base64,AA"}]}],"tools":[{"type":"function","name":"f","description":"d","parameters":{"type":"object","properties":{}},"strict":true},{"type":"custom","name":"p"}],"tool_choice":"auto","parallel_tool_calls":false,"max_output_tokens":100,"user":"u","reasoning":{"effort":"low","summary":"auto"},"prompt_cache_key":"k","text":{"format":{"type":"json_schema","name":"n","schema":{"type":"object"},"strict":true},"verbosity":"low"},"store":false,"include":["reasoning.encrypted_content"],"stream":true}`
	l := &losses{t: t}
	r, err := ReadRequest([]byte(body), l.lose)
	if err != nil {
		t.Fatal(err)
	}
	out, err := WriteRequest(nil, r, l.lose)
	if err != nil || string(out) != body {
		t.Errorf("%v\ngot  %s\nwant %s", err, out, body)
	}
	l.want("")
}
