package gemini

import (
	"slices"
	"strconv"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// typed writes a schema of one type.
func (s *subset) typed(n *node, t types, depth int) {
	s.raw("{")
	s.member("type", t.name())
	s.member("title", n.title)
	s.member("description", n.described(t))
	if n.nullable {
		s.member("nullable", "true")
	}
	switch t {
	case typeString:
		s.text(n)
	case typeNumber, typeInteger:
		s.number(n, t)
	case typeArray:
		s.array(n, depth)
	case typeObject:
		s.object(n, depth)
	}
	s.raw("}")
}

func (s *subset) text(n *node) {
	if n.hasText() {
		s.key("enum")
		s.raw("[")
		for c := n.enum.Walk(); c.Next(); {
			switch {
			case c.Value.IsString() && c.Value != `""`:
				s.raw(string(c.Value))
				s.raw(",")
			case c.Value != "null" && n.types == typeString:
				s.lose("enum with values that are no text")
			}
		}
		s.buf = closeList(s.buf, ']')
	}
	if n.format == `"date-time"` {
		s.member("format", n.format)
	}
	s.member("pattern", n.pattern)
	s.member("minLength", n.minLength)
	s.member("maxLength", n.maxLength)
}

func (s *subset) number(n *node, t types) {
	switch n.format {
	case `"int32"`, `"int64"`:
		if t == typeInteger {
			s.member("format", n.format)
		}
	case `"float"`, `"double"`:
		if t == typeNumber {
			s.member("format", n.format)
		}
	}
	s.limit("minimum", n.minimum, n.above, 1, t)
	s.limit("maximum", n.maximum, n.below, -1, t)
}

func (s *subset) array(n *node, depth int) {
	s.key("items")
	switch {
	case n.items != "":
		s.schema(n.items, 0, depth+1)
	case n.tuple != "":
		s.lose("prefixItems")
		s.raw("{")
		s.key("anyOf")
		s.raw("[")
		for c := n.tuple.Walk(); c.Next(); {
			s.schema(c.Value, 0, depth+1)
			s.raw(",")
		}
		s.buf = closeList(s.buf, ']')
		s.raw("}")
	default:
		s.lose("items of any type")
		s.raw(`{"type":"string"}`)
	}
	s.member("minItems", n.minItems)
	s.member("maxItems", n.maxItems)
}

func (s *subset) object(n *node, depth int) {
	o := object{mark: len(s.keys)}
	for _, properties := range n.properties {
		for c := properties.Walk(); c.Next(); {
			if c.Value == "false" || s.hasKey(&o, c.Key) {
				continue
			}
			if len(s.keys) == o.mark {
				s.key("properties")
				s.raw("{")
			} else {
				s.raw(",")
			}
			s.addKey(&o, c.Key)
			s.buf = append(conv.AppendQuoted(s.buf, c.Key), ':')
			s.schema(c.Value, 0, depth+1)
		}
	}
	if len(s.keys) > o.mark {
		s.raw("}")
		s.required(n, &o)
		s.member("minProperties", n.minProperties)
		s.member("maxProperties", n.maxProperties)
	}
	s.keys = s.keys[:o.mark]
}

// fewKeys is how many properties are looked through one by one.
const fewKeys = 32

// An object is one whose properties are being written: their names are the
// keys from mark on.
type object struct {
	mark int
	set  map[string]struct{} // of them, once they are many
}

func (s *subset) addKey(o *object, key string) {
	s.keys = append(s.keys, key)
	switch {
	case o.set != nil:
		o.set[key] = struct{}{}
	case len(s.keys)-o.mark > fewKeys:
		o.set = make(map[string]struct{}, 2*fewKeys)
		for _, have := range s.keys[o.mark:] {
			o.set[have] = struct{}{}
		}
	}
}

func (s *subset) hasKey(o *object, key string) bool {
	if o.set != nil {
		_, ok := o.set[key]
		return ok
	}
	return slices.Contains(s.keys[o.mark:], key)
}

// required writes the names of the properties that must be given. One that is
// no property makes the API refuse the request.
func (s *subset) required(n *node, o *object) {
	first := true
	for _, list := range n.required {
		for c := list.Walk(); c.Next(); {
			if !c.Value.IsString() || !s.hasKey(o, c.Value.Str().String()) {
				continue
			}
			if first {
				s.key("required")
				s.raw("[")
			} else {
				s.raw(",")
			}
			first = false
			s.raw(string(c.Value))
		}
	}
	if !first {
		s.raw("]")
	}
}

// limit writes a limit. One that is not itself allowed is the next whole
// number where only those are; otherwise the nearest that can be said.
func (s *subset) limit(name string, at, beyond conv.Raw, step int64, t types) {
	switch {
	case beyond == "":
	case beyond == "true":
		beyond, at = at, ""
	case at != "" && (at.Float()-beyond.Float())*float64(step) > 0:
		beyond = "" // the other limit is the narrower one
	}
	if beyond != "" {
		at = beyond
		if n, err := strconv.ParseInt(string(beyond), 10, 52); err == nil && t == typeInteger {
			at = conv.Raw(strconv.FormatInt(n+step, 10))
		} else {
			s.lose("exclusive limits")
		}
	}
	s.member(name, at)
}
