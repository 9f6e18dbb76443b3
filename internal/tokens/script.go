package tokens

// A script is a class of characters beyond ASCII that cost alike.
type script uint8

// The scripts. Those whose letters make words come first.
const (
	latin1 script = iota // of Western Europe: part of words of Latin letters
	latinA               // of Eastern Europe
	latinB               // of Vietnam, and whatever else is rare
	greek
	cyrillic
	armenian
	hebrew
	arabic
	devanagari
	bengali
	gurmukhi
	gujarati
	tamil
	telugu
	kannada
	malayalam
	thai
	georgian
	sinhala
	lao
	myanmar
	khmer
	ethiopic
	indic // other scripts of South and South East Asia
	hangul
	hiragana
	katakana
	han
	hanRare // beyond the basic block
	cjkSign // punctuation of CJK, and the wide forms
	mark    // other punctuation
	symbol  // arrows, boxes, mathematics
	emoji
	joiner // of emoji, and what chooses their look
	other
	scripts int = iota
)

// blocks has the scripts of the characters below U+3000, 128 to a block.
var blocks = [96]script{
	other, latin1, latinA, latinA, latinB, latinB, latinB, greek,
	cyrillic, cyrillic, cyrillic, hebrew, arabic, arabic, arabic, other,
	other, arabic, devanagari, bengali, gurmukhi, gujarati, indic, tamil,
	telugu, kannada, malayalam, sinhala, thai, lao, indic, indic,
	myanmar, georgian, hangul, hangul, ethiopic, ethiopic, ethiopic, other,
	other, other, other, other, other, other, other, khmer,
	other, other, other, other, other, other, other, other,
	other, georgian, other, other, latinB, latinB, greek, greek,
	mark, symbol, symbol, symbol, symbol, symbol, symbol, symbol,
	symbol, symbol, symbol, symbol, emoji, symbol, emoji, symbol,
	other, symbol, symbol, symbol, symbol, symbol, symbol, symbol,
	other, georgian, other, other, mark, hanRare, hanRare, hanRare,
}

// scriptOf gives the script of a character beyond ASCII.
func scriptOf(r rune) script {
	switch {
	case r < 0x3000:
		switch {
		case r >= 0x530 && r < 0x590:
			return armenian
		case r >= 0xA1 && r < 0xC0: // signs among the letters
			return mark
		case r == 0x200C, r == 0x200D: // join letters too
			return joiner
		}
		return blocks[r>>7]
	case r < 0x3040:
		return cjkSign
	case r < 0x30A0:
		return hiragana
	case r < 0x3100:
		return katakana
	case r >= 0x4E00 && r < 0xA000:
		return han
	case r >= 0xAC00 && r < 0xD7B0:
		return hangul
	}
	return scriptAbove(r)
}

func scriptAbove(r rune) script {
	switch {
	case r < 0xA000, r >= 0xF900 && r < 0xFB00, r >= 0x20000 && r < 0x40000:
		return hanRare
	case r >= 0xFB50 && r < 0xFE00, r >= 0xFE70 && r < 0xFEFF:
		return arabic
	case r >= 0xFF61 && r < 0xFFA0:
		return katakana
	case r >= 0xFE30 && r < 0xFE50, r >= 0xFF00 && r < 0xFFF0:
		return cjkSign
	case r >= 0xFE00 && r < 0xFE10, r >= 0x1F3FB && r <= 0x1F3FF:
		return joiner
	case r >= 0x1F000 && r < 0x1FB00:
		return emoji
	}
	return other
}

// letters is how many letters have costs of their own: those below U+1000, and
// the kana, which have the places of Latin letters, as those go by pairs.
const (
	letters   = 0x1000
	firstKana = 0x3040
	kana      = 0xC0 // how many, and the place of the first
)

// spelled tells whether a character has a cost of its own as a letter.
func spelled(r rune) bool { return uint32(r) < letters || uint32(r-firstKana) < kana }

// letter gives the place of a letter.
func letter(r rune) int {
	if r >= letters {
		r -= firstKana - kana
	}
	return int(r) & (letters - 1)
}

// letterAt gives the letter that has a place.
func letterAt(place int) rune {
	if place >= kana && place < 2*kana {
		return rune(place) + firstKana - kana
	}
	return rune(place)
}
