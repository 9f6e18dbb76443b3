package responses

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// bigRequest returns a conversation of about that many bytes, with tools.
func bigRequest(size, tools int) []byte {
	words := strings.Repeat(`Some ordinary text with a \"quote\", a line end\nand an ü, as a model writes it. `, 8)
	var b strings.Builder
	b.WriteString(`{"model":"gpt-4o","max_output_tokens":100,"instructions":"` + words + `","tools":[`)
	for i := range tools {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"type":"function","name":"f%d","description":"%s","parameters":{"type":"object","properties":{"x":{"type":"string"}}},"strict":false}`, i, words[:80])
	}
	b.WriteString(`],"input":[`)
	for i := 0; ; i++ {
		fmt.Fprintf(&b, `{"role":"user","content":[{"type":"input_text","text":"%s"}]},{"type":"message","role":"assistant","content":[{"type":"output_text","text":"%s"}]},{"type":"function_call","call_id":"c%d","name":"f0","arguments":"{\"x\":\"some arguments\\n\"}"},{"type":"function_call_output","call_id":"c%d","output":"%s"}`, words, words, i, i, words)
		if b.Len() >= size {
			return []byte(b.String() + "]}")
		}
		b.WriteByte(',')
	}
}

func BenchmarkRequest(b *testing.B) {
	for _, c := range []struct{ size, tools int }{{10 << 10, 1}, {200 << 10, 24}} {
		b.Run(fmt.Sprintf("%dK", c.size>>10), func(b *testing.B) {
			body := bigRequest(c.size, c.tools)
			lose := func(field, why string) { b.Fatalf("lost %s: %s", field, why) }
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			var buf []byte
			for b.Loop() {
				r, err := ReadRequest(body, lose)
				if err != nil {
					b.Fatal(err)
				}
				buf, _ = WriteRequest(buf[:0], r, lose)
			}
		})
	}
}

const obfuscated = `{"type":"response.output_text.delta","sequence_number":4,"item_id":"msg_02ce8deeb6197db200698c5198ca0c81979bedbe6c98a8ab93","output_index":0,"content_index":0,"delta":" of an answer","logprobs":[],"obfuscation":"VLMdSoETMf5"}`

func BenchmarkDecodeText(b *testing.B) {
	d := NewDecoder()
	n := 0
	pass := func(*conv.Event) { n++ }
	data := []byte(obfuscated)
	b.ReportAllocs()
	for b.Loop() {
		_ = d.Event(nil, data, pass)
	}
	if n < b.N {
		b.Fatal("nothing was told")
	}
}

func BenchmarkEncodeText(b *testing.B) {
	e := NewEncoder(conv.EncoderOptions{})
	emit := func(string, []byte) {}
	ev := said(" of an answer")
	b.ReportAllocs()
	for b.Loop() {
		e.Event(&ev, emit)
	}
}

func BenchmarkWatch(b *testing.B) {
	var w Watch
	data := []byte(obfuscated)
	b.ReportAllocs()
	for b.Loop() {
		if w.Look(nil, data) != conv.MarkContent {
			b.Fatal("not seen as content")
		}
	}
}

// BenchmarkLongAnswer shows what the repetition of the whole answer at its end
// costs, for each of its deltas.
func BenchmarkLongAnswer(b *testing.B) {
	ev := said(" of an answer")
	emit := func(string, []byte) {}
	b.ReportAllocs()
	for b.Loop() {
		e := NewEncoder(conv.EncoderOptions{})
		for range 1000 {
			e.Event(&ev, emit)
		}
		e.Event(&end, emit)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/event")
}
