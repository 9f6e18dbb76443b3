package ruletest_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/router"
	"github.com/dctx-team/routex/routextest/ruletest"
	"github.com/dctx-team/routex/transform"
)

// house has channels of every protocol, and rules for all that samples are for.
func house() routex.Config {
	return routex.Config{
		Channels: []routex.Channel{
			{Name: "claude", Type: routex.TypeAnthropic, APIKey: "k-1", Models: []string{"claude-*"}},
			{Name: "gpt", Type: routex.TypeOpenAI, APIKey: "k-2", Models: []string{"gpt-*"}},
			{Name: "gpt-responses", Type: routex.TypeOpenAI, API: routex.APIResponses, APIKey: "k-3", Priority: 1},
			{Name: "gemini", Type: routex.TypeGoogle, APIKey: "k-4", Models: []string{"gemini-*"}},
		},
		Rules: []router.Rule{
			{Name: "long context", Priority: 100, Type: router.LongContext, TargetChannel: "gemini", TargetModel: "gemini-2.5-pro"},
			{Name: "agents", Priority: 90, Condition: router.Condition{ToolName: "^Edit$"}, TargetChannel: "claude", TargetModel: "claude-opus-4-5"},
			{Name: "errands", Priority: 80, Type: router.Background, TargetChannel: "gpt", TargetModel: "gpt-4o-mini"},
			{Name: "search", Priority: 70, Type: router.WebSearch, TargetChannel: "gpt-responses", TargetModel: "gpt-5", Shadow: "gemini"},
		},
	}
}

func TestGoldenSamples(t *testing.T) {
	var seen ruletest.Coverage
	for _, protocol := range transform.Dialects() {
		t.Run(string(protocol), func(t *testing.T) {
			seen.Add(ruletest.Golden(t, house(), filepath.Join("testdata", string(protocol)), ruletest.Samples(protocol)))
		})
	}
	seen.Require(t)
}

func TestGoldenFilesAreWrittenWhenAsked(t *testing.T) {
	t.Setenv(ruletest.UpdateGolden, "1")
	dir := filepath.Join(t.TempDir(), "new")
	samples := []ruletest.Sample{
		{Name: "denied", Request: ruletest.Chat("gpt-4o", "The password")},
		{Name: "night", Request: ruletest.Responses("gpt-4o", "hi").At("2026-03-28T22:30:00Z")},
	}
	ruletest.Golden(t, config(two), dir, samples)
	t.Setenv(ruletest.UpdateGolden, "")
	ruletest.Golden(t, config(two), dir, samples)
	text, err := os.ReadFile(filepath.Join(dir, "denied.golden"))
	if err != nil || !strings.Contains(string(text), "refused  403 No passwords, please.\n") || strings.Contains(string(text), "POST") {
		t.Errorf("%v: %s", err, text)
	}
}

func write(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const nightly = `# What the nightly job asks.
# @at 22:30
#@session nightly
# @metadata plan = gold
# @metadata team=core

POST https://api.anthropic.com/v1/messages?beta=true HTTP/1.1
Host: api.anthropic.com
Content-Length: 99
X-Team: core

{"model":"claude-sonnet-4-5","max_tokens":100,
 "messages":[{"role":"user","content":"Hi"}]}
`

func TestRequestsAreReadFromFiles(t *testing.T) {
	rules := []router.Rule{{
		Name: "nightly", TargetChannel: "chosen", TargetModel: "gpt-4o",
		Condition: router.Condition{
			TimeOfDay: &router.TimeOfDay{From: "22:00", To: "23:00"}, Metadata: map[string]string{"plan": "^gold$", "team": "^core$"},
			Header: map[string]string{"X-Team": "core"}, Path: "^/v1/messages$",
		},
	}}
	path := write(t, "nightly.http", nightly)
	c := ruletest.Case{Name: "file", Request: ruletest.Read(path), Rule: "nightly", Channel: "chosen", Model: "gpt-4o"}
	c.Also = func(d *routex.Decision) error {
		if d.Affinity == nil || d.Affinity.Key != "nightly" {
			t.Errorf("the session is %+v", d.Affinity)
		}
		return nil
	}
	ruletest.Run(t, config(rules), []ruletest.Case{c})
	if all := ruletest.ReadAll(t, filepath.Dir(path)+"/*.http"); len(all) != 1 || all[0].Name != "nightly" {
		t.Errorf("all files: %v", all)
	}
	req, err := c.Request.HTTP(t.Context())
	if err != nil || req.Header.Get("Host") != "" || req.Header.Get("Content-Length") != "" || req.URL.RawQuery != "beta=true" {
		t.Errorf("%+v, %v", req, err)
	}
}

func TestFilesThatAreNoRequest(t *testing.T) {
	for text, want := range map[string]string{
		"":                                       "no request in it",
		"# nothing\n":                            "no request in it",
		"GET /v1/models\n\n":                     `"GET /v1/models" should be like POST /v1/messages HTTP/1.1`,
		"POST\n\n{}":                             `"POST" should be like`,
		"POST ://x\n\n{}":                        "missing protocol scheme",
		"POST /x\nnothing\n ":                    "headers: malformed MIME header",
		"# @at noon\nPOST /v1/messages\n\n{}":    `"noon" is neither a time of day such as 22:30 nor one of RFC 3339`,
		"# @at\nPOST /v1/messages\n\n{}":         "@at: needs a value",
		"# @plan x\nPOST /v1/messages\n\n{}":     "there is no @plan; there are @at, @session, @channel and @metadata",
		"# @metadata x\nPOST /v1/messages\n\n{}": "@metadata x: should be like plan=gold",
	} {
		path := write(t, "x.http", text)
		if _, err := ruletest.Read(path).Body(); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) {
			t.Errorf("%q gives %v, want %s", text, err, want)
		}
	}
	if _, err := ruletest.Read("testdata/nobody.http").Body(); !os.IsNotExist(err) {
		t.Errorf("a file that is not there gives %v", err)
	}
}

