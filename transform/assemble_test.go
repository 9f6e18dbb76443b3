package transform_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dctx-team/routex/transform"
)

func ExampleAssemble() {
	stream := `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"Hel"},"finish_reason":null}]}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"lo"},"finish_reason":null}]}

data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}

data: [DONE]

`
	whole, err := transform.Assemble(transform.OpenAIChat, []byte(stream))
	fmt.Println(string(whole), err)
	cut, err := transform.Assemble(transform.OpenAIChat, []byte(stream[:200]))
	fmt.Println(string(cut), err)
	// Output:
	// {"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"finish_reason":"stop"}]} <nil>
	// {"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hel"},"finish_reason":null}]} <nil>
}

// sse makes a stream of the data of its events.
func sse(data ...string) string { return "data: " + strings.Join(data, "\n\ndata: ") + "\n\n" }

func TestAssemble(t *testing.T) {
	for name, tt := range map[string]struct {
		dialect transform.Dialect
		stream  string
		want    string // "" for an error
	}{
		"what only hides the length of a chunk": {chat, sse(
			`{"id":"c","choices":[{"index":0,"delta":{"role":"assistant","content":"a"}}],"obfuscation":"x7"}`,
			`{"id":"c","choices":[{"index":0,"delta":{"content":"b"},"finish_reason":"stop"}],"obfuscation":"y"}`,
		), `{"id":"c","choices":[{"index":0,"message":{"role":"assistant","content":"ab"},"finish_reason":"stop"}],"object":"chat.completion"}`},
		"a message with everything": {messages, sse(
			`{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":1,"cache_read_input_tokens":9}}}`,
			`{"type":"content_block_start","index":0,"content_block":{"type":"thinking","thinking":"","signature":""}}`,
			`{"type":"ping"}`,
			`{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"h\u00e"}}`,
			`{"type":"content_block_delta","index":0,"delta":{"type":"thinking_delta","thinking":"h\u00e9"}}`,
			`{"type":"content_block_delta","index":0,"delta":{"type":"signature_delta","signature":"c2ln"}}`,
			`{"type":"content_block_stop","index":0}`,
			`{"type":"content_block_start","index":1,"content_block":{"type":"web_search_tool_result","tool_use_id":"s","content":[{"type":"new"}]}}`,
			`{"type":"content_block_start","index":2,"content_block":{"type":"text","text":"","citations":[]}}`,
			`{"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"a\ud83d"}}`,
			`{"type":"content_block_delta","index":2,"delta":{"type":"text_delta","text":"\ude00b"}}`,
			`{"type":"content_block_delta","index":2,"delta":{"type":"citations_delta","citation":{"cited_text":"x"}}}`,
			`{"type":"content_block_delta","index":2,"delta":{"type":"citations_delta","citation":{"cited_text":"y"}}}`,
			`{"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}}`,
			`{"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{\"a\":\n"}}`,
			`{"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"1}"}}`,
			`{"type":"content_block_start","index":4,"content_block":{"type":"tool_use","id":"u","name":"g","input":{}}}`,
			`{"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null,"container":{"id":"c"}},"usage":{"output_tokens":7},"context_management":{"applied_edits":[]}}`,
			`{"type":"message_stop"}`,
		), `{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"thinking","thinking":"hé","signature":"c2ln"},{"type":"web_search_tool_result","tool_use_id":"s","content":[{"type":"new"}]},{"type":"text","text":"a😀b","citations":[{"cited_text":"x"},{"cited_text":"y"}]},{"type":"tool_use","id":"t","name":"f","input":{"a":1}},{"type":"tool_use","id":"u","name":"g","input":{}}],"stop_reason":"tool_use","stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":7,"cache_read_input_tokens":9},"container":{"id":"c"},"context_management":{"applied_edits":[]}}`},
		"a message that broke off in a call": {messages, sse(
			`{"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":1}}}`,
			`{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}}`,
			`{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"{\"a\":"}}`,
			`{"type":"error","error":{"type":"api_error","message":"broke off"}}`,
		), `{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"tool_use","id":"t","name":"f","input":"{\"a\":"}],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":1},"error":{"type":"api_error","message":"broke off"}}`},
		"a message whose beginning did not come": {messages, sse(
			`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"a"}}`,
		), `{"type":"message","role":"assistant","content":[{"type":"text","text":"a"}],"stop_reason":null,"stop_sequence":null}`},
		"an error alone in place of a message": {messages, sse(
			`{"type":"ping"}`, `{"type":"error","error":{"type":"overloaded_error","message":"m"}}`,
		), `{"type":"error","error":{"type":"overloaded_error","message":"m"}}`},
		"no event of a message": {messages, ": comment\n\n" + sse(`{"type":"ping"}`, `[1]`, `{`, ``), ""},
		"nothing":               {messages, "", ""},

		"two choices with calls and what is not known": {chat, sse(
			`{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"prompt_filter_results":[1]}`,
			`{"id":"c","object":"chat.completion.chunk","created":1,"model":"m","system_fingerprint":"f","choices":[{"index":1,"delta":{"role":"assistant","content":"B"},"finish_reason":null}]}`,
			`{"id":"c","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"","reasoning_content":"h"},"logprobs":{"content":[{"token":"x"}]},"finish_reason":null}]}`,
			`{"id":"c","model":"m","choices":[{"index":0,"delta":{"role":"assistant","reasoning_content":"m"},"logprobs":{"content":[{"token":"y"}],"refusal":null},"finish_reason":null}]}`,
			`{"id":"c","model":"m","choices":[{"index":0,"delta":{"reasoning_details":[{"type":"reasoning.text","text":"h","index":0}]}}]}`,
			`{"id":"c","model":"m","choices":[{"index":0,"delta":{"reasoning_details":[{"type":"reasoning.text","text":"m","signature":"s","index":0},{"type":"reasoning.encrypted","data":"d","index":0}]}}]}`,
			`{"id":"c","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"t","type":"function","function":{"name":"f","arguments":""}}]}}]}`,
			`{"id":"c","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"","function":{"name":"","arguments":"{\"a\""}},{"index":1,"id":"u","type":"custom","custom":{"name":"sh","input":"l"}}]}}]}`,
			`{"id":"c","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":":1}"}},{"index":1,"custom":{"input":"s"}}]}}]}`,
			`{"id":"c","model":"m","choices":[{"index":1,"delta":{},"finish_reason":"stop"}]}`,
			`{"id":"c","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}`,
			`{"id":"c","model":"m","choices":[],"usage":{"prompt_tokens":5,"completion_tokens":2}}`,
			`[DONE]`,
		), `{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"","reasoning_content":"hm","reasoning_details":[{"type":"reasoning.text","text":"hm","index":0,"signature":"s"},{"type":"reasoning.encrypted","data":"d","index":0}],"tool_calls":[{"id":"t","type":"function","function":{"name":"f","arguments":"{\"a\":1}"}},{"id":"u","type":"custom","custom":{"name":"sh","input":"ls"}}]},"logprobs":{"content":[{"token":"x"},{"token":"y"}],"refusal":null},"finish_reason":"tool_calls"},{"index":1,"message":{"role":"assistant","content":"B"},"finish_reason":"stop"}],"prompt_filter_results":[1],"system_fingerprint":"f","usage":{"prompt_tokens":5,"completion_tokens":2}}`},
		"calls without an index": {chat, sse(
			`{"id":"c","choices":[{"delta":{"tool_calls":[{"id":"t","function":{"name":"f","arguments":"{}"}}]}}]}`,
			`{"id":"c","choices":[{"delta":{"tool_calls":[{"id":"u","function":{"name":"g","arguments":"{}"}}]}}]}`,
		), `{"id":"c","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"t","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"u","type":"function","function":{"name":"g","arguments":"{}"}}]},"finish_reason":null}]}`},
		"content in parts": {chat, sse(
			`{"id":"c","choices":[{"index":0,"delta":{"content":""}}]}`,
			`{"id":"c","choices":[{"index":0,"delta":{"content":[{"type":"thinking","thinking":[{"type":"text","text":"h"}]}]}}]}`,
			`{"id":"c","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}`,
		), `{"id":"c","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":[{"type":"thinking","thinking":[{"type":"text","text":"h"}]},{"type":"text","text":"a"}]},"finish_reason":"stop"}]}`},
		"an error behind a part of a completion": {chat, sse(
			`{"id":"c","choices":[{"index":0,"delta":{"content":"a"}}]}`, `{"error":{"message":"m","code":502}}`,
		), `{"id":"c","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":null}],"error":{"message":"m","code":502}}`},
		"an error alone in place of a completion": {chat, sse(`{"error":{"message":"m"}}`), `{"error":{"message":"m"}}`},

		"a response that was told whole": {responses, sse(
			`{"type":"response.created","response":{"id":"r","status":"in_progress","output":[]}}`,
			`{"type":"response.output_text.delta","output_index":0,"content_index":0,"delta":"a"}`,
			`{"type":"response.completed","response":{"id":"r","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"a"}]}],"user":null}}`,
		), `{"id":"r","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"a"}]}],"user":null}`},
		"a response that was told whole but for its output": {responses, sse(
			`{"type":"response.created","response":{"id":"r","status":"in_progress","output":[]}}`,
			`{"type":"response.output_item.done","output_index":0,"item":{"type":"message","content":[{"type":"output_text","text":"a"}]}}`,
			`{"type":"response.completed","response":{"id":"r","status":"completed","output":[]}}`,
		), `{"id":"r","object":"response","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"a"}]}]}`},
		"a response that broke off": {responses, sse(
			`{"type":"response.created","response":{"id":"r","object":"response","status":"in_progress","error":null,"output":[]}}`,
			`{"type":"response.output_item.added","output_index":0,"item":{"type":"reasoning","id":"rs","summary":[]}}`,
			`{"type":"response.reasoning_summary_part.added","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":""}}`,
			`{"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":0,"delta":"h"}`,
			`{"type":"response.reasoning_summary_text.delta","output_index":0,"summary_index":0,"delta":"m"}`,
			`{"type":"response.output_item.done","output_index":0,"item":{"type":"reasoning","id":"rs","summary":[{"type":"summary_text","text":"hm"}],"encrypted_content":"e"}}`,
			`{"type":"response.output_item.added","output_index":2,"item":{"type":"function_call","id":"fc","call_id":"t","name":"f","arguments":"","status":"in_progress"}}`,
			`{"type":"response.output_item.added","output_index":1,"item":{"type":"message","id":"m","role":"assistant","status":"in_progress","content":[]}}`,
			`{"type":"response.content_part.added","output_index":1,"content_index":0,"part":{"type":"output_text","text":"","annotations":[]}}`,
			`{"type":"response.output_text.delta","output_index":1,"content_index":0,"delta":"a"}`,
			`{"type":"response.output_text.delta","output_index":1,"content_index":0,"delta":"b"}`,
			`{"type":"response.output_text.annotation.added","output_index":1,"content_index":0,"annotation":{"type":"url_citation"}}`,
			`{"type":"response.function_call_arguments.delta","output_index":2,"delta":"{\"a\""}`,
			`{"type":"error","code":"server_error","message":"broke off","param":null,"sequence_number":9}`,
		), `{"id":"r","object":"response","status":"in_progress","error":{"code":"server_error","message":"broke off","param":null},"output":[{"type":"reasoning","id":"rs","summary":[{"type":"summary_text","text":"hm"}],"encrypted_content":"e"},{"type":"message","id":"m","role":"assistant","status":"in_progress","content":[{"type":"output_text","text":"ab","annotations":[{"type":"url_citation"}]}]},{"type":"function_call","id":"fc","call_id":"t","name":"f","arguments":"{\"a\"","status":"in_progress"}]}`},
		"a response that failed": {responses, sse(
			`{"type":"response.failed","response":{"id":"r","status":"failed","error":{"code":"server_error","message":"m"},"output":[]}}`,
		), `{"id":"r","status":"failed","error":{"code":"server_error","message":"m"},"output":[]}`},
		"an error alone in place of a response": {responses, sse(
			`{"type":"error","code":"server_error","message":"m","param":null}`,
		), `{"error":{"message":"m","type":"server_error","param":null,"code":"server_error"}}`},

		"candidates in chunks": {gemini, sse(
			`{"candidates":[{"content":{"parts":[{"text":"h","thought":true}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":1},"modelVersion":"m","responseId":"r"}`,
			`{"candidates":[{"content":{"parts":[{"text":"m","thought":true}]}},{"content":{"parts":[{"text":"B"}]},"index":1,"finishReason":"STOP"}]}`,
			`{"candidates":[{"content":{"parts":[{"text":"a"}]}}]}`,
			`{"candidates":[{"content":{"parts":[{"text":"b","thoughtSignature":"s"},{"text":"c"}]}}]}`,
			`{"candidates":[{"content":{"parts":[{"executableCode":{"code":"x"}},{"functionCall":{"name":"f","args":{"a":1}},"thoughtSignature":"t"}]}}]}`,
			`{"candidates":[{"content":{"parts":[{"functionCall":{"name":"g","willContinue":true}}]}}]}`,
			`{"candidates":[{"content":{"parts":[{"functionCall":{"partialArgs":[{"jsonPath":"$.s","stringValue":"x","willContinue":true}],"willContinue":true}}]}}]}`,
			`{"candidates":[{"content":{"parts":[{"functionCall":{"partialArgs":[{"jsonPath":"$.s","stringValue":"y"}],"willContinue":true}}]}}]}`,
			`{"candidates":[{"content":{"parts":[{"functionCall":{}}]},"finishReason":"STOP","groundingMetadata":{"q":1}}],"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":4}}`,
		), `{"usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":4},"modelVersion":"m","responseId":"r","candidates":[{"content":{"role":"model","parts":[{"text":"hm","thought":true},{"text":"ab","thoughtSignature":"s"},{"text":"c"},{"executableCode":{"code":"x"}},{"functionCall":{"name":"f","args":{"a":1}},"thoughtSignature":"t"},{"functionCall":{"name":"g","args":{"s":"xy"}}}]},"finishReason":"STOP","groundingMetadata":{"q":1},"index":0},{"content":{"parts":[{"text":"B"}]},"finishReason":"STOP","index":1}]}`},
		"an array that was cut off": {
			gemini, "[{\"candidates\":[{\"content\":{\n  \"parts\":[{\"text\":\"a\"}]}}]},\r\n{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"b\"}]}}]}\r\n,{\"candidates\":[{\"cont",
			`{"candidates":[{"content":{"parts":[{"text":"ab"}]},"index":0}]}`,
		},
		"a prompt that was blocked": {gemini, sse(`{"promptFeedback":{"blockReason":"SAFETY"}}`), `{"promptFeedback":{"blockReason":"SAFETY"}}`},
		"an error behind a part of an answer": {
			gemini, sse(`{"candidates":[{"content":{"parts":[{"text":"a"}]}}]}`, `{"error":{"code":503,"message":"m"}}`),
			`{"candidates":[{"content":{"parts":[{"text":"a"}]},"index":0}],"error":{"code":503,"message":"m"}}`,
		},
		"an empty array": {gemini, "[]", ""},
	} {
		t.Run(name, func(t *testing.T) {
			stream := []byte(tt.stream)
			got, err := transform.Assemble(tt.dialect, stream)
			if (err == nil) != (tt.want != "") {
				t.Fatalf("%s, error %v", got, err)
			}
			clear(stream) // the answer shares nothing with it
			if diff := cmp.Diff(plain(t, tt.want), plain(t, string(got))); diff != "" {
				t.Errorf("%s\n(-want +got):\n%s", got, diff)
			}
			if bytes.ContainsAny(got, "\r\n") {
				t.Errorf("it is on more than one line: %s", got)
			}
		})
	}
}

