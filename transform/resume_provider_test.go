package transform_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf16"

	"github.com/dctx-team/routex/transform"
)

// An answer is what a provider of these tests says.
type answer struct {
	id        string
	reasoning []string
	text      []string // JSON literals without their quotes, as they are cut
	tool      bool     // calls f({"a":1}) after the text
	input     int
	output    int
	stop      string // end or length
}

// plainly cuts a text into pieces of n characters, as JSON.
func plainly(text string, n int) (out []string) {
	for r := []rune(text); len(r) > 0; r = r[min(n, len(r)):] {
		piece, _ := json.Marshal(string(r[:min(n, len(r))]))
		out = append(out, string(piece[1:len(piece)-1]))
	}
	return out
}

// escaped cuts a text into pieces of n units of UTF-16, all of them escaped: a
// character may be cut in two.
func escaped(text string, n int) (out []string) {
	for u := utf16.Encode([]rune(text)); len(u) > 0; u = u[min(n, len(u)):] {
		var b strings.Builder
		for _, c := range u[:min(n, len(u))] {
			fmt.Fprintf(&b, `\u%04X`, c)
		}
		out = append(out, b.String())
	}
	return out
}

// frames gives the answer as a provider of the dialect streams it, event by
// event.
func frames(d transform.Dialect, a *answer) []string {
	switch d {
	case messages:
		return messagesFrames(a)
	case responses:
		return responsesFrames(a)
	case gemini:
		return geminiFrames(a)
	}
	return chatFrames(a)
}

func messagesFrames(a *answer) (out []string) {
	add := func(name, format string, args ...any) {
		out = append(out, "event: "+name+"\ndata: "+fmt.Sprintf(`{"type":"`+name+`"`+format+`}`, args...)+"\n\n")
	}
	add("message_start", `,"message":{"id":"msg_%s","type":"message","role":"assistant","model":"claude","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":%d,"output_tokens":1}}`, a.id, a.input)
	add("ping", "")
	n := 0
	if a.reasoning != nil {
		add("content_block_start", `,"index":0,"content_block":{"type":"thinking","thinking":"","signature":""}`)
		for _, piece := range a.reasoning {
			add("content_block_delta", `,"index":0,"delta":{"type":"thinking_delta","thinking":"%s"}`, piece)
		}
		add("content_block_delta", `,"index":0,"delta":{"type":"signature_delta","signature":"c2ln"}`)
		add("content_block_stop", `,"index":0`)
		n++
	}
	add("content_block_start", `,"index":%d,"content_block":{"type":"text","text":""}`, n)
	for _, piece := range a.text {
		add("content_block_delta", `,"index":%d,"delta":{"type":"text_delta","text":"%s"}`, n, piece)
	}
	add("content_block_stop", `,"index":%d`, n)
	stop := map[string]string{"end": "end_turn", "length": "max_tokens"}[a.stop]
	if a.tool {
		add("content_block_start", `,"index":%d,"content_block":{"type":"tool_use","id":"toolu_1","name":"f","input":{}}`, n+1)
		add("content_block_delta", `,"index":%d,"delta":{"type":"input_json_delta","partial_json":"{\"a\""}`, n+1)
		add("content_block_delta", `,"index":%d,"delta":{"type":"input_json_delta","partial_json":":1}"}`, n+1)
		add("content_block_stop", `,"index":%d`, n+1)
		stop = "tool_use"
	}
	add("message_delta", `,"delta":{"stop_reason":"%s","stop_sequence":null},"usage":{"output_tokens":%d}`, stop, a.output)
	add("message_stop", "")
	return out
}

func chatFrames(a *answer) (out []string) {
	head := `data: {"id":"chatcmpl-` + a.id + `","object":"chat.completion.chunk","created":1700000000,"model":"gpt","service_tier":"default","system_fingerprint":"fp_1","choices":`
	add := func(delta, stop string) {
		out = append(out, head+`[{"index":0,"delta":`+delta+`,"logprobs":null,"finish_reason":`+stop+`}],"usage":null}`+"\n\n")
	}
	add(`{"role":"assistant","content":"","refusal":null}`, "null")
	for _, piece := range a.reasoning {
		add(`{"reasoning_content":"`+piece+`"}`, "null")
	}
	for _, piece := range a.text {
		add(`{"content":"`+piece+`"}`, "null")
	}
	stop := map[string]string{"end": `"stop"`, "length": `"length"`}[a.stop]
	if a.tool {
		add(`{"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"f","arguments":""}}]}`, "null")
		add(`{"tool_calls":[{"index":0,"function":{"arguments":"{\"a\":1}"}}]}`, "null")
		stop = `"tool_calls"`
	}
	add(`{}`, stop)
	out = append(out, head+fmt.Sprintf(`[],"usage":{"prompt_tokens":%d,"completion_tokens":%d,"total_tokens":%d}}`, a.input, a.output, a.input+a.output)+"\n\n")
	return append(out, "data: [DONE]\n\n")
}

