package transform_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform"
)

const (
	messages  = transform.Anthropic
	chat      = transform.OpenAIChat
	responses = transform.OpenAIResponses
	gemini    = transform.Gemini
)

// A way is a direction with what is known of the channel.
type way struct {
	caller, channel transform.Dialect
	model           string
	target          transform.Target
}

// send takes a request there, and gives it with what was lost.
func (w way) send(t *testing.T, body string) (*transform.Request, gjson.Result) {
	t.Helper()
	r := &transform.Request{Dialect: w.caller, Header: http.Header{}, Model: w.model, Target: w.target, Body: []byte(body)}
	if err := transform.Translate(w.caller, w.channel).Request(t.Context(), r); err != nil {
		t.Fatal(err)
	}
	if !gjson.ValidBytes(r.Body) {
		t.Fatalf("no JSON: %s", r.Body)
	}
	return r, gjson.ParseBytes(r.Body)
}

// ask1 is a short call of each protocol.
func ask1(d transform.Dialect) string {
	return map[transform.Dialect]string{
		messages: `{"model":"m","max_tokens":100,"messages":[{"role":"user","content":"hi"}]}`, chat: `{"model":"m","messages":[{"role":"user","content":"hi"}],"stream_options":{"include_usage":true}}`,
		responses: `{"model":"m","input":"hi"}`, gemini: `{"contents":[{"role":"user","parts":[{"text":"hi"}]}]}`,
	}[d]
}

// answer brings an answer back.
func (w way) answer(t *testing.T, status int, body string) (*transform.Response, gjson.Result) {
	t.Helper()
	r, _ := w.send(t, ask1(w.caller))
	resp := &transform.Response{Request: r, Status: status, Header: http.Header{}, Body: []byte(body)}
	if err := transform.Translate(w.caller, w.channel).Response(t.Context(), resp); err != nil {
		t.Fatal(err)
	}
	return resp, gjson.ParseBytes(resp.Body)
}

// stream brings a stream back, whose events are given by their data.
func (w way) stream(t *testing.T, events ...string) (string, error) {
	t.Helper()
	r, _ := w.send(t, ask1(w.caller))
	s := transform.Translate(w.caller, w.channel).Stream(t.Context(), &transform.Response{Request: r, Status: 200, Header: http.Header{}})
	return read(t, "data: "+strings.Join(events, "\n\ndata: ")+"\n\n", s)
}

// lines gives the data of the events in a stream.
func lines(stream string) (out []gjson.Result) {
	for line := range strings.Lines(stream) {
		if data, ok := strings.CutPrefix(line, "data: "); ok {
			out = append(out, gjson.Parse(data))
		}
	}
	return out
}

// chunk is one of Chat's, with a delta and the members after it.
func chunk(delta, rest string) string {
	return `{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":` + delta + `,"finish_reason":null}]` + rest + `}`
}

func done(reason string) string { return strings.Replace(chunk(`{}`, ""), "null", `"`+reason+`"`, 1) }

func want(t *testing.T, what string, got, want any) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func lost(r *transform.Request, field string) bool {
	return slices.ContainsFunc(r.Losses, func(l transform.Loss) bool { return l.Field == field })
}

