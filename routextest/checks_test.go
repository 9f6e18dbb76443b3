package routextest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/routextest"
)

// A check is a body and whether the front takes it.
type check struct {
	body string
	ok   bool
}

// checked posts bodies to a path.
func checked(t *testing.T, path string, checks []check) {
	t.Helper()
	p := routextest.NewProvider(routextest.Options{})
	s := p.Start()
	defer s.Close()
	for _, test := range checks {
		resp, text, err := ask(t, http.DefaultTransport, s.URL+path, test.body)
		if err != nil || (resp.StatusCode == 200) != test.ok || !test.ok && (resp.StatusCode != 400 || gjson.Get(text, "error.message").String() == "") {
			t.Errorf("%s: %d %s", test.body, resp.StatusCode, text)
		}
	}
}

// with makes bodies of settings around a conversation.
func with(common string, ok bool, settings ...string) (out []check) {
	for _, s := range settings {
		out = append(out, check{"{" + s + "," + common + "}", ok})
	}
	return out
}

// turns makes bodies of the items of a conversation.
func turns(before, after string, ok bool, items ...string) (out []check) {
	for _, s := range items {
		out = append(out, check{before + s + after, ok})
	}
	return out
}

func TestAnthropicRefusesWhatTheAPIRefuses(t *testing.T) {
	const common = `"model":"m","messages":[{"role":"user","content":"x"}]`
	const tool = `"tools":[{"name":"f","input_schema":{"type":"object"}}]`
	checked(t, messages, []check{{`{`, false}, {`{"max_tokens":1}`, false}, {`{"model":"m","max_tokens":1,"messages":[]}`, false}, {`{"max_tokens":1,"messages":[{"role":"user","content":"x"}]}`, false}})
	checked(t, messages, with(common, true, `"max_tokens":1`, `"max_tokens":1,"temperature":1`, `"max_tokens":1,`+tool, `"max_tokens":1,"tool_choice":{"type":"tool","name":"f"},`+tool,
		`"max_tokens":2000,"thinking":{"type":"enabled","budget_tokens":1024}`, `"max_tokens":2000,"thinking":{"type":"adaptive"}`,
		`"max_tokens":1,"output_config":{"format":{"type":"json_schema","schema":{"type":"object","additionalProperties":false}}}`))
	checked(t, messages, with(common, false, `"max_tokens":0`, `"max_tokens":1,"temperature":1.5`, `"max_tokens":1,"top_p":-1`, `"max_tokens":1,"seed":1`, `"max_tokens":1,"stop_sequences":[" "]`,
		`"max_tokens":1,"metadata":{"a":"b"}`, `"max_tokens":1,"output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}}`,
		`"max_tokens":1,"tool_choice":{"type":"any"}`, `"max_tokens":1,"tool_choice":{"type":"tool","name":"g"},`+tool, `"max_tokens":1,"tool_choice":{"type":"none","disable_parallel_tool_use":true},`+tool,
		`"max_tokens":1,"tools":[{"name":"a b","input_schema":{"type":"object"}}]`, `"max_tokens":1,"tools":[{"name":"a"}]`, `"max_tokens":1,"tools":[{"name":"a","input_schema":{"type":"object"},"parameters":{}}]`,
		`"max_tokens":1024,"thinking":{"type":"enabled","budget_tokens":1024}`, `"max_tokens":2000,"thinking":{"type":"enabled","budget_tokens":1}`, `"max_tokens":2000,"thinking":{"type":"on"}`,
		`"max_tokens":2000,"thinking":{"type":"adaptive"},"temperature":0`, `"max_tokens":2000,"thinking":{"type":"adaptive"},"top_k":1`, `"max_tokens":2000,"thinking":{"type":"adaptive"},"top_p":0.5`,
		`"max_tokens":2000,"thinking":{"type":"adaptive"},"tool_choice":{"type":"any"},`+tool))
	const call = `{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]}`
	const before, after = `{"model":"m","max_tokens":2000,"messages":[`, `]}`
	checked(t, messages, turns(before, after, true, call+`,{"role":"user","content":[{"type":"tool_result","tool_use_id":"a"},{"type":"text","text":"y"}]}`,
		call+`,{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"AA=="}}]}]}`))
	checked(t, messages, turns(before, after, false, `{"role":"assistant","content":"x"}`, `{"role":"user","content":""}`, `{"role":"user","content":[]}`, `{"role":"user"}`, `{"role":"robot","content":"x"}`,
		`{"role":"system","content":"x"}`, `{"role":"user","name":"n","content":"x"}`, `{"role":"user","content":[{"type":"text","text":" "}]}`, `{"role":"user","content":[{"text":"x"}]}`,
		`{"role":"user","content":[{"type":"image"}]}`, `{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/bmp","data":"AA=="}}]}`,
		`{"role":"user","content":[{"type":"document","source":{"type":"base64","media_type":"text/csv","data":"AA=="}}]}`, `{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png"}}]}`,
		`{"role":"user","content":[{"type":"tool_result","tool_use_id":"a"}]}`, call, call+`,{"role":"user","content":"y"}`,
		call+`,{"role":"user","content":[{"type":"text","text":"y"},{"type":"tool_result","tool_use_id":"a"}]}`,
		call+`,{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"json"}]}]}`,
		`{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"a","input":"{}"}]}`, `{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"a.b","input":{}}]}`,
		`{"role":"user","content":"x"},{"role":"assistant","content":"prefilled "}`, `{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"thinking","thinking":"x","signature":"y"}]}`,
		`{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"redacted_thinking","data":"y"}]}`, `{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"image","source":{"type":"url"}}]}`))
	checked(t, messages, turns(`{"thinking":{"type":"enabled","budget_tokens":1024},`+before[1:], after, false, call+`,{"role":"user","content":[{"type":"tool_result","tool_use_id":"a"}]}`))
}

