package transform

import "strings"

// A Dialect names a wire protocol. The zero value is no protocol.
type Dialect string

// The dialects that Routex can translate.
const (
	Anthropic  Dialect = "anthropic"   // Anthropic Messages
	OpenAIChat Dialect = "openai-chat" // OpenAI Chat Completions
)

// DialectOf tells the dialect of a call from the suffix of its URL path, or
// gives "" for a path that is no call to a language model. Prefixes differ
// between deployments and the query never decides, so neither is looked at.
func DialectOf(path string) Dialect {
	switch {
	case strings.HasSuffix(path, "/v1/messages"):
		return Anthropic
	case strings.HasSuffix(path, "/chat/completions"):
		return OpenAIChat
	}
	return ""
}

// Path is where an API of this dialect takes calls, below its base URL.
func (d Dialect) Path() string {
	switch d {
	case Anthropic:
		return "/v1/messages"
	case OpenAIChat:
		return "/v1/chat/completions"
	}
	return ""
}

// Known reports whether d is one of the dialects of this package.
func (d Dialect) Known() bool { return d.Path() != "" }
