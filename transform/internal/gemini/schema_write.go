package gemini

import (
	"slices"
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// These bound the size of what a schema becomes, and of what all of a request
// do: where references are replaced by what they point to, a short one can
// stand for a vast one.
const (
	maxNodes = 4096
	maxWork  = 16 << 20 // bytes of schemas read

	maxAllNodes = 16 * maxNodes
	maxAllWork  = 4 * maxWork
)

// A budget is what may still be made of schemas.
type budget struct{ nodes, work int }

// part returns as much of the budget as one schema may take.
func (b *budget) part() budget { return budget{min(b.nodes, maxNodes), min(b.work, maxWork)} }

// spend takes away what is missing of a part.
func (b *budget) spend(part, left budget) {
	b.nodes -= part.nodes - left.nodes
	b.work -= part.work - left.work
}

// A subset writes JSON Schemas in the dialect of the members parameters and
// responseSchema: a part of OpenAPI's, in which a single unknown keyword makes
// the API refuse the whole request. The newer members that take JSON Schema
// are not used, because older models and versions of the API refuse them, and
// because their own subset is not the same for all models either.
type subset struct {
	buf  []byte
	root conv.Raw // where references start
	refs []string // that are being followed
	keys []string // of the properties of the objects that are open
	left budget
	lost []string // keywords that could not be carried, each once
}

// lose remembers a keyword that could not be carried.
func (s *subset) lose(keyword string) {
	if len(s.lost) < 8 && !slices.Contains(s.lost, keyword) {
		s.lost = append(s.lost, keyword)
	}
}

// why says what was lost, "" if nothing was.
func (s *subset) why() string {
	if len(s.lost) == 0 {
		return ""
	}
	return "schemas here cannot say: " + strings.Join(s.lost, ", ")
}

func (s *subset) raw(text string) { s.buf = append(s.buf, text...) }

// member writes a member unless its value is absent.
func (s *subset) member(name string, value conv.Raw) {
	if value != "" {
		s.key(name)
		s.raw(string(value))
	}
}

// key begins a member.
func (s *subset) key(name string) {
	if s.buf[len(s.buf)-1] != '{' {
		s.raw(",")
	}
	s.raw(`"`)
	s.raw(name)
	s.raw(`":`)
}

// parameters writes the schema of a function's parameters and reports whether
// there are any: an object without properties is refused.
func (s *subset) parameters(schema string) bool {
	s.root = conv.Body(schema)
	n := s.node(s.root)
	if n.anyOf != "" {
		s.alternatives(&n)
	}
	if !n.hasProperty() {
		if n.types&typeObject == 0 && n.types != 0 {
			s.lose("type")
		}
		return false
	}
	n.types, n.nullable = typeObject, false
	s.typed(&n, typeObject, 0)
	return true
}

// alternatives makes one object of several: their properties all become ones
// that may be given. Functions take an object and not one of several.
func (s *subset) alternatives(n *node) {
	s.lose("anyOf")
	if len(n.properties) > 0 {
		return
	}
	required := n.required
	for c := n.anyOf.Walk(); c.Next(); {
		s.read(n, c.Value, len(s.refs), 0)
	}
	n.required = required
}

// schema writes a schema of any kind. A kind is inherited from an outer schema
// that names it for all of its alternatives.
func (s *subset) schema(v conv.Raw, inherited types, depth int) {
	mark := len(s.refs)
	if s.left.nodes--; depth > maxSchemaDepth || s.left.nodes < 0 {
		s.lose("schemas nested this deep")
		s.raw(`{"type":"string"}`)
		return
	}
	n := s.node(v)
	if n.types == 0 {
		n.types = inherited
	}
	switch {
	case n.anyOf == "":
		s.union(&n, depth)
	case len(n.properties) > 0 || n.items != "":
		s.lose("anyOf")
		s.union(&n, depth)
	default:
		s.anyOf(&n, depth)
	}
	s.refs = s.refs[:mark]
}

// node reads a schema together with the ones that it refers to and the ones
// that it adds to itself.
func (s *subset) node(v conv.Raw) (n node) {
	mark := len(s.refs)
	s.read(&n, v, mark, 0)
	// What is left of alternatives when null is gone may be a single one.
	for range maxSchemaDepth {
		only, ok := n.single()
		if !ok {
			break
		}
		n.anyOf = ""
		if only != "" {
			s.read(&n, only, mark, 0)
		}
	}
	s.infer(&n)
	return n
}

func (s *subset) anyOf(n *node, depth int) {
	s.raw("{")
	s.member("title", n.title)
	s.member("description", n.description)
	s.key("anyOf")
	s.raw("[")
	for c := n.anyOf.Walk(); c.Next(); {
		if isNull(c.Value) {
			continue
		}
		s.schema(c.Value, n.types, depth+1)
		s.raw(",")
	}
	s.buf = closeList(s.buf, ']')
	if n.nullable {
		s.raw(`,"nullable":true`)
	}
	s.raw("}")
}

// union writes a schema that may name several types: each becomes an
// alternative.
func (s *subset) union(n *node, depth int) {
	if n.types == 0 {
		n.types = typeString
		if !n.nullable {
			s.lose("values of any type")
		}
	}
	if n.types&(n.types-1) == 0 {
		s.typed(n, n.types, depth)
		return
	}
	s.raw("{")
	s.member("title", n.title)
	s.member("description", n.description)
	s.key("anyOf")
	s.raw("[")
	one := *n
	one.title, one.description, one.nullable = "", "", false
	for t := types(1); t <= typeArray; t <<= 1 {
		if n.types&t != 0 {
			s.typed(&one, t, depth)
			s.raw(",")
		}
	}
	s.buf = closeList(s.buf, ']')
	if n.nullable {
		s.raw(`,"nullable":true`)
	}
	s.raw("}")
}
