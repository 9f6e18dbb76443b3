package admin_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dctx-team/routex/examples/server/admin"
)

// found lists what lint says.
func (a answer) found(t *testing.T) string {
	t.Helper()
	var list []struct{ ID, Name, Kind, Field, Message, By string }
	if err := json.Unmarshal(a.Data, &list); err != nil || list == nil {
		t.Fatalf("data: %v: %s", err, a.body)
	}
	var lines []string
	for _, f := range list {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %s", f.Name, f.Kind, f.Field)))
		if f.Message == "" || f.ID == "" && f.Kind != "invalid" || (f.Kind == "shadowed") != (f.By != "") {
			t.Errorf("a finding lacks something: %+v", f)
		}
	}
	return strings.Join(lines, "\n")
}

func TestLint(t *testing.T) {
	h := newHost(t)
	if got := h.must("POST", "/api/routing/lint", "", 200).found(t); got != "" {
		t.Errorf("without rules, found %s", got)
	}
	h.must("POST", "/api/channels", `{"name":"a","type":"openai"}`, 201)
	h.must("POST", "/api/channels", `{"name":"off","type":"openai","status":"disabled"}`, 201)
	h.must("POST", "/api/routing/rules", `{"name":"all","type":"default","targetChannel":"a"}`, 201)
	h.must("POST", "/api/routing/rules", `{"name":"late","type":"think","targetChannel":"off","priority":1}`, 201)
	h.must("POST", "/api/routing/rules", `{"name":"never","condition":{"minWordCount":2,"maxWordCount":1},"targetChannel":"gone","priority":99}`, 201)
	want := "never neverMatches condition.minWordCount\nnever unknownTarget targetChannel\nlate shadowed\nlate disabledTarget targetChannel"
	if got := h.must("POST", "/api/routing/lint", "", 200).found(t); got != want {
		t.Errorf("found\n%s, want\n%s", got, want)
	}
	got := h.must("POST", "/api/routing/lint", `{"rules":[{"name":"x","targetChannel":"a","condition":{"userPattern":"("}},{"name":"y","type":"default","targetChannel":"a"}]}`, 200).found(t)
	if got != "x invalid condition.userPattern" {
		t.Errorf("of rules that are not stored, found %s", got)
	}
	a := h.call("POST", "/api/routing/lint", `{"rules":[{"name":"x","condition":{"keyword":["y"]}},{"name":7}],"rule":1}`)
	if fields := strings.Join(a.fields(), " "); a.status != 400 || fields != "rules[0].condition.keyword rules[1].name rule" {
		t.Errorf("what cannot be read gives %d, mistakes in %s", a.status, fields)
	}
	if a := h.call("GET", "/api/routing/lint", ""); a.status != 405 {
		t.Errorf("GET gives %d", a.status)
	}
}

func TestARuleDoesWithoutChannelsThatDoNotExist(t *testing.T) {
	upstream := newUpstream(t)
	h := newHost(t)
	h.must("POST", "/api/channels", `{"name":"plain","type":"openai","baseUrl":"`+upstream.URL+`"}`, 201)
	a := h.must("POST", "/api/routing/rules", `{"name":"canary","type":"default","targets":[{"channel":"new","weight":5},{"channel":"old","weight":95}],"shadow":"lab"}`, 201)
	if a.one(t).Active || !strings.Contains(a.Message, "has no effect") {
		t.Errorf("with no channel: %s", a.body)
	}
	h.must("POST", "/api/channels", `{"name":"old","type":"openai","baseUrl":"`+upstream.URL+`","priority":90}`, 201)
	a = h.must("GET", "/api/routing/rules/canary", "", 200)
	if !a.one(t).Active || !strings.Contains(a.Message, "does without it") {
		t.Errorf("with one channel: %s", a.body)
	}
	if rule, channel := h.routes(reviewCall); rule != "canary" || channel != "old" {
		t.Errorf("rule %q chose %q", rule, channel)
	}
}

func withRules(path string) func(*admin.Options) {
	return func(o *admin.Options) { o.RuleFile = path }
}

