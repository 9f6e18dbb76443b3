package gemini_test

import (
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/dctx-team/routex/transform/internal/gemini"
)

const provider = "abcdef0"

// names are those of a caller whose fields have short ones.
var names = conv.Names{
	MaxTokens: "max", Temperature: "temp", TopP: "p", TopK: "k", Stop: "stop", User: "user", Thinking: "thinking",
	Format: "format", Choice: "choice", Parallel: "parallel", Messages: "messages",
}

func write(t testing.TB, r *conv.Request) (string, losses) {
	t.Helper()
	var lost losses
	r.Names = names
	r.Target.Provider = provider
	out, err := gemini.WriteRequest(nil, r, lost.lose(t))
	if err != nil {
		t.Fatal(err)
	}
	if !gjson.ValidBytes(out) {
		t.Fatalf("not valid JSON: %s", out)
	}
	return string(out), lost
}

func text(s string) conv.Part { return conv.Part{Kind: conv.Text, Text: conv.Quote(s)} }

func toolCall(id, name, args string) conv.Part {
	return conv.Part{Kind: conv.ToolCall, ID: conv.Quote(id), Name: conv.Quote(name), Args: args}
}

func result(id string, content ...conv.Part) conv.Part {
	return conv.Part{Kind: conv.ToolResult, ID: conv.Quote(id), Content: content}
}

func failed(p conv.Part) conv.Part {
	p.IsError = true
	return p
}

func user(parts ...conv.Part) conv.Message { return conv.Message{Role: conv.User, Parts: parts} }

func model(parts ...conv.Part) conv.Message { return conv.Message{Role: conv.Assistant, Parts: parts} }

func system(parts ...conv.Part) conv.Message { return conv.Message{Role: conv.System, Parts: parts} }

// numbered gives messages their places.
func numbered(messages ...conv.Message) []conv.Message {
	for i := range messages {
		messages[i].Index = i
	}
	return messages
}

var (
	png    = conv.Part{Kind: conv.Image, MediaType: `"image/png"`, Data: `"QUJD"`}
	pdf    = conv.Part{Kind: conv.Document, MediaType: `"application/pdf"`, Data: `"QUJD"`, Name: `"n.pdf"`}
	linked = conv.Part{Kind: conv.Image, URL: `"https://x/a.png?q"`}
	ownSig = conv.State{Kind: conv.Thought, Provider: provider, Value: `"c2ln"`}
)

