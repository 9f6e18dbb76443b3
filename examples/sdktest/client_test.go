package sdktest

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
)

// A question is one call, as any of the SDKs can ask it.
type question struct {
	Model      string // "" means asked-for
	System     string
	Turns      []turn
	Tools      bool   // offer the tools of this test
	Choice     string // "must": call one of them; "weather": call that one; "none": call none
	OneAtATime bool   // at most one call per answer
	Think      bool   // reason first, and show it
	Form       bool   // answer in the form of formSchema
	Sampling   bool   // temperature 0.5 and top_p 0.9
	Stop       bool   // stop at END
	Answers    int64  // how many; 0 means one
	Seed       int64
	User       string // an id of the end user
	LongNames  bool   // the tools have names of more than 64 characters
	TextTool   bool   // offer a tool that takes text
	MaxTokens  int64
}

// A turn is what one side said.
type turn struct {
	Assistant bool
	System    bool // neither side: a later instruction
	Text      string
	Image     bool       // the user shows a picture
	Document  bool       // the user hands over a PDF
	Calls     []toolCall // by the assistant
	Results   []result   // by the user
	Own       any        // what the assistant said, in the SDK's own type
}

type toolCall struct{ ID, Name, Args string }

type result struct {
	ID, Name, Text string
	Failed, Image  bool
}

// A reading is what an SDK made of the answer.
type reading struct {
	Text              string
	Refusal           string
	Reasoning         string
	Calls             []toolCall
	Stop              string // end, length, tool, refusal
	In, Out, Cached   int64  // In does not count Cached
	Thought           int64  // tokens of Out
	Status            int    // of the error; 0 for none, -1 for one without
	Problem           string // the error's text
	ID, Model, Object string
	Own               any // the answer as a turn of the SDK's own type
}

// A client is one official SDK.
type client struct {
	name     string
	protocol string
	ask      func(ctx context.Context, h *http.Client, q question, stream bool) reading
}

func clients() []client {
	return []client{
		{"anthropic-sdk-go v1", "anthropic", askAnthropicV1},
		{"anthropic-sdk-go v2", "anthropic", askAnthropicV2},
		{"openai-go Chat", "openai-chat", askChat},
		{"openai-go Responses", "openai-responses", askResponses},
		{"genai", "gemini", askGemini},
	}
}

// model is the name that is asked for.
func (q question) model() string {
	if q.Model != "" {
		return q.Model
	}
	if q.Think {
		return "thinker"
	}
	return "asked-for"
}

func say(text string) question {
	return question{Turns: []turn{{Text: text}}, MaxTokens: 100}
}

// A tool has no argument, or a city.
type tool struct {
	name, description string
	properties        map[string]any
	required          []string
}

func (q question) tools() []tool {
	more := ""
	if q.LongNames {
		more = strings.Repeat("_of_mine", 9)
	}
	return []tool{
		{"weather" + more, "The weather in a city.", map[string]any{"city": map[string]any{"type": "string"}}, []string{"city"}},
		{"now" + more, "The time.", map[string]any{}, nil},
	}
}

// schema is the tool's as an object.
func (t tool) schema() map[string]any {
	s := map[string]any{"type": "object", "properties": t.properties}
	if t.required != nil {
		s["required"] = t.required
	}
	return s
}

// formSchema is the form of an answer.
func formSchema() map[string]any {
	return map[string]any{
		"type": "object", "properties": map[string]any{"city": map[string]any{"type": "string"}, "degrees": map[string]any{"type": "number"}},
		"required": []string{"city", "degrees"}, "additionalProperties": false,
	}
}

const (
	pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
	paper = "JVBERi0xLjEKMSAwIG9iajw8Pj5lbmRvYmoKdHJhaWxlcjw8Pj4KJSVFT0YK"
)

// sameJSON compares two JSON texts by meaning.
func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var x, y any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return false
	}
	xs, _ := json.Marshal(x)
	ys, _ := json.Marshal(y)
	return string(xs) == string(ys)
}
