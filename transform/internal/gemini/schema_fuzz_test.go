package gemini

import (
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// FuzzSchema writes any schema in this protocol's dialect, and reads it back.
func FuzzSchema(f *testing.F) {
	for _, seed := range []string{
		`{"type":"object","properties":{"a":{"$ref":"#/$defs/A"}},"required":["a"],"$defs":{"A":{"anyOf":[{"type":"null"},{"$ref":"#"}]}}}`,
		`{"allOf":[{"oneOf":[{"const":1},{"enum":["a",null,2]}]},{"type":["string","array"],"items":[{}],"exclusiveMinimum":true}]}`,
		`{"$ref":"#/a/0/b","a":[{"b":{"$ref":"#/a/0"}}]}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, schema string) {
		if !gjson.Valid(schema) {
			return
		}
		got, _ := written(schema)
		if !gjson.Valid(got) {
			t.Fatalf("not valid JSON: %s", got)
		}
		if again, _ := written(jsonSchema(conv.Raw(got))); !gjson.Valid(again) {
			t.Fatalf("not valid JSON: %s", again)
		}
		s := subset{left: budget{maxNodes, maxWork}}
		if s.parameters(schema) && !gjson.ValidBytes(s.buf) {
			t.Fatalf("not valid JSON: %s", s.buf)
		}
	})
}
