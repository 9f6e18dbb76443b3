package gemini

import (
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// types is a set of JSON Schema's types without null.
type types uint8

const (
	typeString types = 1 << iota
	typeNumber
	typeInteger
	typeBoolean
	typeObject
	typeArray
)

var typeNames = [...]string{`"string"`, `"number"`, `"integer"`, `"boolean"`, `"object"`, `"array"`}

// name returns the literal of the first type in the set.
func (t types) name() conv.Raw {
	for i, name := range typeNames {
		if t&(1<<i) != 0 {
			return conv.Raw(name)
		}
	}
	return `"string"`
}

func typeOf(name conv.Raw) types {
	for i, have := range typeNames {
		if string(name) == have || strings.EqualFold(string(name), have) {
			return 1 << i
		}
	}
	return 0
}

// A node is a schema with its keywords found, joined with the schemas that it
// refers to. Of a keyword that several of them have the first one counts.
type node struct {
	types                types
	nullable             bool
	title, description   conv.Raw
	format, pattern      conv.Raw
	enum                 conv.Raw // array
	anyOf                conv.Raw // array
	items                conv.Raw
	tuple                conv.Raw // array of the schemas of single items
	minimum, maximum     conv.Raw
	above, below         conv.Raw // exclusive limits
	minLength, maxLength conv.Raw
	minItems, maxItems   conv.Raw
	minProperties        conv.Raw
	maxProperties        conv.Raw
	properties           []conv.Raw // of each schema that has some
	required             []conv.Raw
}

func first(dst *conv.Raw, v conv.Raw, fits bool) {
	if *dst == "" && fits {
		*dst = v
	}
}

// read adds a schema to n. References from mark on belong to n itself.
func (s *subset) read(n *node, v conv.Raw, mark, depth int) {
	if s.left.work -= len(v); s.left.work < 0 {
		s.lose("schemas this large")
		return
	}
	if !v.IsObject() || depth > maxSchemaDepth {
		return
	}
	for c := v.Walk(); c.Next(); {
		switch c.Key {
		case "type":
			n.readType(c.Value)
		case "$ref":
			s.follow(n, c.Value.Str().String(), mark, depth)
		case "allOf":
			for e := c.Value.Walk(); c.Value.IsArray() && e.Next(); {
				s.read(n, e.Value, mark, depth+1)
			}
		case "anyOf", "oneOf":
			if n.anyOf != "" && !c.Value.IsEmpty() {
				s.lose(strings.Clone(c.Key))
			}
			first(&n.anyOf, c.Value, c.Value.IsArray() && !c.Value.IsEmpty())
		case "const":
			first(&n.enum, "["+c.Value+"]", true)
		case "enum":
			n.readEnum(c.Value)
		case "properties":
			n.properties = appendRaw(n.properties, c.Value, c.Value.IsObject() && !c.Value.IsEmpty())
		case "required":
			n.required = appendRaw(n.required, c.Value, c.Value.IsArray())
		default:
			s.keyword(n, &c)
		}
	}
}

func appendRaw(list []conv.Raw, v conv.Raw, fits bool) []conv.Raw {
	if fits {
		list = append(list, v)
	}
	return list
}

// keyword reads one that needs nothing but its own value.
func (s *subset) keyword(n *node, c *conv.Cursor) {
	v := c.Value
	switch c.Key {
	case "title":
		first(&n.title, v, v.IsString())
	case "description":
		first(&n.description, v, v.IsString() && v != `""`)
	case "format":
		first(&n.format, v, v.IsString())
	case "pattern":
		first(&n.pattern, v, v.IsString())
	case "nullable":
		n.nullable = n.nullable || v == "true"
	case "items":
		n.readItems(v)
	case "prefixItems":
		first(&n.tuple, v, v.IsArray() && !v.IsEmpty())
	case "minimum":
		first(&n.minimum, v, v.IsNumber())
	case "maximum":
		first(&n.maximum, v, v.IsNumber())
	case "exclusiveMinimum":
		first(&n.above, v, v.IsNumber() || v == "true")
	case "exclusiveMaximum":
		first(&n.below, v, v.IsNumber() || v == "true")
	case "minLength":
		first(&n.minLength, v, isDigits(string(v)))
	case "maxLength":
		first(&n.maxLength, v, isDigits(string(v)))
	case "minItems":
		first(&n.minItems, v, isDigits(string(v)))
	case "maxItems":
		first(&n.maxItems, v, isDigits(string(v)))
	case "minProperties":
		first(&n.minProperties, v, isDigits(string(v)))
	case "maxProperties":
		first(&n.maxProperties, v, isDigits(string(v)))
	default:
		s.other(c)
	}
}

// other reports a keyword that this dialect does not have, unless it only
// comments or says what holds anyhow.
func (s *subset) other(c *conv.Cursor) {
	switch c.Key {
	case "$schema", "$id", "id", "$anchor", "$comment", "$defs", "definitions", "$vocabulary", "default", "example",
		"examples", "deprecated", "readOnly", "writeOnly", "strict", "propertyOrdering", "contentMediaType", "contentEncoding":
		return
	case "additionalProperties", "unevaluatedProperties", "additionalItems", "unevaluatedItems":
		if c.Value.IsBool() || c.Value.IsEmpty() {
			return
		}
	case "uniqueItems":
		if c.Value == "false" {
			return
		}
	}
	if !strings.HasPrefix(c.Key, "x-") && !c.Value.IsEmpty() {
		s.lose(strings.Clone(c.Key))
	}
}

func (n *node) readType(v conv.Raw) {
	if n.types != 0 {
		return
	}
	if !v.IsArray() {
		n.types = typeOf(v)
		n.nullable = n.nullable || v == `"null"`
		return
	}
	for c := v.Walk(); c.Next(); {
		n.types |= typeOf(c.Value)
		n.nullable = n.nullable || c.Value == `"null"`
	}
	n.types = n.types.simple()
}

// readEnum reads the values. Null among them is a type here.
func (n *node) readEnum(v conv.Raw) {
	if !v.IsArray() || n.enum != "" {
		return
	}
	n.enum = v
	n.nullable = n.nullable || hasNull(v)
}

func hasNull(list conv.Raw) bool {
	for c := list.Walk(); c.Next(); {
		if c.Value == "null" {
			return true
		}
	}
	return false
}

func (n *node) readItems(v conv.Raw) {
	switch {
	case v.IsArray():
		first(&n.tuple, v, !v.IsEmpty())
	case v.IsObject() && !v.IsEmpty():
		first(&n.items, v, true)
	}
}

// single reports that all alternatives but one, or all, are null; only is the
// one that is left.
func (n *node) single() (only conv.Raw, ok bool) {
	if n.anyOf == "" {
		return "", false
	}
	count := 0
	for c := n.anyOf.Walk(); c.Next(); {
		if isNull(c.Value) {
			n.nullable = true
			continue
		}
		only = c.Value
		count++
	}
	return only, count <= 1
}

// isNull reports that a schema allows null and nothing else.
func isNull(v conv.Raw) bool {
	kind := v.Get("type")
	if kind == "" {
		kind = v.Get("enum")
	}
	if kind.IsArray() {
		c := kind.Walk()
		c.Next()
		kind = c.Value
		if c.Next() {
			return false
		}
	}
	return kind == "null" || strings.EqualFold(string(kind), `"null"`)
}
