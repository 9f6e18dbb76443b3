package router

import (
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"
)

// maxLiterals bounds what is looked for in place of one pattern.
const maxLiterals = 64

// literals are the texts that a pattern stands for, if it is no more than a
// choice of them.
type literals struct {
	all   []literal
	cased bool // the case of some letter matters
}

// read reads a pattern of which the edges are known, and reports whether it is
// such a choice.
func (l *literals) read(re *syntax.Regexp, left, right edge) bool {
	switch re.Op {
	case syntax.OpCapture:
		return l.read(re.Sub[0], left, right)
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			if !l.read(sub, left, right) {
				return false
			}
		}
		return true
	case syntax.OpConcat:
		if inner, left, right, ok := peel(re.Sub, left, right); ok {
			if len(inner) == 1 {
				return l.read(inner[0], left, right)
			}
			return l.words(&syntax.Regexp{Op: syntax.OpConcat, Sub: inner}, left, right)
		}
		return false
	}
	return l.words(re, left, right)
}

// peel takes the edges off a sequence.
func peel(subs []*syntax.Regexp, left, right edge) ([]*syntax.Regexp, edge, edge, bool) {
	edges := map[syntax.Op]edge{syntax.OpWordBoundary: ofWord}
	edges[syntax.OpBeginText] = ofText
	if e, ok := edges[subs[0].Op]; ok {
		if left != anywhere {
			return nil, 0, 0, false
		}
		subs, left = subs[1:], e
	}
	delete(edges, syntax.OpBeginText)
	edges[syntax.OpEndText] = ofText
	if len(subs) > 0 {
		if e, ok := edges[subs[len(subs)-1].Op]; ok {
			if right != anywhere {
				return nil, 0, 0, false
			}
			subs, right = subs[:len(subs)-1], e
		}
	}
	return subs, left, right, len(subs) > 0
}

func (l *literals) words(re *syntax.Regexp, left, right edge) bool {
	c := choice(re)
	if !c.ok || len(l.all)+len(c.texts) > maxLiterals {
		return false
	}
	for _, text := range c.texts {
		if text == "" {
			return false
		}
		l.all = append(l.all, literal{text: text, left: left, right: right})
	}
	l.cased = l.cased || c.cased
	return true
}

// A choiceOf is a set of texts, folded, that a part of a pattern stands for.
type choiceOf struct {
	texts []string
	cased bool // the case of some letter matters
	ok    bool // it stands for no others
}

func choice(re *syntax.Regexp) choiceOf {
	switch re.Op {
	case syntax.OpEmptyMatch:
		return choiceOf{texts: []string{""}, ok: true}
	case syntax.OpLiteral:
		return spell(re)
	case syntax.OpCharClass:
		return class(re.Rune)
	case syntax.OpCapture:
		return choice(re.Sub[0])
	case syntax.OpQuest:
		return choice(re.Sub[0]).or(choiceOf{texts: []string{""}, ok: true})
	case syntax.OpAlternate:
		c := choiceOf{ok: true}
		for _, sub := range re.Sub {
			c = c.or(choice(sub))
		}
		return c
	case syntax.OpConcat:
		c := choiceOf{texts: []string{""}, ok: true}
		for _, sub := range re.Sub {
			c = c.then(choice(sub))
		}
		return c
	}
	return choiceOf{}
}

func (c choiceOf) or(d choiceOf) choiceOf {
	if !c.ok || !d.ok || len(c.texts)+len(d.texts) > maxLiterals {
		return choiceOf{}
	}
	return choiceOf{texts: append(slices.Clip(c.texts), d.texts...), cased: c.cased || d.cased, ok: true}
}

func (c choiceOf) then(d choiceOf) choiceOf {
	if !c.ok || !d.ok || len(c.texts)*len(d.texts) > maxLiterals {
		return choiceOf{}
	}
	out := choiceOf{cased: c.cased || d.cased, ok: true}
	for _, a := range c.texts {
		for _, b := range d.texts {
			out.texts = append(out.texts, a+b)
		}
	}
	return out
}

func spell(re *syntax.Regexp) choiceOf {
	var text []byte
	cased := false
	for _, r := range re.Rune {
		if r == utf8.RuneError { // bytes that are no character are read as this
			return choiceOf{}
		}
		text = utf8.AppendRune(text, foldRune(r))
		cased = cased || re.Flags&syntax.FoldCase == 0 && unicode.SimpleFold(r) != r
	}
	return choiceOf{texts: []string{string(text)}, cased: cased, ok: true}
}

// class reads a class of a few characters.
func class(ranges []rune) choiceOf {
	in := make(map[rune]bool)
	for i := 0; i < len(ranges); i += 2 {
		if ranges[i+1]-ranges[i] >= maxLiterals || len(in) > maxLiterals {
			return choiceOf{}
		}
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			in[r] = true
		}
	}
	c := choiceOf{ok: len(in) > 0 && !in[utf8.RuneError]}
	for i := 0; i < len(ranges) && c.ok; i += 2 {
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
				c.cased = c.cased || !in[other]
			}
			if f := foldRune(r); f == r || !in[f] {
				c.texts = append(c.texts, string(f))
			}
		}
	}
	return c
}
