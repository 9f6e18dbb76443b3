// Command quickstart streams an answer with the official Anthropic SDK. The
// first channel is broken, the second speaks another protocol: the program
// notices neither. With ANTHROPIC_API_KEY and OPENAI_API_KEY set it asks the
// real providers, else two in its own process.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"

	"github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/option"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/routextest"
)

func main() {
	channels := []routex.Channel{
		{Name: "broken", Type: routex.TypeAnthropic, APIKey: os.Getenv("ANTHROPIC_API_KEY")},
		{Name: "spare", Type: routex.TypeOpenAI, APIKey: os.Getenv("OPENAI_API_KEY"), Priority: 1, ModelMap: map[string]string{"claude-*": "gpt-4o"}},
	}
	if channels[0].APIKey == "" || channels[1].APIKey == "" {
		provider := routextest.NewProvider(routextest.Options{})
		provider.Fail(routextest.Fault{Status: http.StatusServiceUnavailable})
		server := provider.Start()
		defer server.Close()
		channels[0].BaseURL, channels[1].BaseURL = server.URL, server.URL
	}
	transport, err := routex.New(routex.Config{Channels: channels})
	if err != nil {
		log.Fatal(err)
	}
	client := anthropic.NewClient(option.WithAPIKey("unused"), option.WithHTTPClient(&http.Client{Transport: transport}))
	ctx, record := routex.WithRecord(context.Background())
	stream := client.Messages.NewStreaming(ctx, anthropic.MessageNewParams{
		Model: "claude-sonnet-4-5", MaxTokens: 200,
		Messages: []anthropic.MessageParam{anthropic.NewUserMessage(anthropic.NewTextBlock("Say hello to Routex."))},
	})
	for stream.Next() {
		fmt.Print(stream.Current().Delta.Text)
	}
	fmt.Println()
	if err := stream.Err(); err != nil {
		fmt.Println("error:", err)
	}
	for i, a := range record.Decision().Attempts {
		fmt.Printf("attempt %d: %s, model %s, status %d, %s in %v\n", i+1, a.Channel, a.Model, a.Status, outcome(a), a.Duration)
	}
}

// outcome says how an attempt ended, in words.
func outcome(a routex.Attempt) string {
	if a.Error == "" {
		return "answered"
	}
	return a.Error
}
