package store_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dctx-team/routex/examples/server/store"
	"github.com/dctx-team/routex/router"
	"github.com/dctx-team/routex/trace/prices"
)

func open(t *testing.T, dir string) *store.DB {
	t.Helper()
	s, err := store.Open(t.Context(), dir)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func write(t *testing.T, s store.Store, c store.Change) {
	t.Helper()
	if err := s.Write(t.Context(), c); err != nil {
		t.Fatalf("Write(%+v): %v", c, err)
	}
}

func load(t *testing.T, s store.Store) store.Contents {
	t.Helper()
	c, err := s.Load(t.Context())
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return c
}

func fullTee() store.Tee {
	rate := 0.5
	return store.Tee{
		ID: "t1", Name: "a", Type: "webhook", Disabled: true, FilePath: "logs/a.jsonl", Rotation: store.Rotation{MaxSizeMB: 1, MaxAgeDays: 2, Keep: 3},
		URL: "https://x.test/events", Method: "PUT", Headers: map[string]string{"Authorization": "Bearer t"}, Secret: "s", Timeout: 4, Spool: true,
		Retries: 5, Redact: []string{"messages.#.content"}, BodyLimit: 6, CreatedAt: 7, UpdatedAt: 8,
		Filter: store.TeeFilter{
			Channels: []string{"c1"}, Models: []string{"m*"}, StatusCodes: []int{200}, SuccessOnly: true, FailureOnly: true,
			SampleRate: &rate, MinLatency: 9, MaxLatency: 10,
		},
	}
}

func fullChannel() store.Channel {
	return store.Channel{
		ID: "c1", Name: "主 channel", Type: "openai", BaseURL: "https://x.test/v1", ProxyURL: "http://u:p@proxy.test:8080", APIKey: "sk-x",
		Headers: map[string]string{"X-A": "b"}, Models: []string{"gpt-*"}, ModelMap: map[string]string{"a": "b"},
		Priority: 3, Weight: 7, Disabled: true,
		Transformers: &store.Transformers{
			Use:      []store.Transformer{{Name: "openai"}, {Name: "maxtoken", Options: []byte(`{"max_tokens":8192}`)}},
			PerModel: map[string][]store.Transformer{"m": {{Name: "openai"}}},
		},
		Timeouts: store.Timeouts{Header: 1, FirstToken: 4, Unary: 2, Idle: 3}, CreatedAt: 10, UpdatedAt: 11,
		API: "responses", Config: store.Provider{Deployment: "d", APIVersion: "v1"}, Losses: "strict", Usage: "always",
		APIKeys: []string{"sk-y", "sk-z"}, MaxConcurrency: 9, ContextWindow: store.Windows{"gpt-*": 128_000, "*": 8_192},
		Prices: map[string]prices.Price{"gpt-*": {Rates: prices.Rates{Input: 2.5, Output: 10, CacheRead: new(1.25)}}},
	}
}

func fullRule() store.Rule {
	return store.Rule{
		ID: "r1", Name: "long", Type: "custom",
		Condition: router.Condition{
			TokenThreshold: 5, Keywords: []string{"k"}, UserPattern: `\bu\b`, ModelPattern: "m",
			HasTools: new(false), HasImages: new(true), HasThinking: new(true), ToolName: "t", CustomFunction: "f",
			ContentCategory: router.OneOf{"coding"}, ComplexityLevel: router.OneOf{"simple", "complex"}, HasCode: new(false),
			ProgrammingLanguage: router.OneOf{"go"}, Intent: router.OneOf{"debug"}, MinWordCount: 1, MaxWordCount: 2,
			Header: map[string]string{"X-A": ""}, Path: "p", Metadata: map[string]string{"k": "v"},
			TimeOfDay: &router.TimeOfDay{From: "22:00", To: "06:00"},
		},
		TargetChannel: "c1", Targets: []router.Target{{Channel: "a", Weight: 3}, {Channel: "b"}}, Deny: "no", Shadow: "s", TargetModel: "m", Priority: 90, Strict: true, Disabled: true, CreatedAt: 20, UpdatedAt: 21,
	}
}

func TestOnlyTheUserMayReadTheKeys(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	s := open(t, dir)
	write(t, s, store.Change{PutChannels: []store.Channel{fullChannel()}})
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no files in %s: %v", dir, err)
	}
	for _, name := range append(names, dir) {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v, which others can use", filepath.Base(name), info.Mode())
		}
	}
}

func TestRowsFromTheFutureAreRefused(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	write(t, s, store.Change{PutRules: []store.Rule{fullRule()}})
	_ = s.Close()
	raw(t, dir, `UPDATE rules SET condition = '{"moonPhase":"full"}'`)
	_, err := open(t, dir).Load(t.Context())
	if err == nil || !strings.Contains(err.Error(), "moonPhase") {
		t.Errorf("Load of a condition that is not known gives %v, want an error that names it", err)
	}
}
