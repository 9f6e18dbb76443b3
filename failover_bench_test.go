package routex_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/dctx-team/routex"
)

// BenchmarkSucceedsAtOnce is what Routex itself costs a call to which nothing
// happens: two channels, the first answers from memory. Without rescue nothing
// of an answer is remembered.
func BenchmarkSucceedsAtOnce(b *testing.B) {
	streamed := strings.Replace(anthropicCall, `"max_tokens"`, `"stream":true,"max_tokens"`, 1)
	for _, kind := range []struct {
		name, body, contentType string
		answer                  []byte
		rescue                  routex.RescuePolicy
	}{
		{"whole", anthropicCall, "application/json", []byte(anthropicAnswer), routex.RescueOn},
		{"stream of 100 events", streamed, "text/event-stream", anthropicStream(100), routex.RescueOn},
		{"stream of 100 events, no rescue", streamed, "text/event-stream", anthropicStream(100), routex.RescueOff},
		{"stream of 1000 events", streamed, "text/event-stream", anthropicStream(1000), routex.RescueOn},
		{"stream of 1000 events, no rescue", streamed, "text/event-stream", anthropicStream(1000), routex.RescueOff},
	} {
		b.Run(kind.name, func(b *testing.B) {
			header := http.Header{"Content-Type": {kind.contentType}}
			first, second := anthropicChannel("a", "http://a.test"), anthropicChannel("b", "http://b.test")
			second.Priority = 1
			tr := newTransport(b, routex.Config{Rescue: kind.rescue, Channels: []routex.Channel{first, second}, Base: roundTrip(func(r *http.Request) (*http.Response, error) {
				_ = r.Body.Close()
				return &http.Response{StatusCode: 200, Header: header, ContentLength: -1, Body: io.NopCloser(bytes.NewReader(kind.answer))}, nil
			})})
			buf := make([]byte, 16<<10)
			b.ReportAllocs()
			for b.Loop() {
				req, _ := newCall(b, "https://x.test/v1/messages", kind.body)
				resp, err := tr.RoundTrip(req)
				if err != nil || resp.StatusCode != 200 {
					b.Fatal(resp, err)
				}
				_, _ = io.CopyBuffer(struct{ io.Writer }{io.Discard}, resp.Body, buf)
				_ = resp.Body.Close()
			}
		})
	}
}
