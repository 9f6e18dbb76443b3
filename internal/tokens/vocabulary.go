package tokens

import (
	"math"
	"strings"
)

// Recent is OpenAI's vocabulary since GPT-4o, o200k.
func Recent() *Vocabulary { return &recent }

// Older is that of GPT-3.5, GPT-4 and the embeddings, cl100k.
func Older() *Vocabulary { return &older }

//go:generate go run ../../examples/tokentest/fit -o table.go

var recent, older = recentTable.expand(), olderTable.expand()

// A table is a vocabulary as it is written down: a sign for each number of
// units.
type table struct {
	// pairs has a row for each class before a character, and a column for
	// that of the character. Capitals go by their small letters.
	pairs    string
	raised   int8 // the cost of a capital at the beginning of a word, besides
	inner    int8 // of one after a small letter
	shouted  int8 // of one after another
	repeated int8 // of a symbol after the same
	scripts  [scripts]rates

	// What characters cost besides the rate of their script.
	letters, han, hangul string
}

// The least numbers of the tables. The most are as many more as there are
// signs.
const (
	LeastPair   = -27
	LeastLetter = -46
	signs       = 93
)

// expand makes the vocabulary of a table, with the pairs of capitals too.
func (t *table) expand() (v Vocabulary) {
	var small [given][given]int8
	for i, row := range strings.Fields(t.pairs) {
		numbers(small[i][:], row, LeastPair)
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
	v.repeated, v.scripts = t.repeated, t.scripts
	numbers(v.han[:], t.han, LeastLetter)
	numbers(v.hangul[:], t.hangul, LeastLetter)
	numbers(v.letters[:], t.letters, LeastLetter)
	for i := range v.han {
		v.han[i] = sum(v.han[i], t.scripts[han].letter)
		v.hangul[i] = sum(v.hangul[i], t.scripts[hangul].letter)
	}
	for i := range v.letters {
		v.letters[i] = sum(v.letters[i], t.scripts[scriptOf(letterAt(i))].letter)
	}
	return v
}

func sum(a, b int8) int8 { return int8(min(int(a)+int(b), math.MaxInt8)) }

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

// numbers reads numbers of a sign each, in lines.
func numbers(dst []int8, text string, least int) {
	i := 0
	for _, sign := range []byte(text) {
		if sign < '!' {
			continue
		}
		if sign > '`' { // which is left out
			sign--
		}
		dst[i] = int8(int(sign-'!') + least)
		i++
	}
}

// Sign gives what stands for a number in a table whose least number is given,
// or for the nearest there is.
func Sign(number, least int) byte {
	sign := '!' + byte(min(max(number-least, 0), signs-1))
	if sign >= '`' {
		sign++
	}
	return sign
}
