package prices_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/dctx-team/routex/trace/prices"
)

// Names as providers, clouds, routers and SDKs write them.
func TestLookup(t *testing.T) {
	tests := []struct{ provider, model, row string }{
		{"anthropic", "claude-sonnet-4-20250514", "claude-sonnet-4"},
		{"anthropic", "claude-sonnet-4-0", "claude-sonnet-4"},
		{"anthropic", "claude-sonnet-4-5-20250929", "claude-sonnet-4-5"},
		{"anthropic", "claude-sonnet-4-5", "claude-sonnet-4-5"},
		{"anthropic", "claude-sonnet-5-5[1m]", "claude-sonnet-5-5"},
		{"anthropic", "claude-opus-4-1-20250805", "claude-opus-4-1"},
		{"anthropic", "claude-opus-5-5", "claude-opus-5-5"},
		{"anthropic", "claude-3-5-sonnet-latest", "claude-3-5-sonnet"},
		{"anthropic", "claude-3-5-sonnet-20241022", "claude-3-5-sonnet"},
		{"anthropic", "claude-3-haiku-20240307", "claude-3-haiku"},
		{"anthropic", "anthropic/claude-3-7-sonnet-20250219", "claude-3-7-sonnet"},
		{"", "anthropic/claude-sonnet-4.5", "claude-sonnet-4-5"},
		{"", "anthropic.claude-3-5-sonnet-20241022-v2:0", "claude-3-5-sonnet"},
		{"", "us.anthropic.claude-sonnet-4-20250514-v1:0", "claude-sonnet-4"},
		{"", "global.anthropic.claude-haiku-4-5-20251001-v1:0", "claude-haiku-4-5"},
		{"", "apac.anthropic.claude-opus-4-6-v1", "claude-opus-4-6"},
		{"", "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-opus-4-1-20250805-v1:0", "claude-opus-4-1"},
		{"", "bedrock/eu.anthropic.claude-sonnet-4-5-20250929-v1:0", "claude-sonnet-4-5"},
		{"google", "claude-sonnet-4@20250514", "claude-sonnet-4"},
		{"google", "claude-opus-4-5@20251101", "claude-opus-4-5"},
		{"google", "publishers/google/models/gemini-2.5-pro", "gemini-2.5-pro"},
		{"google", "projects/p/locations/us-central1/publishers/anthropic/models/claude-haiku-4-5@20251001", "claude-haiku-4-5"},
		{"google", "models/gemini-2.5-flash", "gemini-2.5-flash"},
		{"google", "gemini-2.0-flash-001", "gemini-2.0-flash"},
		{"google", "gemini-2.5-pro-preview-06-05", "gemini-2.5-pro"},
		{"google", "gemini-2.5-pro-preview-tts", "gemini-2.5-pro-preview-tts"},
		{"google", "gemini-flash-latest", ""},
		{"google", "models/gemini-embedding-001", "gemini-embedding-001"},
		{"openai", "gpt-4o", "gpt-4o"},
		{"openai", "GPT-4o", "gpt-4o"},
		{"openai", "gpt-4o-2024-08-06", "gpt-4o"},
		{"openai", "gpt-4o-2024-05-13", "gpt-4o-2024-05-13"},
		{"openai", "gpt-4o-mini-2024-07-18", "gpt-4o-mini"},
		{"openai", "chatgpt-4o-latest", "chatgpt-4o-latest"},
		{"openai", "gpt-4.1-mini-2025-04-14", "gpt-4.1-mini"},
		{"openai", "gpt-5-2025-08-07", "gpt-5"},
		{"openai", "gpt-5-chat-latest", "gpt-5"},
		{"openai", "gpt-5.4-2026-03-05", "gpt-5.4"},
		{"openai", "gpt-5.4-mini", "gpt-5.4-mini"},
		{"openai", "gpt-6-sol", "gpt-6-sol"},
		{"openai", "gpt-4-0613", "gpt-4"},
		{"openai", "gpt-4-turbo-2024-04-09", "gpt-4-turbo"},
		{"openai", "o3-mini-2025-01-31", "o3-mini"},
		{"openai", "o3-2025-04-16", "o3"},
		{"openai", "ft:gpt-4o-mini-2024-07-18:acme::abc123", "ft:gpt-4o-mini*"},
		{"openai", "ft:gpt-4o-2024-08-06:acme::abc123", "ft:gpt-4o-2*"},
		{"openai", "text-embedding-3-small", "text-embedding-3-small"},
		{"azure", "gpt-4o-mini", "gpt-4o-mini"},
		{"azure", "gpt-35-turbo", "gpt-3.5-turbo"},
		{"azure", "my-deployment", ""},
		{"zai", "glm-4.6", "glm-4.6"},
		{"zhipu", "GLM-4.7", "glm-4.7"},
		{"zhipu", "glm-5.3", "glm-5.3"},
		{"deepseek", "deepseek-v4-flash", "deepseek-flash"},
		{"mistral", "mistral-large-2512", "mistral-large-2512"},
		{"mistral", "mistral-large-2611", ""}, // a version that the table does not know
		{"mistral", "codestral-latest", "codestral-2508"},
		{"xai", "grok-4", "grok-4-0709"},
		{"xai", "grok-4-fast-reasoning-latest", "grok-4-fast-reasoning"},
		{"groq", "openai/gpt-oss-120b", "openai/gpt-oss-120b"},
		{"cerebras", "gpt-oss-120b", "gpt-oss-120b"},
		{"moonshot", "kimi-k2.6", "kimi-k2.6"},
		// What is not there, or is another's.
		{"openai", "claude-sonnet-4-5", ""},
		{"anthropic", "gpt-4o", ""},
		{"nobody", "gpt-4o", ""},
		{"openai", "gpt-4o-realtime-preview", ""},
		{"openai", "gpt-4o-audio-preview-2024-12-17", ""},
		{"openai", "gpt-5.9", ""},
		{"openai", "gpt", ""},
		{"openai", "", ""},
		{"", "llama3.2:3b", ""},
		{"", "claude-sonnet-4-5-lookalike", ""},
		{"", "evil.claude-sonnet-4-5", ""},
		{"openai", strings.Repeat("gpt-4o/", 1<<17) + "gpt-4o", ""},
	}
	table := prices.Default()
	for _, tt := range tests {
		got, ok := table.Lookup(tt.provider, tt.model)
		name := tt.model[:min(len(tt.model), 80)]
		if tt.row == "" {
			if ok {
				t.Errorf("%s of %q has a price: %+v", name, tt.provider, got)
			}
			continue
		}
		if !ok {
			t.Errorf("%s of %q has no price", name, tt.provider)
			continue
		}
		found := false
		for row := range table.Rows() {
			found = found || row.Model == tt.row && row.Price.Input == got.Input && row.Price.Output == got.Output
		}
		if !found {
			t.Errorf("%s of %q costs %v and %v, not as %s", name, tt.provider, got.Input, got.Output, tt.row)
		}
	}
}

