//go:build unix

package tee_test

import (
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/dctx-team/routex/tee"
)

// cpu is the time that the process has taken of all processors.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// chat is a record as they come, with bodies of about 1 KB each.
func chat() *tee.Record {
	request := `{"model":"gpt-5-mini","messages":[{"role":"system","content":"You are a helpful assistant."},{"role":"user","content":"` +
		strings.Repeat("The quick brown fox jumps over the lazy dog: 1 + 1 = 2. ", 15) + `"}],"temperature":0.7,"max_tokens":500,"stream":false}`
	response := `{"id":"chatcmpl-123","object":"chat.completion","created":1700000000,"model":"gpt-5-mini","choices":[{"index":0,"message":{"role":"assistant","content":"` +
		strings.Repeat("All of it is as good as it was, \\\"more\\\" or less.\\n", 14) + `"},"finish_reason":"stop"}],"usage":{"prompt_tokens":200,"completion_tokens":150,"total_tokens":350}}`
	return &tee.Record{
		Time: time.Now(), TraceID: "4bf92f3577b34da6a3ce929d0e0e4736", SpanID: "00f067aa0ba902b7", Dialect: "openai", Path: "/v1/chat/completions", Model: "gpt-5-mini",
		ChannelID: "0198c0de", Channel: "main", Upstream: "gpt-5-mini", Status: 200, Attempts: 1, Input: 200, Output: 150, Cost: 0.00035, CostKnown: true,
		FirstByte: 230 * time.Millisecond, Duration: 1200 * time.Millisecond,
		Request: json.RawMessage(request), Response: json.RawMessage(response), RequestBytes: int64(len(request)), ResponseBytes: int64(len(response)),
	}
}

// The whole cost of a record, with the work of the goroutine that writes it to
// the file; cpu-ns/op is the time of all processors.
func BenchmarkFile(b *testing.B) {
	r := chat()
	none := *r
	none.Request, none.Response = nil, nil
	secret := *r
	secret.Request = json.RawMessage(strings.Replace(string(r.Request), "The quick", "sk-0123456789abcdef", 1))
	for _, bench := range []struct {
		name   string
		record *tee.Record
		redact []string
	}{
		{"bodies", r, nil},
		{"none", &none, nil},
		{"secret", &secret, nil},
		{"paths", r, []string{"messages.#.content", "choices.#.message.content"}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			file, err := tee.Open(tee.Destination{ID: "x", Redact: bench.redact, Queue: 1 << 20, QueueBytes: 64 << 20, Sink: tee.NewFile(filepath.Join(b.TempDir(), "x.jsonl"), tee.FileOptions{})})
			if err != nil {
				b.Fatal(err)
			}
			start := cpu(b)
			n := 0
			for b.Loop() {
				if n++; n%1000 == 0 { // as fast as it can be written
					for file.Stats().Queued > 5000 {
						time.Sleep(time.Millisecond)
					}
				}
				_ = file.Write(b.Context(), bench.record)
			}
			if err := file.Close(context.WithoutCancel(b.Context())); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(cpu(b)-start)/float64(n), "cpu-ns/op")
			if s := file.Stats(); s.Dropped > 0 || s.Sent != int64(n) {
				b.Fatalf("%+v", s)
			}
		})
	}
}

// What a call waits for.
func BenchmarkWrite(b *testing.B) {
	r := chat()
	dead, err := tee.Open(tee.Destination{ID: "x", Filter: tee.Filter{Models: []string{"claude-*", "gpt-*"}}, Sink: hanging{}})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		_ = dead.Write(b.Context(), r)
	}
	ctx, cancel := context.WithCancel(b.Context())
	cancel()
	_ = dead.Close(ctx)
}

func BenchmarkAppendJSON(b *testing.B) {
	r := chat()
	var buf []byte
	for b.Loop() {
		buf = r.AppendJSON(buf[:0])
	}
}

func BenchmarkEdit(b *testing.B) {
	r := chat()
	t, err := tee.Open(tee.Destination{ID: "x", Sink: tee.Each(tee.Func(func(context.Context, *tee.Record) error { return nil }))})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(r.Request) + len(r.Response)))
	for b.Loop() {
		_ = t.Test(b.Context(), r)
	}
}