func TestAnthropicHasTwoVersions(t *testing.T) {
	p := routextest.NewProvider(routextest.Options{})
	s := p.Start()
	defer s.Close()
	const common = `"model":"m","max_tokens":1,"messages":[{"role":"user","content":"x"}`
	for _, test := range []struct {
		version, body string
		ok            bool
	}{
		{"", `{` + common + `]}`, false},
		{"2030-01-01", `{` + common + `]}`, false},
		{"2026-10-21", `{` + common + `]}`, true},
		{"2026-10-21", `{"temperature":1,` + common + `]}`, false},
		{"2026-10-21", `{` + common + `,{"role":"system","content":"x"}]}`, true},
		{"2026-10-21", `{` + common + `,{"role":"assistant","content":[{"type":"document","source":{"type":"text","data":"x"}}]}]}`, false},
		{"2026-10-21", `{` + common + `,{"role":"user","content":[{"type":"text","text":"x","citations":[{}]}]}]}`, false},
	} {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL+messages, strings.NewReader(test.body))
		req.Header.Set("Anthropic-Version", test.version)
		if resp, err := http.DefaultTransport.RoundTrip(req); err != nil || (resp.StatusCode == 200) != test.ok {
			t.Errorf("%s %s: %v %v", test.version, test.body, resp, err)
		}
	}
}