func TestLookupAllocatesNothingForANameAsItIs(t *testing.T) {
	table := prices.Default()
	if n := testing.AllocsPerRun(100, func() { table.Lookup("anthropic", "claude-sonnet-4-5-20250929") }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestProviderOfAHost(t *testing.T) {
	table := prices.Default()
	for host, want := range map[string]string{
		"api.anthropic.com": "anthropic", "API.OpenAI.com": "openai", "my.openai.azure.com": "azure", "api.deepseek.com": "deepseek",
		"open.bigmodel.cn": "zhipu", "api.z.ai": "zai", "us-central1-aiplatform.googleapis.com": "google", "localhost": "",
		"api.openai.com.example": "", "notapi.openai.com": "", "": "",
	} {
		if got := table.Provider(host); got != want {
			t.Errorf("%s belongs to %q, want %q", host, got, want)
		}
	}
}

func table(t *testing.T, text string) *prices.Table {
	t.Helper()
	out, err := prices.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestMerge(t *testing.T) {
	base := table(t, `{"date":"2026-01-02","providers":[
		{"name":"a","models":{"m":{"input":1,"output":1},"n":{"input":2,"output":2}}},
		{"name":"b","also":["a"],"models":{"m":{"input":3,"output":3}}}]}`)
	over := table(t, `{"models":{"m":{"input":10,"output":1},"x-*":{"input":11,"output":1},"x-long-*":{"input":12,"output":1}},
		"providers":[{"name":"a","models":{"n":{"input":13,"output":1}}}]}`)
	merged := base.Merge(over)
	for _, tt := range []struct {
		provider, model string
		want            float64 // 0 for none
	}{
		{"a", "m", 10},
		{"b", "m", 10},
		{"nobody", "m", 10},
		{"a", "n", 13},
		{"b", "n", 2},
		{"nobody", "n", 0},
		{"a", "x-1", 11},
		{"a", "x-long-1", 12},
		{"a", "y", 0},
	} {
		got, ok := merged.Lookup(tt.provider, tt.model)
		if ok != (tt.want > 0) || ok && got.Input != tt.want {
			t.Errorf("%s of %s costs %+v, want %v", tt.model, tt.provider, got, tt.want)
		}
	}
	if p, ok := base.Lookup("a", "m"); !ok || p.Input != 1 {
		t.Errorf("the table that was merged has changed: %+v", p)
	}
	if merged.Date() != "2026-01-02" {
		t.Errorf("the date is %q", merged.Date())
	}
	var none *prices.Table
	if _, ok := none.Lookup("a", "m"); ok || none.Merge(base) != base || base.Merge(none) != base || none.Provider("a") != "" {
		t.Error("a nil table is not empty")
	}
	for range none.Rows() {
		t.Error("a nil table has rows")
	}
}

func TestNew(t *testing.T) {
	own, err := prices.New(map[string]prices.Price{"gpt-*": {Rates: prices.Rates{Input: 1, Output: 2}}, "GPT-5": {Rates: prices.Rates{Input: 3}}})
	if err != nil {
		t.Fatal(err)
	}
	for model, want := range map[string]float64{"gpt-4": 1, "gpt-5": 3} {
		if p, ok := own.Lookup("whoever", model); !ok || p.Input != want {
			t.Errorf("%s costs %+v", model, p)
		}
	}
	_, err = prices.New(map[string]prices.Price{"": {}, "a": {Rates: prices.Rates{Output: -1}}, "b": {}, "B": {}})
	var wrong *prices.Error
	if !errors.As(err, &wrong) || len(wrong.Mistakes) != 3 {
		t.Errorf("the mistakes are %v", err)
	}
}

func TestParseNamesEveryMistake(t *testing.T) {
	for text, want := range map[string][]string{
		`nonsense`:                               {""},
		`[]`:                                     {""},
		`null`:                                   {""},
		`{"a":1,"date":5,"models":[]}`:           {"a", "date", "models"},
		`{"date":"yesterday"}`:                   {"date"},
		`{"currency":"CNY"}`:                     {"currency"},
		`{"models":{"m":{}}}`:                    {`models["m"].input`, `models["m"].output`},
		`{"models":{"m":7}}`:                     {`models["m"]`},
		`{"models":{"":{"input":1,"output":1}}}`: {`models[""]`},
		`{"models":{"m":{"input":"1","output":-1,"cacheRead":1e99,"cacheWrite":null,"more":1}}}`: {
			`models["m"].input`, `models["m"].more`, `models["m"].output`, `models["m"].cacheRead`,
		},
		`{"models":{"m":{"input":1,"output":1,"long":[{"above":10,"input":1,"output":1},{"above":5,"output":-1}]}}}`: {
			`models["m"].long[1].input`, `models["m"].long[1].above`, `models["m"].long[1].output`,
		},
		`{"models":{"m":{"input":1,"output":1,"peak":[{"from":"1:00","to":"25:00","input":1,"output":1}]}}}`: {
			`models["m"].peak[0].from`, `models["m"].peak[0].to`,
		},
		`{"models":{"m":{"input":1,"output":1,"later":[{"from":"2027-01-01","input":1,"output":1},{"from":"2026-01-01","input":1,"output":1}]}}}`: {
			`models["m"].later[1].from`,
		},
		`{"models":{"m":{"input":1,"output":1,"names":["n","M"]}}}`: {`models["m"].names[1]`},
		`{"providers":[{"name":"a"},{"name":"a"},{"hosts":"h"},3]}`: {"providers[1].name", "providers[2].hosts", "providers[2].name", "providers[3]", "providers[3].name"},
	} {
		_, err := prices.Parse([]byte(text))
		var wrong *prices.Error
		if !errors.As(err, &wrong) {
			t.Errorf("%s: %v", text, err)
			continue
		}
		var got []string
		for _, m := range wrong.Mistakes {
			got = append(got, m.Field)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s:\ngot  %q\nwant %q\n%v", text, got, want, err)
		}
	}
}

// The table that is built in is complete and free of slips that a reader would
// see: no cache that costs more than what it saves, no long call that is cheaper.
func TestDefault(t *testing.T) {
	table := prices.Default()
	if table.Date() < "2026" {
		t.Errorf("the date is %q", table.Date())
	}
	rows, providers := 0, map[string]bool{}
	for row := range table.Rows() {
		rows++
		providers[row.Provider] = true
		p := row.Price
		if len(row.Sources) == 0 {
			t.Errorf("%s of %s has no source", row.Model, row.Provider)
		}
		if p.CacheRead != nil && *p.CacheRead > p.Input || p.CacheWrite != nil && p.CacheWriteHour != nil && *p.CacheWriteHour < *p.CacheWrite {
			t.Errorf("%s of %s: a cache is dearer than none: %+v", row.Model, row.Provider, p)
		}
		last := p.Rates
		for _, long := range p.Long {
			if long.Input < last.Input || long.Output < last.Output || (long.CacheRead == nil) != (p.CacheRead == nil) || (long.CacheWrite == nil) != (p.CacheWrite == nil) {
				t.Errorf("%s of %s: a long call does not fit a short one: %+v", row.Model, row.Provider, p)
			}
			last = long.Rates
		}
	}
	for _, name := range []string{"anthropic", "openai", "google", "zhipu", "zai", "deepseek", "mistral", "xai"} {
		if !providers[name] {
			t.Errorf("%s has no prices", name)
		}
	}
	if rows < 150 {
		t.Errorf("there are %d rows", rows)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(`{"models":{"m*":{"input":1,"output":1,"long":[{"above":1,"input":1,"output":1}]}}}`), "m-2025-01-01")
	f.Add([]byte(`{"providers":[{"name":"a","hosts":["*.x"],"also":["a"],"models":{"m":{"input":1,"output":0}}}]}`), "us.anthropic.m-v1:0")
	f.Fuzz(func(t *testing.T, data []byte, model string) {
		table, err := prices.Parse(data)
		if err != nil {
			return
		}
		if p, ok := table.Lookup("a", model); ok {
			if cost := p.Cost(prices.Usage{Input: 10, Output: 10}); cost < 0 || cost != cost {
				t.Errorf("a call costs %v", cost)
			}
		}
	})
}
