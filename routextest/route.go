package routextest

import (
	"net/http"
	"strings"
)

// A dialect is one protocol.
type dialect interface {
	name() string
	requestID() string          // the header that names a call
	key(r *http.Request) string // that the caller sent
	badKey(given string) failure
	known(code string, c *Call) failure // one of the package's codes; zero for another
	describe(c *Call)
	noPrefill() string       // how a prefill is refused
	validate(c *Call) string // what the real API refuses about it, "" for nothing
	whole(id string, c *Call, a *Answer) []byte
	stream(id string, c *Call, a *Answer) script
	envelope(f failure) []byte
	errorEvent(f failure) event
	frame(c *Call, n int, ev event) string // of the nth event, from 0
	models(names []string) []byte
}

// route finds what serves a path: the protocol and what it does there.
func (p *Provider) route(path string) (d dialect, serve func(*session)) {
	made := mint(p.o.Name)
	end := path[strings.LastIndexByte(path, '/')+1:]
	_, method, _ := strings.Cut(end, ":")
	switch {
	case method == "generateContent", method == "streamGenerateContent":
		return gemini{made}, (*session).generate
	case method == "countTokens":
		return gemini{made}, (*session).count
	case method == "embedContent", method == "batchEmbedContents":
		return gemini{made}, (*session).embed
	case strings.HasSuffix(path, "/v1/messages"):
		return anthropic{made}, (*session).generate
	case strings.HasSuffix(path, "/v1/messages/count_tokens"):
		return anthropic{made}, (*session).count
	case strings.HasSuffix(path, "/chat/completions"):
		return chatAt(path), (*session).generate
	case strings.HasSuffix(path, "/embeddings"):
		return chatAt(path), (*session).embed
	case strings.HasSuffix(path, "/responses"):
		return responses{made, flavorAt(path)}, (*session).generate
	case strings.HasSuffix(path, "/responses/input_tokens"):
		return responses{made, flavorAt(path)}, (*session).count
	case strings.Contains(path, "/responses/"):
		return responses{made, flavorAt(path)}, (*session).stored
	}
	return nil, nil
}

// lister is the protocol in which a list of models is wanted, nil where there
// is none.
func lister(r *http.Request) dialect {
	switch {
	case strings.HasSuffix(r.URL.Path, "/v1beta/models"):
		return gemini{}
	case !strings.HasSuffix(r.URL.Path, "/v1/models"):
		return nil
	case r.Header.Get("Anthropic-Version") != "":
		return anthropic{}
	}
	return chat{}
}

func bearer(r *http.Request) string {
	return strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
}

// firstOf gives the first text that is not empty.
func firstOf(texts ...string) string {
	for _, s := range texts {
		if s != "" {
			return s
		}
	}
	return ""
}
