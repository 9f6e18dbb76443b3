package tee

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"
)

// tenRecords is a batch with bodies of about 4 KB.
func tenRecords() []*Record {
	var batch []*Record
	body := []byte(`{"model":"m","messages":[{"role":"user","content":"` + strings.Repeat("hello ", 700) + `"}]}`)
	for range 10 {
		batch = append(batch, &Record{
			Time: time.Unix(1767323045, 0), TraceID: "0af7651916cd43dd8448eb211c80319c", SpanID: "b7ad6b7169203331", Dialect: "anthropic",
			Path: "/v1/messages", Model: "claude-opus-4", ChannelID: "ch1", Channel: "main", Upstream: "claude-opus-4", Status: 200,
			Attempts: 1, Input: 1000, Output: 200, FirstByte: time.Second, Duration: 3 * time.Second, Request: body, Response: body, fit: true,
		})
	}
	return batch
}

// BenchmarkWebhookBatch is what it takes to send a batch of ten to a receiver
// that takes no time.
func BenchmarkWebhookBatch(b *testing.B) {
	w, err := NewWebhook(WebhookConfig{URL: "https://hook.test", Secret: testSecret, Transport: roundTripFunc(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
	})})
	if err != nil {
		b.Fatal(err)
	}
	batch := tenRecords()
	b.ReportAllocs()
	for b.Loop() {
		if err := w.WriteBatch(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSpoolBatch is what it takes to write a batch of ten down, to read it
// again and to give it to a sink.
func BenchmarkSpoolBatch(b *testing.B) {
	s, err := OpenSpool(SpoolConfig{Dir: b.TempDir(), MaxBytes: 1 << 40, SegmentBytes: 4 << 20, Sink: batchFunc(func(context.Context, []*Record) error { return nil })})
	if err != nil {
		b.Fatal(err)
	}
	batch := tenRecords()
	b.ReportAllocs()
	for b.Loop() {
		if err := s.WriteBatch(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	if err := s.Close(b.Context()); err != nil {
		b.Fatal(err)
	}
}
