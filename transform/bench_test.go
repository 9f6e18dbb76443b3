package transform_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform"
)

// agentRequest is a coding agent's conversation of about that many bytes, in
// Anthropic's protocol, with 24 tools when it is long.
func agentRequest(size int) []byte {
	var b strings.Builder
	b.WriteString(`{"model":"m","max_tokens":8192,"system":[{"type":"text","text":"You are a coding agent."}],"tools":[`)
	for i := range min(24, size/3000) {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"name":"tool_%d","description":"%s","input_schema":{"type":"object","properties":{"path":{"type":"string","description":"The file."},"lines":{"type":"array","items":{"type":"integer"}}},"required":["path"]}}`,
			i, strings.Repeat("Reads a file. ", 20))
	}
	b.WriteString(`],"messages":[{"role":"user","content":"Fix the bug."}`)
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, `,{"role":"assistant","content":[{"type":"text","text":"Reading."},{"type":"tool_use","id":"toolu_%d","name":"tool_1","input":{"path":"a.go","lines":[1,2]}}]}`, i)
		fmt.Fprintf(&b, `,{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_%d","content":"%s"}]}`, i, strings.Repeat(`if err != nil {\n\treturn fmt.Errorf(\"x: %w\", err)\n}\n`, 40))
	}
	b.WriteString(`]}`)
	return []byte(b.String())
}

// in gives a request of Anthropic's protocol in another.
func in(tb testing.TB, d transform.Dialect, body []byte) []byte {
	tb.Helper()
	t := transform.Translate(transform.Anthropic, d)
	if t == nil {
		return body
	}
	r := transform.Request{Header: http.Header{}, Model: "gpt-4o", Body: body}
	if err := t.Request(tb.Context(), &r); err != nil {
		tb.Fatal(err)
	}
	return bytes.Clone(r.Body)
}

// directions runs f for each pair of protocols that needs translation.
func directions(b *testing.B, f func(b *testing.B, caller, channel transform.Dialect)) {
	for _, caller := range transform.Dialects() {
		for _, channel := range transform.Dialects() {
			if caller != channel {
				b.Run(string(caller)+"-over-"+string(channel), func(b *testing.B) { f(b, caller, channel) })
			}
		}
	}
}

func benchmarkRequest(b *testing.B, size int) {
	source := agentRequest(size)
	directions(b, func(b *testing.B, caller, channel transform.Dialect) {
		body := in(b, caller, source)
		t := transform.Translate(caller, channel)
		b.SetBytes(int64(len(body)))
		b.ReportAllocs()
		for b.Loop() {
			r := transform.Request{Header: http.Header{}, Model: "gpt-4o", Body: body}
			if err := t.Request(b.Context(), &r); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkRequest10K(b *testing.B)  { benchmarkRequest(b, 10<<10) }
func BenchmarkRequest200K(b *testing.B) { benchmarkRequest(b, 200<<10) }

// eventsOf are the begin, one event of text and the end of a stream.
func eventsOf(d transform.Dialect) (begin, event, end string) {
	switch d {
	case transform.Anthropic:
		return `data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":3,"output_tokens":1}}}` + "\n\n" +
				`data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}` + "\n\n",
			`data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"some words of an answer "}}` + "\n\n",
			`data: {"type":"content_block_stop","index":0}` + "\n\n" + `data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":9}}` + "\n\n" + `data: {"type":"message_stop"}` + "\n\n"
	case transform.OpenAIResponses:
		const item = `"item_id":"msg_1","output_index":0,"content_index":0`
		return `data: {"type":"response.created","sequence_number":0,"response":{"id":"resp_1","object":"response","created_at":1,"status":"in_progress","model":"m","output":[]}}` + "\n\n" +
				`data: {"type":"response.output_item.added","sequence_number":1,"output_index":0,"item":{"id":"msg_1","type":"message","status":"in_progress","role":"assistant","content":[]}}` + "\n\n" +
				`data: {"type":"response.content_part.added","sequence_number":2,` + item + `,"part":{"type":"output_text","text":"","annotations":[]}}` + "\n\n",
			`data: {"type":"response.output_text.delta","sequence_number":3,` + item + `,"delta":"some words of an answer "}` + "\n\n",
			`data: {"type":"response.completed","sequence_number":4,"response":{"id":"resp_1","object":"response","created_at":1,"status":"completed","model":"m","output":[],"usage":{"input_tokens":3,"output_tokens":9,"total_tokens":12}}}` + "\n\n"
	case transform.Gemini:
		return "", `data: {"candidates":[{"content":{"role":"model","parts":[{"text":"some words of an answer "}]}}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":2,"totalTokenCount":5},"modelVersion":"m","responseId":"r"}` + "\n\n",
			`data: {"candidates":[{"content":{"role":"model","parts":[{"text":"."}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":3,"candidatesTokenCount":9,"totalTokenCount":12},"modelVersion":"m","responseId":"r"}` + "\n\n"
	}
	const head = `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":`
	return head + `{"role":"assistant","content":""},"finish_reason":null}]}` + "\n\n",
		head + `{"content":"some words of an answer "},"finish_reason":null}]}` + "\n\n",
		head + `{},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":9,"total_tokens":12}}` + "\n\ndata: [DONE]\n\n"
}

// BenchmarkStream translates answers of 1000 events of text. What it reports
// per event has the beginning and the end of the stream in it.
func BenchmarkStream(b *testing.B) {
	const events = 1000
	directions(b, func(b *testing.B, caller, channel transform.Dialect) {
		begin, event, end := eventsOf(channel)
		answer := begin + strings.Repeat(event, events) + end
		t := transform.Translate(caller, channel)
		r := transform.Request{Header: http.Header{}, Model: "gpt-4o", Stream: true, Body: in(b, caller, agentRequest(1000))}
		if err := t.Request(b.Context(), &r); err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		buf := make([]byte, 16<<10)
		for b.Loop() {
			resp := transform.Response{Request: &r, Status: 200, Header: http.Header{}}
			reader := transform.NewReader(transform.NewScanner(strings.NewReader(answer), 0), t.Stream(b.Context(), &resp))
			if _, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, struct{ io.Reader }{reader}, buf); err != nil {
				b.Fatal(err)
			}
			reader.Release()
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/events, "ns/event")
	})
}

// BenchmarkHasForeign is what every call pays that is not translated.
func BenchmarkHasForeign(b *testing.B) {
	body := agentRequest(200 << 10)
	for name, thinking := range map[string]string{"plain": "", "thinking": `{"type":"enabled","budget_tokens":1024}`} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if transform.HasForeign(body, []byte(thinking)) {
					b.Fatal("an ordinary body is suspected")
				}
			}
		})
	}
}
