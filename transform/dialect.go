package transform

import "strings"

// A Dialect names a wire protocol. The zero value is no protocol.
type Dialect string

// The dialects that Routex can translate.
const (
	Anthropic       Dialect = "anthropic"        // Anthropic Messages
	OpenAIChat      Dialect = "openai-chat"      // OpenAI Chat Completions
	OpenAIResponses Dialect = "openai-responses" // OpenAI Responses
	Gemini          Dialect = "gemini"           // Gemini generateContent
)

// Dialects lists the dialects that Routex can translate.
func Dialects() []Dialect { return []Dialect{Anthropic, OpenAIChat, OpenAIResponses, Gemini} }

// DialectOf tells the dialect of a call from the suffix of its URL path, or
// gives "" for a path that is no call to a language model. Prefixes differ
// between deployments and the query never decides, so neither is looked at.
func DialectOf(path string) Dialect {
	switch {
	case strings.HasSuffix(path, "/v1/messages"):
		return Anthropic
	case strings.HasSuffix(path, "/chat/completions"):
		return OpenAIChat
	case strings.HasSuffix(path, "/responses"):
		return OpenAIResponses
	case strings.HasSuffix(path, ":generateContent"), strings.HasSuffix(path, ":streamGenerateContent"):
		return Gemini
	}
	return ""
}

// Path is where an API of this dialect takes calls, below its base URL. For
// Gemini, where the path names the model and the method, it is the part that
// all calls share.
func (d Dialect) Path() string {
	switch d {
	case Anthropic:
		return "/v1/messages"
	case OpenAIChat:
		return "/v1/chat/completions"
	case OpenAIResponses:
		return "/v1/responses"
	case Gemini:
		return "/v1beta/models"
	}
	return ""
}

// Known reports whether d is one of the dialects of this package.
func (d Dialect) Known() bool { return d.Path() != "" }

// name is what people call the protocol.
func (d Dialect) name() string {
	switch d {
	case Anthropic:
		return "Anthropic Messages"
	case OpenAIResponses:
		return "OpenAI Responses"
	case Gemini:
		return "Gemini"
	}
	return "OpenAI Chat Completions"
}

// requestID is the header in which the provider names a call, "" when it has
// none.
func (d Dialect) requestID() string {
	switch d {
	case Anthropic:
		return "Request-Id"
	case Gemini:
		return ""
	}
	return "X-Request-Id"
}

// ownHeader reports that a header means something to one protocol only.
func (d Dialect) ownHeader(name string) bool {
	switch d {
	case Anthropic:
		return strings.HasPrefix(name, "Anthropic-")
	case Gemini:
		return strings.HasPrefix(name, "X-Goog-")
	}
	return strings.HasPrefix(name, "Openai-") || strings.HasPrefix(name, "X-Ratelimit-")
}

// asksByQuery reports a query that asks for something besides what the call
// says anyhow.
func (d Dialect) asksByQuery(query string) bool {
	for part := range strings.SplitSeq(query, "&") {
		switch name, _, _ := strings.Cut(part, "="); {
		case name == "":
		case d == Anthropic && name == "beta": // the header of that name says more
		case d == Gemini && (name == "alt" || name == "key" || name == "$alt"):
		case d != Anthropic && d != Gemini && name == "api-version":
		default:
			return true
		}
	}
	return false
}