func TestChatRefusesWhatTheAPIRefuses(t *testing.T) {
	const common = `"messages":[{"role":"user","content":"x"}]`
	const tool = `"tools":[{"type":"function","function":{"name":"f"}}]`
	checked(t, completions, []check{{`{`, false}, {`{` + common + `}`, false}, {`{"model":"m","messages":[]}`, false}})
	checked(t, completions, with(common, true, `"model":"m","max_tokens":1,"thinking":{}`, `"model":"gpt-4o","max_tokens":1`, `"model":"gpt-5","max_completion_tokens":1`, `"model":"m",`+tool,
		`"model":"m","parallel_tool_calls":false,`+tool, `"model":"m","response_format":{"type":"json_schema","json_schema":{"name":"n","strict":true,"schema":{"type":"object","additionalProperties":false}}}`))
	checked(t, completions, with(common, false, `"model":"gpt-5","max_tokens":1`, `"model":"o3-mini","max_tokens":1`, `"model":"gpt-5","temperature":0`, `"model":"gpt-5","stop":"x"`, `"model":"gpt-4o","top_k":1`, `"model":"gpt-4o","reasoning_effort":"low"`,
		`"model":"m","temperature":3`, `"model":"m","top_p":2`, `"model":"m","max_tokens":1,"max_completion_tokens":1`, `"model":"m","max_tokens":0`, `"model":"m","stop":["1","2","3","4","5"]`,
		`"model":"m","stream_options":{}`, `"model":"m","tool_choice":"auto"`, `"model":"m","parallel_tool_calls":true`, `"model":"m","tools":[]`, `"model":"m","tools":[{"name":"f"}]`,
		`"model":"m","tools":[{"type":"function","function":{"name":"a b"}}]`, `"model":"m","tools":[{"type":"function","function":{"name":"a","strict":true,"parameters":{"type":"object"}}}]`,
		`"model":"m","tools":[{"type":"function","function":{"name":"a","parameters":{}}}]`, `"model":"m","tool_choice":{"type":"function","function":{"name":"g"}},`+tool,
		`"model":"m","response_format":{"type":"json_object"}`, `"model":"m","response_format":{"type":"json_schema","json_schema":{"schema":{}}}`,
		`"model":"m","response_format":{"type":"json_schema","json_schema":{"name":"n","strict":true,"schema":{"type":"object"}}}`))
	const call = `{"role":"user","content":"x"},{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]}`
	const after = `]}`
	checked(t, completions, turns(`{"model":"gpt-4o","messages":[`, after, true, `{"role":"system","content":"x"},{"role":"user","content":[{"type":"text","text":"hi"},{"type":"image_url","image_url":{"url":"data:image/png;base64,AA=="}}]}`,
		call+`,{"role":"tool","tool_call_id":"a","content":"x"}`, `{"role":"user","content":"x"},{"role":"assistant","content":null,"refusal":"no"}`,
		`{"role":"user","content":[{"type":"file","file":{"filename":"f","file_data":"data:application/pdf;base64,AA=="}}]}`))
	checked(t, completions, turns(`{"model":"gpt-4o","messages":[`, after, false, `{"role":"robot","content":"x"}`, `{"role":"user"}`, `{"role":"user","content":[]}`, `{"role":"tool","tool_call_id":"a","content":"x"}`, call,
		call+`,{"role":"user","content":"x"}`, call+`,{"role":"tool","tool_call_id":"a","content":[{"type":"image_url"}]}`, `{"role":"assistant"}`, `{"role":"assistant","tool_calls":[]}`,
		`{"role":"assistant","tool_calls":[{"id":"a"}]}`, `{"role":"assistant","tool_calls":[{"id":"","type":"function"}]}`, `{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":{}}}]}`,
		`{"role":"assistant","tool_calls":[{"id":"`+strings.Repeat("x", 41)+`","type":"function"}]}`,
		`{"role":"user","content":[{"type":"text","text":"x","cache_control":{}}]}`, `{"role":"user","content":[{"type":"image_url","image_url":{"url":"file:///x"}}]}`,
		`{"role":"user","content":[{"type":"file","file":{}}]}`, `{"role":"user","content":[{"type":"file","file":{"file_data":"x"}}]}`))
	checked(t, completions, turns(`{"model":"kimi-k2","messages":[`, after, false, call+`,{"role":"tool","tool_call_id":"a","content":"x"}`))
	checked(t, completions, turns(`{"model":"kimi-k2","messages":[`, after, true, strings.Replace(call, `"tool_calls"`, `"reasoning_content":"r","tool_calls"`, 1)+`,{"role":"tool","tool_call_id":"a","content":"x"}`))
	checked(t, "/api/paas/v4/chat/completions", with(common, false, `"model":"m","tool_choice":"required",`+tool, `"model":"m","stop":["a","b"]`))
	checked(t, "/api/paas/v4/chat/completions", turns(`{"model":"m","messages":[`, after, false, `{"role":"developer","content":"x"}`))
}

