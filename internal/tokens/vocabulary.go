package tokens

import "strings"

// Recent is OpenAI's vocabulary since GPT-4o, o200k.
func Recent() *Vocabulary { return &recent }

// Older is that of GPT-3.5, GPT-4 and the embeddings, cl100k.
func Older() *Vocabulary { return &older }

var recent, older = recentTable.expand(), olderTable.expand()

// The least numbers of the tables.
const (
	leastPair   = -27
	leastLetter = 0
)

// expand makes the vocabulary of a table, with the pairs of capitals too.
func (t *table) expand() (v Vocabulary) {
	var small [given][given]int8
	for i, row := range strings.Fields(t.pairs) {
		numbers(small[i][:], row, leastPair)
	}
	for before := range uint8(classes) {
		for class := range uint8(classes) {
			p := pair(t.pair(&small, before, class) << 1)
			if isBlank(class) && !isBlank(before) {
				p |= 1
			}
			v.pairs[uint(before)<<7|uint(class)] = p
		}
	}
	numbers(v.letters[:], strings.Join(strings.Fields(t.letters), ""), leastLetter)
	numbers(v.han[:], strings.Join(strings.Fields(t.han), ""), leastLetter)
	v.scripts = t.scripts
	return v
}

// pair gives the cost of a pair by those of small letters.
func (t *table) pair(small *[given][given]int8, before, class uint8) int {
	p, c := lower(before), lower(class)
	switch pair := int(small[p][c]); {
	case class < capital:
		return pair
	case before >= capital:
		return pair + int(t.shouted)
	case before >= 1 && before < digit: // after a small letter begins a word
		return int(small[p][edge]) + int(small[edge][c]) + int(t.inner)
	default:
		return pair + int(t.raised)
	}
}

// lower gives the class of the small letter for that of a capital.
func lower(class uint8) uint8 {
	if class < capital {
		return class
	}
	return class - capital + 1
}

// numbers reads numbers of one character each, from ! on without the backquote.
func numbers(dst []int8, text string, least int8) {
	for i := range text {
		n := int8(text[i] - '!')
		if text[i] > '`' {
			n--
		}
		dst[i] = n + least
	}
}
