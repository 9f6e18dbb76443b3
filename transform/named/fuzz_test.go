package named_test

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"

	"github.com/dctx-team/routex/transform"
	"github.com/dctx-team/routex/transform/named"
)

// Whatever the bytes: no transformer panics, an object that is JSON stays one,
// and the caller's memory is left alone.
func FuzzEveryTransformer(f *testing.F) {
	f.Add([]byte(`{"max_tokens":9,"generationConfig":null,"temperature":3,"thinking":{"type":"enabled","budget_tokens":9},"messages":[{"content":[{"type":"tool_use","name":"a.b"}]}]}`))
	f.Add([]byte(`{"generation_config":"x","generationConfig":[],"reasoning":7,"tools":[{"function":{"name":"."}}],"output_config":[1]}`))
	f.Add([]byte(`{"tools":[{"name":"a b"`))
	f.Add([]byte(`[{"name":1},,]`))
	all := []transform.Transformer{
		newNamed(f, "maxtoken", ""), newNamed(f, "sampling", `{"temperature":0.5,"top_p":null,"top_k":{"min":1}}`),
		newNamed(f, "cleancache", ""), newNamed(f, "reasoning", ""), newNamed(f, "reasoning", `{"enabled":false}`), newNamed(f, "toolname", ""),
	}
	for _, p := range []string{named.Anthropic, named.OpenAI} {
		all = append(all, newNamed(f, p, ""))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, change := range all {
			for i, d := range transform.Dialects() {
				r := request(d, string(body))
				r.Model = []string{"claude-sonnet-4-5", "gpt-5.1", "o3", "gemini-3-pro"}[i]
				shared := r.Body
				err := change.Request(context.Background(), r)
				if !bytes.Equal(shared, body) {
					t.Fatalf("the caller's bytes became %s", shared)
				}
				if err == nil && json.Valid(body) && body[0] == '{' && !json.Valid(r.Body) {
					t.Fatalf("%s: %s became %s", d, body, r.Body)
				}
				answer := &transform.Response{Request: r, Status: 200, Body: body}
				if err := change.Response(context.Background(), answer); err != nil {
					t.Fatal(err)
				}
				if s := change.Stream(context.Background(), answer); s != nil {
					_ = s.Event(transform.Event{Data: body}, func(transform.Event) {})
				}
			}
		}
	})
}
