package gemini

import (
	"strconv"
	"strings"

	"github.com/dctx-team/routex/transform/internal/conv"
)

// follow adds what a reference points to. A schema that holds itself cannot be
// written without references: there it ends as an object of any kind.
func (s *subset) follow(n *node, ref string, mark, depth int) {
	for i, open := range s.refs {
		if open != ref {
			continue
		}
		if i < mark {
			s.lose("$ref to itself")
			n.types |= typeObject
		}
		return
	}
	target, ok := s.resolve(ref)
	if !ok {
		s.lose("$ref to elsewhere")
		return
	}
	s.refs = append(s.refs, ref)
	s.read(n, target, mark, depth+1)
}

// resolve finds what a reference into the same schema points to.
func (s *subset) resolve(ref string) (conv.Raw, bool) {
	path, ok := strings.CutPrefix(ref, "#")
	if !ok {
		return "", false
	}
	v := s.root
	for path != "" {
		var key string
		key, path, _ = strings.Cut(strings.TrimPrefix(path, "/"), "/")
		if path != "" {
			path = "/" + path
		}
		if v = step(v, key); v == "" {
			return "", false
		}
	}
	return v, true
}

// step goes down one key of a JSON pointer.
func step(v conv.Raw, key string) conv.Raw {
	if v.IsArray() {
		n, err := strconv.Atoi(key)
		for c := v.Walk(); err == nil && c.Next(); {
			if c.Index == n {
				return c.Value
			}
		}
		return ""
	}
	return v.Get(strings.ReplaceAll(strings.ReplaceAll(key, "~1", "/"), "~0", "~"))
}