const yamlRules = `# Reviews go to the expert.
rules:
  - name: review
    condition:
      keywords: [review this, 审查]
      timeOfDay: {from: 00:00, to: "24:00"}
    targetChannel: expert
  - name: rest
    type: default
    targetChannel: plain
    priority: 1
`

func TestRulesFromAFile(t *testing.T) {
	upstream := newUpstream(t)
	path := filepath.Join(t.TempDir(), "rules.yaml")
	put := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put(yamlRules)
	h := newHost(t, withRules(path))
	for _, name := range []string{"plain", "expert", "other"} {
		h.must("POST", "/api/channels", `{"name":"`+name+`","type":"openai","baseUrl":"`+upstream.URL+`"}`, 201)
	}
	expect := func(when, rule, channel string) {
		t.Helper()
		if gotRule, gotChannel := h.routes(reviewCall); gotRule != rule || gotChannel != channel {
			t.Errorf("%s: rule %q, channel %q; want %q, %q", when, gotRule, gotChannel, rule, channel)
		}
	}
	expect("at first", "review", "expert")
	h.must("POST", "/api/routing/rules", `{"name":"stored","type":"default","targetChannel":"other","priority":60}`, 201)
	expect("beside a stored rule of more priority", "stored", "other")
	h.must("DELETE", "/api/routing/rules/stored", "", 200)

	list := h.must("GET", "/api/routing/rules", "", 200).many(t)
	if len(list) != 2 || list[0].Name != "review" || list[0].Source != "file" || !list[0].Active || list[0].Priority != 50 {
		t.Errorf("the rules are %+v", list)
	}
	if r := h.must("GET", "/api/routing/rules/review", "", 200).one(t); r.Source != "file" {
		t.Errorf("the rule is %+v", r)
	}
	for _, method := range []string{"PUT", "DELETE"} {
		if a := h.call(method, "/api/routing/rules/review", `{}`); a.status != 409 || !strings.Contains(a.Error.Message, "reload") {
			t.Errorf("%s of a rule in the file gives %d %s", method, a.status, a.body)
		}
	}

	put(strings.Replace(yamlRules, "targetChannel: expert", "targetChannel: other", 1))
	expect("before the file is read again", "review", "expert")
	if a := h.must("POST", "/api/routing/reload", "", 200); !strings.Contains(string(a.Data), `"rulesCount":2`) {
		t.Errorf("reload gives %s", a.body)
	}
	expect("after", "review", "other")

	put("rules:\n  - name: review\n    priority: high\n    condition: {userPattern: '('}\n  - nam: x\n")
	a := h.call("POST", "/api/routing/reload", "")
	if got := strings.Join(a.fields(), " "); a.status != 400 || got != "rules[0].priority rules[1].nam rules[0].targetChannel rules[0].condition.userPattern rules[1].name rules[1].targetChannel rules[1].condition" {
		t.Errorf("a file with mistakes gives %d, mistakes in %s", a.status, got)
	}
	for _, bad := range []string{"rules: [", "a: 1\na: 2\n", "1: 2\n", "rules: []\n---\nrules: []\n"} {
		put(bad)
		if a := h.call("POST", "/api/routing/reload", ""); a.status != 400 {
			t.Errorf("%q gives %d %s", bad, a.status, a.body)
		}
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if a := h.call("POST", "/api/routing/reload", ""); a.status != 400 {
		t.Errorf("without the file, reload gives %d", a.status)
	}
	expect("after files with mistakes", "review", "other")
}

func TestAFileOfRulesInJSON(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "rules.json")
	if err := os.WriteFile(path, []byte(`[{"name":"a","type":"default","deny":"No."}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	if list := newHost(t, withRules(path)).must("GET", "/api/routing/rules", "", 200).many(t); len(list) != 1 || list[0].Deny != "No." {
		t.Errorf("the rules are %+v", list)
	}
	if _, err := admin.ReadRuleFile(filepath.Join(dir, "none")); err == nil {
		t.Error("a file that does not exist was read")
	}
}
