package chat

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// conversation returns a request of about that many bytes with tools, calls
// and their results.
func conversation(size, tools int) []byte {
	text := strings.Repeat(`Some ordinary text with a \"quote\", a line end\nand an ü, as a model writes it. `, 8)
	var b strings.Builder
	b.WriteString(`{"model":"m","max_tokens":100,"tools":[`)
	for i := range tools {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"type":"function","function":{"name":"tool_%d","description":"%s","parameters":{"type":"object","properties":{"x":{"type":"string","description":"%.80s"}},"required":["x"]}}}`, i, text, text[:64])
	}
	b.WriteString(`],"messages":[{"role":"system","content":"` + text + `"}`)
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, `,{"role":"user","content":"%s"},{"role":"assistant","content":"%s","tool_calls":[{"id":"t%d","type":"function","function":{"name":"tool_1","arguments":"{\"x\":\"some arguments\\n\"}"}}]},{"role":"tool","tool_call_id":"t%d","content":"%s"}`, text, text, i, i, text)
	}
	b.WriteString("]}")
	return []byte(b.String())
}

func BenchmarkRequest(b *testing.B) {
	lose := func(field, why string) { b.Fatalf("lost %s: %s", field, why) }
	for _, c := range []struct {
		name        string
		size, tools int
	}{{"10K", 10 << 10, 1}, {"200K", 200 << 10, 24}} {
		body := conversation(c.size, c.tools)
		b.Run("Read"+c.name, func(b *testing.B) {
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := ReadRequest(body, lose); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run("Write"+c.name, func(b *testing.B) {
			r, err := ReadRequest(body, lose)
			if err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			var buf []byte
			for b.Loop() {
				buf, _ = WriteRequest(buf[:0], r, lose)
			}
		})
	}
}

func BenchmarkStreamEvent(b *testing.B) {
	padded := func(delta, pad string) []byte {
		line := chunkOf(delta)
		return []byte(line[:len(line)-1] + `,"obfuscation":"` + pad + `"}`)
	}
	both := func(delta string) [][]byte { return [][]byte{padded(delta, "aaa"), padded(delta, "bbbbbb")} }
	words := `"some words of an answer"`
	for _, c := range []struct {
		name   string
		events [][]byte
	}{
		{"Text", [][]byte{[]byte(chunkOf(`"content":` + words))}},
		{"TextPadded", both(`"content":` + words)},
		{"Reasoning", [][]byte{[]byte(chunkOf(`"reasoning_content":` + words))}},
		{"ReasoningPadded", both(`"reasoning_content":` + words)},
		{"Arguments", both(`"tool_calls":[{"index":0,"function":{"arguments":"some words of"}}]`)},
	} {
		b.Run(c.name, func(b *testing.B) {
			d, e := NewDecoder(), NewEncoder(conv.EncoderOptions{})
			size := 0
			write := func(_ string, data []byte) { size = len(data) }
			pass := func(ev *conv.Event) { e.Event(ev, write) }
			_ = d.Event(nil, []byte(callsOf(`{"index":0,"id":"a","function":{"name":"f","arguments":""}}`)), pass)
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				_ = d.Event(nil, c.events[i%len(c.events)], pass)
				e.thought = e.thought[:0] // as the end of the reasoning would
				i++
			}
			if size == 0 {
				b.Fatal("nothing was written")
			}
		})
	}
}
