package store_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/dctx-team/routex/balance"
	"github.com/dctx-team/routex/examples/server/store"
	"github.com/dctx-team/routex/router"
)

func open(t *testing.T, dir string) *store.SQLite {
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

func fullChannel() store.Channel {
	return store.Channel{
		ID: "c1", Name: "主 channel", Type: "openai", BaseURL: "https://x.test/v1", APIKey: "sk-x",
		Headers: map[string]string{"X-A": "b"}, Models: []string{"gpt-*"}, ModelMap: map[string]string{"a": "b"},
		Priority: 3, Weight: 7, Disabled: true,
		Transformers: &store.Transformers{
			Use:      []store.Transformer{{Name: "openai"}, {Name: "maxtoken", Options: []byte(`{"max_tokens":8192}`)}},
			PerModel: map[string][]store.Transformer{"m": {{Name: "openai"}}},
		},
		Timeouts: store.Timeouts{Header: 1, FirstToken: 4, Unary: 2, Idle: 3}, CreatedAt: 10, UpdatedAt: 11,
		API: "responses", Config: store.Provider{Deployment: "d", APIVersion: "v1"}, Losses: "strict", Usage: "always",
		APIKeys: []string{"sk-y", "sk-z"}, MaxConcurrency: 9, ContextWindow: store.Windows{"gpt-*": 128_000, "*": 8_192},
		Prices: map[string]balance.Prices{"gpt-*": {Input: 2.5, Output: 10, CacheRead: 1.25}},
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

func TestEverythingSurvivesReopening(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new", "data with space % ? #")
	want := store.Contents{
		Channels: []store.Channel{fullChannel(), {ID: "c2", Name: "b", ContextWindow: store.Windows{"*": 32_768}}},
		Rules:    []store.Rule{fullRule(), {ID: "r2", Name: "r"}},
		Settings: map[string]string{"strategy": "weighted"},
	}
	s := open(t, dir)
	write(t, s, store.Change{PutChannels: want.Channels, PutRules: want.Rules, PutSettings: want.Settings})
	if err := s.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	if got := load(t, open(t, dir)); !reflect.DeepEqual(got, want) {
		t.Errorf("after reopening the store holds\n%+v\nwant\n%+v", got, want)
	}
}

func TestRecordsKeepTheirOrder(t *testing.T) {
	s := open(t, t.TempDir())
	for _, id := range []string{"z", "a", "m"} {
		write(t, s, store.Change{
			PutChannels: []store.Channel{{ID: id, Name: id}},
			PutRules:    []store.Rule{{ID: id, Name: id}},
		})
	}
	write(t, s, store.Change{PutChannels: []store.Channel{{ID: "z", Name: "renamed"}}, DropChannels: []string{"a"}})
	write(t, s, store.Change{PutChannels: []store.Channel{{ID: "a", Name: "again"}}, DropRules: []string{"z"}})
	got := load(t, s)
	var names []string
	for _, c := range got.Channels {
		names = append(names, c.Name)
	}
	for _, r := range got.Rules {
		names = append(names, r.Name)
	}
	if want := []string{"renamed", "m", "again", "a", "m"}; !slices.Equal(names, want) {
		t.Errorf("channels and rules come as %q, want %q", names, want)
	}
}

func TestAPutLeavesTheTimeOfCreation(t *testing.T) {
	s := open(t, t.TempDir())
	write(t, s, store.Change{PutChannels: []store.Channel{{ID: "a", Name: "a", CreatedAt: 1, UpdatedAt: 1}}})
	write(t, s, store.Change{PutChannels: []store.Channel{{ID: "a", Name: "a", CreatedAt: 2, UpdatedAt: 2}}})
	if c := load(t, s).Channels[0]; c.CreatedAt != 1 || c.UpdatedAt != 2 {
		t.Errorf("created at %d, updated at %d; want 1 and 2", c.CreatedAt, c.UpdatedAt)
	}
}

func TestARefusedChangeWritesNothing(t *testing.T) {
	tests := map[string]struct {
		change store.Change
		want   error
	}{
		"a name twice":         {store.Change{PutChannels: []store.Channel{{ID: "new", Name: "new"}, {ID: "other", Name: "a"}}}, store.ErrConflict},
		"a rename to a name":   {store.Change{PutChannels: []store.Channel{{ID: "b", Name: "a"}}}, store.ErrConflict},
		"an unknown channel":   {store.Change{DropChannels: []string{"a", "nobody"}}, store.ErrNotFound},
		"an unknown rule":      {store.Change{DropRules: []string{"nobody"}, DropChannels: []string{"a"}}, store.ErrNotFound},
		"a setting beside one": {store.Change{PutSettings: map[string]string{"k": "v"}, DropRules: []string{"nobody"}}, store.ErrNotFound},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := open(t, t.TempDir())
			write(t, s, store.Change{PutChannels: []store.Channel{{ID: "a", Name: "a"}, {ID: "b", Name: "b"}}})
			before := load(t, s)
			if err := s.Write(t.Context(), tt.change); !errors.Is(err, tt.want) {
				t.Errorf("Write gives %v, want %v", err, tt.want)
			}
			if after := load(t, s); !reflect.DeepEqual(after, before) {
				t.Errorf("the refused change left %+v, want %+v", after, before)
			}
		})
	}
}

func TestAChangeWhoseCallerLeavesIsWholeOrNothing(t *testing.T) {
	s := open(t, t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Write(ctx, store.Change{PutChannels: []store.Channel{{ID: "a", Name: "a"}}}); err == nil {
		t.Error("Write succeeds although its context has ended")
	}
	if n := len(load(t, s).Channels); n != 0 {
		t.Errorf("%d channels were written", n)
	}
	write(t, s, store.Change{PutChannels: []store.Channel{{ID: "a", Name: "a"}}})
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
