package conv_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform/internal/anthropic"
	"github.com/dctx-team/routex/transform/internal/chat"
	"github.com/dctx-team/routex/transform/internal/conv"
)

const words = `Some ordinary text with a \"quote\", a line end\nand an ü, as a model writes it. `

// bigRequest returns a conversation of about that many bytes, with tools.
func bigRequest(toChat bool, size int) []byte {
	var b strings.Builder
	text := strings.Repeat(words, 8)
	if toChat {
		b.WriteString(`{"model":"gpt-4o","max_tokens":100,"system":"` + text + `","tools":[{"name":"f","description":"d","input_schema":{"type":"object","properties":{"x":{"type":"string"}}}}],"messages":[`)
	} else {
		b.WriteString(`{"model":"claude-x","max_tokens":100,"tools":[{"type":"function","function":{"name":"f","description":"d","parameters":{"type":"object","properties":{"x":{"type":"string"}}}}}],"messages":[{"role":"system","content":"` + text + `"},`)
	}
	for i := 0; ; i++ {
		if toChat {
			fmt.Fprintf(&b, `{"role":"user","content":"%s"},{"role":"assistant","content":[{"type":"text","text":"%s"},{"type":"tool_use","id":"t%d","name":"f","input":{"x":"some arguments\n"}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t%d","content":"%s"}]}`, text, text, i, i, text)
		} else {
			fmt.Fprintf(&b, `{"role":"user","content":"%s"},{"role":"assistant","content":"%s","tool_calls":[{"id":"t%d","type":"function","function":{"name":"f","arguments":"{\"x\":\"some arguments\\n\"}"}}]},{"role":"tool","tool_call_id":"t%d","content":"%s"}`, text, text, i, i, text)
		}
		if b.Len() >= size {
			return []byte(b.String() + "]}")
		}
		b.WriteByte(',')
	}
}

func benchRequest(b *testing.B, size int) {
	for _, toChat := range []bool{true, false} {
		name := map[bool]string{true: "AnthropicToChat", false: "ChatToAnthropic"}[toChat]
		b.Run(name, func(b *testing.B) {
			body := bigRequest(toChat, size)
			read, write := chat.ReadRequest, anthropic.WriteRequest
			if toChat {
				read, write = anthropic.ReadRequest, chat.WriteRequest
			}
			lose := func(field, why string) { b.Fatalf("lost %s: %s", field, why) }
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			var buf []byte
			for b.Loop() {
				r, err := read(body, lose)
				if err != nil {
					b.Fatal(err)
				}
				buf, _ = write(buf[:0], r, lose)
			}
		})
	}
}

func BenchmarkTranslateRequest10K(b *testing.B)  { benchRequest(b, 10<<10) }
func BenchmarkTranslateRequest200K(b *testing.B) { benchRequest(b, 200<<10) }

const (
	anthropicText = `{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"some words of an answer, of the length that providers send at a time today"}}`
	chatText      = `{"id":"chatcmpl-C4Hq5a6K3RaPMymUv70btQNYv6SvY","object":"chat.completion.chunk","created":1755137921,"model":"gpt-5-nano","choices":[{"index":0,"delta":{"content":"some words of an answer"},"finish_reason":null}]}`
)

// streamKinds are events as they come and events that differ each time in
// more than their text.
func streamKinds(data string) map[string][][]byte {
	padded := func(pad string) []byte { return []byte(data[:len(data)-1] + `,"obfuscation":"` + pad + `"}`) }
	return map[string][][]byte{"Plain": {[]byte(data)}, "Padded": {padded("aaa"), padded("bbbbbb")}}
}

func BenchmarkTranslateTextEvent(b *testing.B) {
	run := func(name string, events [][]byte, d decoder, e encoder) {
		b.Run(name, func(b *testing.B) {
			size := 0
			write := func(_ string, data []byte) { size = len(data) }
			pass := func(ev *conv.Event) { e.Event(ev, write) }
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				_ = d.Event(nil, events[i%len(events)], pass)
				i++
			}
			if size == 0 {
				b.Fatal("nothing was written")
			}
		})
	}
	for kind, events := range streamKinds(anthropicText) {
		run("AnthropicToChat"+kind, events, anthropic.NewDecoder(), chat.NewEncoder(conv.EncoderOptions{}))
	}
	for kind, events := range streamKinds(chatText) {
		run("ChatToAnthropic"+kind, events, chat.NewDecoder(), anthropic.NewEncoder(conv.EncoderOptions{}))
	}
}

func BenchmarkWatch(b *testing.B) {
	run := func(name string, events [][]byte, look func(name, data []byte) conv.Mark) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			i := 0
			for b.Loop() {
				if look(nil, events[i%len(events)]) != conv.MarkContent {
					b.Fatal("the event was not seen as content")
				}
				i++
			}
		})
	}
	for kind, events := range streamKinds(anthropicText) {
		run("Anthropic"+kind, events, new(anthropic.Watch).Look)
	}
	for kind, events := range streamKinds(chatText) {
		run("Chat"+kind, events, new(chat.Watch).Look)
	}
}
