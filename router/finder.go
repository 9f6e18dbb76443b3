package router

import "strings"

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
	return end <= len(s) && s[i:end] == l.text && l.left.holds(s, i) && l.right.holds(s, end)
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

// A finder looks for many literals in one pass over a text.
type finder struct {
	literals []literal
	grams    [5]*grams // by their length: 1, 2 or 4
}

// newFinder makes a finder. The literals must not be empty.
func newFinder(literals []literal) *finder {
	f := &finder{literals: literals}
	shared := make(map[uint32]int) // how many literals have a gram
	for _, l := range literals {
		size := gramSize(l.text)
		for i := range len(l.text) - size + 1 {
			shared[gramAt(l.text, i, size)]++
		}
	}
	for id, l := range literals {
		size := gramSize(l.text)
		if f.grams[size] == nil {
			f.grams[size] = &grams{size: size}
		}
		f.grams[size].add(int32(id), l.text, shared)
	}
	return f
}

// each gives the literals that are in s, and where, as often as they are. The
// text must be folded.
func (f *finder) each(s string, hit func(id, at int)) {
	for _, g := range f.grams {
		if g != nil {
			g.scan(s, f.literals, hit)
		}
	}
}

// grams are some bytes of each of some literals, by which they are found: the
// filter tells most places of a text from those where a literal may be.
type grams struct {
	size   int
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

// gramSize is 4, or for short literals 2 or 1. Each size in use costs a pass.
func gramSize(text string) int {
	if len(text) == 3 {
		return 2
	}
	return min(len(text), 4)
}

func gramAt(s string, i, size int) (x uint32) {
	for k := range size {
		x |= uint32(s[i+k]) << (8 * k)
	}
	return x
}

// common are the letters that tell the least.
const common = "etaoinsr "

// add chooses the bytes of the literal that the fewest others have, and of
// these the least common.
func (g *grams) add(id int32, text string, shared map[uint32]int) {
	best, from := 1<<30, 0
	for i := range len(text) - g.size + 1 {
		score := 8 * shared[gramAt(text, i, g.size)]
		for k := range g.size {
			if strings.IndexByte(common, text[i+k]) >= 0 {
				score++
			}
		}
		if score < best {
			best, from = score, i
		}
	}
	value := gramAt(text, from, g.size)
	h := hash(value)
	g.filter[h>>6] |= 1 << (h & 63)
	head := &g.first[h>>(filterBits-headBits)]
	g.all = append(g.all, gram{value: value, id: id, from: int32(from), next: *head})
	*head = int32(len(g.all))
}

func hash(x uint32) uint32 { return x * 0x9E3779B1 >> (32 - filterBits) }

// scan looks at every place of s.
func (g *grams) scan(s string, literals []literal, hit func(id, at int)) {
	mask := uint32(1)<<(8*g.size-1)<<1 - 1
	i := 0
	for ; i+4 <= len(s); i++ {
		x := (uint32(s[i]) | uint32(s[i+1])<<8 | uint32(s[i+2])<<16 | uint32(s[i+3])<<24) & mask
		if h := hash(x); g.filter[h>>6]>>(h&63)&1 != 0 {
			g.verify(s, i, x, literals, hit)
		}
	}
	for ; i+g.size <= len(s); i++ {
		g.verify(s, i, gramAt(s, i, g.size), literals, hit)
	}
}

// verify gives the literals whose gram stands at i, if they are there.
func (g *grams) verify(s string, i int, x uint32, literals []literal, hit func(id, at int)) {
	for n := g.first[hash(x)>>(filterBits-headBits)]; n != 0; {
		e := &g.all[n-1]
		n = e.next
		if at := i - int(e.from); e.value == x && at >= 0 && literals[e.id].at(s, at) {
			hit(int(e.id), at)
		}
	}
}

// A bitset says which literals of a finder were found.
type bitset []uint64

func (b bitset) set(i int)      { b[i>>6] |= 1 << (i & 63) }
func (b bitset) has(i int) bool { return b[i>>6]>>(i&63)&1 != 0 }