// Each case is a conversation for gemini-2.5-flash unless it names a model.
func TestWriteContents(t *testing.T) {
	signed := toolCall("a", "f", `{"x":1.50}`)
	signed.State = ownSig
	foreign := signed
	foreign.State.Provider = "other00"
	for _, c := range []struct {
		name, model string
		messages    []conv.Message
		want, lost  string
	}{
		{
			name: "turns of one side are joined, empty ones left out", messages: numbered(user(text("a")), user(text(""), text("b")), model(text("")), user(text("c")), model(text("d"))),
			want: `{"role":"user","parts":[{"text":"a"},{"text":"b"},{"text":"c"}]},{"role":"model","parts":[{"text":"d"}]}`,
		},
		{
			name: "the user speaks first", messages: numbered(model(text("a")), user(text("b"))),
			want: `{"role":"user","parts":[{"text":"."}]},{"role":"model","parts":[{"text":"a"}]},{"role":"user","parts":[{"text":"b"}]}`, lost: "messages[0]",
		},
		{
			name: "system text amid the conversation", messages: numbered(user(text("a")), system(text("s"))),
			want: `{"role":"user","parts":[{"text":"a"},{"text":"s"}]}`, lost: "messages[1]",
		},
		{
			name: "images and documents", messages: numbered(user(png, pdf, conv.Part{Kind: conv.Document, Text: `"t"`, Name: `"n"`}, conv.Part{Kind: conv.Document, Text: `"t"`})),
			want: `{"role":"user","parts":[{"inlineData":{"mimeType":"image/png","data":"QUJD"}},{"inlineData":{"mimeType":"application/pdf","data":"QUJD"}},{"text":"n\n\nt"},{"text":"t"}]}`,
		},
		{
			name: "data of types that it refuses", messages: numbered(user(conv.Part{Kind: conv.Image, MediaType: `"image/gif"`, Data: `"QUJD"`}, conv.Part{Kind: conv.Document, MediaType: `"application/zip"`, Data: `"QUJD"`})),
			want: `{"role":"user","parts":[{"text":"[image image/gif]"},{"text":"[document application/zip]"}]}`, lost: "messages[0] messages[0]",
		},
		{
			name: "links that Google fetches", messages: numbered(user(linked, conv.Part{Kind: conv.Image, URL: `"https://x/a"`}, conv.Part{Kind: conv.Document, URL: `"gs://b/c"`})),
			want: `{"role":"user","parts":[{"fileData":{"mimeType":"image/png","fileUri":"https://x/a.png?q"}},{"fileData":{"mimeType":"image/jpeg","fileUri":"https://x/a"}},{"fileData":{"mimeType":"application/pdf","fileUri":"gs://b/c"}}]}`,
		},
		{
			name: "links that it does not fetch", model: "gemini-2.0-flash", messages: numbered(user(linked, conv.Part{Kind: conv.Document, File: `"file-1"`})),
			want: `{"role":"user","parts":[{"text":"[image https://x/a.png?q]"},{"text":"[document file-1]"}]}`, lost: "messages[0] messages[0]",
		},
		{
			name:     "parallel results in one turn, in the order of the calls, with the names of the functions, before other text",
			messages: numbered(user(text("q")), model(text("t"), toolCall("a", "f", `{"x":1.50}`), toolCall("b", "g", "")), user(text("more"), result("b", text("B"))), user(result("a", text("A1"), text("A2")))),
			want: `{"role":"user","parts":[{"text":"q"}]},{"role":"model","parts":[{"text":"t"},{"functionCall":{"id":"a","name":"f","args":{"x":1.50}}},{"functionCall":{"id":"b","name":"g","args":{}}}]},` +
				`{"role":"user","parts":[{"functionResponse":{"id":"a","name":"f","response":{"output":"A1\nA2"}}},{"functionResponse":{"id":"b","name":"g","response":{"output":"B"}}},{"text":"more"}]}`,
		},
		{
			name: "results that are objects, failures, nothing",
			messages: numbered(user(text("q")), model(toolCall("a", "f", "{}"), toolCall("b", "f", "{}"), toolCall("c", "f", "{}"), toolCall("d", "f", "{}")),
				user(result("a", text(`{"n": 1.0}`)), failed(result("b", text(`{"n":1}`))), result("c"), result("d", text(`{broken`)))),
			want: `{"role":"user","parts":[{"text":"q"}]},{"role":"model","parts":[{"functionCall":{"id":"a","name":"f","args":{}}},{"functionCall":{"id":"b","name":"f","args":{}}},{"functionCall":{"id":"c","name":"f","args":{}}},{"functionCall":{"id":"d","name":"f","args":{}}}]},` +
				`{"role":"user","parts":[{"functionResponse":{"id":"a","name":"f","response":{"n": 1.0}}},{"functionResponse":{"id":"b","name":"f","response":{"error":"{\"n\":1}"}}},{"functionResponse":{"id":"c","name":"f","response":{"output":""}}},{"functionResponse":{"id":"d","name":"f","response":{"output":"{broken"}}}]}`,
		},
		{
			name: "a result without its call becomes text", messages: numbered(user(result("x", text("A")), text("b"))),
			want: `{"role":"user","parts":[{"text":"[tool_result x]"},{"text":"A"},{"text":"b"}]}`, lost: "messages[0]",
		},
		{
			name: "a call without its result gets one", messages: numbered(user(text("q")), model(toolCall("a", "f", "{}"), toolCall("b", "f", "{}")), user(result("b", text("B"))), model(toolCall("c", "f", "{}"))),
			want: `{"role":"user","parts":[{"text":"q"}]},{"role":"model","parts":[{"functionCall":{"id":"a","name":"f","args":{}}},{"functionCall":{"id":"b","name":"f","args":{}}}]},` +
				`{"role":"user","parts":[{"functionResponse":{"id":"a","name":"f","response":{"error":"no result of this call is known"}}},{"functionResponse":{"id":"b","name":"f","response":{"output":"B"}}}]},` +
				`{"role":"model","parts":[{"functionCall":{"id":"c","name":"f","args":{}}}]},{"role":"user","parts":[{"functionResponse":{"id":"c","name":"f","response":{"error":"no result of this call is known"}}}]}`,
			lost: "messages[1] messages[3]",
		},
		{
			name: "a second result of the same call becomes text", messages: numbered(user(text("q")), model(toolCall("a", "f", "{}")), user(result("a", text("1")), result("a", text("2")), text("t"))),
			want: `{"role":"user","parts":[{"text":"q"}]},{"role":"model","parts":[{"functionCall":{"id":"a","name":"f","args":{}}}]},` +
				`{"role":"user","parts":[{"functionResponse":{"id":"a","name":"f","response":{"output":"1"}}},{"text":"[tool_result a]"},{"text":"2"},{"text":"t"}]}`,
			lost: "messages[2]",
		},
		{
			name: "images in results follow them", messages: numbered(user(text("q")), model(toolCall("a", "f", "{}")), user(result("a", text("see"), png, linked), text("t"))),
			want: `{"role":"user","parts":[{"text":"q"}]},{"role":"model","parts":[{"functionCall":{"id":"a","name":"f","args":{}}}]},` +
				`{"role":"user","parts":[{"functionResponse":{"id":"a","name":"f","response":{"output":"see\n[image: see below]\n[image: see below]"}}},{"inlineData":{"mimeType":"image/png","data":"QUJD"}},{"fileData":{"mimeType":"image/png","fileUri":"https://x/a.png?q"}},{"text":"t"}]}`,
		},
		{
			name: "images and documents in results stand inside of them for newer models", model: "gemini-3-pro-preview",
			messages: numbered(user(text("q")), model(toolCall("a", "f", "{}")), user(result("a", text("see"), png, pdf, conv.Part{Kind: conv.Document, Text: `"doc"`}))),
			want: `{"role":"user","parts":[{"text":"q"}]},{"role":"model","parts":[{"functionCall":{"id":"a","name":"f","args":{}},"thoughtSignature":"skip_thought_signature_validator"}]},` +
				`{"role":"user","parts":[{"functionResponse":{"id":"a","name":"f","response":{"output":"see\ndoc"},"parts":[{"inlineData":{"mimeType":"image/png","data":"QUJD"}},{"inlineData":{"mimeType":"application/pdf","data":"QUJD"}}]}}]}`,
		},
		{
			name: "signatures go back on the parts that they came with", model: "gemini-3-pro-preview",
			messages: numbered(user(text("q")), model(conv.Part{Kind: conv.Reasoning, Text: `"t"`, State: ownSig}, text("a"), conv.Part{Kind: conv.Reasoning, State: ownSig}, signed, toolCall("b", "g", "{}")), user(result("a"), result("b"))),
			want: `{"role":"user","parts":[{"text":"q"}]},{"role":"model","parts":[{"text":"t","thought":true,"thoughtSignature":"c2ln"},{"text":"a"},{"text":"","thoughtSignature":"c2ln"},` +
				`{"functionCall":{"id":"a","name":"f","args":{"x":1.50}},"thoughtSignature":"c2ln"},{"functionCall":{"id":"b","name":"g","args":{}}}]},` +
				`{"role":"user","parts":[{"functionResponse":{"id":"a","name":"f","response":{"output":""}}},{"functionResponse":{"id":"b","name":"g","response":{"output":""}}}]}`,
		},
		{
			name: "the first call of each step without a signature gets the one that is not checked", model: "models/gemini-3.1-pro",
			messages: numbered(user(text("q")), model(foreign, toolCall("b", "g", "{}")), user(result("a"), result("b")), model(toolCall("c", "g", "{}")), user(result("c"))),
			want: `{"role":"user","parts":[{"text":"q"}]},{"role":"model","parts":[{"functionCall":{"id":"a","name":"f","args":{"x":1.50}},"thoughtSignature":"skip_thought_signature_validator"},{"functionCall":{"id":"b","name":"g","args":{}}}]},` +
				`{"role":"user","parts":[{"functionResponse":{"id":"a","name":"f","response":{"output":""}}},{"functionResponse":{"id":"b","name":"g","response":{"output":""}}}]},` +
				`{"role":"model","parts":[{"functionCall":{"id":"c","name":"g","args":{}},"thoughtSignature":"skip_thought_signature_validator"}]},{"role":"user","parts":[{"functionResponse":{"id":"c","name":"g","response":{"output":""}}}]}`,
			lost: "messages[1]",
		},
		{
			name: "reasoning of another provider is left out", messages: numbered(user(text("q")), model(conv.Part{Kind: conv.Reasoning, Text: `"t"`, State: conv.State{Kind: conv.Signature, Provider: "other00", Value: `"s"`}}, conv.Part{Kind: conv.Reasoning, Text: `"t"`}, text("a"))),
			want: `{"role":"user","parts":[{"text":"q"}]},{"role":"model","parts":[{"text":"a"}]}`, lost: "messages[1] messages[1]",
		},
		{
			name: "a refusal is what the model said", messages: numbered(user(text("q")), model(conv.Part{Kind: conv.Refusal, Text: `"no"`})),
			want: `{"role":"user","parts":[{"text":"q"}]},{"role":"model","parts":[{"text":"no"}]}`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			name := c.model
			if name == "" {
				name = "gemini-2.5-flash"
			}
			got, lost := write(t, &conv.Request{Model: name, Messages: c.messages})
			if want := `{"contents":[` + c.want + `]}`; got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			lost.check(t, c.lost)
		})
	}
}

