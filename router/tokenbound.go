package router

import "bytes"

// What a body must have in it to cost more tokens than its length tells: media
// that are named rather than sent, and tools, of whose form models are told.
var costlyWords = [...][]byte{
	[]byte(`"tools"`), []byte(`"functions"`), []byte(`"source"`), []byte(`url"`), []byte(`"file`), []byte(`"inline`),
	[]byte(`"data"`), []byte(`"input_audio"`), []byte(`Uri"`), []byte(`_uri"`),
}

// hasTokens is whether the call has so many tokens or more. Whether a short
// call is a long one is told without counting.
func (r *Request) hasTokens(n int) bool {
	if r.tokens > 0 || n <= mostTokens(r.body) {
		return r.Tokens() >= n
	}
	for _, word := range costlyWords {
		if bytes.Contains(r.body, word) {
			return r.Tokens() >= n
		}
	}
	return false
}

// mostTokens is what a body without costly words has at most: the shortest thing
// that is counted beside texts is a number of two bytes, and an escape of two
// bytes is one character of a text, which costs three tokens for each byte at
// most, of which a family makes half as many more.
func mostTokens(body []byte) int { return 5*len(body) + 1000 }