// plain is a JSON text without the ways in which it could be written.
func plain(t *testing.T, text string) (v any) {
	t.Helper()
	if text == "" {
		return nil
	}
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return v
}

// Half an event, a member by a name that is told twice, and other things that
// no provider sends give JSON too.
func FuzzAssemble(f *testing.F) {
	for i, d := range transform.Dialects() {
		for _, kind := range []string{"text", "reasoning", "tool", "escaped"} {
			stream := strings.Join(frames(d, first(kind)), "")
			f.Add(uint8(i), []byte(stream))
			f.Add(uint8(i), []byte(stream[:len(stream)/2]))
		}
	}
	f.Add(uint8(3), []byte(`[{"candidates":[{"content":{"parts":[{"functionCall":{"name":"g","partialArgs":[{"jsonPath":"$[0]","stringValue":"x"}],"willContinue":true}},{"functionCall":{}}]}}]},`))
	f.Add(uint8(1), []byte(sse(`{"choices":[{"delta":{"a":[{"index":0,"type":"x"},{"index":0}],"b":{"c":{"d":"e"}},"f":"g"}}]}`, `{"choices":[{"delta":{"a":"x","b":[1],"f":{"g":1}}}]}`)))
	f.Add(uint8(0), []byte("data: {\"type\":\"content_block_delta\",\ndata: \"delta\":{\"type\":\"x\",\"text\":1,\"y\":\"z\"}}\n\n"+sse(`{"type":"content_block_delta","delta":{"type":"x","text":"a","y":{}}}`)))
	f.Fuzz(func(t *testing.T, n uint8, stream []byte) {
		d := transform.Dialects()[int(n)%4]
		before := string(stream)
		out, err := transform.Assemble(d, stream)
		if string(stream) != before {
			t.Fatal("the stream was written to")
		}
		if err != nil {
			return
		}
		if !json.Valid(out) || bytes.ContainsAny(out, "\r\n") {
			t.Errorf("no JSON on one line: %s", out)
		}
	})
}