// What translators between these protocols are known to get wrong.
func TestWhatTranslatorsGetWrong(t *testing.T) {
	for _, c := range []struct {
		name string
		test func(t *testing.T)
	}{
		{"the newer Anthropic version takes no sampling", func(t *testing.T) {
			r, v := way{chat, messages, "claude-sonnet-4-5", transform.Target{Version: "2026-10-21"}}.send(t, `{"model":"m","temperature":0.5,"messages":[{"role":"user","content":"hi"}]}`)
			want(t, "temperature is sent", v.Get("temperature").Exists(), false)
			want(t, "it is reported", lost(r, "temperature"), true)
		}},
		{"input tokens with and without those of the cache", func(t *testing.T) {
			_, v := way{caller: chat, channel: messages}.answer(t, 200, `{"id":"m","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"a"}],"stop_reason":"end_turn","usage":{"input_tokens":70,"cache_read_input_tokens":30,"cache_creation_input_tokens":20,"output_tokens":5}}`)
			want(t, "prompt tokens", v.Get("usage.prompt_tokens").Int(), int64(120))
			want(t, "cached", v.Get("usage.prompt_tokens_details.cached_tokens").Int(), int64(30))
			_, v = way{caller: messages, channel: chat}.answer(t, 200, `{"id":"c","choices":[{"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":"stop"}],"usage":{"prompt_tokens":100,"completion_tokens":5,"prompt_tokens_details":{"cached_tokens":30}}}`)
			want(t, "input tokens", v.Get("usage.input_tokens").Int(), int64(70))
			want(t, "read from the cache", v.Get("usage.cache_read_input_tokens").Int(), int64(30))
		}},
		{"the first event has an estimate of the input and the last the number", func(t *testing.T) {
			s, err := way{caller: messages, channel: chat}.stream(t, chunk(`{"content":"a"}`, ""), done("stop"), `{"choices":[],"usage":{"prompt_tokens":1234,"completion_tokens":5}}`, "[DONE]")
			events := lines(s)
			want(t, "error", err, nil)
			want(t, "there is an estimate", events[0].Get("message.usage.input_tokens").Int() > 0, true)
			want(t, "the number", events[len(events)-2].Get("usage.input_tokens").Int(), int64(1234))
		}},
		{"usage at the end supersedes that of the start", func(t *testing.T) {
			s, _ := way{caller: chat, channel: messages}.stream(t, `{"type":"message_start","message":{"id":"m","model":"m","usage":{"input_tokens":43,"output_tokens":1}}}`, `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}`,
				`{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":61,"output_tokens":7}}`, `{"type":"message_stop"}`)
			events := lines(s)
			usage := events[len(events)-2].Get("usage")
			want(t, "prompt", usage.Get("prompt_tokens").Int(), int64(61))
			want(t, "completion", usage.Get("completion_tokens").Int(), int64(7))
		}},
		{"a truncated stream is no success", func(t *testing.T) {
			for _, w := range []way{{caller: messages, channel: chat}, {caller: responses, channel: chat}, {caller: gemini, channel: chat}} {
				s, err := w.stream(t, chunk(`{"content":"half"}`, ""))
				want(t, "it is told", errors.Is(err, transform.ErrTruncated), true)
				for _, end := range []string{"message_stop", "response.completed", "finishReason"} {
					want(t, "looks complete by "+end, strings.Contains(s, end), false)
				}
			}
		}},
		{"content, finish and usage in one chunk", func(t *testing.T) {
			one := strings.Replace(chunk(`{"content":"all"}`, `,"usage":{"prompt_tokens":3,"completion_tokens":2}`), "null", `"stop"`, 1)
			s, err := way{caller: messages, channel: chat}.stream(t, one, "[DONE]")
			want(t, "error", err, nil)
			want(t, "text", strings.Contains(s, `"text_delta","text":"all"`), true)
			want(t, "usage", strings.Contains(s, `"output_tokens":2`), true)
		}},
		{"reasoning and text in one chunk become two blocks", func(t *testing.T) {
			s, _ := way{caller: messages, channel: chat}.stream(t, chunk(`{"reasoning_content":"because","content":"so"}`, ""), done("stop"), "[DONE]")
			var order []string
			for _, e := range lines(s) {
				if kind := e.Get("delta.type").Str; kind == "thinking_delta" || kind == "text_delta" {
					order = append(order, kind+e.Get("index").Raw)
				}
			}
			want(t, "deltas", strings.Join(order, " "), "thinking_delta0 text_delta1")
		}},
		{"chunks without choices", func(t *testing.T) {
			s, err := way{caller: messages, channel: chat}.stream(t, `{"choices":[],"prompt_filter_results":[],"id":"","model":""}`, chunk(`{"content":"a"}`, ""), done("stop"), `{"choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}`, "[DONE]")
			want(t, "error", err, nil)
			want(t, "usage", strings.Contains(s, `"output_tokens":2`), true)
		}},
		{"stop although tools were called", func(t *testing.T) {
			_, v := way{caller: messages, channel: chat}.answer(t, 200, `{"choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}]},"finish_reason":"stop"}]}`)
			want(t, "from Chat", v.Get("stop_reason").Str, "tool_use")
			_, v = way{caller: chat, channel: gemini}.answer(t, 200, `{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{}}}]},"finishReason":"STOP"}]}`)
			want(t, "from Gemini", v.Get("choices.0.finish_reason").Str, "tool_calls")
		}},
		{"parallel calls whose pieces are mixed", func(t *testing.T) {
			call := func(rest string) string { return chunk(`{"tool_calls":[{`+rest+`}]}`, "") }
			s, _ := way{caller: messages, channel: chat}.stream(t,
				call(`"index":1,"id":"a","function":{"name":"f","arguments":"{\"x\":"}`), call(`"index":2,"id":"b","function":{"name":"g","arguments":"{\"y\":"}`),
				call(`"index":1,"function":{"arguments":"1}"}`), call(`"index":2,"function":{"arguments":"2}"}`), done("tool_calls"), "[DONE]")
			args, open := map[int64]string{}, int64(-1)
			for _, e := range lines(s) {
				switch index := e.Get("index").Int(); e.Get("type").Str {
				case "content_block_start":
					want(t, "blocks that are open", open, int64(-1))
					open = index
				case "content_block_delta":
					want(t, "the block", index, open)
					args[index] += e.Get("delta.partial_json").Str
				case "content_block_stop":
					open = -1
				}
			}
			want(t, "the first", args[0], `{"x":1}`)
			want(t, "the second", args[1], `{"y":2}`)
		}},
		{"tools without arguments", func(t *testing.T) {
			_, v := way{caller: messages, channel: chat}.answer(t, 200, `{"choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":""}}]},"finish_reason":"tool_calls"}]}`)
			want(t, "in an answer", v.Get("content.0.input").Raw, "{}")
			s, _ := way{caller: chat, channel: messages}.stream(t, `{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"a","name":"f","input":{}}}`, `{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":""}}`,
				`{"type":"message_delta","delta":{"stop_reason":"tool_use"},"usage":{"output_tokens":1}}`, `{"type":"message_stop"}`)
			want(t, "in a stream", strings.Contains(s, `"arguments":"{}"`), true)
		}},
		{"results of tools stand together, before all else, and tell of failure", func(t *testing.T) {
			_, v := way{caller: chat, channel: messages, model: "claude-sonnet-4-5"}.send(t, `{"model":"m","messages":[{"role":"user","content":"q"},{"role":"assistant","content":null,"tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"b","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"a","content":"1"},{"role":"tool","tool_call_id":"b","content":"[tool_error] 2"},{"role":"user","content":"and?"}]}`)
			want(t, "turns", v.Get("messages.#").Int(), int64(3))
			want(t, "order", v.Get("messages.2.content.#.type").Raw, `["tool_result","tool_result","text"]`)
			want(t, "failure", v.Get("messages.2.content.1.is_error").Bool(), true)
			_, v = way{caller: messages, channel: chat, model: "gpt-4o"}.send(t, `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"1","is_error":true},{"type":"text","text":"and?"}]}]}`)
			want(t, "failure for Chat", v.Get("messages.2.content").Str, "[tool_error] 1")
		}},
		{"results without a call", func(t *testing.T) {
			for _, channel := range []transform.Dialect{chat, responses, gemini} {
				r, v := way{caller: messages, channel: channel, model: "gpt-4o"}.send(t, `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"gone","content":"what it told"},{"type":"text","text":"go on"}]}]}`)
				want(t, "it is kept as text", strings.Contains(v.Raw, "what it told"), true)
				want(t, "it is reported", len(r.Losses) > 0, true)
				for _, kind := range []string{`"tool"`, "function_call_output", "functionResponse"} {
					want(t, "sent as "+kind, strings.Contains(v.Raw, kind), false)
				}
			}
		}},
		{"Gemini's signatures come back on their part", func(t *testing.T) {
			there := way{caller: chat, channel: gemini, model: "gemini-3-pro-preview", target: transform.Target{Provider: "google"}}
			_, v := there.answer(t, 200, `{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"a":1}},"thoughtSignature":"c2lnbmVk"}]},"finishReason":"STOP"}]}`)
			id := v.Get("choices.0.message.tool_calls.0.id").Str
			history := `{"model":"m","messages":[{"role":"user","content":"q"},{"role":"assistant","content":null,"tool_calls":[{"id":"` + id + `","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}}]},{"role":"tool","tool_call_id":"` + id + `","content":"1"}]}`
			_, v = there.send(t, history)
			want(t, "the signature", v.Get("contents.1.parts.0.thoughtSignature").Str, "c2lnbmVk")
			there.target.Provider = "another"
			_, v = there.send(t, history)
			want(t, "another provider gets it", strings.Contains(v.Raw, "c2lnbmVk"), false)
		}},
		{"signatures of thinking go to their provider only", func(t *testing.T) {
			there := way{caller: chat, channel: messages, model: "claude-sonnet-4-5", target: transform.Target{Provider: "anthropic"}}
			_, v := there.answer(t, 200, `{"content":[{"type":"thinking","thinking":"hm","signature":"signed"},{"type":"text","text":"a"}],"stop_reason":"end_turn"}`)
			m := v.Get("choices.0.message")
			history := `{"model":"m","reasoning_effort":"low","messages":[{"role":"user","content":"q"},` + m.Raw + `,{"role":"user","content":"more"}]}`
			_, v = there.send(t, history)
			want(t, "order", v.Get("messages.1.content.#.type").Raw, `["thinking","text"]`)
			want(t, "the signature", v.Get("messages.1.content.0.signature").Str, "signed")
			there.target.Provider = "another"
			_, v = there.send(t, history)
			want(t, "another provider gets it", strings.Contains(v.Raw, "signed"), false)
			want(t, "the text stays", strings.Contains(v.Raw, `"a"`), true)
		}},
		{"reasoning goes back where it is demanded", func(t *testing.T) {
			history := `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"s"},{"type":"tool_use","id":"a","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"1"}]}]}`
			for flavor, back := range map[string]string{"custom": "hm", "zhipu": "hm", "openai": ""} {
				_, v := way{messages, chat, "kimi-k2-thinking", transform.Target{Flavor: flavor}}.send(t, history)
				want(t, flavor, v.Get("messages.1.reasoning_content").Str, back)
			}
		}},
		{"the limit by its right name", func(t *testing.T) {
			for _, c := range []struct{ flavor, model, name string }{{"openai", "gpt-5", "max_completion_tokens"}, {"openai", "gpt-3.5-turbo", "max_tokens"}, {"custom", "llama3", "max_tokens"}, {"zhipu", "glm-5", "max_tokens"}} {
				_, v := way{messages, chat, c.model, transform.Target{Flavor: c.flavor}}.send(t, ask1(messages))
				want(t, c.model+" "+c.name, v.Get(c.name).Int(), int64(100))
			}
		}},
		{"a budget for thinking that leaves no room", func(t *testing.T) {
			r, v := way{caller: chat, channel: messages, model: "claude-sonnet-4-5"}.send(t, `{"model":"m","max_tokens":2000,"reasoning_effort":"high","temperature":0.3,"tool_choice":"required","tools":[{"type":"function","function":{"name":"f"}}],"messages":[{"role":"user","content":"q"}]}`)
			budget, limit := v.Get("thinking.budget_tokens").Int(), v.Get("max_tokens").Int()
			want(t, "the budget is allowed", v.Get("thinking.type").Str != "enabled" || budget >= 1024 && budget < limit, true)
			want(t, "a forced tool beside thinking", v.Get("thinking.type").Str == "enabled" && v.Get("tool_choice.type").Str == "any", false)
			want(t, "a temperature beside thinking", v.Get("thinking.type").Str == "enabled" && v.Get("temperature").Exists(), false)
			want(t, "something is reported", len(r.Losses) > 0, true)
		}},
		{"schemas for Gemini", func(t *testing.T) {
			_, v := way{caller: chat, channel: gemini, model: "gemini-2.5-pro"}.send(t, `{"model":"m","messages":[{"role":"user","content":"q"}],"tools":[{"type":"function","function":{"name":"f","parameters":{"$schema":"x","type":"object","properties":{"a":{"$ref":"#/$defs/d"},"b":{"type":["string","null"]},"c":{"const":"k"},"e":{"anyOf":[{"type":"integer"},{"type":"null"}]}},"additionalProperties":false,"$defs":{"d":{"type":"number"}}}}},{"type":"function","function":{"name":"g","parameters":{"type":"object","properties":{}}}}]}`)
			p := v.Get("tools.0.functionDeclarations.0.parameters")
			want(t, "a reference", strings.ToLower(p.Get("properties.a.type").Str), "number")
			want(t, "null among the types", p.Get("properties.b.nullable").Bool(), true)
			want(t, "a constant", p.Get("properties.c.enum.0").Str, "k")
			want(t, "null among the choices", p.Get("properties.e.nullable").Bool(), true)
			for _, word := range []string{"$ref", "$defs", "$schema", "additionalProperties", "const"} {
				want(t, word, strings.Contains(v.Raw, `"`+word+`"`), false)
			}
			want(t, "no properties", v.Get("tools.0.functionDeclarations.1.parameters").Exists(), false)
		}},
		{"arguments that Gemini streams in parts", func(t *testing.T) {
			s, err := way{caller: chat, channel: gemini}.stream(t, `{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","willContinue":true}}]}}]}`,
				`{"candidates":[{"content":{"parts":[{"functionCall":{"partialArgs":[{"jsonPath":"$.a","stringValue":"x","willContinue":true}],"willContinue":true}}]}}]}`,
				`{"candidates":[{"content":{"parts":[{"functionCall":{"partialArgs":[{"jsonPath":"$.a","stringValue":"y"}],"willContinue":true}}]}}]}`,
				`{"candidates":[{"content":{"parts":[{"functionCall":{}}]}}]}`, `{"candidates":[{"content":{"parts":[]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":1}}`)
			args := ""
			for _, e := range lines(s) {
				args += e.Get("choices.0.delta.tool_calls.0.function.arguments").Str
			}
			want(t, "error", err, nil)
			want(t, "arguments", gjson.Get(args, "a").Str, "xy")
		}},
		{"a blocked prompt is a refusal, and no reason of Gemini's own leaks", func(t *testing.T) {
			_, v := way{caller: messages, channel: gemini}.answer(t, 200, `{"promptFeedback":{"blockReason":"SAFETY"},"usageMetadata":{"promptTokenCount":3}}`)
			want(t, "blocked", v.Get("stop_reason").Str, "refusal")
			for _, reason := range []string{"SAFETY", "RECITATION", "PROHIBITED_CONTENT", "SPII", "BLOCKLIST"} {
				_, v = way{caller: chat, channel: gemini}.answer(t, 200, `{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"`+reason+`"}]}`)
				want(t, reason, v.Get("choices.0.finish_reason").Str, "content_filter")
			}
		}},
		{"images and documents in results of tools", func(t *testing.T) {
			history := `{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"text","text":"see"},{"type":"image","source":{"type":"base64","media_type":"image/png","data":"aW1n"}},{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"cGRm"}}]}]}]}`
			for _, channel := range []transform.Dialect{chat, responses, gemini} {
				_, v := way{caller: messages, channel: channel, model: "gemini-2.5-pro"}.send(t, history)
				for _, part := range []string{"see", "aW1n", "cGRm"} {
					want(t, string(channel)+" "+part, strings.Contains(v.Raw, part), true)
				}
			}
			_, v := way{caller: messages, channel: chat, model: "gpt-4o"}.send(t, history)
			want(t, "Chat's tools tell text only", v.Get("messages.2.content").Type, gjson.String)
			want(t, "the image follows from the user", v.Get("messages.3.role").Str, "user")
		}},
		{"empty texts and messages", func(t *testing.T) {
			_, v := way{caller: chat, channel: messages, model: "claude-sonnet-4-5"}.send(t, `{"model":"m","messages":[{"role":"system","content":""},{"role":"user","content":[{"type":"text","text":""},{"type":"text","text":"q"}]},{"role":"assistant","content":""},{"role":"user","content":"r"}]}`)
			want(t, "empty text", strings.Contains(v.Raw, `""`), false)
			_, v = way{caller: chat, channel: gemini, model: "gemini-2.5-pro"}.send(t, `{"model":"m","messages":[{"role":"user","content":"q"},{"role":"assistant","content":""},{"role":"user","content":"r"}]}`)
			want(t, "empty part", strings.Contains(v.Raw, `"parts":[]`) || strings.Contains(v.Raw, `"text":""`), false)
		}},
		{"system texts in every form", func(t *testing.T) {
			r, v := way{caller: messages, channel: chat, model: "gpt-4o"}.send(t, `{"model":"m","max_tokens":9,"system":[{"type":"text","text":"a"},{"type":"text","text":"b","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":"q"},{"role":"system","content":"c"}]}`)
			want(t, "leading", v.Get("messages.0.content").Str, "a\nb")
			want(t, "amid the conversation", strings.Contains(v.Raw, `"c"`), true)
			want(t, "the breakpoint is reported", lost(r, "system[1].cache_control"), true)
			want(t, "as a hint", r.Losses[0].Hint(), true)
			_, v = way{caller: chat, channel: gemini, model: "gemini-2.5-pro"}.send(t, `{"model":"m","messages":[{"role":"developer","content":"a"},{"role":"user","content":"q"},{"role":"system","content":"later"}]}`)
			want(t, "developer", v.Get("systemInstruction.parts.0.text").Str, "a")
			want(t, "later", v.Get("contents.0.parts.1.text").Str+v.Get("contents.1.parts.0.text").Str, "later")
		}},
		{"errors in every form", func(t *testing.T) {
			resp, v := way{caller: messages, channel: chat}.answer(t, 429, `{"error":{"code":1302,"message":"slow down"}}`)
			want(t, "a number for a code", v.Get("error.type").Str, "rate_limit_error")
			want(t, "its status", resp.Status, 429)
			resp, v = way{caller: chat, channel: gemini}.answer(t, 429, `[{"error":{"code":429,"message":"quota","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.4s"}]}}]`)
			want(t, "in an array", v.Get("error.message").Str, "quota")
			want(t, "when to come back", resp.Header.Get("Retry-After"), "35")
			resp, v = way{caller: chat, channel: messages}.answer(t, 529, `{"type":"error","error":{"type":"overloaded_error","message":"busy"}}`)
			want(t, "a status that only one provider has", resp.Status, 503)
			want(t, "its message", v.Get("error.message").Str, "busy")
			_, v = way{caller: gemini, channel: chat}.answer(t, 502, `<html><head><title>502 Bad Gateway</title></head></html>`)
			want(t, "a page", v.Get("error.message").Str, "502 Bad Gateway")
			s, err := way{caller: messages, channel: chat}.stream(t, chunk(`{"content":"a"}`, ""), `{"error":{"message":"broke","type":"server_error"}}`)
			want(t, "inside a stream", strings.Contains(s, "event: error") && strings.Contains(s, "broke") && !strings.Contains(s, "message_stop") && err == nil, true)
		}},
	} {
		t.Run(c.name, c.test)
	}
}
