package gemini_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/dctx-team/routex/transform/internal/gemini"
)

func read(t testing.TB, body string) (*conv.Request, losses) {
	t.Helper()
	var lost losses
	r, err := gemini.ReadRequest([]byte(body), lost.lose(t))
	if err != nil {
		t.Fatalf("reading %s: %v", body, err)
	}
	return r, lost
}

func TestReadContents(t *testing.T) {
	signed := conv.State{Kind: conv.Signature, Value: `"a+b/c=?>"`}
	token := signed.Token("abcdef0").Inner()
	call := conv.State{Kind: conv.Thought, Value: `"c2ln"`}
	for _, c := range []struct{ name, in, want, lost string }{
		{
			name: "text, a role that is missing",
			in:   `[{"parts":[{"text":"a"},{"text":"b"}]},{"role":"model","parts":[{"text":"c"}]}]`,
			want: lines("user 0", `text "a"`, `text "b"`, "assistant 1", `text "c"`),
		},
		{
			name: "one content and one part in place of lists",
			in:   `{"parts":{"text":"a"}}`,
			want: lines("user 0", `text "a"`),
		},
		{
			name: "empty parts and texts",
			in:   `[{"role":"user","parts":[{"text":""},{},{"text":"a"}]},{"role":"model","parts":[]}]`,
			want: lines("user 0", `text "a"`, "assistant 1"),
		},
		{
			name: "an image, a document, a text file",
			in:   `[{"parts":[{"inlineData":{"mimeType":"image/png","data":"QUJD"}},{"inline_data":{"mime_type":"application/pdf","data":"QUJD","display_name":"n"}},{"inlineData":{"mimeType":"text/plain","data":"aGkK"}}]}]`,
			want: lines("user 0", `image "image/png" "QUJD"`, `document "application/pdf" "QUJD" name"n"`, `document "hi\n"`),
		},
		{
			name: "data in the alphabet of URLs",
			in:   `[{"parts":[{"inlineData":{"mimeType":"image/png","data":"--__-w"}}]}]`,
			want: lines("user 0", `image "image/png" "++//+w=="`),
		},
		{
			name: "linked data",
			in:   `[{"parts":[{"fileData":{"fileUri":"https://x/a","mimeType":"image/png"}},{"file_data":{"file_uri":"https://x/b.PDF?q"}},{"fileData":{"fileUri":"gs://x/a.png"}},{"fileData":{"fileUri":"https://generativelanguage.googleapis.com/v1beta/files/a","mimeType":"image/png"}},{"fileData":{"fileUri":"https://x/a.mp4"}}]}]`,
			want: lines("user 0", `image url"https://x/a"`, `document url"https://x/b.PDF?q"`),
			lost: "contents[0].parts[2].fileData contents[0].parts[3].fileData contents[0].parts[4].fileData",
		},
		{
			name: "sound, film, and what runs at Google",
			in:   `[{"parts":[{"text":"a","videoMetadata":{"fps":1}},{"inlineData":{"mimeType":"audio/wav","data":"QUJD"}},{"inlineData":{"mimeType":"video/mp4","data":"QUJD"}}]},{"role":"model","parts":[{"executableCode":{"code":"x"}},{"codeExecutionResult":{"output":"y"}}]}]`,
			want: lines("user 0", `text "a"`, "assistant 1"),
			lost: "contents[0].parts[0].videoMetadata contents[0].parts[1].inlineData contents[0].parts[2].inlineData contents[1].parts[0].executableCode contents[1].parts[1].codeExecutionResult",
		},
		{
			name: "calls and results with ids",
			in:   `[{"role":"model","parts":[{"functionCall":{"id":"a","name":"f","args":{"x":1.50}}},{"functionCall":{"id":"b","name":"g"}}]},{"role":"user","parts":[{"functionResponse":{"id":"b","name":"g","response":{"output":"B"}}},{"functionResponse":{"id":"a","name":"f","response":{"result":{"n":1}}}}]}]`,
			want: lines("assistant 0", `call id"a" name"f" args{"x":1.50}`, `call id"b" name"g" args{}`, "user 1", `result id"b" {text "B"}`, `result id"a" {text "{\"n\":1}"}`),
		},
		{
			name: "results find calls without ids by name and order",
			in:   `[{"role":"model","parts":[{"functionCall":{"name":"f"}},{"functionCall":{"name":"g"}},{"functionCall":{"name":"f"}}]},{"role":"function","parts":[{"functionResponse":{"name":"g","response":{"output":"1"}}}]},{"parts":[{"functionResponse":{"name":"f","response":{"output":"2"}}},{"functionResponse":{"name":"f","response":{"output":"3"}}},{"functionResponse":{"name":"f","response":{"output":"4"}}}]},{"role":"model","parts":[{"functionCall":{"name":"f"}}]},{"parts":[{"functionResponse":{"name":"f","response":{}}}]}]`,
			want: lines("assistant 0", `call id"call_g1" name"f" args{}`, `call id"call_g2" name"g" args{}`, `call id"call_g3" name"f" args{}`,
				"user 1", `result id"call_g2" {text "1"}`, "user 2", `result id"call_g1" {text "2"}`, `result id"call_g3" {text "3"}`, `result id"call_g4" {text "4"}`,
				"assistant 3", `call id"call_g5" name"f" args{}`, "user 4", `result id"call_g5"`),
		},
		{
			name: "what a function told",
			in: `[{"role":"model","parts":[{"functionCall":{"id":"a","name":"f"}}]},{"parts":[` +
				`{"functionResponse":{"id":"a","name":"f","response":{"error":"bad"}}},` +
				`{"functionResponse":{"id":"a","name":"f","response":{"name":"f","content":"c"}}},` +
				`{"functionResponse":{"id":"a","name":"f","response":{"a":1,"error":"x"}}},` +
				`{"functionResponse":{"id":"a","name":"f","response":{"output":[]},"parts":[{"inlineData":{"mimeType":"image/png","data":"QUJD"}},{"fileData":{}}],"willContinue":false,"scheduling":"SILENT"}}]}]`,
			want: lines("assistant 0", `call id"a" name"f" args{}`, "user 1", `result id"a" failed {text "bad"}`, `result id"a" {text "c"}`, `result id"a" {text "{\"a\":1,\"error\":\"x\"}"}`,
				"result id\"a\" {text \"[]\"", `image "image/png" "QUJD"}`),
			lost: "contents[1].parts[3].functionResponse.parts[1].fileData contents[1].parts[3].functionResponse.scheduling",
		},
		{
			name: "reasoning of another provider with its signature",
			in:   `[{"role":"model","parts":[{"text":"t1 ","thought":true},{"text":"t2","thought":true},{"text":"","thought":true,"thoughtSignature":"` + token + `"},{"text":"a"},{"text":"b"}]}]`,
			want: lines("assistant 0", `reasoning "t1 t2" stateS:abcdef0:"a+b/c=?>"`, `text "ab"`),
		},
		{
			name: "a signature in the alphabet of URLs, without text",
			in:   `[{"role":"model","parts":[{"thought":true,"thoughtSignature":"` + strings.NewReplacer("+", "-", "/", "_").Replace(token) + `"}]}]`,
			want: lines("assistant 0", `reasoning stateS:abcdef0:"a+b/c=?>"`),
		},
		{
			name: "signatures of Google's own are of no use to others",
			in:   `[{"role":"model","parts":[{"text":"t","thought":true,"thoughtSignature":"c2ln"},{"text":"a","thoughtSignature":"c2ln"},{"functionCall":{"id":"x","name":"f"},"thoughtSignature":"c2ln"}]}]`,
			want: lines("assistant 0", `reasoning "t"`, `text "a"`, `call id"x" name"f" args{}`),
		},
		{
			name: "reasoning of a user",
			in:   `[{"parts":[{"text":"t","thought":true},{"text":"a","thoughtSignature":"` + token + `"}]}]`,
			want: lines("user 0", `text "a"`),
			lost: "contents[0].parts[0]",
		},
		{
			name: "the chunks of a stream, each kept as a content",
			in:   `[{"role":"model","parts":[{"text":"Hel"}]},{"role":"model","parts":[{"text":"lo"}]},{"role":"model","parts":[{"functionCall":{"name":"f"}}]},{"parts":[{"functionResponse":{"name":"f","response":{"output":"x"}}}]}]`,
			want: lines("assistant 0", `text "Hello"`, `call id"call_g1" name"f" args{}`, "user 3", `result id"call_g1" {text "x"}`),
		},
		{
			name: "the signature of a call inside of its id",
			in: fmt.Sprintf(`[{"role":"model","parts":[{"functionCall":{"id":%[1]s,"name":"f"}}]},{"parts":[{"functionResponse":{"id":%[1]s,"name":"f","response":{"output":"x"}}}]}]`,
				string(conv.WithState(`"x"`, &call, "abcdef0"))),
			want: lines("assistant 0", `call id"x" name"f" args{} stateT:abcdef0:"c2ln"`, "user 1", `result id"x" {text "x"}`),
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, lost := read(t, `{"contents":`+c.in+`}`)
			if diff := cmp.Diff(c.want, dumpMessages(r.Messages)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			lost.check(t, c.lost)
		})
	}
}