func geminiFrames(a *answer) (out []string) {
	add := func(part, more string) {
		out = append(out, `data: {"candidates":[{"content":{"parts":[`+part+`],"role":"model"}`+more+`,"index":0}],"usageMetadata":`+
			fmt.Sprintf(`{"promptTokenCount":%d,"candidatesTokenCount":%d,"totalTokenCount":%d}`, a.input, a.output, a.input+a.output)+
			`,"modelVersion":"gemini","responseId":"`+a.id+`"}`+"\r\n\r\n")
	}
	for _, piece := range a.reasoning {
		add(`{"text":"`+piece+`","thought":true}`, "")
	}
	for _, piece := range a.text {
		add(`{"text":"`+piece+`"}`, "")
	}
	if a.tool {
		add(`{"functionCall":{"id":"call_1","name":"f","args":{"a":1}},"thoughtSignature":"c2ln"}`, "")
	}
	add(`{"text":""}`, `,"finishReason":"`+map[string]string{"end": "STOP", "length": "MAX_TOKENS"}[a.stop]+`"`)
	return out
}

func responsesFrames(a *answer) (out []string) {
	add := func(name, format string, args ...any) {
		out = append(out, "event: "+name+"\ndata: "+fmt.Sprintf(`{"type":"%s","sequence_number":%d`, name, len(out))+fmt.Sprintf(format, args...)+"}\n\n")
	}
	whole := func(status, output, usage, details string) string {
		return `,"response":{"id":"resp_` + a.id + `","object":"response","created_at":1700000000,"status":"` + status + `","background":false,"error":null,"incomplete_details":` + details +
			`,"instructions":"Be brief.","metadata":{"k":"v"},"model":"gpt","output":[` + output + `],"temperature":1.0,"usage":` + usage + `,"user":null}`
	}
	add("response.created", "%s", whole("in_progress", "", "null", "null"))
	add("response.in_progress", "%s", whole("in_progress", "", "null", "null"))
	n, output := 0, ""
	if a.reasoning != nil {
		add("response.output_item.added", `,"output_index":0,"item":{"id":"rs_1","type":"reasoning","summary":[]}`)
		add("response.reasoning_summary_part.added", `,"item_id":"rs_1","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":""}`)
		for _, piece := range a.reasoning {
			add("response.reasoning_summary_text.delta", `,"item_id":"rs_1","output_index":0,"summary_index":0,"delta":"%s"`, piece)
		}
		text := strings.Join(a.reasoning, "")
		add("response.reasoning_summary_text.done", `,"item_id":"rs_1","output_index":0,"summary_index":0,"text":"%s"`, text)
		add("response.reasoning_summary_part.done", `,"item_id":"rs_1","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":"%s"}`, text)
		output = `{"id":"rs_1","type":"reasoning","summary":[{"type":"summary_text","text":"` + text + `"}],"encrypted_content":"c2ln"}`
		add("response.output_item.done", `,"output_index":0,"item":%s`, output)
		output += ","
		n++
	}
	at := fmt.Sprintf(`,"item_id":"msg_1","output_index":%d,"content_index":0`, n)
	add("response.output_item.added", `,"output_index":%d,"item":{"id":"msg_1","type":"message","status":"in_progress","content":[],"role":"assistant"}`, n)
	add("response.content_part.added", `%s,"part":{"type":"output_text","annotations":[],"logprobs":[],"text":""}`, at)
	for i, piece := range a.text {
		add("response.output_text.delta", `%s,"delta":"%s","logprobs":[],"obfuscation":"%x"`, at, piece, i*7919)
	}
	text := strings.Join(a.text, "")
	part := `{"type":"output_text","annotations":[],"logprobs":[],"text":"` + text + `"}`
	add("response.output_text.done", `%s,"text":"%s","logprobs":[]`, at, text)
	add("response.content_part.done", `%s,"part":%s`, at, part)
	item := `{"id":"msg_1","type":"message","status":"completed","content":[` + part + `],"role":"assistant"}`
	add("response.output_item.done", `,"output_index":%d,"item":%s`, n, item)
	output += item
	if a.tool {
		add("response.output_item.added", `,"output_index":%d,"item":{"id":"fc_1","type":"function_call","status":"in_progress","arguments":"","call_id":"call_1","name":"f"}`, n+1)
		add("response.function_call_arguments.delta", `,"item_id":"fc_1","output_index":%d,"delta":"{\"a\":1}"`, n+1)
		add("response.function_call_arguments.done", `,"item_id":"fc_1","output_index":%d,"arguments":"{\"a\":1}"`, n+1)
		item = `{"id":"fc_1","type":"function_call","status":"completed","arguments":"{\"a\":1}","call_id":"call_1","name":"f"}`
		add("response.output_item.done", `,"output_index":%d,"item":%s`, n+1, item)
		output += "," + item
	}
	usage := fmt.Sprintf(`{"input_tokens":%d,"input_tokens_details":{"cached_tokens":0},"output_tokens":%d,"output_tokens_details":{"reasoning_tokens":0},"total_tokens":%d}`, a.input, a.output, a.input+a.output)
	if a.stop == "length" {
		add("response.incomplete", "%s", whole("incomplete", output, usage, `{"reason":"max_output_tokens"}`))
	} else {
		add("response.completed", "%s", whole("completed", output, usage, "null"))
	}
	return out
}
