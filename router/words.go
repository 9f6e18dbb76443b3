package router

import (
	"unicode"
	"unicode/utf8"
)

// Words counts the words of [Request.UserText]: what stands between spaces and
// has a letter or digit. Chinese and Japanese are written without spaces, and
// each of their characters counts as a word.
func (r *Request) Words() int {
	if r.words == 0 {
		r.words = countWords(r.UserText()) + 1
	}
	return r.words - 1
}

func countWords(s string) int {
	n, inWord := 0, false
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			switch {
			case c <= ' ':
				inWord = false
			case !inWord && (c|0x20-'a' < 26 || c-'0' < 10):
				n, inWord = n+1, true
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		i += size
		switch {
		case dense(r):
			n, inWord = n+1, false
		case unicode.IsLetter(r) || unicode.IsNumber(r):
			if !inWord {
				n, inWord = n+1, true
			}
		case r >= 0x3000 && r < 0x3040 || r >= 0xFF00 || unicode.IsSpace(r): // Chinese punctuation and signs
			inWord = false
		}
	}
	return n
}

// dense reports a character of a script that is written without spaces:
// ideographs and kana.
func dense(r rune) bool {
	return r >= 0x4E00 && r <= 0x9FFF || r >= 0x3041 && r <= 0x30FF || r >= 0x3400 && r <= 0x4DBF ||
		r >= 0xF900 && r <= 0xFAFF || r >= 0x20000 && r <= 0x3FFFF
}
