package router

import (
	"slices"
	"strings"
)

// A literal is a text to look for, folded, and what has to be around it.
type literal struct {
	text        string
	left, right edge
}

// An edge is what a literal needs at one of its ends.
type edge uint8

const (
	anywhere edge = iota
	ofWord        // a word begins or ends there, as \b says
	ofText        // the text does
)

// at reports that the literal stands at i.
func (l *literal) at(s string, i int) bool {
	end := i + len(l.text)
	return end <= len(s) && equalFold(s[i:end], l.text) && l.left.holds(s, i) && l.right.holds(s, end)
}

// equalFold reports that two texts of one length are equal but for the case of
// ASCII, of which the second has small letters.
func equalFold(s, folded string) bool {
	for i := range len(s) {
		if lower(s[i]) != folded[i] {
			return false
		}
	}
	return true
}

func (e edge) holds(s string, i int) bool {
	switch e {
	case ofWord:
		return (i > 0 && isWord(s[i-1])) != (i < len(s) && isWord(s[i]))
	case ofText:
		return i == 0 || i == len(s)
	}
	return true
}

// isWord is what \b takes for a part of a word.
func isWord(c byte) bool {
	return c-'0' < 10 || c-'A' < 26 || c-'a' < 26 || c == '_'
}

// A finder looks for many literals in one pass over a text, or a few where
// there are short ones.
type finder struct {
	literals []literal
	passes   []*pass
}

// newFinder makes a finder. The literals must not be empty.
func newFinder(literals []literal) *finder {
	f := &finder{literals: literals}
	byKind := make(map[passKind]*pass)
	shared := make(map[uint32]int) // how many literals have a gram
	for _, l := range literals {
		kind := kindFor(l.text)
		if byKind[kind] == nil {
			byKind[kind] = &pass{passKind: kind}
			f.passes = append(f.passes, byKind[kind])
		}
		for i := range len(l.text) - kind.size + 1 {
			shared[gramAt(l.text, i, kind.size)]++
		}
	}
	for id, l := range literals {
		byKind[kindFor(l.text)].add(int32(id), l.text, shared)
	}
	return f
}

// each gives the literals that are in s, and where, as often as they are. The
// text must be folded, but for ASCII.
func (f *finder) each(s string, hit func(id, at int)) {
	for _, p := range f.passes {
		p.scan(s, f.literals, hit)
	}
}

// A passKind is how a pass looks for literals: by grams, which are as many
// bytes of them as size, at every so many places of the text as stride.
type passKind struct{ size, stride int }

// kindFor is for literals that have a gram at each of stride places in a row.
func kindFor(text string) passKind {
	switch len(text) {
	case 1:
		return passKind{1, 1}
	case 2:
		return passKind{2, 1}
	case 3:
		return passKind{2, 2}
	case 4:
		return passKind{3, 2}
	}
	return passKind{4, 2}
}

// A pass has grams of some literals. Its filter tells most places of a text
// from those where a literal may be.
type pass struct {
	passKind
	filter [1 << filterBits / 64]uint64
	first  [1 << headBits]int32 // entry + 1, by hash
	all    []gram
}

const (
	filterBits = 15
	headBits   = 11
)

// A gram is where a literal is looked for.
type gram struct {
	value uint32
	id    int32
	from  int32 // where it is in the literal
	next  int32 // entry + 1 with the same hash
}

// caseBit is what capital letters lack. Set in all characters, it makes some
// signs equal too, which the comparison that follows tells apart.
const caseBit = 0x20

func gramAt(s string, i, size int) (x uint32) {
	for k := range size {
		x |= uint32(s[i+k]|caseBit) << (8 * k)
	}
	return x
}

// common are the letters that tell the least.
const common = "etaoinsr "

// add chooses the grams of the literal that the fewest others have, and of
// these the least common. One of them stands where the pass looks, wherever the
// literal is.
func (p *pass) add(id int32, text string, shared map[uint32]int) {
	best, from := 1<<30, 0
	for i := range len(text) - p.size - p.stride + 2 {
		score := 0
		for k := range p.stride {
			score += 8 * shared[gramAt(text, i+k, p.size)]
		}
		for k := range p.size + p.stride - 1 {
			if strings.IndexByte(common, text[i+k]) >= 0 {
				score++
			}
		}
		if score < best {
			best, from = score, i
		}
	}
	for k := range p.stride {
		value := gramAt(text, from+k, p.size)
		h := hash(value)
		p.filter[h>>6] |= 1 << (h & 63)
		head := &p.first[h>>(filterBits-headBits)]
		p.all = append(p.all, gram{value: value, id: id, from: int32(from + k), next: *head})
		*head = int32(len(p.all))
	}
}

func hash(x uint32) uint32 { return x * 0x9E3779B1 >> (32 - filterBits) }

func (p *pass) scan(s string, literals []literal, hit func(id, at int)) {
	mask := uint32(1)<<(8*p.size-1)<<1 - 1
	i := 0
	for ; i+4 <= len(s); i += p.stride {
		x := (uint32(s[i]) | uint32(s[i+1])<<8 | uint32(s[i+2])<<16 | uint32(s[i+3])<<24 | caseBit*ones&0xFFFFFFFF) & mask
		if h := hash(x); p.filter[h>>6]>>(h&63)&1 != 0 {
			p.verify(s, i, x, literals, hit)
		}
	}
	for ; i+p.size <= len(s); i += p.stride {
		p.verify(s, i, gramAt(s, i, p.size), literals, hit)
	}
}

// verify gives the literals whose gram stands at i, if they are there.
func (p *pass) verify(s string, i int, x uint32, literals []literal, hit func(id, at int)) {
	for n := p.first[hash(x)>>(filterBits-headBits)]; n != 0; {
		g := &p.all[n-1]
		n = g.next
		if at := i - int(g.from); g.value == x && at >= 0 && literals[g.id].at(s, at) {
			hit(int(g.id), at)
		}
	}
}

// A bitset says which literals of a finder were found.
type bitset []uint64

func (b bitset) set(i int)      { b[i>>6] |= 1 << (i & 63) }
func (b bitset) has(i int) bool { return b[i>>6]>>(i&63)&1 != 0 }

func (b bitset) hasAny(list []int) bool { return slices.ContainsFunc(list, b.has) }
