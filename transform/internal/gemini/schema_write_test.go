package gemini

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// written returns what becomes of a schema of any kind, and what was lost.
func written(schema string) (string, string) {
	s := subset{root: conv.Body(schema), left: budget{maxNodes, maxWork}}
	s.schema(s.root, 0, 0)
	return string(s.buf), strings.Join(s.lost, ", ")
}

func TestSchemasInGeminisDialect(t *testing.T) {
	for _, c := range []struct{ name, in, want, lost string }{
		{"plain", `{"type":"string","title":"t","description":"d"}`, `{"type":"string","title":"t","description":"d"}`, ""},
		{"a type in upper case", `{"type":"STRING"}`, `{"type":"string"}`, ""},
		{
			"comments of the schema", `{"$schema":"s","$id":"i","$comment":"c","type":"integer","default":3,"examples":[1],"readOnly":true,"x-order":1}`,
			`{"type":"integer"}`, "",
		},
		{"limits", `{"type":"integer","minimum":0,"maximum":10,"format":"int32"}`, `{"type":"integer","format":"int32","minimum":0,"maximum":10}`, ""},
		{"text", `{"type":"string","minLength":1,"maxLength":9,"pattern":"^a"}`, `{"type":"string","pattern":"^a","minLength":1,"maxLength":9}`, ""},
		{"exclusive limits of whole numbers", `{"type":"integer","exclusiveMinimum":0,"exclusiveMaximum":10}`, `{"type":"integer","minimum":1,"maximum":9}`, ""},
		{"exclusive limits beside others", `{"type":"integer","minimum":5,"exclusiveMinimum":0,"maximum":9,"exclusiveMaximum":9}`, `{"type":"integer","minimum":5,"maximum":8}`, ""},
		{"exclusive limits of fractions", `{"type":"number","exclusiveMinimum":0.5}`, `{"type":"number","minimum":0.5}`, "exclusive limits"},
		{"exclusive limits of an older draft", `{"type":"integer","minimum":0,"exclusiveMinimum":true}`, `{"type":"integer","minimum":1}`, ""},
		{"other limits of numbers", `{"type":"number","multipleOf":2}`, `{"type":"number"}`, "multipleOf"},
		{"const", `{"const":"a"}`, `{"type":"string","enum":["a"]}`, ""},
		{"const of a number", `{"const":3,"description":"d"}`, `{"type":"integer","description":"d One of: 3."}`, ""},
		{"const of a truth", `{"const":true}`, `{"type":"boolean","description":"One of: true."}`, ""},
		{"enum", `{"enum":["a","b"]}`, `{"type":"string","enum":["a","b"]}`, ""},
		{"enum with null", `{"type":["string","null"],"enum":["a",null]}`, `{"type":"string","nullable":true,"enum":["a"]}`, ""},
		{"enum of numbers", `{"type":"integer","enum":[0,1,3]}`, `{"type":"integer","description":"One of: 0, 1, 3."}`, ""},
		{"enum of several kinds", `{"enum":["auto",1,2.5]}`, `{"anyOf":[{"type":"string","enum":["auto"]},{"type":"number","description":"One of: 1, 2.5."}]}`, ""},
		{"enum with the empty text", `{"type":"string","enum":["","a"]}`, `{"type":"string","enum":["a"]}`, "enum with values that are no text"},
		{"a format that is known", `{"type":"string","format":"date-time"}`, `{"type":"string","format":"date-time"}`, ""},
		{"a format that is not", `{"type":"string","format":"uri","description":"d"}`, `{"type":"string","description":"d Format: uri."}`, ""},
		{"type or null", `{"type":["integer","null"]}`, `{"type":"integer","nullable":true}`, ""},
		{"several types", `{"type":["string","number","null"],"description":"d","minimum":1}`, `{"description":"d","anyOf":[{"type":"string"},{"type":"number","minimum":1}],"nullable":true}`, ""},
		{"anyOf with null", `{"anyOf":[{"type":"string"},{"type":"null"}],"description":"d"}`, `{"type":"string","description":"d","nullable":true}`, ""},
		{"oneOf with null", `{"oneOf":[{"type":"null"},{"type":"object","properties":{"a":{"type":"string"}}}]}`, `{"type":"object","nullable":true,"properties":{"a":{"type":"string"}}}`, ""},
		{"anyOf", `{"anyOf":[{"type":"string","const":"air"},{"type":"number"}]}`, `{"anyOf":[{"type":"string","enum":["air"]},{"type":"number"}]}`, ""},
		{"anyOf of several and null", `{"anyOf":[{"type":"string"},{"type":"number"},{"type":["null"]}]}`, `{"anyOf":[{"type":"string"},{"type":"number"}],"nullable":true}`, ""},
		{"anyOf of one", `{"anyOf":[{"anyOf":[{"type":"string"}]}]}`, `{"type":"string"}`, ""},
		{"anyOf under a type", `{"type":"string","anyOf":[{"minLength":1},{"pattern":"x"}]}`, `{"anyOf":[{"type":"string","minLength":1},{"type":"string","pattern":"x"}]}`, ""},
		{"anyOf beside properties", `{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}},"anyOf":[{"required":["a"]},{"required":["b"]}]}`, `{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}}}`, "anyOf"},
		{
			"allOf", `{"allOf":[{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]},{"properties":{"b":{"type":"number"},"a":{"type":"number"}},"required":["b"]}],"description":"d"}`,
			`{"type":"object","description":"d","properties":{"a":{"type":"string"},"b":{"type":"number"}},"required":["a","b"]}`, "",
		},
		{
			"references", `{"type":"object","properties":{"a":{"$ref":"#/$defs/A","description":"d"},"b":{"$ref":"#/definitions/B~1C"}},"$defs":{"A":{"type":"string","description":"x"}},"definitions":{"B/C":{"type":"number"}}}`,
			`{"type":"object","properties":{"a":{"type":"string","description":"x"},"b":{"type":"number"}}}`, "",
		},
		{
			"a reference used twice", `{"type":"object","properties":{"a":{"$ref":"#/$defs/A"},"b":{"$ref":"#/$defs/A"}},"$defs":{"A":{"type":"string"}}}`,
			`{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}}}`, "",
		},
		{
			"a schema that holds itself", `{"$ref":"#/$defs/N","$defs":{"N":{"type":"object","properties":{"v":{"type":"string"},"next":{"$ref":"#/$defs/N"}}}}}`,
			`{"type":"object","properties":{"v":{"type":"string"},"next":{"type":"object"}}}`, "$ref to itself",
		},
		{"a list that holds itself", `{"type":"array","items":{"$ref":"#"}}`, `{"type":"array","items":{"type":"array","items":{"type":"object"}}}`, "$ref to itself"},
		{"a reference to nothing", `{"type":"object","properties":{"a":{"$ref":"#/$defs/X"},"b":{"$ref":"http://x"}}}`, `{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}}}`, "$ref to elsewhere, values of any type"},
		{"additionalProperties", `{"type":"object","properties":{"a":{"type":"string"}},"additionalProperties":false}`, `{"type":"object","properties":{"a":{"type":"string"}}}`, ""},
		{"a map", `{"type":"object","additionalProperties":{"type":"string"},"patternProperties":{"^a":{}},"propertyNames":{"pattern":"x"}}`, `{"type":"object"}`, "additionalProperties, patternProperties, propertyNames"},
		{"an object without properties", `{"type":"object","properties":{}}`, `{"type":"object"}`, ""},
		{"required names that are no properties", `{"type":"object","properties":{"a":{"type":"string"}},"required":["b","a",3]}`, `{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}`, ""},
		{"a list", `{"type":"array","items":{"type":"string"},"minItems":1,"uniqueItems":true}`, `{"type":"array","items":{"type":"string"},"minItems":1}`, "uniqueItems"},
		{"a list of anything", `{"type":"array"}`, `{"type":"array","items":{"type":"string"}}`, "items of any type"},
		{"a tuple", `{"type":"array","prefixItems":[{"type":"string"},{"type":"number"}]}`, `{"type":"array","items":{"anyOf":[{"type":"string"},{"type":"number"}]}}`, "prefixItems"},
		{"anything", `{}`, `{"type":"string"}`, "values of any type"},
		{"true", `true`, `{"type":"string"}`, "values of any type"},
		{"types that are not named", `{"properties":{"a":{"items":{"type":"string"}},"b":{"minimum":1}}}`, `{"type":"object","properties":{"a":{"type":"array","items":{"type":"string"}},"b":{"type":"number","minimum":1}}}`, ""},
		{"conditions", `{"type":"string","not":{"const":"a"},"if":{"minLength":1},"then":{"maxLength":2}}`, `{"type":"string"}`, "not, if, then"},
		{"names of properties that are keywords", `{"type":"object","properties":{"type":{"type":"string"},"$ref":{"type":"string"}}}`, `{"type":"object","properties":{"type":{"type":"string"},"$ref":{"type":"string"}}}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, lost := written(c.in)
			if got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if lost != c.lost {
				t.Errorf("lost %q, want %q", lost, c.lost)
			}
		})
	}
}

func TestParameters(t *testing.T) {
	for _, c := range []struct{ name, in, want, lost string }{
		{"none", `{"type":"object","properties":{}}`, "", ""},
		{"only false ones", `{"type":"object","properties":{"a":false}}`, "", ""},
		{"no object", `{"type":"string"}`, "", "type"},
		{"some", `{"type":["object","null"],"properties":{"a":{"type":"string"}}}`, `{"type":"object","properties":{"a":{"type":"string"}}}`, ""},
		{
			"one of several objects", `{"oneOf":[{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]},{"type":"object","properties":{"b":{"type":"string"}}}]}`,
			`{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"string"}}}`, "anyOf",
		},
		{"by reference", `{"$ref":"#/$defs/P","$defs":{"P":{"properties":{"a":{"type":"string"}}}}}`, `{"type":"object","properties":{"a":{"type":"string"}}}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := subset{left: budget{maxNodes, maxWork}}
			some := s.parameters(c.in)
			if got := string(s.buf); got != c.want || some != (c.want != "") {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
			if got := strings.Join(s.lost, ", "); got != c.lost {
				t.Errorf("lost %q, want %q", got, c.lost)
			}
		})
	}
}

