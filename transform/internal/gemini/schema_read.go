package gemini

import (
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// maxSchemaDepth bounds how deep a schema is followed.
const maxSchemaDepth = 64

// jsonSchema returns a schema in this protocol's dialect, a part of OpenAPI's,
// as JSON Schema: types in lower case, null as a type, counts as numbers.
func jsonSchema(v conv.Raw) string {
	return string(appendJSONSchema(make([]byte, 0, len(v)+32), v, 0))
}

func appendJSONSchema(dst []byte, v conv.Raw, depth int) []byte {
	if !v.IsObject() || depth > maxSchemaDepth {
		return append(dst, `{}`...)
	}
	kind, nullable := typeIn(v)
	dst = append(dst, '{')
	for c := v.Walk(); c.Next(); {
		start := len(dst)
		if dst[start-1] != '{' {
			dst = append(dst, ',')
		}
		size := len(dst)
		if dst = appendKeyword(dst, &c, kind, nullable, depth); len(dst) == size {
			dst = dst[:start]
		}
	}
	return append(dst, '}')
}

// typeIn returns the type that a schema names, and whether null is one too.
func typeIn(v conv.Raw) (kind string, nullable bool) {
	for c := v.Walk(); c.Next(); {
		switch c.Key {
		case "type":
			kind = strings.ToLower(c.Value.Str().Inner())
		case "nullable":
			nullable = c.Value == "true"
		}
	}
	return kind, nullable
}

// appendKeyword writes one member of a schema, or nothing.
func appendKeyword(dst []byte, c *conv.Cursor, kind string, nullable bool, depth int) []byte {
	switch name := camel(c.Key); name {
	case "type":
		return appendType(dst, kind, nullable)
	case "nullable", "propertyOrdering":
		return dst
	case "format":
		if c.Value == `"enum"` {
			return dst
		}
		return append(append(dst, `"format":`...), c.Value...)
	case "enum":
		return appendEnum(append(dst, `"enum":`...), c.Value, kind, nullable)
	case "properties":
		return appendProperties(append(dst, `"properties":`...), c.Value, depth)
	case "additionalProperties":
		if !c.Value.IsObject() {
			return append(append(dst, `"additionalProperties":`...), c.Value...)
		}
		return appendJSONSchema(append(dst, `"additionalProperties":`...), c.Value, depth+1)
	case "prefixItems", "oneOf", "allOf":
		return appendAnyOf(append(append(append(dst, '"'), name...), `":`...), c.Value, false, depth)
	case "items":
		return appendJSONSchema(append(dst, `"items":`...), c.Value, depth+1)
	case "anyOf":
		return appendAnyOf(append(dst, `"anyOf":`...), c.Value, kind == "" && nullable, depth)
	case "example":
		return append(append(append(dst, `"examples":[`...), c.Value...), ']')
	case "minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties":
		// Counts of 64 bits may be written as strings.
		return append(append(append(dst, '"'), name...), append([]byte(`":`), number(c.Value)...)...)
	default:
		dst = append(conv.AppendQuoted(dst, c.Key), ':')
		return append(dst, c.Value...)
	}
}

// number returns a number, also out of a string; any other value is 0.
func number(v conv.Raw) conv.Raw {
	if v.IsString() {
		v = conv.Raw(v.Str().Inner())
		if !isDigits(string(v)) {
			return "0"
		}
	}
	if !v.IsNumber() {
		return "0"
	}
	return v
}

func isDigits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != "" && (s[0] != '0' || len(s) == 1)
}

func appendType(dst []byte, kind string, nullable bool) []byte {
	switch kind {
	case "string", "number", "integer", "boolean", "array", "object", "null":
	default:
		return dst
	}
	if nullable && kind != "null" {
		return append(append(append(dst, `"type":["`...), kind...), `","null"]`...)
	}
	return append(append(append(dst, `"type":"`...), kind...), '"')
}

// appendEnum writes the values: of numbers too they are strings here.
func appendEnum(dst []byte, v conv.Raw, kind string, nullable bool) []byte {
	dst = append(dst, '[')
	for c := v.Walk(); c.Next(); {
		value := c.Value
		if text := value.Str().Inner(); (kind == "integer" || kind == "number") && isDigits(text) {
			value = conv.Raw(text)
		}
		dst = append(append(dst, value...), ',')
	}
	if nullable {
		dst = append(dst, "null,"...)
	}
	return closeList(dst, ']')
}

func appendProperties(dst []byte, v conv.Raw, depth int) []byte {
	dst = append(dst, '{')
	for c := v.Walk(); v.IsObject() && c.Next(); {
		dst = append(conv.AppendQuoted(dst, c.Key), ':')
		dst = append(appendJSONSchema(dst, c.Value, depth+1), ',')
	}
	return closeList(dst, '}')
}

func appendAnyOf(dst []byte, v conv.Raw, nullable bool, depth int) []byte {
	dst = append(dst, '[')
	for c := v.Walk(); v.IsArray() && c.Next(); {
		dst = append(appendJSONSchema(dst, c.Value, depth+1), ',')
	}
	if nullable {
		dst = append(dst, `{"type":"null"},`...)
	}
	return closeList(dst, ']')
}

// closeList ends a list whose elements are all followed by a comma.
func closeList(dst []byte, end byte) []byte {
	if dst[len(dst)-1] == ',' {
		dst = dst[:len(dst)-1]
	}
	return append(dst, end)
}
