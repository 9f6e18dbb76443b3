package transform_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform"
)

// What some provider would refuse, or nobody understand, is written otherwise.
func TestWhatProvidersRefuse(t *testing.T) {
	oa, cu, no := transform.Target{Flavor: "openai"}, transform.Target{Flavor: "custom"}, transform.Target{}
	run := func(name string, f func(t *testing.T)) { t.Run(name, f) }
	const ask = `"max_tokens":99,"messages":[{"role":"user","content":"q"}]`
	const called = `{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]}`

	run("the tools of Codex", func(t *testing.T) {
		const tools = `[{"type":"namespace","name":"functions","tools":[{"type":"custom","name":"exec","description":"d"},{"type":"function","name":"wait","parameters":{"type":"object","properties":{}}}]},{"type":"namespace","name":"mcp__x__","tools":[{"type":"function","name":"y","parameters":{"type":"object","properties":{}}}]}]`
		const history = `{"type":"custom_tool_call","call_id":"c","namespace":"functions","name":"exec","input":"ls"},{"type":"custom_tool_call_output","call_id":"c","output":"a"}`
		for _, body := range []string{
			`{"model":"m","input":[{"type":"additional_tools","role":"developer","id":"at_1","tools":` + tools + `},{"role":"user","content":"q"},` + history + `]}`,
			`{"model":"m","input":[{"role":"user","content":"q"},` + history + `],"tools":` + tools + `}`,
		} {
			w := way{responses, messages, "claude-sonnet-4-5", no}
			r, v := w.send(t, body)
			want(t, "names", v.Get("tools.#.name").Raw, `["functions__exec","functions__wait","mcp__x__y"]`)
			want(t, "in the history", v.Get("messages.1.content.0.name").Str, "functions__exec")
			resp := &transform.Response{Request: r, Status: 200, Header: http.Header{}, Body: []byte(`{"id":"m","content":[{"type":"tool_use","id":"t1","name":"functions__exec","input":{"input":"ls"}},{"type":"tool_use","id":"t2","name":"mcp__x__y","input":{"a":1}}],"stop_reason":"tool_use"}`)}
			if err := transform.Translate(responses, messages).Response(t.Context(), resp); err != nil {
				t.Fatal(err)
			}
			v = gjson.ParseBytes(resp.Body)
			want(t, "a call of text", v.Get("output.0.type").Str+v.Get("output.0.namespace").Str+v.Get("output.0.name").Str+v.Get("output.0.input").Str, "custom_tool_callfunctionsexecls")
			want(t, "a call", v.Get("output.1.type").Str+v.Get("output.1.namespace").Str+v.Get("output.1.name").Str, "function_callmcp__x__y")
		}
	})
	run("schemas that OpenAI refuses", func(t *testing.T) {
		body := `{"model":"m",` + ask + `,"tools":[{"name":"f","input_schema":{"type":"object"}},{"name":"g","input_schema":{"type":"object","properties":{"a":{"type":"array"},"b":{"anyOf":[{"type":["array","null"]},{"type":"string"}]}}}}]}`
		for channel, p := range map[transform.Dialect]string{chat: "function.parameters", responses: "parameters"} {
			_, v := way{messages, channel, "gpt-4o", oa}.send(t, body)
			want(t, "properties", v.Get("tools.0."+p+".properties").Raw, "{}")
			want(t, "items", v.Get("tools.1."+p+".properties.a.items").Raw, "{}")
			want(t, "items in anyOf", v.Get("tools.1."+p+".properties.b.anyOf.0.items").Raw, "{}")
		}
	})
	run("system messages amid a conversation with open models", func(t *testing.T) {
		r, v := way{messages, chat, "Qwen/Qwen3.8-27B", cu}.send(t, `{"model":"m","max_tokens":9,"system":"s","messages":[{"role":"user","content":"q"},{"role":"system","content":"mid"}]}`)
		want(t, "roles", v.Get("messages.#.role").Raw, `["system","user"]`)
		want(t, "kept", strings.Contains(v.Get("messages.1").Raw, "mid"), true)
		want(t, "reported", lost(r, "messages[1]"), true)
	})
	run("reasoning beside tools by Chat", func(t *testing.T) {
		for _, model := range []string{"gpt-5.4", "gpt-5.5", "gpt-5.6-terra", "gpt-6-astra"} {
			r, v := way{messages, chat, model, oa}.send(t, `{"model":"m",`+ask+`,"thinking":{"type":"adaptive"},"output_config":{"effort":"high"},"tools":[{"name":"f","input_schema":{"type":"object","properties":{}}}]}`)
			want(t, model, v.Get("reasoning_effort").Str, "none")
			want(t, "reported", lost(r, "thinking"), true)
			_, v = way{messages, chat, model, oa}.send(t, `{"model":"m",`+ask+`,"tools":[{"name":"f","input_schema":{"type":"object","properties":{}}}]}`)
			want(t, model+" unset", v.Get("reasoning_effort").Str, "none")
		}
		_, v := way{messages, chat, "gpt-5.4", oa}.send(t, `{"model":"m",`+ask+`,"thinking":{"type":"adaptive"},"output_config":{"effort":"high"}}`)
		want(t, "without tools", v.Get("reasoning_effort").Str, "high")
	})
	run("ids that come twice", func(t *testing.T) {
		call := func(id string) string {
			return `{"role":"assistant","content":null,"tool_calls":[{"id":"` + id + `","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"` + id + `","content":"r"}`
		}
		_, v := way{chat, messages, "claude-sonnet-4-5", no}.send(t, `{"model":"m","messages":[{"role":"user","content":"q"},`+call("call_0")+`,`+call("call_0")+`]}`)
		want(t, "calls differ", v.Get("messages.1.content.0.id").Str != v.Get("messages.3.content.0.id").Str, true)
		want(t, "result", v.Get("messages.4.content.0.tool_use_id").Str, v.Get("messages.3.content.0.id").Str)
		_, v = way{chat, responses, "gpt-5", oa}.send(t, `{"model":"m","messages":[{"role":"user","content":"q"},`+call("call_0")+`,`+call("call_0")+`]}`)
		want(t, "call_ids differ", v.Get("input.1.call_id").Str != v.Get("input.3.call_id").Str, true)
		_, v = way{chat, messages, "claude-sonnet-4-5", no}.send(t, `{"model":"m","messages":[{"role":"user","content":"q"},{"role":"assistant","tool_calls":[{"id":"","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"","type":"function","function":{"name":"g","arguments":"{}"}}]},{"role":"tool","tool_call_id":"","content":"1"},{"role":"tool","tool_call_id":"","content":"2"}]}`)
		want(t, "both results", v.Get("messages.2.content.#.type").Raw, `["tool_result","tool_result"]`)
		_, v = way{caller: messages, channel: chat}.answer(t, 200, `{"choices":[{"index":0,"message":{"role":"assistant","content":"","tool_calls":[{"id":"call_0","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"call_0","type":"function","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}`)
		want(t, "in an answer", v.Get("content.0.id").Str != v.Get("content.1.id").Str, true)
	})
	run("two results of one call", func(t *testing.T) {
		body := `{"model":"m","max_tokens":99,"messages":[` + called + `,{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"1"},{"type":"tool_result","tool_use_id":"a","content":"2"}]}]}`
		_, v := way{messages, chat, "gpt-4o", oa}.send(t, body)
		want(t, "tool messages", v.Get(`messages.#(role=="tool")#`).Get("#").Int(), int64(1))
		want(t, "the other is kept", strings.Contains(v.Raw, `"2"`), true)
		_, v = way{messages, responses, "gpt-4o", oa}.send(t, body)
		want(t, "outputs", v.Get(`input.#(type=="function_call_output")#`).Get("#").Int(), int64(1))
	})
	run("answers that are no objects, at OpenAI", func(t *testing.T) {
		body := `{"contents":[{"parts":[{"text":"hi"}]}],"generationConfig":{"responseMimeType":"application/json","responseSchema":{"type":"ARRAY","items":{"type":"STRING"}}}}`
		r, v := way{gemini, chat, "gpt-4o", oa}.send(t, body)
		want(t, "response_format", v.Get("response_format").Exists(), false)
		want(t, "reported", lost(r, "generationConfig.responseSchema"), true)
		_, v = way{gemini, responses, "gpt-4o", oa}.send(t, body)
		want(t, "text.format", v.Get("text.format").Exists(), false)
	})
	run("Mistral's order of roles", func(t *testing.T) {
		_, v := way{messages, chat, "mistral-large-latest", cu}.send(t, `{"model":"m","max_tokens":9,"messages":[`+called+`,{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"1"},{"type":"text","text":"and?"}]}]}`)
		want(t, "roles", v.Get("messages.#.role").Raw, `["user","assistant","tool","assistant","user"]`)
		_, v = way{messages, chat, "mistral-large-latest", cu}.send(t, `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"{"}]}`)
		want(t, "prefix", v.Get("messages.1.prefix").Bool(), true)
	})
	run("Gemini's models that want the user last", func(t *testing.T) {
		for _, model := range []string{"gemini-3.6-flash", "gemini-3.5-flash-lite", "gemini-flash-latest"} {
			_, v := way{messages, gemini, model, no}.send(t, `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"{"}]}`)
			want(t, model, v.Get("contents.2.role").Str, "user")
		}
		_, v := way{messages, gemini, "gemini-2.5-pro", no}.send(t, `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"{"}]}`)
		want(t, "prefill is kept", v.Get("contents.#").Int(), int64(2))
	})
	run("more tokens than Gemini takes", func(t *testing.T) {
		r, v := way{messages, gemini, "gemini-3.8-flash", no}.send(t, `{"model":"m","max_tokens":128000,"messages":[{"role":"user","content":"q"}]}`)
		want(t, "limit", v.Get("generationConfig.maxOutputTokens").Int(), int64(65536))
		want(t, "reported", lost(r, "max_tokens"), true)
	})
	run("image/jpg for Gemini", func(t *testing.T) {
		_, v := way{chat, gemini, "gemini-2.5-flash", no}.send(t, `{"model":"m","messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/jpg;base64,AAAA"}}]}]}`)
		want(t, "type", v.Get("contents.0.parts.0.inlineData.mimeType").Str, "image/jpeg")
	})
	run("recursive schemas for Claude", func(t *testing.T) {
		for _, schema := range []string{
			`{"type":"object","properties":{"next":{"anyOf":[{"$ref":"#"},{"type":"null"}]}},"required":["next"],"additionalProperties":false}`,
			`{"type":"object","properties":{"t":{"$ref":"#/$defs/n"}},"required":["t"],"additionalProperties":false,"$defs":{"n":{"type":"object","properties":{"c":{"type":"array","items":{"$ref":"#/$defs/n"}}},"required":["c"],"additionalProperties":false}}}`,
		} {
			r, v := way{chat, messages, "claude-sonnet-4-5", no}.send(t, `{"model":"m","messages":[{"role":"user","content":"q"}],"response_format":{"type":"json_schema","json_schema":{"name":"n","strict":true,"schema":`+schema+`}}}`)
			want(t, "held to it", v.Get("output_config.format").Exists(), false)
			want(t, "in words", strings.Contains(v.Get("system").Raw, "JSON Schema"), true)
			want(t, "reported", lost(r, "response_format"), true)
		}
		_, v := way{chat, messages, "claude-sonnet-4-5", no}.send(t, `{"model":"m","messages":[{"role":"user","content":"q"}],"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object","properties":{"a":{"$ref":"#/$defs/n"},"b":{"$ref":"#/$defs/n"}},"$defs":{"n":{"type":"string"}}}}}}`)
		want(t, "references that end", v.Get("output_config.format").Exists(), true)
	})
	run("a failed result without content, for Claude", func(t *testing.T) {
		_, v := way{gemini, messages, "claude-sonnet-4-5", no}.send(t, `{"contents":[{"role":"user","parts":[{"text":"q"}]},{"role":"model","parts":[{"functionCall":{"name":"f","args":{}}}]},{"role":"user","parts":[{"functionResponse":{"name":"f","response":{"error":""}}}]}]}`)
		res := v.Get("messages.2.content.0")
		want(t, "content", !res.Get("is_error").Bool() || res.Get("content").Str != "", true)
	})
	run("a result before its call", func(t *testing.T) {
		_, v := way{messages, responses, "gpt-5", oa}.send(t, `{"model":"m","max_tokens":99,"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"1"}]},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]},{"role":"user","content":"go"}]}`)
		want(t, "the call has an output", v.Get(`input.#(type=="function_call_output")#`).Get("#").Int(), int64(1))
	})
	run("the title of a document in a result, for Gemini", func(t *testing.T) {
		r, v := way{messages, gemini, "gemini-3-pro", no}.send(t, `{"model":"m","max_tokens":99,"messages":[`+called+`,{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"document","title":"TITLE","source":{"type":"text","media_type":"text/plain","data":"body"}}]}]}]}`)
		want(t, "title or loss", strings.Contains(v.Raw, "TITLE") || len(r.Losses) > 1, true)
	})
	run("numbers as protobuf writes them", func(t *testing.T) {
		for _, n := range []string{`1e3`, `1000.0`, `"1000"`} {
			_, v := way{gemini, chat, "gpt-4o", oa}.send(t, `{"contents":[{"parts":[{"text":"hi"}]}],"generationConfig":{"maxOutputTokens":`+n+`}}`)
			want(t, n, v.Get("max_completion_tokens").Raw, "1000")
		}
	})
	run("Gemini's schemas below additionalProperties", func(t *testing.T) {
		_, v := way{gemini, messages, "claude-sonnet-4-5", no}.send(t, `{"contents":[{"parts":[{"text":"hi"}]}],"tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"OBJECT","properties":{"a":{"type":"OBJECT","additionalProperties":{"type":"STRING"}}}}}]}]}`)
		want(t, "type", v.Get("tools.0.input_schema.properties.a.additionalProperties.type").Str, "string")
	})
	run("Claude Code's user, for Responses", func(t *testing.T) {
		r, v := way{messages, responses, "gpt-5", oa}.send(t, `{"model":"m",`+ask+`,"metadata":{"user_id":"`+strings.Repeat("u", 150)+`"}}`)
		want(t, "user", v.Get("user").Type, gjson.String)
		want(t, "lost", lost(r, "metadata.user_id"), false)
	})
}

