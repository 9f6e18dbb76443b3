package openai

import (
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// maxDepth bounds the schemas that are looked into.
const maxDepth = 64

// Parameters returns the schema of a function's parameters as the API takes
// it: it refuses an object without properties at the top, and anywhere a list
// that does not say what it holds. Both are valid in the other protocols, and
// what is added says what holds anyhow.
func Parameters(schema string) string {
	v := conv.Raw(schema)
	if v.Get("properties") == "" && hasType(v.Get("type"), `"object"`) {
		schema = schema[:len(schema)-1] + `,"properties":{}}`
		v = conv.Raw(schema)
	}
	if !strings.Contains(schema, `"array"`) || !lacks(v, 0) {
		return schema
	}
	return conv.View(appendSchema(make([]byte, 0, len(schema)+64), v, 0))
}

func hasType(kind conv.Raw, name conv.Raw) bool {
	if kind.IsString() {
		return kind == name
	}
	for c := kind.Walk(); c.Next(); {
		if c.Value == name {
			return true
		}
	}
	return false
}

// bareList reports a list that does not say what it holds.
func bareList(v conv.Raw) bool {
	return hasType(v.Get("type"), `"array"`) && v.Get("items") == ""
}

// nested says what a keyword holds: a schema, a list of them, or an object of
// them by their names.
func nested(key string, v conv.Raw) (one, many bool) {
	switch key {
	case "items", "additionalProperties", "not", "contains":
		return v.IsObject(), v.IsArray()
	case "anyOf", "oneOf", "allOf", "prefixItems":
		return false, v.IsArray()
	case "properties", "$defs", "definitions", "patternProperties":
		return false, v.IsObject()
	}
	return false, false
}

func lacks(v conv.Raw, depth int) bool {
	if !v.IsObject() || depth > maxDepth {
		return false
	}
	list, holds := false, false
	for c := v.Walk(); c.Next(); {
		switch c.Key {
		case "type":
			list = hasType(c.Value, `"array"`)
		case "items":
			holds = true
		}
		one, many := nested(c.Key, c.Value)
		if one && lacks(c.Value, depth+1) {
			return true
		}
		for e := c.Value.Walk(); many && e.Next(); {
			if lacks(e.Value, depth+1) {
				return true
			}
		}
	}
	return list && !holds
}

func appendSchema(dst []byte, v conv.Raw, depth int) []byte {
	if !v.IsObject() || depth > maxDepth {
		return append(dst, v...)
	}
	dst = append(dst, '{')
	start := len(dst)
	for c := v.WalkAll(); c.Next(); {
		dst = append(appendKey(dst, c.Key, start), ':')
		switch one, many := nested(c.Key, c.Value); {
		case one:
			dst = appendSchema(dst, c.Value, depth+1)
		case many && c.Value.IsArray():
			dst = append(dst, '[')
			for e := c.Value.WalkAll(); e.Next(); {
				if e.Index > 0 {
					dst = append(dst, ',')
				}
				dst = appendSchema(dst, e.Value, depth+1)
			}
			dst = append(dst, ']')
		case many:
			dst = append(dst, '{')
			first := len(dst)
			for e := c.Value.WalkAll(); e.Next(); {
				dst = appendSchema(append(appendKey(dst, e.Key, first), ':'), e.Value, depth+1)
			}
			dst = append(dst, '}')
		default:
			dst = append(dst, c.Value...)
		}
	}
	if bareList(v) {
		dst = append(appendKey(dst, "items", start), `:{}`...)
	}
	return append(dst, '}')
}

func appendKey(dst []byte, key string, start int) []byte {
	if len(dst) > start {
		dst = append(dst, ',')
	}
	return conv.AppendQuoted(dst, key)
}

// HasObject reports that a schema describes an object, as the one that an
// answer is to fit must.
func HasObject(schema string) bool {
	kind := conv.Raw(schema).Get("type")
	return kind == "" || hasType(kind, `"object"`)
}
