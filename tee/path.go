package tee

import (
	"strconv"
	"strings"
)

// A pathPart is what one step of a path goes to.
type pathPart struct {
	name string // or a pattern
	all  bool   // every member or element
	glob bool   // name is a pattern
}

// The bytes of a pattern that stand for any text and any character.
const (
	anyText = 0
	anyRune = 1
)

func (p *pathPart) matches(name string) bool {
	switch {
	case p.all:
		return true
	case p.glob:
		return matchName(p.name, name)
	}
	return p.name == name
}

// The bounds of what a destination can take out.
const (
	maxPaths = 100
	maxParts = 64
)

// parsePath gives the parts of a path of gjson, or what is wrong with it.
func parsePath(path string) (parts []pathPart, problem string) {
	const wayOut = "; use members, indices, *, ? and # with dots between them, such as messages.#.content"
	var part pathPart
	var name []byte
	for i := 0; i <= len(path); i++ {
		if i == len(path) || path[i] == '.' {
			if len(name) == 0 {
				return nil, "a part of the path is empty" + wayOut
			}
			part.name = string(name)
			part.all = part.all || part.glob && len(name) == 1 && name[0] == anyText
			parts, part, name = append(parts, part), pathPart{}, nil
			continue
		}
		c := path[i]
		switch {
		case c < ' ':
			return nil, "must not hold control characters"
		case c == '\\':
			if i++; i == len(path) {
				return nil, "ends with a backslash, which has nothing to escape"
			}
			c = path[i]
		case strings.IndexByte("|(){}!@[]", c) >= 0:
			return nil, "queries, pipes and modifiers are not possible" + wayOut + ", and a backslash before what belongs to a name"
		case c == '#':
			part.all = len(name) == 0 && (i+1 == len(path) || path[i+1] == '.')
		case c == '*':
			c, part.glob = anyText, true
		case c == '?':
			c, part.glob = anyRune, true
		}
		name = append(name, c)
	}
	if len(parts) > maxParts {
		return nil, "has more than " + strconv.Itoa(maxParts) + " parts"
	}
	return parts, ""
}
