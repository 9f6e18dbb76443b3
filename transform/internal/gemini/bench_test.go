package gemini_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform/internal/chat"
	"github.com/dctx-team/routex/transform/internal/conv"
	"github.com/dctx-team/routex/transform/internal/gemini"
)

const words = `Some ordinary text with a \"quote\", a line end\nand an ü, as a model writes it. `

const schema = `{"type":"object","properties":{"path":{"type":"string","description":"the file to read"},` +
	`"limit":{"type":"integer","minimum":1},"mode":{"type":"string","enum":["r","w","a"]},` +
	`"tags":{"type":"array","items":{"type":"string"}},` +
	`"range":{"type":"object","properties":{"from":{"type":"integer"},"to":{"type":["integer","null"]}},"required":["from"]}},` +
	`"required":["path"],"additionalProperties":false,"$schema":"http://json-schema.org/draft-07/schema#"}`

// fromChat returns a Chat request of about that many bytes.
func fromChat(size, tools int) []byte {
	var b strings.Builder
	text := strings.Repeat(words, 8)
	b.WriteString(`{"model":"gemini-2.5-pro","max_tokens":100,"tools":[`)
	for i := range tools {
		fmt.Fprintf(&b, `{"type":"function","function":{"name":"tool_%d","description":"%s","parameters":%s}},`, i, text, schema)
	}
	out := strings.TrimSuffix(b.String(), ",")
	b.Reset()
	b.WriteString(out + `],"messages":[{"role":"system","content":"` + text + `"}`)
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, `,{"role":"user","content":"%s"},{"role":"assistant","content":"%s","tool_calls":[{"id":"t%d","type":"function","function":{"name":"tool_0","arguments":"{\"path\":\"some arguments\\n\"}"}}]},{"role":"tool","tool_call_id":"t%d","content":"%s"}`, text, text, i, i, text)
	}
	return []byte(b.String() + "]}")
}

// toChat returns a request of this protocol of about that many bytes.
func toChat(size, tools int) []byte {
	var b strings.Builder
	text := strings.Repeat(words, 8)
	b.WriteString(`{"systemInstruction":{"parts":[{"text":"` + text + `"}]},"tools":[{"functionDeclarations":[`)
	for i := range tools {
		parameters := strings.NewReplacer(`"object"`, `"OBJECT"`, `["integer","null"]`, `"INTEGER","nullable":true`).Replace(schema)
		fmt.Fprintf(&b, `{"name":"tool_%d","description":"%s","parameters":%s},`, i, text, parameters)
	}
	out := strings.TrimSuffix(b.String(), ",")
	b.Reset()
	b.WriteString(out + `]}],"contents":[`)
	for i := 0; b.Len() < size; i++ {
		if i > 0 {
			b.WriteString(",")
		}
		fmt.Fprintf(&b, `{"role":"user","parts":[{"text":"%s"}]},{"role":"model","parts":[{"text":"%s"},{"functionCall":{"name":"tool_0","args":{"path":"some arguments\n"}}}]},{"role":"user","parts":[{"functionResponse":{"name":"tool_0","response":{"output":"%s"}}}]}`, text, text, text)
	}
	return []byte(b.String() + "]}")
}

func BenchmarkRequest(b *testing.B) {
	lose := func(field, why string) { b.Fatalf("lost %s: %s", field, why) }
	for _, size := range []struct {
		name         string
		bytes, tools int
	}{{"10K", 10 << 10, 1}, {"200K", 200 << 10, 24}} {
		b.Run("FromChat"+size.name, func(b *testing.B) {
			body := fromChat(size.bytes, size.tools)
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			var buf []byte
			for b.Loop() {
				r, err := chat.ReadRequest(body, lose)
				if err != nil {
					b.Fatal(err)
				}
				buf, _ = gemini.WriteRequest(buf[:0], r, lose)
			}
		})
		b.Run("ToChat"+size.name, func(b *testing.B) {
			body := toChat(size.bytes, size.tools)
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			var buf []byte
			for b.Loop() {
				r, err := gemini.ReadRequest(body, lose)
				if err != nil {
					b.Fatal(err)
				}
				r.Model = "gpt-4o"
				buf, _ = chat.WriteRequest(buf[:0], r, lose)
			}
		})
	}
}

// chunks are those of a streamed text, whose counts differ each time.
func chunks() [][]byte {
	var out [][]byte
	for i := range 64 {
		out = append(out, fmt.Appendf(nil, `{"candidates":[{"content":{"parts":[{"text":"some words of an answer, %d"}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":%d,"totalTokenCount":%d,"promptTokensDetails":[{"modality":"TEXT","tokenCount":9}],"thoughtsTokenCount":256},"modelVersion":"gemini-3-pro-preview","responseId":"dX6LadKVC7SZ28oPr9yJoQs"}`, i, i*3, i*3+265))
	}
	return out
}

func BenchmarkTextEvent(b *testing.B) {
	events := chunks()
	b.Run("ToChat", func(b *testing.B) {
		d, e := gemini.NewDecoder(), chat.NewEncoder(conv.EncoderOptions{})
		size := 0
		write := func(_ string, data []byte) { size = len(data) }
		pass := func(ev *conv.Event) { e.Event(ev, write) }
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			_ = d.Event(nil, events[i%len(events)], pass)
		}
		if size == 0 {
			b.Fatal("nothing was written")
		}
	})
	b.Run("FromChat", func(b *testing.B) {
		d, e := chat.NewDecoder(), gemini.NewEncoder(conv.EncoderOptions{})
		size := 0
		write := func(_ string, data []byte) { size = len(data) }
		pass := func(ev *conv.Event) { e.Event(ev, write) }
		data := []byte(`{"id":"chatcmpl-C4Hq5a6K3RaPMymUv70btQNYv6SvY","object":"chat.completion.chunk","created":1755137921,"model":"gpt-5-nano","choices":[{"index":0,"delta":{"content":"some words of an answer"},"finish_reason":null}]}`)
		b.ReportAllocs()
		for b.Loop() {
			_ = d.Event(nil, data, pass)
		}
		if size == 0 {
			b.Fatal("nothing was written")
		}
	})
	b.Run("Watch", func(b *testing.B) {
		var w gemini.Watch
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if w.Look(nil, events[i%len(events)]) != conv.MarkContent {
				b.Fatal("the event was not seen as content")
			}
		}
	})
}
