package goldenrules

import (
	"os"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/router"
)

// Config is that of the host's program: searches stay with the provider
// whose tool is asked for, all else goes to Claude.
func Config() routex.Config {
	return routex.Config{
		Channels: []routex.Channel{
			{Name: "claude", Type: routex.TypeAnthropic, APIKey: os.Getenv("ANTHROPIC_API_KEY")},
			{Name: "openai", Type: routex.TypeOpenAI, APIKey: os.Getenv("OPENAI_API_KEY"), Models: []string{"gpt-*"}, Priority: 1},
			{Name: "openai-responses", Type: routex.TypeOpenAI, API: routex.APIResponses, APIKey: os.Getenv("OPENAI_API_KEY"), Models: []string{"gpt-*"}, Priority: 2},
			{Name: "gemini", Type: routex.TypeGoogle, APIKey: os.Getenv("GEMINI_API_KEY"), Models: []string{"gemini-*"}, Priority: 1},
		},
		Rules: []router.Rule{
			{Name: "searches of Gemini", Priority: 9, Condition: router.Condition{ToolName: "^google", ModelPattern: "^gemini"}, TargetChannel: "gemini"},
			{Name: "searches of OpenAI", Priority: 8, Condition: router.Condition{ToolName: "^web_search", ModelPattern: "^gpt"}, TargetChannel: "openai-responses"},
			{Name: "models that search", Priority: 8, Condition: router.Condition{ModelPattern: "^gpt-.*search"}, TargetChannel: "openai"},
			{Name: "agents", Priority: 7, Condition: router.Condition{ToolName: "^(bash|shell|edit)$"}, TargetChannel: "claude", TargetModel: "claude-opus-4-5"},
			{Name: "errands", Priority: 6, Type: router.Background, TargetChannel: "claude", TargetModel: "claude-haiku-4-5"},
			{Name: "rest", Type: router.Default, TargetChannel: "claude", TargetModel: "claude-sonnet-4-5"},
		},
	}
}