const hi = `"contents":[{"parts":[{"text":"hi"}]}]`

func TestReadSystem(t *testing.T) {
	for in, want := range map[string]string{
		`"systemInstruction":"a"`:                                            lines(`text "a"`),
		`"system_instruction":{"parts":{"text":"a"}}`:                        lines(`text "a"`),
		`"systemInstruction":{"role":"user","parts":[{"text":"a"},{}]}`:      lines(`text "a"`),
		`"systemInstruction":{"parts":[{"text":"a"},{"text":"b"}]}`:          lines(`text "a"`, `text "b"`),
		`"systemInstruction":{"parts":[{"text":"a","thought":false}]},"a":0`: lines(`text "a"`),
	} {
		r, _ := read(t, `{`+hi+`,`+in+`}`)
		if got := dump(r.System); got != want {
			t.Errorf("%s: got %s want %s", in, got, want)
		}
	}
}

func TestReadTools(t *testing.T) {
	for _, c := range []struct{ name, in, tools, choice, lost string }{
		{
			name:  "parameters of OpenAPI become JSON Schema",
			in:    `"tools":[{"functionDeclarations":[{"name":"f","description":"d","parameters":{"type":"OBJECT","properties":{"a":{"type":"STRING","nullable":true}}}}]}]`,
			tools: `"f" "d" {"type":"object","properties":{"a":{"type":["string","null"]}}}`,
		},
		{
			name:  "JSON Schema stays whole",
			in:    `"tools":[{"function_declarations":[{"name":"f","parameters_json_schema":{"type":"object","$defs":{}}},{"name":"g"}]}]`,
			tools: `"f"  {"type":"object","$defs":{}}|"g"  `,
		},
		{
			name:  "tools of the server",
			in:    `"tools":[{"googleSearch":{}},{"codeExecution":{}},{"functionDeclarations":[{"name":"f","behavior":"NON_BLOCKING","response":{"type":"OBJECT"}}]}]`,
			tools: `"f"  `,
			lost:  "tools[0].googleSearch tools[1].codeExecution tools[2].functionDeclarations[0].behavior tools[2].functionDeclarations[0].response",
		},
		{
			name:   "any tool",
			in:     `"tools":[{"functionDeclarations":[{"name":"f"}]}],"toolConfig":{"functionCallingConfig":{"mode":"ANY"}}`,
			tools:  `"f"  `,
			choice: "2",
		},
		{
			name:   "one tool",
			in:     `"tools":[{"functionDeclarations":[{"name":"f"},{"name":"g"}]}],"tool_config":{"function_calling_config":{"mode":"ANY","allowed_function_names":["g"]}}`,
			tools:  `"f"  |"g"  `,
			choice: `4"g"`,
		},
		{
			name:   "of several that may be called the others are left out",
			in:     `"tools":[{"functionDeclarations":[{"name":"f"},{"name":"g"},{"name":"h"}]}],"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["g","f"]}}`,
			tools:  `"f"  |"g"  `,
			choice: "2",
		},
		{
			name:   "no tool",
			in:     `"tools":[{"functionDeclarations":[{"name":"f"}]}],"toolConfig":{"functionCallingConfig":{"mode":"NONE"},"retrievalConfig":{"languageCode":"de"}}`,
			tools:  `"f"  `,
			choice: "3",
			lost:   "toolConfig.retrievalConfig",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, lost := read(t, `{`+hi+`,`+c.in+`}`)
			var tools []string
			for _, tool := range r.Tools {
				tools = append(tools, string(tool.Name)+" "+string(tool.Description)+" "+tool.Schema)
			}
			if got := strings.Join(tools, "|"); got != c.tools {
				t.Errorf("got %s want %s", got, c.tools)
			}
			if got := fmt.Sprint(r.Choice.Mode) + string(r.Choice.Name); got != c.choice && c.choice != "" {
				t.Errorf("choice %s, want %s", got, c.choice)
			}
			lost.check(t, c.lost)
		})
	}
}