// What others take is left as it is.
func TestWhatOthersTakeStays(t *testing.T) {
	oa, cu, no := transform.Target{Flavor: "openai"}, transform.Target{Flavor: "custom"}, transform.Target{}
	_, v := way{messages, chat, "gpt-5.4", cu}.send(t, `{"model":"m","max_tokens":99,"messages":[{"role":"user","content":"q"}],"thinking":{"type":"adaptive"},"output_config":{"effort":"high"},"tools":[{"name":"f","input_schema":{"type":"object","properties":{}}}]}`)
	want(t, "reasoning beside tools at another server", v.Get("reasoning_effort").Str, "high")
	const mid = `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"},{"role":"system","content":"mid"}]}`
	_, v = way{messages, chat, "deepseek-chat", cu}.send(t, mid)
	want(t, "a system message for another family", v.Get("messages.#.role").Raw, `["user","system"]`)
	_, v = way{messages, chat, "llama-of-ours", oa}.send(t, mid)
	want(t, "a system message at OpenAI", strings.Contains(v.Get("messages.1.role").Str, "user"), false)
	_, v = way{messages, chat, "mistral-large-latest", cu}.send(t, `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"},{"role":"user","content":"q"}]}`)
	want(t, "an answer amid a conversation with Mistral", v.Get("messages.1.prefix").Exists(), false)
	_, v = way{messages, gemini, "gemini-2.5-flash-image", no}.send(t, `{"model":"m","max_tokens":128000,"messages":[{"role":"user","content":"q"}]}`)
	want(t, "the limit of a model that draws", v.Get("generationConfig.maxOutputTokens").Int(), int64(128000))
	_, v = way{messages, gemini, "tuned-model", no}.send(t, `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"{"}]}`)
	want(t, "a prefill for a model that nobody knows", v.Get("contents.#").Int(), int64(2))
	_, v = way{gemini, chat, "a-model", cu}.send(t, `{"contents":[{"parts":[{"text":"hi"}]}],"generationConfig":{"responseMimeType":"application/json","responseSchema":{"type":"ARRAY","items":{"type":"STRING"}}}}`)
	want(t, "a list at another server", v.Get("response_format.type").Str, "json_schema")
	_, v = way{chat, messages, "claude-sonnet-4-5", no}.send(t, `{"model":"m","messages":[{"role":"user","content":"q"},{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"user","content":"never mind"},{"role":"assistant","tool_calls":[{"id":"c","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"c","content":"late"}]}`)
	want(t, "a result belongs to the call before it", v.Get("messages.4.content.0.content").String(), "late")
}
