package routextest

import (
	"net/http"
	"strings"
	"time"
)

// A Call is what a provider received, and what became of it so far. It holds
// copies.
type Call struct {
	Protocol     string // "anthropic", "openai-chat", "openai-responses" or "gemini"
	Path         string
	RawQuery     string
	Header       http.Header
	Body         []byte
	Model        string
	Stream       bool
	Time         time.Time
	LastUserText string // of the last user message that has text
	Prefill      string // the text of the last message, when that is the assistant's: the answer is to go on from there
	HasTools     bool
	Ended        time.Time // when the provider was through with it; zero while it is not
	Gone         time.Time // when the caller left before that; zero when it did not

	text    string            // Body, once it was looked at
	members map[string]string // of it, once one was asked for
}

// An Answer is what a provider says. The zero value is an empty text.
type Answer struct {
	// Reasoning comes first. Where the protocol tells it only to those who
	// ask, it is told only to them. Where the protocol has signatures or
	// encrypted reasoning, the provider makes one, and knows it again.
	Reasoning string
	Hidden    bool // nobody may read the reasoning: only its signature is told
	Text      string
	Chunks    []string   // pieces of Text for a stream; nil means its words
	Refusal   string     // instead of Text, or after it
	Tools     []ToolCall // after the text
	// Interleaved mixes the pieces of the calls in a stream, where the
	// protocol can.
	Interleaved bool
	Usage       Usage
	// StopReason is "stop", "length", "tool" or "filter"; "" follows from the
	// rest. With "filter" and nothing said, Gemini blocks the prompt.
	StopReason string
}

// A ToolCall is a tool that the model calls.
type ToolCall struct {
	ID, Name  string
	Arguments string // JSON object; "" for a tool without arguments; text for a custom tool of Responses
}

// Usage counts tokens. Input excludes the tokens of the cache; Output includes
// Reasoning.
type Usage struct{ Input, Output, CacheRead, CacheWrite, Reasoning int }

// prompt is all of the input.
func (u Usage) prompt() int { return u.Input + u.CacheRead + u.CacheWrite }

// complete fills in what follows from the rest.
func (a *Answer) complete() {
	if a.Chunks == nil && a.Text != "" {
		a.Chunks = words(a.Text)
	}
	if a.Text == "" {
		a.Text = strings.Join(a.Chunks, "")
	}
	if a.StopReason == "" {
		a.StopReason = "stop"
		if len(a.Tools) > 0 {
			a.StopReason = "tool"
		}
	}
}

// silent reports an answer without any content.
func (a *Answer) silent() bool { return a.Text == "" && a.Refusal == "" && len(a.Tools) == 0 }

func words(s string) []string { return strings.SplitAfter(s, " ") }

// arguments is the input of a tool call as an object.
func arguments(t ToolCall) string {
	if t.Arguments == "" {
		return "{}"
	}
	return t.Arguments
}

// pieces cuts text into a few pieces that break anywhere, as providers do.
func pieces(s string) []string {
	var out []string
	runes := []rune(s)
	for len(runes) > 0 {
		n := min(7, len(runes))
		out = append(out, string(runes[:n]))
		runes = runes[n:]
	}
	return out
}