func TestReadConfig(t *testing.T) {
	for _, c := range []struct{ name, in, want, lost string }{
		{
			name: "limits and sampling",
			in:   `"maxOutputTokens":9,"temperature":0.70,"topP":0.9,"topK":40.0,"stopSequences":["a","b"],"candidateCount":1`,
			want: `9 0.70 0.9 40 [a b]`,
		},
		{name: "snake case", in: `"max_output_tokens":9,"top_p":1,"top_k":1,"stop_sequences":[]`, want: `9  1 1 []`},
		{
			name: "settings that OpenAI has too", in: `"seed":0,"presencePenalty":0.5,"frequencyPenalty":0,"responseLogprobs":true,"logprobs":3`,
			want: `    [] seed=0 presence_penalty=0.5 logprobs=true top_logprobs=3`,
		},
		{
			name: "what only Gemini has", in: `"mediaResolution":"MEDIA_RESOLUTION_LOW","responseModalities":["TEXT","IMAGE"],"speechConfig":{"a":1},"audioTimestamp":true`,
			want: `    []`, lost: "generationConfig.mediaResolution generationConfig.responseModalities generationConfig.speechConfig generationConfig.audioTimestamp",
		},
		{
			name: "what asks for nothing", in: `"mediaResolution":"MEDIA_RESOLUTION_UNSPECIFIED","responseModalities":["TEXT"],"speechConfig":null,"audioTimestamp":false,"responseMimeType":"text/plain","logprobs":0`,
			want: `    []`,
		},
		{name: "no reasoning", in: `"thinkingConfig":{"thinkingBudget":0}`, want: `    [] thinking=1`},
		{name: "reasoning as the model likes", in: `"thinkingConfig":{"thinkingBudget":-1,"includeThoughts":true}`, want: `    [] thinking=2 show`},
		{name: "a budget", in: `"thinking_config":{"thinking_budget":2048,"include_thoughts":false}`, want: `    [] thinking=2 2048 hide`},
		{name: "a level", in: `"thinkingConfig":{"thinkingLevel":"LOW"}`, want: `    [] thinking=2 low`},
		{name: "JSON", in: `"responseMimeType":"application/json"`, want: `    [] format=1`},
		{name: "a schema", in: `"responseSchema":{"type":"OBJECT"},"responseMimeType":"application/json"`, want: `    [] format=2 {"type":"object"}`},
		{name: "a JSON Schema", in: `"responseJsonSchema":{"type":"object"}`, want: `    [] format=2 {"type":"object"}`},
		{name: "one word of several", in: `"responseMimeType":"text/x.enum"`, want: `    []`, lost: "generationConfig.responseMimeType"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r, lost := read(t, `{`+hi+`,"generationConfig":{`+c.in+`}}`)
			if got := dumpConfig(r); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			lost.check(t, c.lost)
		})
	}
}

