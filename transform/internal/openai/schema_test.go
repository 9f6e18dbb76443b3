package openai

import (
	"testing"

	"github.com/tidwall/gjson"
)

func TestParameters(t *testing.T) {
	for in, want := range map[string]string{
		`{"type":"object","properties":{"a":{"type":"string"}}}`: `{"type":"object","properties":{"a":{"type":"string"}}}`,
		`{"type":"object"}`:          `{"type":"object","properties":{}}`,
		`{"type":["object","null"]}`: `{"type":["object","null"],"properties":{}}`,
		`{"$ref":"#/$defs/a"}`:       `{"$ref":"#/$defs/a"}`,
		`{}`:                         `{}`,
		`{"type":"object","properties":{"a":{"type":"array"},"b":{"type":"array","items":{"type":"array"}}}}`: `{"type":"object","properties":{"a":{"type":"array","items":{}},"b":{"type":"array","items":{"type":"array","items":{}}}}}`,
		`{"type":"object","properties":{"a":{"anyOf":[{"type":["array","null"]},{"type":"null"}]}}}`:          `{"type":"object","properties":{"a":{"anyOf":[{"type":["array","null"],"items":{}},{"type":"null"}]}}}`,
		`{"type":"object","properties":{},"$defs":{"l\"":{"type":"array"}}}`:                                  `{"type":"object","properties":{},"$defs":{"l\"":{"type":"array","items":{}}}}`,
		`{"type":"object","properties":{"a":{"enum":["array"],"default":{"type":"array"}}}}`:                  `{"type":"object","properties":{"a":{"enum":["array"],"default":{"type":"array"}}}}`,
	} {
		if got := Parameters(in); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", in, got, want)
		}
	}
}

// FuzzParameters checks that what comes out is JSON in which nothing is left to
// do.
func FuzzParameters(f *testing.F) {
	f.Add(`{"type":"object","properties":{"a":{"type":"array"},"b":{"anyOf":[{"type":["array"]},true]},"c":{"items":[{"type":"array"}]}},"$defs":{"n":{"additionalProperties":{"type":"array"}}}}`)
	f.Fuzz(func(t *testing.T, schema string) {
		if !gjson.Valid(schema) || schema == "" || schema[0] != '{' || schema[len(schema)-1] != '}' {
			return
		}
		got := Parameters(schema)
		if !gjson.Valid(got) {
			t.Fatalf("%s: not JSON: %s", schema, got)
		}
		if again := Parameters(got); again != got {
			t.Errorf("%s: %s, then %s", schema, got, again)
		}
	})
}