func TestWriteSystem(t *testing.T) {
	got, lost := write(t, &conv.Request{System: []conv.Part{text("a"), text(""), text("b")}, Messages: numbered(user(text("hi")))})
	if want := `{"contents":[{"role":"user","parts":[{"text":"hi"}]}],"systemInstruction":{"parts":[{"text":"a"},{"text":"b"}]}}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	lost.check(t, "")
	got, lost = write(t, &conv.Request{System: []conv.Part{text("a"), text("b")}})
	if want := `{"contents":[{"role":"user","parts":[{"text":"b"}]}],"systemInstruction":{"parts":[{"text":"a"}]}}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	lost.check(t, "messages")
	got, _ = write(t, &conv.Request{})
	if want := `{"contents":[{"role":"user","parts":[{"text":"."}]}]}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Each case is what follows the contents.
func TestWriteToolsAndConfig(t *testing.T) {
	const object = `{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}`
	f := conv.Tool{Name: `"f"`, Description: `"d"`, Schema: object}
	const fs = `,"tools":[{"functionDeclarations":[{"name":"f","description":"d","parameters":` + object + `}]}]`
	thinking := func(th conv.Thinking) conv.Request { return conv.Request{Thinking: th, MaxTokens: "30000"} }
	const limit = `,"generationConfig":{"maxOutputTokens":30000`
	for _, c := range []struct {
		name, model string
		r           conv.Request
		want, lost  string
	}{
		{name: "tools", r: conv.Request{Tools: []conv.Tool{f, {Name: `"g"`, Schema: `{}`}, {Name: `"h"`, Freeform: true}}}, want: `,"tools":[{"functionDeclarations":[{"name":"f","description":"d","parameters":` + object + `},{"name":"g"},{"name":"h","parameters":{"type":"object","properties":{"input":{"type":"string"}},"required":["input"]}}]}]`},
		{name: "a schema that loses something, and is not held to", r: conv.Request{Tools: []conv.Tool{{Name: `"f"`, Schema: `{"type":"object","properties":{"a":{"type":"number","multipleOf":2}}}`, Strict: "true"}}}, want: `,"tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"object","properties":{"a":{"type":"number"}}}}]}]`, lost: "tools[0] tools[0]"},
		{name: "auto", r: conv.Request{Tools: []conv.Tool{f}, Choice: conv.ToolChoice{Mode: conv.ChoiceAuto}}, want: fs + `,"toolConfig":{"functionCallingConfig":{"mode":"AUTO"}}`},
		{name: "any", r: conv.Request{Tools: []conv.Tool{f}, Choice: conv.ToolChoice{Mode: conv.ChoiceAny}, NoParallel: true}, want: fs + `,"toolConfig":{"functionCallingConfig":{"mode":"ANY"}}`, lost: "parallel"},
		{name: "none", r: conv.Request{Tools: []conv.Tool{f}, Choice: conv.ToolChoice{Mode: conv.ChoiceNone}}, want: fs + `,"toolConfig":{"functionCallingConfig":{"mode":"NONE"}}`},
		{name: "one", r: conv.Request{Tools: []conv.Tool{f}, Choice: conv.ToolChoice{Mode: conv.ChoiceTool, Name: `"f"`}}, want: fs + `,"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f"]}}`},
		{name: "a choice without tools", r: conv.Request{Choice: conv.ToolChoice{Mode: conv.ChoiceAny}}, lost: "choice"},

		{
			name: "sampling", r: conv.Request{MaxTokens: "9", Temperature: "1.50", TopP: "0.9", TopK: "5", Stop: []conv.Str{`"a"`, `""`, `"b"`}, User: `"u"`},
			want: `,"generationConfig":{"maxOutputTokens":9,"temperature":1.50,"topP":0.9,"topK":5,"stopSequences":["a","b"]}`, lost: "user",
		},
		{
			name: "too much", r: conv.Request{Temperature: "2.5", Stop: []conv.Str{`"1"`, `"2"`, `"3"`, `"4"`, `"5"`, `"6"`, `"7"`}},
			want: `,"generationConfig":{"temperature":2,"stopSequences":["1","2","3","4","5"]}`, lost: "temp stop",
		},
		{name: "models that ignore sampling", model: "gemini-3.8-flash", r: conv.Request{Temperature: "0.5", TopP: "1", TopK: "5"}, lost: "temp k"},
		{
			name: "settings", model: "gemini-2.0-flash", r: conv.Request{Settings: []conv.Setting{
				{Key: conv.Seed, Field: "seed", Value: "7", Why: "w"},
				{Key: conv.FrequencyPenalty, Field: "fp", Value: "0.5", Why: "w"},
				{Key: conv.PresencePenalty, Field: "pp", Value: "1", Why: "w"},
				{Key: conv.LogitBias, Field: "bias", Value: "{}", Why: "w"},
			}},
			want: `,"generationConfig":{"seed":7,"frequencyPenalty":0.5,"presencePenalty":1}`, lost: "bias",
		},
		{
			name: "settings that this model refuses", r: conv.Request{Settings: []conv.Setting{
				{Key: conv.Seed, Field: "seed", Value: "3000000000", Why: "w"},
				{Key: conv.FrequencyPenalty, Field: "fp", Value: "0.5", Why: "w"},
				{Key: conv.LogProbs, Field: "lp", Value: "true", Why: "w"},
			}},
			lost: "seed fp lp",
		},

		{name: "JSON", r: conv.Request{Format: conv.Format{Kind: conv.FormatJSON}}, want: `,"generationConfig":{"responseMimeType":"application/json"}`},
		{name: "a schema", r: conv.Request{Format: conv.Format{Kind: conv.FormatSchema, Schema: object}}, want: `,"generationConfig":{"responseMimeType":"application/json","responseSchema":` + object + `}`},
		{name: "a schema that loses something", r: conv.Request{Format: conv.Format{Kind: conv.FormatSchema, Schema: `{"type":"array","items":{"type":"string"},"uniqueItems":true}`}}, want: `,"generationConfig":{"responseMimeType":"application/json","responseSchema":{"type":"array","items":{"type":"string"}}}`, lost: "format"},
		{
			name: "JSON beside tools is asked for in words", r: conv.Request{Tools: []conv.Tool{f}, Format: conv.Format{Kind: conv.FormatJSON}, System: []conv.Part{text("s")}},
			want: `,"systemInstruction":{"parts":[{"text":"s"},{"text":` + string((&conv.Format{Kind: conv.FormatJSON}).Instruction()) + `}]}` + fs, lost: "format",
		},
		{name: "a schema beside tools of newer models", model: "gemini-3-flash-preview", r: conv.Request{Tools: []conv.Tool{f}, Format: conv.Format{Kind: conv.FormatSchema, Schema: object}}, want: fs + `,"generationConfig":{"responseMimeType":"application/json","responseSchema":` + object + `}`},

		{name: "reasoning as the model likes", r: thinking(conv.Thinking{Mode: conv.ThinkingOn}), want: limit + `,"thinkingConfig":{"thinkingBudget":-1,"includeThoughts":true}}`},
		{name: "a budget", r: thinking(conv.Thinking{Mode: conv.ThinkingOn, Budget: 2000, Hide: true}), want: limit + `,"thinkingConfig":{"thinkingBudget":2000}}`},
		{name: "an effort", r: thinking(conv.Thinking{Mode: conv.ThinkingOn, Effort: conv.EffortMedium}), want: limit + `,"thinkingConfig":{"thinkingBudget":8192,"includeThoughts":true}}`},
		{name: "a budget that leaves no room for the answer", r: conv.Request{MaxTokens: "1000", Thinking: conv.Thinking{Mode: conv.ThinkingOn, Effort: conv.EffortHigh}}, want: `,"generationConfig":{"maxOutputTokens":1000,"thinkingConfig":{"thinkingBudget":999,"includeThoughts":true}}`},
		{name: "a budget beyond the model's", r: conv.Request{Thinking: conv.Thinking{Mode: conv.ThinkingOn, Budget: 50000}}, want: `,"generationConfig":{"thinkingConfig":{"thinkingBudget":24576,"includeThoughts":true}}`, lost: "thinking"},
		{name: "a budget below the model's", model: "gemini-2.5-flash-lite", r: thinking(conv.Thinking{Mode: conv.ThinkingOn, Budget: 100}), want: limit + `,"thinkingConfig":{"thinkingBudget":512,"includeThoughts":true}}`, lost: "thinking"},
		{name: "no reasoning", r: thinking(conv.Thinking{Mode: conv.ThinkingOff}), want: limit + `,"thinkingConfig":{"thinkingBudget":0}}`},
		{name: "no reasoning for a model that cannot do without", model: "gemini-2.5-pro", r: thinking(conv.Thinking{Mode: conv.ThinkingOff}), want: limit + `,"thinkingConfig":{"thinkingBudget":128}}`, lost: "thinking"},
		{name: "thoughts are to be seen", r: thinking(conv.Thinking{Show: true}), want: limit + `,"thinkingConfig":{"includeThoughts":true}}`},
		{name: "reasoning of a model that has none", model: "gemini-2.0-flash", r: thinking(conv.Thinking{Mode: conv.ThinkingOn}), want: strings.Replace(limit, "30000", "8192", 1) + `}`, lost: "max thinking"},
		{name: "a level", model: "gemini-3-flash-preview", r: thinking(conv.Thinking{Mode: conv.ThinkingOn, Effort: conv.EffortMinimal}), want: limit + `,"thinkingConfig":{"thinkingLevel":"MINIMAL","includeThoughts":true}}`},
		{name: "a budget becomes a level and never both", model: "gemini-3.1-pro", r: thinking(conv.Thinking{Mode: conv.ThinkingOn, Budget: 5000}), want: limit + `,"thinkingConfig":{"thinkingLevel":"MEDIUM","includeThoughts":true}}`},
		{name: "a level that the model does not know", model: "gemini-3-pro", r: thinking(conv.Thinking{Mode: conv.ThinkingOn, Effort: conv.EffortMedium}), want: limit + `,"thinkingConfig":{"thinkingLevel":"LOW","includeThoughts":true}}`, lost: "thinking"},
		{name: "the lowest level that the model refuses", model: "gemini-3.8-flash", r: thinking(conv.Thinking{Mode: conv.ThinkingOn, Effort: conv.EffortMinimal}), want: limit + `,"thinkingConfig":{"thinkingLevel":"LOW","includeThoughts":true}}`, lost: "thinking"},
		{name: "more than the highest level", model: "gemini-flash-latest", r: thinking(conv.Thinking{Mode: conv.ThinkingOn, Effort: conv.EffortMax}), want: limit + `,"thinkingConfig":{"thinkingLevel":"HIGH","includeThoughts":true}}`, lost: "thinking"},
		{name: "no level", model: "gemini-3-pro", r: thinking(conv.Thinking{Mode: conv.ThinkingOn}), want: limit + `,"thinkingConfig":{"includeThoughts":true}}`},
		{name: "the lowest level in place of no reasoning", model: "gemini-3.1-flash-lite", r: thinking(conv.Thinking{Mode: conv.ThinkingOff}), want: limit + `,"thinkingConfig":{"thinkingLevel":"MINIMAL"}}`, lost: "thinking"},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.r.Model = c.model
			if c.model == "" {
				c.r.Model = "gemini-2.5-flash"
			}
			c.r.Messages = numbered(user(text("hi")))
			got, lost := write(t, &c.r)
			got, ok := strings.CutPrefix(got, `{"contents":[{"role":"user","parts":[{"text":"hi"}]}]`)
			if want := c.want + "}"; !ok || got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
			lost.check(t, c.lost)
		})
	}
}

func TestVersionsInNamesOfModels(t *testing.T) {
	// Only versions since 3 are told how much to reason by a level.
	for name, level := range map[string]bool{
		"gemini-2.5-pro": false, "models/gemini-2.5-flash-preview-05-20": false, "google/gemini-live-2.5-flash": false,
		"gemini-3-pro-preview": true, "gemini-3.1-flash-lite": true, "publishers/google/models/Gemini-3.8-Flash": true,
		"gemini-flash-latest": true, "gemini-2.0-flash": false, "gemma-3-27b-it": false, "": false,
	} {
		got, _ := write(t, &conv.Request{Model: name, Messages: numbered(user(text("hi"))), Thinking: conv.Thinking{Mode: conv.ThinkingOn, Effort: conv.EffortHigh}})
		if strings.Contains(got, "thinkingLevel") != level {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestToolNames(t *testing.T) {
	for name, fits := range map[string]bool{"get_weather": true, "a.b-c": true, "_x": true, "1x": false, "mcp__server__" + strings.Repeat("x", 60): false, "a b": false} {
		if got := gemini.Names.Fit(name); (got == name) != fits || len(got) > 64 {
			t.Errorf("%s became %s", name, got)
		}
	}
}