// A schema of a few hundred bytes can stand for more than fits anywhere.
func TestSchemasThatGrowAreCut(t *testing.T) {
	var defs strings.Builder
	for i := range 40 {
		fmt.Fprintf(&defs, `"d%d":{"type":"object","properties":{"a":{"$ref":"#/$defs/d%d"},"b":{"$ref":"#/$defs/d%d"}}},`, i, i+1, i+1)
	}
	wide := `{"$ref":"#/$defs/d0","$defs":{` + defs.String() + `"d40":{"type":"string"}}}`
	deep := strings.Repeat(`{"type":"array","items":`, 5000) + `{"type":"string"}` + strings.Repeat("}", 5000)
	for _, schema := range []string{wide, deep} {
		start := time.Now()
		got, lost := written(schema)
		if !gjson.Valid(got) || len(got) > 1<<20 || lost == "" {
			t.Errorf("got %d bytes, lost %q", len(got), lost)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("took %v", took)
		}
	}
}

func TestJSONSchemaOfAGeminiSchema(t *testing.T) {
	for in, want := range map[string]string{
		`{"type":"OBJECT","properties":{"a":{"type":"STRING","format":"enum","enum":["x"]}},"propertyOrdering":["a"]}`: `{"type":"object","properties":{"a":{"type":"string","enum":["x"]}}}`,
		`{"type":"STRING","nullable":true,"enum":["a"]}`:                                                               `{"type":["string","null"],"enum":["a",null]}`,
		`{"type":"INTEGER","enum":["1","02","x"]}`:                                                                     `{"type":"integer","enum":[1,"02","x"]}`,
		`{"type":"ARRAY","items":{"type":"NUMBER"},"minItems":"1","max_items":2}`:                                      `{"type":"array","items":{"type":"number"},"minItems":1,"maxItems":2}`,
		`{"any_of":[{"type":"STRING"},{"type":"NULL"}],"nullable":true}`:                                               `{"anyOf":[{"type":"string"},{"type":"null"},{"type":"null"}]}`,
		`{"type":"TYPE_UNSPECIFIED","description":"d","example":1}`:                                                    `{"description":"d","examples":[1]}`,
		`{"type":"object","additionalProperties":false}`:                                                               `{"type":"object","additionalProperties":false}`,
		`{}`: `{}`,
	} {
		if got := jsonSchema(conv.Raw(in)); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", in, got, want)
		}
	}
}
