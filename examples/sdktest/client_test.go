package sdktest

import (
	"context"
	"encoding/json"
	"net/http"
	"testing"
)

// A question is one call, as any of the SDKs can ask it.
type question struct {
	System    string
	Turns     []turn
	Tools     bool // offer the tools of this test
	Must      bool // the model has to call one
	Image     bool // the first turn shows a picture
	MaxTokens int64
}

// A turn is what one side said.
type turn struct {
	Assistant bool
	Text      string
	Calls     []toolCall // by the assistant
	Results   []result   // by the user
}

type toolCall struct{ ID, Name, Args string }

type result struct {
	ID, Text string
	Failed   bool
}

// A reading is what an SDK made of the answer.
type reading struct {
	Text              string
	Calls             []toolCall
	Stop              string // end, length, tool
	In, Out, Cached   int64  // In does not count Cached
	Status            int    // of the error; 0 for none
	Problem           string // the error's text
	ID, Model, Object string
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
		{"openai-go v3", "openai-chat", askOpenAI},
	}
}

// A tool has no argument, or a city.
type tool struct {
	name, description string
	properties        map[string]any
	required          []string
}

func tools() []tool {
	return []tool{
		{"weather", "The weather in a city.", map[string]any{"city": map[string]any{"type": "string"}}, []string{"city"}},
		{"now", "The time.", map[string]any{}, nil},
	}
}

const pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="

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
