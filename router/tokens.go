package router

import (
	"unicode/utf8"

	"github.com/tidwall/gjson"
)

// imageTokens is what an image costs, about: providers charge by its size in
// pixels, which is not known here.
const imageTokens = 1500

// Tokens estimates how many tokens the call has as input: system text,
// messages, tools, tool calls and their results, images. It is an estimate by
// the kinds of characters, and made once.
func (r *Request) Tokens() int {
	if r.tokens == 0 {
		r.tokens = r.countTokens() + 1
	}
	return r.tokens - 1
}

func (r *Request) countTokens() int {
	n := 0
	for _, member := range []string{"system", "messages", "tools", "functions"} {
		n += countValue(r.Get(member, ""))
	}
	return n
}

// countValue counts the text in a value: strings by their characters, keys and
// brackets not at all. Inline images and documents count as one image.
func countValue(v gjson.Result) int {
	switch v.Type {
	case gjson.String:
		return countText(v.Str)
	case gjson.JSON:
		if isImage(v) || v.IsObject() && v.Get("type").Str == "document" {
			return imageTokens
		}
		n := 0
		v.ForEach(func(key, item gjson.Result) bool {
			n += countValue(item)
			if key.Type == gjson.String {
				n += 1 + len(key.Str)/8
			}
			return true
		})
		return n
	case gjson.Null:
		return 0
	}
	return 1
}

// countText estimates by script: about four bytes of Latin text to a token,
// and a little over one token to an ideograph.
func countText(s string) int {
	narrow, wide := 0, 0
	for i := 0; i < len(s); {
		if s[i] < utf8.RuneSelf {
			narrow++
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		if r >= 0x2E80 { // CJK, kana, hangul and whatever is as dense
			wide++
		} else {
			narrow += 2
		}
		i += size
	}
	return (narrow+3)/4 + wide
}