func TestAFileSaysWhichChannel(t *testing.T) {
	r := ruletest.Read(write(t, "x.http", "# @channel chosen\nPOST /v1/chat/completions\nContent-Type: application/json\n\n{\"model\":\"m\",\"messages\":[]}"))
	ruletest.Run(t, config(nil), []ruletest.Case{{Name: "x", Request: r, Channel: "chosen", Order: []string{"chosen"}}})
}

func TestWhatGoldenFilesTell(t *testing.T) {
	read := func(name string) string {
		t.Helper()
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	for name, wants := range map[string][]string{
		"openai-chat/agent.golden": {
			`> agents        matches, and decides`, `channel  "claude", for the model "claude-opus-4-5"`,
			"POST https://api.anthropic.com/v1/messages\n", `"model": "claude-opus-4-5"`, `... (`,
		},
		"anthropic/web-search.golden": {"copy     to gemini", "lost     tools[0]: ", "POST https://api.openai.com/v1/responses"},
		"gemini/image.golden":         {"session  by conversation, new", `rule     none`, "POST https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-pro:streamGenerateContent?alt=sse\n"},
	} {
		for _, want := range wants {
			if got := read(name); !strings.Contains(got, want) {
				t.Errorf("%s has no %q:\n%s", name, want, got)
			}
		}
		if got := read(name); strings.Contains(got, "k-1") || strings.Contains(got, "Bearer") {
			t.Errorf("%s has a key in it", name)
		}
	}
}

func TestLongTextsAreCutShort(t *testing.T) {
	long := strings.Repeat("a", 119)
	for text, want := range map[string]string{
		`{"a":[1,"b\"c"],"d":{}}`:                  "{\n  \"a\": [\n    1,\n    \"b\\\"c\"\n  ],\n  \"d\": {}\n}",
		`"` + long + strings.Repeat("ü", 50) + `"`: `"` + long + `... (219 bytes, sha256 `,
		`"` + long + `\n` + long + `"`:             `"` + long + `... (240 bytes, sha256 `,
		`"` + long[5:] + `\u00fc` + long + `"`:     `"` + long[5:] + `\u00fc... (239 bytes, sha256 `,
		`"` + long[3:] + `\u00fc` + long + `"`:     `"` + long[3:] + `... (241 bytes, sha256 `,
		`"` + long[3:] + `\\\\` + long + `"`:       `"` + long[3:] + `... (239 bytes, sha256 `,
		`"` + strings.Repeat("b", 200) + `"`:       `"` + strings.Repeat("b", 200) + `"`,
		`no JSON`:                                  "(7 bytes, sha256 ",
	} {
		if got := ruletest.BodyText([]byte(text)); !strings.HasPrefix(got, want) {
			t.Errorf("%s\n\tis shown as %s\n\twant %s", text, got, want)
		}
	}
}

func TestLineDiff(t *testing.T) {
	for _, test := range []struct{ want, got, diff string }{
		{"a\nb", "a\nb", ""},
		{"a\nb\nc\nd\ne\nf", "a\nb\nc\nx\ny\ne\nf", "line 4:\n  b\n  c\n- d\n+ x\n+ y\n  e\n  f\n"},
		{"a\n", "", "line 1:\n- a\n  \n"},
		{"", strings.Repeat("x\n", 60), "line 1:\n" + strings.Repeat("+ x\n", 40) + "+ ... 20 more lines\n  \n"},
		{"a\na", "a\na\na", "line 3:\n  a\n  a\n+ a\n"},
	} {
		if diff := cmp.Diff(test.diff, ruletest.LineDiff(test.want, test.got)); diff != "" {
			t.Errorf("%q, %q: %s", test.want, test.got, diff)
		}
	}
}
