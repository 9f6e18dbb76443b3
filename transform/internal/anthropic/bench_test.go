package anthropic

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform/internal/conv"
)

const words = `Some ordinary text with a \"quote\", a line end\nand an ü, as a model writes it. `

// conversation returns a request of about that many bytes, as a coding agent
// sends it.
func conversation(size, tools int) []byte {
	var b strings.Builder
	paragraph := strings.Repeat(words, 8)
	b.WriteString(`{"model":"claude-sonnet-4-5","max_tokens":9000,"thinking":{"type":"enabled","budget_tokens":2048},"system":[{"type":"text","text":"` + paragraph + `"}],"tools":[`)
	for i := range tools {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"name":"tool_%d","description":"%s","input_schema":{"type":"object","properties":{"path":{"type":"string","description":"%s"},"limit":{"type":"integer","minimum":1}},"required":["path"]}}`, i, words, words)
	}
	b.WriteString(`],"messages":[`)
	signature := conv.State{Kind: conv.Signature, Value: conv.Quote(strings.Repeat("EqQB+/", 40))}
	for i := 0; ; i++ {
		fmt.Fprintf(&b, `{"role":"user","content":"%s"},{"role":"assistant","content":[{"type":"thinking","thinking":"%s","signature":%s},{"type":"text","text":"%s"},{"type":"tool_use","id":"toolu_%d","name":"tool_0","input":{"path":"some/file.go","limit":%d}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_%d","content":"%s"}]}`,
			words, words, string(signature.Token(provider)), words, i, i, i, paragraph)
		if b.Len() >= size {
			return []byte(b.String() + "]}")
		}
		b.WriteByte(',')
	}
}

func benchRequests(b *testing.B, run func(b *testing.B, body []byte)) {
	for _, c := range []struct {
		name        string
		size, tools int
	}{{"10K", 10 << 10, 3}, {"200K", 200 << 10, 24}} {
		b.Run(c.name, func(b *testing.B) {
			body := conversation(c.size, c.tools)
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			run(b, body)
		})
	}
}

func BenchmarkReadRequest(b *testing.B) {
	benchRequests(b, func(b *testing.B, body []byte) {
		lose := func(field, why string) { b.Fatalf("lost %s: %s", field, why) }
		for b.Loop() {
			if _, err := ReadRequest(body, lose); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkWriteRequest(b *testing.B) {
	benchRequests(b, func(b *testing.B, body []byte) {
		lose := func(field, why string) { b.Fatalf("lost %s: %s", field, why) }
		r, err := ReadRequest(body, lose)
		if err != nil {
			b.Fatal(err)
		}
		r.Target.Provider = provider
		buf := make([]byte, 0, 2*len(body))
		for b.Loop() {
			buf, _ = WriteRequest(buf[:0], r, lose)
		}
	})
}

// streams are events that come by the hundred.
func streams() map[string]string {
	return map[string]string{
		"Text":      textDelta(1, "some words of an answer, of the length that providers send"),
		"Reasoning": thinkingDelta(0, "some words of an answer, of the length that providers send"),
		"Arguments": argsDelta(2, `"content":"some words of a file, \n`),
	}
}

func BenchmarkDecode(b *testing.B) {
	for name, data := range streams() {
		b.Run(name, func(b *testing.B) {
			d, n := NewDecoder(), 0
			emit := func(*conv.Event) { n++ }
			_ = d.Event(nil, []byte(startEvent), emit)
			_ = d.Event(nil, []byte(blockStart(2, tool("t"))), emit)
			n = 0
			event := []byte(data)
			b.ReportAllocs()
			for b.Loop() {
				_ = d.Event(nil, event, emit)
			}
			if n == 0 {
				b.Fatal("nothing was told")
			}
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	for name, event := range map[string]conv.Event{
		"Text":      ev(conv.TextDelta, "some words of an answer, of the length that providers send"),
		"Reasoning": ev(conv.ReasoningDelta, "some words of an answer, of the length that providers send"),
		"Arguments": args(0, `"content":"some words of a file, \n`),
	} {
		b.Run(name, func(b *testing.B) {
			e, n := NewEncoder(conv.EncoderOptions{Provider: provider}), 0
			emit := func(string, []byte) { n++ }
			begin := toolStart(0, "a")
			if name == "Arguments" {
				e.Event(&begin, emit)
			}
			b.ReportAllocs()
			for b.Loop() {
				e.Event(&event, emit)
			}
			if n == 0 {
				b.Fatal("nothing was written")
			}
		})
	}
}

func BenchmarkWatch(b *testing.B) {
	for name, data := range streams() {
		b.Run(name, func(b *testing.B) {
			var w Watch
			event := []byte(data)
			b.ReportAllocs()
			for b.Loop() {
				if w.Look(nil, event) != conv.MarkContent {
					b.Fatal("the event was not seen as content")
				}
			}
		})
	}
}
