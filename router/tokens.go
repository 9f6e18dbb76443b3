package router

import (
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"
)

// What an image, a document and the offer of tools cost, about. Providers charge for
// the pixels of the first and the pages of the second, which are not known here.
const (
	imageTokens    = 1500
	toolsTokens    = 50   // what a provider adds to say that there are tools
	documentTokens = 3000 // and more by its size
	bytesPerToken  = 40   // of an inline document, in base64
)

// Tokens estimates how many tokens the call has as input: system text,
// messages, tools, tool calls and their results, images. It is an estimate by
// the kinds of characters, made once, and rather too high than too low.
func (r *Request) Tokens() int {
	if r.tokens == 0 {
		r.tokens = r.countTokens() + 1
	}
	return r.tokens - 1
}

// CountTokens is what a caller is told who asks for the number of tokens and
// for whom no provider can be asked: the estimate with a margin of a tenth. A
// caller who is told too little fills the context until a call fails.
func (r *Request) CountTokens() int { return r.Tokens() + r.Tokens()/10 + 8 }

func (r *Request) countTokens() int {
	n := 0
	for _, m := range r.members {
		switch m.Key {
		case "tools", "functions": // models are shown them with all their signs, and told what they are
			if text := view(r.body[m.Start:m.End]); gjson.Get(text, "0").Exists() {
				n += countText(text) + toolsTokens
			}
		case "system", "messages", // Messages, Chat Completions
			"instructions", "input", "prompt", // Responses, embeddings, Completions
			"response_format", "output_config", // schemas
			"contents", "content", "systemInstruction", "system_instruction", "generateContentRequest", "requests": // Gemini
			n += countValue(gjson.Parse(view(r.body[m.Start:m.End])), maxCounted)
		}
	}
	return n
}

// maxCounted is how deep a value is looked into. Each level reads again all that
// is below it, so that the depth has to have a bound; no call comes near it.
const maxCounted = 64

// countValue counts the text in a value: strings by their characters, keys a
// little and brackets not at all. Inline images and documents count by what
// they are, what is nested deeper than depth by its length.
func countValue(v gjson.Result, depth int) int {
	switch v.Type {
	case gjson.String:
		return countText(v.Str)
	case gjson.JSON:
		if depth == 0 {
			return len(v.Raw) / 4
		}
		if v.IsObject() {
			if n := countMedia(v); n > 0 {
				return n
			}
		}
		n := 0
		v.ForEach(func(key, item gjson.Result) bool {
			n += countMember(key.Str, item, depth-1)
			return true
		})
		return n
	case gjson.Null:
		return 0
	}
	return 1
}

// countMember counts a member of an object, or an element of an array.
func countMember(key string, v gjson.Result, depth int) int {
	switch key {
	case "":
		return countValue(v, depth)
	case "inlineData", "inline_data", "fileData", "file_data": // of Gemini
		mime := v.Get("mimeType").Str + v.Get("mime_type").Str
		if strings.HasPrefix(mime, "image/") {
			return imageTokens
		}
		return documentTokens + len(v.Raw)/bytesPerToken
	}
	return 1 + len(key)/8 + countValue(v, depth)
}

// countMedia counts a part that says that it is no text; 0 for any other.
func countMedia(v gjson.Result) int {
	switch v.Get("type").Str {
	case "image", "image_url", "input_image":
		return imageTokens
	case "document": // a text document is its text
		if kind := v.Get("source.type").Str; kind == "text" || kind == "content" {
			return 0
		}
		return documentTokens + len(v.Raw)/bytesPerToken
	case "file", "input_file", "input_audio":
		return documentTokens + len(v.Raw)/bytesPerToken
	}
	return 0
}

// countText estimates by script: about four bytes of Latin text to a token, or
// a word of it where words are shorter, and a little over one token to an
// ideograph.
func countText(s string) int {
	var t textCount
	for i := 0; i < len(s); {
		i = t.run(s, i)
	}
	return max((t.narrow+3)/4, (t.eighths+7)/8) + t.wide
}

// A textCount counts in one pass what a text has of each kind.
type textCount struct {
	narrow  int // bytes of Latin text
	eighths int // of tokens, by words
	wide    int // ideographs
}

// run counts the run of equal characters at i and gives the index after it. A
// token is a word of about six letters, three digits, or a sign or two; the
// space before a word is part of it.
func (t *textCount) run(s string, i int) int {
	start, kind := i, kinds[s[i]]
	if kind == beyond {
		r, size := utf8.DecodeRuneInString(s[i:])
		if r >= 0x2E80 { // CJK, kana, hangul and whatever is as dense
			t.wide++
		} else {
			t.narrow++
			t.eighths += 3
		}
		return i + size
	}
	for i++; i < len(s) && joins(kind, s[i-1], s[i]); i++ {
	}
	n := i - start
	t.narrow += n
	switch kind {
	case letter:
		t.eighths += 8 + max(n-6, 0)*5/4
	case digit:
		t.eighths += 8 * ((n + 2) / 3)
	case space:
		if n > 1 || s[start] != ' ' {
			t.eighths += 7
		}
	default:
		t.eighths += 3 + 3*n
	}
	return i
}

// The kinds of characters.
const (
	sign = iota
	letter
	digit
	space
	beyond // ASCII
)

// kinds has the kind of every byte.
var kinds = func() (table [256]uint8) {
	for c := range 256 {
		switch {
		case c >= utf8.RuneSelf:
			table[c] = beyond
		case c|0x20 >= 'a' && c|0x20 <= 'z':
			table[c] = letter
		case c >= '0' && c <= '9':
			table[c] = digit
		case c <= ' ':
			table[c] = space
		}
	}
	return table
}()

// joins reports that c goes on with the run whose kind and last character are
// given. A capital after a small letter begins a word.
func joins(kind uint8, last, c byte) bool {
	return kinds[c] == kind && (kind != letter || c >= 'a' || last < 'a')
}