func dumpConfig(r *conv.Request) string {
	out := fmt.Sprintf("%s %s %s %s %v", r.MaxTokens, r.Temperature, r.TopP, r.TopK, r.Stop)
	for _, s := range r.Settings {
		out += " " + s.Key + "=" + string(s.Value)
	}
	if th := r.Thinking; th.Mode != conv.ThinkingUnset {
		out += fmt.Sprintf(" thinking=%d", th.Mode)
		if th.Budget > 0 {
			out += fmt.Sprint(" ", th.Budget)
		}
		if th.Effort != "" {
			out += " " + string(th.Effort)
		}
		out += map[bool]string{true: " show"}[th.Show] + map[bool]string{true: " hide"}[th.Hide]
	}
	if r.Format.Kind != conv.FormatText {
		out += fmt.Sprintf(" format=%d", r.Format.Kind)
		if r.Format.Schema != "" {
			out += " " + r.Format.Schema
		}
	}
	return out
}

func TestReadOtherFields(t *testing.T) {
	_, lost := read(t, `{`+hi+`,"model":"models/x","safetySettings":[{"category":"c","threshold":"BLOCK_NONE"}],"labels":{},"store":false,"serviceTier":"standard","cachedContent":""}`)
	lost.check(t, "")
	_, lost = read(t, `{`+hi+`,"safety_settings":[{"threshold":"BLOCK_LOW_AND_ABOVE"}],"labels":{"a":"b"},"store":true,"serviceTier":"flex","what":1}`)
	lost.check(t, "safety_settings labels store serviceTier what")
}

