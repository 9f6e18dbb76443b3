package gemini

import (
	"bytes"
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// infer finds the type of a schema that does not name it.
func (s *subset) infer(n *node) {
	if n.types != 0 || n.anyOf != "" {
		return
	}
	switch {
	case len(n.properties) > 0:
		n.types = typeObject
	case n.items != "" || n.tuple != "":
		n.types = typeArray
	case n.enum != "":
		n.types = typesOf(n.enum)
	case n.minimum != "" || n.maximum != "" || n.above != "" || n.below != "":
		n.types = typeNumber
	case n.minProperties != "" || n.maxProperties != "" || len(n.required) > 0:
		n.types = typeObject
	}
}

// typesOf returns the types of the values in a list.
func typesOf(list conv.Raw) (t types) {
	for c := list.Walk(); c.Next(); {
		switch v := c.Value; {
		case v.IsString():
			t |= typeString
		case v.IsBool():
			t |= typeBoolean
		case v.IsNumber() && strings.ContainsAny(string(v), ".eE"):
			t |= typeNumber
		case v.IsNumber():
			t |= typeInteger
		case v.IsObject():
			t |= typeObject
		}
	}
	return t.simple()
}

// simple leaves out whole numbers where all numbers are allowed.
func (t types) simple() types {
	if t&typeNumber != 0 {
		t &^= typeInteger
	}
	return t
}

// hasProperty reports that there is one that may be given.
func (n *node) hasProperty() bool {
	for _, properties := range n.properties {
		for c := properties.Walk(); c.Next(); {
			if c.Value != "false" {
				return true
			}
		}
	}
	return false
}

// hasText reports that some text is among the values.
func (n *node) hasText() bool {
	for c := n.enum.Walk(); c.Next(); {
		if c.Value.IsString() && c.Value != `""` {
			return true
		}
	}
	return false
}

// described returns the description, with what cannot be told otherwise: the
// values of an enumeration that are no text, and formats.
func (n *node) described(t types) conv.Raw {
	values := n.enum != "" && t&(typeNumber|typeInteger|typeBoolean) != 0
	format := t == typeString && n.format != "" && n.format != `"date-time"` && n.format != `"enum"`
	if !values && !format {
		return n.description
	}
	text := []byte(conv.Str(n.description).Inner())
	if len(text) > 0 {
		text = append(text, ' ')
	}
	if format {
		text = append(append(text, "Format: "...), conv.Str(n.format).Inner()...)
	} else {
		text = appendValues(append(text, "One of: "...), n.enum)
	}
	return conv.Raw(conv.Concat(string(text), "."))
}

func appendValues(dst []byte, list conv.Raw) []byte {
	for c := list.Walk(); c.Next(); {
		if c.Value.IsNumber() || c.Value.IsBool() {
			dst = append(append(dst, c.Value...), ',', ' ')
		}
	}
	return bytes.TrimSuffix(dst, []byte(", "))
}