func TestResponsesRefusesWhatTheAPIRefuses(t *testing.T) {
	const common = `"input":"x json"`
	const tool = `"tools":[{"type":"function","name":"f","parameters":{"type":"object"}}]`
	checked(t, answers, []check{{`{`, false}, {`{"input":"x"}`, false}, {`{"model":"m"}`, false}, {`{"model":"m","input":[]}`, false}})
	checked(t, answers, with(common, true, `"model":"m"`, `"model":"m","text":{"format":{"type":"json_object"}}`, `"model":"m",`+tool, `"model":"m","tool_choice":{"type":"function","name":"f"},`+tool,
		`"model":"m","tools":[{"type":"web_search"},{"type":"custom","name":"c"}]`, `"model":"m","include":["reasoning.encrypted_content"]`))
	checked(t, answers, with(common, false, `"model":"m","max_tokens":20`, `"model":"m","messages":[]`, `"model":"m","max_output_tokens":15`, `"model":"m","temperature":3`, `"model":"m","top_p":2`, `"model":"gpt-5","temperature":1`, `"model":"gpt-4o","reasoning":{"effort":"low"}`,
		`"model":"m","include":["everything"]`, `"model":"m","previous_response_id":"resp_none"`, `"model":"m","tool_choice":"required"`, `"model":"m","tools":[{"type":"function","function":{"name":"f"}}]`, `"model":"m","tools":[{"name":"f"}]`,
		`"model":"m","tools":[{"type":"function","name":"f","parameters":{}}]`, `"model":"m","tools":[{"type":"function","name":"f","strict":true,"parameters":{"type":"object"}}]`,
		`"model":"m","tools":[{"type":"function","name":"f","input_schema":{}}]`, `"model":"m","tool_choice":{"type":"function","name":"g"},`+tool, `"model":"m","tool_choice":{"type":"function","function":{"name":"f"}},`+tool,
		`"model":"m","text":{"format":{"type":"json_schema","schema":{}}}`, `"model":"m","text":{"format":{"type":"json_schema","name":"n"}}`, `"model":"m","text":{"format":{"type":"json_schema","name":"n","strict":true,"schema":{"type":"object"}}}`))
	checked(t, answers, []check{{`{"model":"m","input":"x","text":{"format":{"type":"json_object"}}}`, false}})
	const call = `{"role":"user","content":"x"},{"type":"function_call","call_id":"a","name":"f","arguments":"{}"}`
	const before, after = `{"model":"m","input":[`, `]}`
	checked(t, answers, turns(before, after, true, call+`,{"type":"function_call_output","call_id":"a","output":"x"}`, call+`,{"type":"function_call_output","call_id":"a","output":[{"type":"input_image","image_url":"data:image/png;base64,AA=="}]}`,
		`{"type":"message","role":"assistant","content":[{"type":"output_text","text":"x"}]},{"role":"user","content":[{"type":"input_file","filename":"f","file_data":"x"}]}`,
		`{"role":"user","content":"x"},{"type":"custom_tool_call","call_id":"a","name":"f","input":"x"},{"type":"custom_tool_call_output","call_id":"a","output":"x"}`))
	checked(t, answers, turns(before, after, false, call, `{"type":"function_call_output","call_id":"a","output":"x"}`, call+`,{"type":"function_call_output","call_id":"a"}`, `{"role":"robot","content":"x"}`, `{"role":"user"}`, `{"role":"user","content":[]}`,
		`{"role":"user","content":"x","name":"y"}`, `{"role":"assistant","content":[{"type":"input_text","text":"x"}]}`, `{"role":"user","content":[{"type":"text","text":"x"}]}`, `{"role":"user","content":[{"type":"input_text"}]}`,
		`{"role":"user","content":[{"type":"input_image","image_url":"x"}]}`, `{"role":"user","content":[{"type":"input_file"}]}`, `{"role":"user","content":[{"type":"input_file","file_data":"x"}]}`,
		`{"type":"message","role":"assistant","id":"x","content":"y"}`, `{"type":"function_call","call_id":"a","id":"a","name":"f","arguments":"{}"}`, `{"type":"function_call","call_id":"","name":"f","arguments":"{}"}`,
		`{"type":"function_call","call_id":"a","arguments":"{}"}`, `{"type":"function_call","call_id":"a","name":"f","arguments":{}}`, `{"type":"item_reference","id":"x"}`, `{"type":"strange"}`,
		`{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"x"},{"role":"assistant","content":"y"}`, `{"type":"reasoning","id":"rs_1","summary":[]},{"role":"assistant","content":"y"}`,
		`{"type":"reasoning","id":"x","summary":[]}`, `{"type":"reasoning","id":"rs_test1"}`, `{"type":"reasoning","id":"rs_test1","summary":[{"type":"text"}]}`,
		`{"type":"reasoning","id":"rs_test1","summary":[]},{"role":"user","content":"y"}`, `{"type":"reasoning","id":"rs_test1","summary":[]}`))
}