func TestReadNames(t *testing.T) {
	r, _ := read(t, `{`+hi+`}`)
	if n := r.Names; n.MaxTokens == "" || n.TopP == "" || n.TopK == "" || n.Stop == "" || n.User == "" || n.Thinking == "" ||
		n.Format == "" || n.Choice == "" || n.Parallel == "" || n.Temperature == "" || n.Messages != "contents" {
		t.Errorf("some name is missing in %+v", n)
	}
}

func TestBadRequests(t *testing.T) {
	for in, want := range map[string]string{
		`7`:                                     "",
		`{}`:                                    "contents",
		`{"contents":[]}`:                       "contents",
		`{"contents":7}`:                        "contents",
		`{"contents":[7]}`:                      "contents[0]",
		`{"contents":[{"role":"x"}]}`:           "contents[0].role",
		`{"contents":[{"parts":7}]}`:            "contents[0].parts",
		`{"contents":[{"parts":[7]}]}`:          "contents[0].parts[0]",
		`{"contents":[{"parts":[{"text":7}]}]}`: "contents[0].parts[0].text",
		`{"contents":[{"parts":[{"inlineData":{}}]}]}`:                                     "contents[0].parts[0].inlineData.mimeType",
		`{"contents":[{"parts":[{"inlineData":{"mimeType":"image/png"}}]}]}`:               "contents[0].parts[0].inlineData.data",
		`{"contents":[{"parts":[{"inlineData":{"mimeType":"text/plain","data":"%"}}]}]}`:   "contents[0].parts[0].inlineData.data",
		`{"contents":[{"parts":[{"fileData":{}}]}]}`:                                       "contents[0].parts[0].fileData.fileUri",
		`{"contents":[{"parts":[{"functionCall":{"name":"f"}}]}]}`:                         "contents[0].parts[0].functionCall",
		`{"contents":[{"role":"model","parts":[{"functionCall":{}}]}]}`:                    "contents[0].parts[0].functionCall.name",
		`{"contents":[{"role":"model","parts":[{"functionCall":{"name":"f","args":7}}]}]}`: "contents[0].parts[0].functionCall.args",
		`{"contents":[{"role":"model","parts":[{"functionResponse":{}}]}]}`:                "contents[0].parts[0].functionResponse",
		`{"contents":[{"parts":[{"functionResponse":{"response":7}}]}]}`:                   "contents[0].parts[0].functionResponse.response",
		`{` + hi + `,"tools":7}`:                                                        "tools",
		`{` + hi + `,"tools":[{"functionDeclarations":[{}]}]}`:                          "tools[0].functionDeclarations[0].name",
		`{` + hi + `,"tools":[{"functionDeclarations":[{"name":"f","parameters":7}]}]}`: "tools[0].functionDeclarations[0].parameters",
		`{` + hi + `,"toolConfig":{"functionCallingConfig":{"mode":"X"}}}`:              "toolConfig.functionCallingConfig.mode",
		`{` + hi + `,"generationConfig":{"candidateCount":2}}`:                          "generationConfig.candidateCount",
		`{` + hi + `,"generationConfig":{"maxOutputTokens":-1}}`:                        "generationConfig.maxOutputTokens",
		`{` + hi + `,"generationConfig":{"stopSequences":[7]}}`:                         "generationConfig.stopSequences[0]",
		`{` + hi + `,"generationConfig":{"thinkingConfig":{"thinkingLevel":"MUCH"}}}`:   "generationConfig.thinkingConfig.thinkingLevel",
		`{` + hi + `,"generationConfig":{"responseSchema":7}}`:                          "generationConfig.responseSchema",
		`{` + hi + `,"cachedContent":"cachedContents/x"}`:                               "cachedContent",
		`{` + hi + `,"systemInstruction":7}`:                                            "systemInstruction",
	} {
		_, err := gemini.ReadRequest([]byte(in), func(string, string) {})
		fe, ok := errors.AsType[*conv.FieldError](err)
		if !ok || fe.Field != want || fe.Problem == "" {
			t.Errorf("%s: got %v, want a problem of %s", in, err, want)
		}
	}
}
