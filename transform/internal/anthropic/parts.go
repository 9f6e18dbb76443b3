package anthropic

import (
	"github.com/dctx-team/routex/transform/internal/conv"
)

// A level is the memory for reading one list of the request: messages,
// content, results in content, documents in results. It is used again for
// every list of its depth, because a long conversation has thousands.
type level struct {
	at, place conv.Path // of the list, and of the element at hand
	parts     []conv.Part
}

// levels are those that are in use, and the memory of the parts that are read.
type levels struct {
	list  [4]level
	depth int
	free  []conv.Part
}

// down goes one level down. Every call of it is followed by one of up, unless
// the request is given up.
func (l *levels) down(at conv.Path) *level {
	n := new(level)
	if l.depth < len(l.list) {
		n = &l.list[l.depth]
	}
	l.depth++
	n.at, n.parts = at, n.parts[:0]
	return n
}

// up goes one level up and returns the parts that were gathered there, in
// memory of their own.
func (l *levels) up(n *level) []conv.Part {
	l.depth--
	return l.keep(n.parts)
}

// keep copies the parts to where many of them stand.
func (l *levels) keep(list []conv.Part) []conv.Part {
	n := len(list)
	if n == 0 {
		return nil
	}
	if len(l.free) < n {
		l.free = make([]conv.Part, max(n, 16))
	}
	kept := l.free[:n:n]
	l.free = l.free[n:]
	copy(kept, list)
	return kept
}
