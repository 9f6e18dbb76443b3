package ruletest

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"os"

	"go.yaml.in/yaml/v4"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/router"
)

//go:embed rules.yaml
var rulesFile []byte

// Config is that of the host's program.
func Config() (routex.Config, error) {
	rules, err := readRules(rulesFile)
	if err != nil {
		return routex.Config{}, fmt.Errorf("rules.yaml has mistakes:\n%w", err)
	}
	return routex.Config{
		Rules: rules,
		Funcs: map[string]func(*router.Request) bool{"onTrial": onTrial},
		Channels: []routex.Channel{
			{Name: "sonnet", Type: routex.TypeAnthropic, APIKey: os.Getenv("ANTHROPIC_API_KEY"), Models: []string{"claude-*"}},
			{Name: "opus", Type: routex.TypeAnthropic, APIKey: os.Getenv("ANTHROPIC_API_KEY"), Models: []string{"claude-opus-*"}, Priority: 1},
			{Name: "gemini", Type: routex.TypeGoogle, APIKey: os.Getenv("GEMINI_API_KEY"), Models: []string{"gemini-*"}},
			{Name: "cheap", Type: routex.TypeOpenAI, APIKey: os.Getenv("OPENAI_API_KEY"), Models: []string{"gpt-*"}},
		},
	}, nil
}

// onTrial is asked by the rule that calls it customFunction.
func onTrial(r *router.Request) bool { return r.Metadata["plan"] == "trial" }

// readRules reads YAML, which is JSON in other words.
func readRules(data []byte) ([]router.Rule, error) {
	var value any
	if err := yaml.Load(data, &value); err != nil {
		return nil, err
	}
	text, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	return router.ReadRules(text, router.WithFunc("onTrial", onTrial))
}
