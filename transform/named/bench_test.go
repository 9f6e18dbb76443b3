package named_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/dctx-team/routex/transform"
)

// conversation is a request of 200 KB with 24 tools and cache breakpoints.
func conversation() string {
	var b strings.Builder
	b.WriteString(`{"model":"claude-sonnet-4-5","max_tokens":9000,"tools":[`)
	for i := range 24 {
		fmt.Fprintf(&b, `{"name":"tool.%d","description":"%s","input_schema":{"type":"object","properties":{"a":{"type":"string"}}}},`, i, strings.Repeat("it does things. ", 20))
	}
	b.WriteString(`{"name":"last","input_schema":{},"cache_control":{"type":"ephemeral"}}],"messages":[`)
	for i := range 80 {
		fmt.Fprintf(&b, `{"role":"assistant","content":[{"type":"tool_use","id":"t%d","name":"tool.%d","input":{"a":"b"}}]},`, i, i%24)
		fmt.Fprintf(&b, `{"role":"user","content":[{"type":"tool_result","tool_use_id":"t%d","content":[{"type":"text","text":"%s"}]}]},`, i, strings.Repeat(`line \"of\" output\n`, 110))
	}
	b.WriteString(`{"role":"user","content":[{"type":"text","text":"go on","cache_control":{"type":"ephemeral"}}]}],"stream":true}`)
	return b.String()
}

func BenchmarkRequest(b *testing.B) {
	body := []byte(conversation())
	for _, test := range []struct{ name, options string }{
		{"maxtoken", ""}, {"sampling", ""}, {"sampling", `{"temperature":0.5}`}, {"cleancache", ""}, {"reasoning", ""}, {"toolname", ""},
	} {
		b.Run(test.name+test.options, func(b *testing.B) {
			change := newNamed(b, test.name, test.options)
			b.SetBytes(int64(len(body)))
			b.ReportAllocs()
			for b.Loop() {
				r := &transform.Request{Dialect: transform.Anthropic, Model: "claude-sonnet-4-5", Body: body}
				if err := change.Request(context.Background(), r); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkToolNameEvent(b *testing.B) {
	change := newNamed(b, "toolname", "")
	r := request(transform.Anthropic, `{"tools":[{"name":"a.b"}]}`)
	sent(b, change, r)
	s := change.Stream(context.Background(), &transform.Response{Request: r, Status: 200})
	text := transform.Event{Data: []byte(`{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"hello there"}}`)}
	b.ReportAllocs()
	for b.Loop() {
		_ = s.Event(text, func(transform.Event) {})
	}
}
