package routex_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dctx-team/routex"
)

// agentCall is what a coding agent sends: many tools, a long conversation.
func agentCall(size int) string {
	var b strings.Builder
	b.WriteString(`{"model":"m","max_tokens":8192,"system":[{"type":"text","text":"You are a coding agent."}],"tools":[`)
	for i := range 24 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"name":"tool_%d","description":"%s","input_schema":{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}}`, i, strings.Repeat("Reads a file. ", 20))
	}
	b.WriteString(`],"messages":[{"role":"user","content":"Fix the bug."}`)
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, `,{"role":"assistant","content":[{"type":"tool_use","id":"toolu_%d","name":"tool_1","input":{"path":"a.go"}}]}`, i)
		fmt.Fprintf(&b, `,{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_%d","content":"%s"}]}`, i, strings.Repeat(`if err != nil {\n\treturn fmt.Errorf(\"x: %w\", err)\n}\n`, 80))
	}
	b.WriteString(`],"stream":false}`)
	return b.String()
}

// BenchmarkCall compares a call over the bare http.Transport with the same call
// through Routex, over loopback. The difference is what Routex costs.
func BenchmarkCall(b *testing.B) {
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, anthropicAnswer)
	}))
	defer upstream.Close()
	base := http.DefaultTransport.(*http.Transport).Clone()
	defer base.CloseIdleConnections()
	tr := newTransport(b, routex.Config{Channels: []routex.Channel{anthropicChannel("a", upstream.URL)}, Base: base})
	mapped := anthropicChannel("a", upstream.URL)
	mapped.ModelMap = map[string]string{"m": "claude-opus-4"}
	renaming := newTransport(b, routex.Config{Channels: []routex.Channel{mapped}, Base: base})
	for _, size := range []struct {
		name, body string
	}{
		{"1K", strings.Replace(anthropicCall, "hi", strings.Repeat("hello ", 150), 1)},
		{"200K", agentCall(200_000)},
	} {
		for _, way := range []struct {
			name string
			rt   http.RoundTripper
		}{{"bare", base}, {"routex", tr}, {"renamed", renaming}} {
			b.Run(size.name+"/"+way.name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					req, _ := http.NewRequestWithContext(b.Context(), http.MethodPost, upstream.URL+"/v1/messages", strings.NewReader(size.body))
					req.Header.Set("Content-Type", "application/json")
					req.Header.Set("Anthropic-Version", "2023-06-01")
					resp, err := way.rt.RoundTrip(req)
					if err != nil || resp.StatusCode != 200 {
						b.Fatal(resp, err)
					}
					_, _ = io.Copy(io.Discard, resp.Body)
					_ = resp.Body.Close()
				}
			})
		}
	}
}

// anthropicStream is a long answer, event by event.
func anthropicStream(events int) []byte {
	var b bytes.Buffer
	b.WriteString("event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":3,\"output_tokens\":1}}}\n\n")
	b.WriteString("event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n")
	for range events {
		b.WriteString("event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"hello world\"}}\n\n")
	}
	b.WriteString("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n")
	b.WriteString("event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":9}}\n\n")
	b.WriteString("event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n")
	return b.Bytes()
}

func chatStream(events int) []byte {
	var b bytes.Buffer
	const head = `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":`
	b.WriteString(head + `{"role":"assistant","content":""},"finish_reason":null}]}` + "\n\n")
	for range events {
		b.WriteString(head + `{"content":"hello world"},"finish_reason":null}]}` + "\n\n")
	}
	b.WriteString(head + `{},"finish_reason":"stop"}]}` + "\n\n")
	b.WriteString(`data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":9,"total_tokens":12}}` + "\n\ndata: [DONE]\n\n")
	return b.Bytes()
}

// BenchmarkStream reads streamed answers of 10,000 events through Routex, from
// memory: the throughput and the allocations are Routex's own.
func BenchmarkStream(b *testing.B) {
	const events = 10_000
	for _, pair := range []struct {
		name, path string
		ch         routex.Channel
		answer     []byte
	}{
		{"anthropic", "/v1/messages", anthropicChannel("a", "http://a.test"), anthropicStream(events)},
		{"chat", "/v1/chat/completions", openAIChannel("o", "http://o.test"), chatStream(events)},
		{"anthropic-from-chat", "/v1/messages", openAIChannel("o", "http://o.test"), chatStream(events)},
		{"chat-from-anthropic", "/v1/chat/completions", anthropicChannel("a", "http://a.test"), anthropicStream(events)},
	} {
		b.Run(pair.name, func(b *testing.B) {
			tr := newTransport(b, routex.Config{Channels: []routex.Channel{pair.ch}, Base: roundTrip(func(r *http.Request) (*http.Response, error) {
				_ = r.Body.Close()
				return &http.Response{
					StatusCode: 200, Header: http.Header{"Content-Type": {"text/event-stream"}}, ContentLength: -1,
					Body: io.NopCloser(bytes.NewReader(pair.answer)),
				}, nil
			})})
			body := strings.Replace(anthropicCall, `"max_tokens"`, `"stream":true,"max_tokens"`, 1)
			buf := make([]byte, 16<<10)
			b.SetBytes(int64(len(pair.answer)))
			b.ReportAllocs()
			for b.Loop() {
				req, _ := newCall(b, "https://x.test"+pair.path, body)
				resp, err := tr.RoundTrip(req)
				if err != nil || resp.StatusCode != 200 {
					b.Fatal(resp, err)
				}
				if _, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, resp.Body, buf); err != nil {
					b.Fatal(err)
				}
				_ = resp.Body.Close()
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/events, "ns/event")
		})
	}
}
