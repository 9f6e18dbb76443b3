package anthropic

import (
	"slices"
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// A tracer follows the references in a schema, to find one that leads back to
// itself or out of the schema: the protocol holds no model to those.
type tracer struct {
	root conv.Raw
	open []string // references that are being followed
	done map[string]bool
}

// circular reports that a schema has such a reference.
func circular(schema string) bool {
	if !strings.Contains(schema, `"$ref"`) {
		return false
	}
	t := tracer{root: conv.Raw(schema), done: make(map[string]bool)}
	return t.within(t.root, 0)
}

func (t *tracer) within(v conv.Raw, depth int) bool {
	if depth > maxDepth {
		return true
	}
	for c := v.Walk(); c.Next(); {
		switch {
		case c.Key == "$ref" && v.IsObject() && c.Value.IsString():
			if t.follow(c.Value.Str().String(), depth) {
				return true
			}
		case c.Key == "enum", c.Key == "const", c.Key == "default", c.Key == "examples":
		case c.Value.IsObject() || c.Value.IsArray():
			if t.within(c.Value, depth+1) {
				return true
			}
		}
	}
	return false
}

func (t *tracer) follow(ref string, depth int) bool {
	path, ok := strings.CutPrefix(ref, "#/")
	if !ok || slices.Contains(t.open, ref) {
		return true
	}
	if t.done[ref] {
		return false
	}
	v := t.root
	for key := range strings.SplitSeq(path, "/") {
		v = v.Get(strings.ReplaceAll(strings.ReplaceAll(key, "~1", "/"), "~0", "~"))
	}
	t.open = append(t.open, ref)
	found := v == "" || t.within(v, depth+1)
	t.open = t.open[:len(t.open)-1]
	t.done[ref] = true
	return found
}
