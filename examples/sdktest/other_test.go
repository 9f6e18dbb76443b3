package sdktest

import (
	"slices"
	"testing"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"
	"github.com/openai/openai-go/v3"
	"google.golang.org/genai"
)

// Vectors are the same whoever asks whom.
func TestEmbeddings(t *testing.T) {
	texts := []string{"one text", "another"}
	var want [][]float32
	for _, u := range upstreams() {
		if u.name != "openai chat" && u.name != "google" {
			continue
		}
		s := newSetting(t, client{}, u, false, nil)
		c := openAI(s.http)
		answer, err := c.Embeddings.New(t.Context(), openai.EmbeddingNewParams{
			Model: "asked-for", Dimensions: openai.Int(3), Input: openai.EmbeddingNewParamsInputUnion{OfArrayOfStrings: texts},
		})
		if err != nil {
			t.Fatalf("%s: %v", u.name, err)
		}
		var got [][]float32
		for _, d := range answer.Data {
			var v []float32
			for _, f := range d.Embedding {
				v = append(v, float32(f))
			}
			got = append(got, v)
		}
		if want == nil {
			want = got
		}
		sameVectors(t, "openai-go to "+u.name, got, want)
		sameVectors(t, "genai to "+u.name, embedGemini(t, s, texts), want)
	}
}

func embedGemini(t *testing.T, s *setting, texts []string) (got [][]float32) {
	t.Helper()
	c := geminiClient(t, s)
	var contents []*genai.Content
	for _, text := range texts {
		contents = append(contents, genai.NewContentFromText(text, genai.RoleUser))
	}
	answer, err := c.Models.EmbedContent(t.Context(), "asked-for", contents, &genai.EmbedContentConfig{OutputDimensionality: genai.Ptr[int32](3)})
	if err != nil {
		t.Fatalf("%s: %v", s.upstream.name, err)
	}
	for _, e := range answer.Embeddings {
		got = append(got, e.Values)
	}
	return got
}

func geminiClient(t *testing.T, s *setting) *genai.Client {
	t.Helper()
	c, err := genai.NewClient(t.Context(), &genai.ClientConfig{
		APIKey: "the-caller's", Backend: genai.BackendGeminiAPI, HTTPClient: s.http, HTTPOptions: genai.HTTPOptions{BaseURL: "https://gemini.test"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func sameVectors(t *testing.T, name string, got, want [][]float32) {
	t.Helper()
	if len(got) != 2 || !slices.EqualFunc(got, want, slices.Equal[[]float32]) {
		t.Errorf("%s: %v, want %v", name, got, want)
	}
}

// Tokens can be counted over every kind of channel.
func TestTokensAreCounted(t *testing.T) {
	for _, u := range upstreams() {
		s := newSetting(t, client{}, u, false, nil)
		a := anthropic.NewClient(option.WithAPIKey("the-caller's"), option.WithHTTPClient(s.http), option.WithBaseURL("https://api.anthropic.test"), option.WithMaxRetries(0))
		count, err := a.Messages.CountTokens(t.Context(), anthropic.MessageCountTokensParams{
			Model: "asked-for", Messages: []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock("How many tokens is this?"))},
		})
		if err != nil || count.InputTokens < 5 {
			t.Errorf("anthropic-sdk-go to %s: %v %v", u.name, count, err)
		}
		tokens, err := geminiClient(t, s).Models.CountTokens(t.Context(), "asked-for", genai.Text("How many tokens is this?"), nil)
		if err != nil || tokens.TotalTokens < 5 {
			t.Errorf("genai to %s: %v %v", u.name, tokens, err)
		}
	}
}
