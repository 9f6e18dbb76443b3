package router

import (
	"encoding/binary"
	"sync"
	"unicode"
	"unicode/utf8"
)

// fold gives a text in which characters that differ by case only, as the
// (?i) of patterns sees it, are the same; of a text without case it is the text
// itself. Odd says that a letter beyond ASCII has become one of ASCII: what
// stands at the edge of a word may differ.
func fold(s string) (folded string, odd bool) {
	i := lowerPrefix(s)
	if i == len(s) {
		return s, false
	}
	f := folder{text: s, out: make([]byte, 0, len(s)+8)}
	f.out = append(f.out, s[:i]...)
	for f.at = i; f.at < len(s); {
		if f.at += f.narrow(); f.at < len(s) {
			f.wide()
		}
	}
	return view(f.out), f.odd
}

// lowerPrefix is how much of a text folding leaves as it is, at least.
func lowerPrefix(s string) int {
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || c-'A' < 26 {
			return i
		}
	}
	return len(s)
}

type folder struct {
	text string
	at   int
	out  []byte
	odd  bool
}

// narrow folds the run of ASCII at hand, eight bytes at once, and tells how
// long it is.
func (f *folder) narrow() int {
	s := f.text[f.at:]
	n := 0
	for ; n+8 <= len(s); n += 8 {
		chunk := binary.LittleEndian.Uint64([]byte(s[n : n+8]))
		if chunk&highs != 0 {
			break
		}
		// The high bit of each byte that is from A to Z, moved to where case is.
		upper := (chunk + ones*(0x80-'A')) & ^(chunk + ones*(0x80-'Z'-1)) & highs
		f.out = binary.LittleEndian.AppendUint64(f.out, chunk|upper>>2)
	}
	for ; n < len(s) && s[n] < utf8.RuneSelf; n++ {
		c := s[n]
		if c-'A' < 26 {
			c |= 0x20
		}
		f.out = append(f.out, c)
	}
	return n
}

// wide folds the character beyond ASCII at hand, or copies the run of them
// that have no case.
func (f *folder) wide() {
	if n := caseless(f.text[f.at:]); n > 0 {
		f.out = append(f.out, f.text[f.at:f.at+n]...)
		f.at += n
		return
	}
	r, size := utf8.DecodeRuneInString(f.text[f.at:])
	if r == utf8.RuneError && size == 1 {
		f.out = append(f.out, f.text[f.at])
	} else {
		var to rune
		if table := foldTable(); int(r) < len(table) {
			to = rune(table[r])
		} else {
			to = foldRune(r)
		}
		f.odd = f.odd || to < utf8.RuneSelf
		f.out = utf8.AppendRune(f.out, to)
	}
	f.at += size
}

// hasCase reports that a text may have letters with case beyond ASCII.
func hasCase(s string) bool {
	for i := 0; i < len(s); {
		if i+8 <= len(s) && binary.LittleEndian.Uint64([]byte(s[i:i+8]))&highs == 0 {
			i += 8
			continue
		}
		if s[i] < utf8.RuneSelf {
			i++
			continue
		}
		n := caseless(s[i:])
		if n == 0 {
			return true
		}
		i += n
	}
	return false
}

// caseless is the length of the run of characters at the beginning of s that
// no script with case has: Chinese, Japanese and Korean, punctuation, arrows,
// frames, emoji.
func caseless(s string) int {
	i := 0
	for i+2 <= len(s) && goesOn(s[i+1]) {
		a, b := s[i], s[i+1]
		size := 3
		switch {
		case a == 0xC2 && b != 0xB5: // the micro sign is a Greek letter
			size = 2
		case a >= 0xE3 && a <= 0xE9, a == 0xEB, a == 0xEC:
		case a == 0xE2 && (b <= 0x83 || b >= 0x87 && b <= 0x91 || b >= 0x94 && b <= 0xAF || b == 0x86 && i+2 < len(s) && s[i+2] >= 0x90):
		case a == 0xF0 && b >= 0x9F:
			size = 4
		default:
			return i
		}
		if i+size > len(s) || size > 2 && !goesOn(s[i+2]) || size > 3 && !goesOn(s[i+3]) {
			return i
		}
		i += size
	}
	return i
}

// goesOn reports a byte that goes on with a character.
func goesOn(c byte) bool { return c&0xC0 == 0x80 }

// foldTable has what Latin, Greek and Cyrillic letters fold to.
var foldTable = sync.OnceValue(func() *[0x600]uint16 {
	var table [0x600]uint16
	for r := range table {
		table[r] = uint16(foldRune(rune(r)))
	}
	return &table
})

// foldRune gives the character that stands for all that differ from r by case
// only: the small letter of ASCII if there is one, or else the first of them.
func foldRune(r rune) rune {
	least := r
	for next := unicode.SimpleFold(r); next != r; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	if least-'A' < 26 && least >= 'A' {
		least |= 0x20
	}
	return least
}
