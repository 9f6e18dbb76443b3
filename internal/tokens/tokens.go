// Package tokens estimates how many tokens a text has, for vocabularies that
// are not at hand.
//
// A vocabulary of byte pairs cuts a text between two characters more or less
// often, depending on which they are: seldom inside of "ing", mostly before a
// capital, always after three digits. An estimate is the sum of these costs
// over all pairs of neighbours, which takes one look into a table for each
// character. Beyond ASCII each character has a cost of its own. What stands
// between blanks is a token at least.
package tokens

import "unicode/utf8"

// Unit is how many units of an estimate make a token.
const Unit = 32

// A Vocabulary has what the characters of a text cost, in units.
type Vocabulary struct {
	pairs   [classes << 7]pair // by the class before and that of the character
	letters [letters]int8      // of scripts with few letters
	han     [1024]int8         // of Han, by their last bits
	hangul  [1024]int8         // of Hangul, too
	scripts [scripts]rates

	repeated int8
}

// A pair is what it costs that a character follows another, times two. The last
// bit is set where a word is over: a blank follows what is none.
type pair int16

// rates are what a run of a script costs, and each character of it that has no
// cost of its own.
type rates struct{ run, letter int8 }

// Text estimates the tokens of a text, in units.
func (v *Vocabulary) Text(text []byte) int { return v.count(text, &plain) }

// JSON is [Vocabulary.Text] for the inside of a JSON string, whose escapes count
// as what they stand for.
func (v *Vocabulary) JSON(text []byte) int { return v.count(text, &escaped) }

func (v *Vocabulary) count(text []byte, classOf *[256]uint8) int {
	units, word, before := 0, 0, uint(line)
	for i := 0; i < len(text); {
		class, size := uint(classOf[text[i]]), 1
		if class >= classes {
			var n int
			n, class, size = v.beyond(text, i, class, classOf)
			word += n
		}
		p := int(v.pairs[before<<7|class])
		word += p >> 1
		over := -(p & 1) // all bits, or none: a branch here would often be foretold wrongly
		units += max(word, Unit) & over
		word &^= over
		before = class
		i += size
	}
	if !isBlank(uint8(before)) {
		word = max(word, Unit)
	}
	return max(units+word, 0)
}

// beyond counts what is no plain character of ASCII.
func (v *Vocabulary) beyond(text []byte, i int, class uint, classOf *[256]uint8) (units int, is uint, size int) {
	if class == backslash && i+1 < len(text) && text[i+1] != 'u' {
		return 0, uint(escapes[text[i+1]]), 2
	}
	if units, size = v.run(text, i, classOf); size > 0 {
		return units, uint(foreign), size
	}
	r, size := decode(text, i, class)
	return 0, uint(classOfRune(r)), size
}

// run counts the characters of scripts that are not Latin at i, and gives how
// many bytes they are.
func (v *Vocabulary) run(text []byte, i int, classOf *[256]uint8) (units, size int) {
	start, last, repeated := i, script(scripts), rune(0)
	for i < len(text) {
		r, s, n := special(text, i, classOf)
		if n == 0 {
			break
		}
		if s != last {
			units += int(v.scripts[s].run)
			last = s
		}
		switch {
		case uint32(r) < letters: // which most are
			units += int(v.letters[r&(letters-1)])
		case s == han:
			units += int(v.han[r%1024])
		case s == hangul:
			units += int(v.hangul[r%1024])
		case s == symbol && r == repeated: // a line of them
			units += int(v.repeated)
		case spelled(r):
			units += int(v.letters[letter(r)])
		default:
			units += int(v.scripts[s].letter)
		}
		repeated = r
		i += n
	}
	return units, i - start
}

// special gives the character at i with its script and size, which is 0 for one
// of Latin or ASCII. What most texts consist of is decoded right here.
func special(text []byte, i int, classOf *[256]uint8) (r rune, s script, size int) {
	switch b := text[i]; {
	case b >= 0xE4 && b <= 0xE9 && i+2 < len(text): // U+4000 to U+9FFF
		return rune(b&0x0F)<<12 | rune(text[i+1]&0x3F)<<6 | rune(text[i+2]&0x3F), han, 3
	case b >= 0xCE && b <= 0xDB && b&^3 != 0xD4 && i+1 < len(text): // U+0380 to U+06FF, Armenian left out
		r = rune(b&0x1F)<<6 | rune(text[i+1]&0x3F)
		return r, blocks[r>>7], 2
	}
	class := uint(classOf[text[i]])
	if class < classes || class == backslash && (i+1 == len(text) || text[i+1] != 'u') {
		return 0, 0, 0
	}
	r, size = decode(text, i, class)
	if classOfRune(r) != foreign {
		return 0, 0, 0
	}
	return r, scriptOf(r), size
}

// decode gives the character at i, which is not ASCII or written by its number,
// and its size in bytes.
func decode(text []byte, i int, class uint) (r rune, size int) {
	if class == multibyte {
		return utf8.DecodeRune(text[i:])
	}
	return decodeHex(text, i)
}

// decodeHex reads \uXXXX, or two of them that are one character.
func decodeHex(text []byte, i int) (r rune, size int) {
	r = hex(text, i)
	if r < 0 {
		return '\\', 1
	}
	if r>>10 == 0xD800>>10 {
		if low := hex(text, i+6); low>>10 == 0xDC00>>10 {
			return 0x10000 + (r-0xD800)<<10 + (low - 0xDC00), 12
		}
	}
	return r, 6
}

// hex reads the four digits of \uXXXX; -1 when there is no such thing.
func hex(text []byte, i int) (r rune) {
	if i+6 > len(text) || text[i] != '\\' || text[i+1] != 'u' {
		return -1
	}
	for _, c := range text[i+2 : i+6] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return -1
		}
		r = r<<4 | rune(c)
	}
	return r
}
