package router

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// Masks to look at eight bytes at once.
const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

func hasEscape(s []byte) bool { return bytes.IndexByte(s, '\\') >= 0 }

// appendUnescaped appends the text that is between the quotes of a string in
// JSON. Escapes that JSON does not know stand for themselves. Code has one in
// every few dozen bytes, so that eight bytes are looked at, and copied, at once.
func appendUnescaped(dst, s []byte) []byte {
	dst = append(dst, s...) // at most as long as s, so that there is room
	at, out := len(dst)-len(s), dst
	for i := 0; i < len(s); {
		if i+8 <= len(s) {
			chunk := binary.LittleEndian.Uint64(s[i:])
			binary.LittleEndian.PutUint64(out[at:], chunk)
			chunk ^= ones * '\\'
			n := 8
			if hit := (chunk - ones) & ^chunk & highs; hit != 0 {
				n = bits.TrailingZeros64(hit) / 8
			}
			i, at = i+n, at+n
			if n == 8 {
				continue
			}
		} else if s[i] != '\\' {
			out[at] = s[i]
			i, at = i+1, at+1
			continue
		}
		r, size := unescape(s[i:])
		i += size
		if r < utf8.RuneSelf {
			out[at] = byte(r)
			at++
		} else {
			at += utf8.EncodeRune(out[at:], r)
		}
	}
	return dst[:at]
}

// unescape reads the escape at the beginning of s, and tells how long it is.
func unescape(s []byte) (r rune, size int) {
	if len(s) < 2 {
		return '\\', 1
	}
	switch s[1] {
	case 'n':
		return '\n', 2
	case 't':
		return '\t', 2
	case 'r':
		return '\r', 2
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case '"', '\\', '/':
		return rune(s[1]), 2
	case 'u':
		return unescapeUnit(s)
	}
	return '\\', 1
}

// unescapeUnit reads \uXXXX, or two of them that are one character.
func unescapeUnit(s []byte) (r rune, size int) {
	r, ok := hex4(s[2:])
	if !ok {
		return '\\', 1
	}
	if !utf16.IsSurrogate(r) {
		return r, 6
	}
	if bytes.HasPrefix(s[6:], []byte(`\u`)) {
		if low, ok := hex4(s[8:]); ok {
			if pair := utf16.DecodeRune(r, low); pair != utf8.RuneError {
				return pair, 12
			}
		}
	}
	return utf8.RuneError, 6
}

func hex4(s []byte) (r rune, ok bool) {
	if len(s) < 4 {
		return 0, false
	}
	for _, c := range s[:4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
