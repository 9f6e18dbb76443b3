package transform

import "strconv"

// TokenCount is the body of the answer to a call of the dialect that asks how
// many tokens a request has.
func TokenCount(d Dialect, tokens int) []byte {
	head := `{"input_tokens":`
	switch d {
	case Gemini:
		head = `{"totalTokens":`
	case OpenAIResponses, OpenAIChat:
		head = `{"object":"response.input_tokens","input_tokens":`
	}
	return append(strconv.AppendInt([]byte(head), int64(tokens), 10), "}"...)
}