func TestGeminiRefusesWhatTheAPIRefuses(t *testing.T) {
	const common = `"contents":[{"parts":[{"text":"x"}]}]`
	const third = "/v1beta/models/gemini-3-pro:generateContent"
	tools := func(f string) string { return `"tools":[{"functionDeclarations":[` + f + `]}]` }
	parameters := func(s string) string { return tools(`{"name":"f","parameters":` + s + `}`) }
	checked(t, generate, []check{{`{`, false}, {`{"contents":[]}`, false}, {`{"model":"m","messages":[]}`, false}, {`{` + common + `}`, true}})
	checked(t, generate, with(common, true, `"generationConfig":{"temperature":2,"topP":1,"thinkingConfig":{"thinkingBudget":-1}}`, `"systemInstruction":{"parts":[{"text":"x"}]}`, tools(`{"name":"f"}`),
		parameters(`{"type":"object","properties":{"a":{"type":"array","items":{"type":"string","enum":["x"]}}},"required":["a"]}`), tools(`{"name":"f","parametersJsonSchema":{"$ref":"x"}}`),
		`"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["f"]}},`+tools(`{"name":"f"}`), `"generationConfig":{"responseMimeType":"application/json","responseJsonSchema":{"const":1}}`))
	checked(t, generate, with(common, false, `"generationConfig":{"temperature":3}`, `"generationConfig":{"topP":2}`, `"generationConfig":{"topK":0}`, `"generationConfig":{"max_tokens":1}`, `"generationConfig":{"maxOutputTokens":0}`,
		`"generationConfig":{"candidateCount":9}`, `"generationConfig":{"stopSequences":["1","2","3","4","5","6"]}`, `"systemInstruction":{"parts":[]}`, `"generationConfig":{"thinkingConfig":{"thinkingLevel":"low"}}`,
		`"generationConfig":{"thinkingConfig":{"budget":1}}`, `"generationConfig":{"thinkingConfig":{"thinkingBudget":99999}}`, `"generationConfig":{"responseSchema":{"type":"STRING"}}`,
		`"generationConfig":{"responseMimeType":"application/json","responseSchema":{"type":"STRING"},"responseJsonSchema":{}}`, `"generationConfig":{"responseMimeType":"application/json","responseSchema":{"const":1}}`,
		`"generationConfig":{"responseMimeType":"application/json"},`+tools(`{"name":"f"}`), tools(`{"name":"1f"}`), tools(`{"name":""}`), tools(`{"name":"f"},{"name":"f"}`), tools(`{"name":"f","strict":true}`),
		tools(`{"name":"f","parameters":{"type":"OBJECT"},"parametersJsonSchema":{}}`), parameters(`{"type":"object","additionalProperties":false}`), parameters(`{"type":["string","null"]}`), parameters(`{}`),
		parameters(`{"type":"object","properties":{}}`), parameters(`{"type":"array"}`), parameters(`{"type":"integer","enum":["1"]}`), parameters(`{"type":"object","properties":{"a":{"$ref":"x"}}}`),
		parameters(`{"type":"object","properties":{"a":{"type":"string"}},"required":["b"]}`), parameters(`{"anyOf":[{"const":1}]}`), parameters(`{"type":"array","items":{"const":1}}`),
		`"toolConfig":{"functionCallingConfig":{"mode":"AUTO","allowedFunctionNames":["f"]}},`+tools(`{"name":"f"}`), `"toolConfig":{"functionCallingConfig":{"mode":"ANY"}}`,
		`"toolConfig":{"functionCallingConfig":{"mode":"ANY","allowedFunctionNames":["g"]}},`+tools(`{"name":"f"}`)))
	checked(t, third, with(common, false, `"generationConfig":{"thinkingConfig":{"thinkingLevel":"low","thinkingBudget":1}}`))
	checked(t, "/v1beta/models/gemini-2.5-pro:generateContent", with(common, false, `"generationConfig":{"thinkingConfig":{"thinkingBudget":0}}`))
	const call = `{"role":"user","parts":[{"text":"x"}]},{"role":"model","parts":[{"functionCall":{"id":"1","name":"f","args":{}}},{"functionCall":{"name":"g"}}]}`
	const answer = `,{"role":"user","parts":[{"functionResponse":{"name":"g","response":{}}},{"functionResponse":{"id":"1","name":"f","response":{},"parts":[{"inlineData":{"mimeType":"image/png","data":"AA=="}}]}}]}`
	const before, after = `{"contents":[`, `]}`
	checked(t, generate, turns(before, after, true, call+answer))
	checked(t, third, turns(before, after, false, call+answer))
	checked(t, third, turns(before, after, true, strings.Replace(call, `"args":{}}`, `"args":{}},"thoughtSignature":"skip_thought_signature_validator"`, 1)+answer,
		call+answer+`,{"role":"model","parts":[{"text":"y"}]},{"role":"user","parts":[{"text":"another turn"}]}`))
	checked(t, generate, turns(before, after, false, call, answer[1:], call+`,{"role":"user","parts":[{"text":"x"}]}`, call+`,{"role":"user","parts":[{"functionResponse":{"name":"f","response":{}}}]}`,
		strings.Replace(call+answer, `"id":"1","name":"f","r`, `"id":"2","name":"f","r`, 1), strings.Replace(call+answer, `"name":"g","r`, `"name":"h","r`, 1), strings.Replace(call+answer, `"response":{}`, `"response":"x"`, 1),
		`{"role":"model","parts":[{"text":"x"}]}`, `{"role":"assistant","parts":[{"text":"x"}]}`, `{"role":"user","parts":[]}`, `{"role":"user","content":"x"}`, `{"parts":[{"text":""}]}`, `{"parts":[{}]}`, `{"parts":[{"text":"x","type":"text"}]}`,
		`{"parts":[{"text":"x","inlineData":{}}]}`, `{"parts":[{"inlineData":{"data":"AA=="}}]}`, `{"parts":[{"fileData":{"mimeType":"x/y"}}]}`, `{"parts":[{"functionCall":{"name":"f"}}]}`, `{"parts":[{"text":"x","thoughtSignature":"AA=="}]}`,
		`{"parts":[{"text":"x"}]},{"role":"model","parts":[{"text":"x","thoughtSignature":"AA=="}]}`, `{"parts":[{"text":"x"}]},{"role":"model","parts":[{"functionCall":{"name":"f","args":"{}"}}]}`))
}
