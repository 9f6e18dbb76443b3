package admin_test

import (
	"encoding/json"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dctx-team/routex/examples/server/store"
)

// routes sends a call through the Transport and tells the rule that chose, and
// the channel that answered.
func (h *host) routes(body string) (rule, channel string) {
	h.t.Helper()
	r := httptest.NewRequest("POST", "/v1/chat/completions", strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	h.transport.Handler().ServeHTTP(w, r)
	return w.Header().Get("X-Routing-Rule"), w.Header().Get("X-Channel-Name")
}

const reviewCall = `{"model":"m","messages":[{"role":"user","content":"Please review this"}]}`

func TestRulesFromTheGuide(t *testing.T) {
	h := newHost(t)
	for _, body := range []string{
		`{"name":"Long Context to Gemini","type":"longContext","condition":{"tokenThreshold":60000},"targetChannel":"gemini-channel-id","targetModel":"gemini-2.5-pro","priority":100,"enabled":true}`,
		`{"name":"Code Review to Opus","type":"custom","condition":{"keywords":["code review","review this","analyze code"]},"targetChannel":"claude-opus-id","priority":90,"enabled":true}`,
		`{"name":"Math Questions","type":"custom","condition":{"regex":"\\b(calculate|compute|solve|equation)\\b"},"targetChannel":"math-specialist-id","priority":85}`,
	} {
		a := h.must("POST", "/api/routing/rules", body, 201)
		if r := a.one(t); r.Active || !r.Enabled || !strings.Contains(a.Message, r.TargetChannel) || !strings.Contains(a.Message, "does not exist yet") {
			t.Errorf("a rule without its channel gives %s", a.body)
		}
		if a.header.Get("Location") != "/api/routing/rules/"+a.one(t).ID {
			t.Errorf("Location is %q", a.header.Get("Location"))
		}
	}
	list := h.must("GET", "/api/routing/rules", "", 200).many(t)
	if len(list) != 3 || list[0].Priority != 100 || string(list[2].Condition) != `{"userPattern":"\\b(calculate|compute|solve|equation)\\b"}` {
		t.Errorf("the rules are %+v", list)
	}
}

func TestARuleWaitsForItsChannel(t *testing.T) {
	upstream := newUpstream(t)
	h := newHost(t)
	h.must("POST", "/api/channels", `{"name":"plain","type":"openai","baseUrl":"`+upstream.URL+`"}`, 201)
	h.must("POST", "/api/routing/rules", `{"name":"review","condition":{"keywords":["review this"]},"targetChannel":"expert"}`, 201)
	expect := func(when, rule, channel string) {
		t.Helper()
		if gotRule, gotChannel := h.routes(reviewCall); gotRule != rule || gotChannel != channel {
			t.Errorf("%s: rule %q, channel %q; want %q, %q", when, gotRule, gotChannel, rule, channel)
		}
	}
	expect("without the channel", "", "plain")
	h.must("POST", "/api/channels", `{"name":"expert","type":"openai","baseUrl":"`+upstream.URL+`","priority":90}`, 201)
	expect("with the channel", "review", "expert")
	if r := h.must("GET", "/api/routing/rules/review", "", 200); !r.one(t).Active || r.Message != "" {
		t.Errorf("the rule is shown as %s", r.body)
	}
	if a := h.must("PUT", "/api/channels/expert", `{"name":"guru"}`, 200); !strings.Contains(a.Message, "review") {
		t.Errorf("renaming the target says nothing of the rule: %s", a.body)
	}
	if rule, _ := h.routes(reviewCall); rule != "" {
		t.Errorf("after renaming the channel, rule %q chose", rule)
	}
	h.must("PUT", "/api/routing/rules/review", `{"targetChannel":"guru"}`, 200)
	expect("with the new name", "review", "guru")
	h.must("PUT", "/api/routing/rules/review", `{"enabled":false}`, 200)
	if rule, _ := h.routes(reviewCall); rule != "" {
		t.Errorf("although disabled, rule %q chose", rule)
	}
	h.must("PUT", "/api/routing/rules/review", `{"enabled":true}`, 200)
	if a := h.must("DELETE", "/api/channels/guru", "", 200); !strings.Contains(a.Message, "channel deleted; ") || !strings.Contains(a.Message, "review") {
		t.Errorf("deleting the target says nothing of the rule: %s", a.body)
	}
	expect("after deleting the channel", "", "plain")
	if r := newHostOn(t, h.store).must("GET", "/api/routing/rules/review", "", 200).one(t); r.Active || !r.Enabled {
		t.Errorf("after a new start the rule is %+v", r)
	}
}

func TestPutOfARule(t *testing.T) {
	const full = `{"name":"all","type":"longContext","condition":{"tokenThreshold":5,"hasTools":false},"targetChannel":"x","targetModel":"m","priority":3,"enabled":false,"strict":true}`
	tests := map[string]func(*shown){
		`{}`:                          func(*shown) {},
		`{"name":"other"}`:            func(r *shown) { r.Name = "other" },
		`{"type":"think"}`:            func(r *shown) { r.Type = "think" },
		`{"type":null}`:               func(r *shown) { r.Type = "custom" },
		`{"condition":null}`:          func(r *shown) { r.Condition = []byte(`{}`) },
		`{"condition":{"regex":"a"}}`: func(r *shown) { r.Condition = []byte(`{"userPattern":"a"}`) },
		`{"targetChannel":null}`:      func(r *shown) { r.TargetChannel = "" },
		`{"targetModel":""}`:          func(r *shown) { r.TargetModel = "" },
		`{"priority":null}`:           func(r *shown) { r.Priority = 50 },
		`{"priority":0}`:              func(r *shown) { r.Priority = 0 },
		`{"enabled":true}`:            func(r *shown) { r.Enabled = true },
		`{"strict":false}`:            func(r *shown) { r.Strict = false },
		`{"shadow":"y"}`:              func(r *shown) { r.Shadow = "y" },
		`{"targetChannel":"","targets":[{"channel":"y","weight":9},{"channel":"z"}]}`: func(r *shown) {
			r.TargetChannel, r.Targets = "", []byte(`[{"channel":"y","weight":9},{"channel":"z","weight":1}]`)
		},
		`{"targetChannel":"","targetModel":null,"deny":"No."}`: func(r *shown) { r.TargetChannel, r.TargetModel, r.Deny = "", "", "No." },
	}
	for body, change := range tests {
		t.Run(body, func(t *testing.T) {
			h := newHost(t)
			want := h.must("POST", "/api/routing/rules", full, 201).one(t)
			change(&want)
			want.Active = want.Enabled && want.TargetChannel == "" && want.Targets == nil
			got := h.must("PUT", "/api/routing/rules/"+want.ID, body, 200)
			if r := got.one(t); !sameRule(r, want) {
				t.Errorf("it gives\n%+v, want\n%+v", r, want)
			}
			back := h.must("PUT", "/api/routing/rules/"+want.ID, string(got.Data), 200).one(t)
			if again := newHostOn(t, h.store).must("GET", "/api/routing/rules/"+want.ID, "", 200).one(t); !sameRule(again, want) || !sameRule(back, want) {
				t.Errorf("sent back, it gives\n%+v, after a new start\n%+v, want\n%+v", back, again, want)
			}
		})
	}
}

func sameRule(a, b shown) bool {
	return a.ID == b.ID && a.Name == b.Name && a.Type == b.Type && string(a.Condition) == string(b.Condition) &&
		a.TargetChannel == b.TargetChannel && string(a.Targets) == string(b.Targets) && a.Deny == b.Deny && a.Shadow == b.Shadow && a.TargetModel == b.TargetModel && a.Priority == b.Priority &&
		a.Enabled == b.Enabled && a.Active == b.Active && a.Strict == b.Strict && a.CreatedAt == b.CreatedAt
}

func TestEveryMistakeInARuleIsListed(t *testing.T) {
	tests := map[string][]string{
		`{}`:                          {"name", "targetChannel", "condition"},
		`{"name":"x","type":"think"}`: {"targetChannel"},
		`{"name":"x","type":"content","targetChannel":"c","condition":{"keywords":["k"]}}`: {"type"},
		`{"name":"x","targetChannel":"c","condition":{}}`:                                  {"condition"},
		`{"name":"x","targetChannel":"c","condition":[]}`:                                  {"condition"},
		`{"name":"x","targetChannel":"c","condition":{"keyword":["k"],"tokenThreshold":"9","hasTools":"yes","keywords":"k"}}`: {
			"condition.keyword", "condition.tokenThreshold", "condition.hasTools", "condition.keywords",
		},
		`{"name":"x","targetChannel":"c","condition":{"tokenThreshold":1.5}}`:            {"condition.tokenThreshold"},
		`{"name":"x","targetChannel":"c","condition":{"tokenThreshold":-1,"regex":"("}}`: {"condition.tokenThreshold", "condition.userPattern"},
		`{"name":"x","targetChannel":"c","condition":{"regex":"a","userPattern":"b"}}`:   {"condition.regex"},
		`{"name":"x","targetChannel":"c","condition":{"intent":["debug","x"],"header":{"X-A":"("},"timeOfDay":{"from":"9:00","zone":7},"hasCode":1}}`: {
			"condition.intent[1]", `condition.header["X-A"]`, "condition.timeOfDay.from", "condition.timeOfDay.to", "condition.timeOfDay.zone", "condition.hasCode",
		},
		`{"name":"x","type":"default","targets":[{"chanel":"a"},{"channel":"b","weight":-1},{"channel":"b","weight":"2"},7]}`: {
			"targets[0].chanel", "targets[1].weight", "targets[2].weight", "targets[3]",
		},
		`{"name":"x","type":"default","targets":[]}`:                                         {"targets"},
		`{"name":"x","type":"default","targets":{}}`:                                         {"targets"},
		`{"name":"x","type":"default","targets":[{"channel":"a","weight":0}]}`:               {"targets"},
		`{"name":"x","type":"default","targets":[{"channel":"a"}],"targetChannel":"c"}`:      {"targets"},
		`{"name":"x","type":"default","deny":"no","shadow":"s"}`:                             {"deny"},
		`{"name":"x","type":"default","deny":7,"shadow":[]}`:                                 {"deny", "shadow", "targetChannel"},
		`{"name":"x","targetChannel":"c","condition":{"customFunction":"paid"}}`:             {"condition.customFunction"},
		`{"name":"x","targetChannel":"c","condition":{"keywords":[]}}`:                       {"condition.keywords"},
		`{"name":"x","targetChannel":"c","condition":{"modelPattern":"["},"priority":-5}`:    {"condition.modelPattern", "priority"},
		`{"name":"x","targetChannel":1,"targetModel":[],"type":"default","enabled":1,"y":2}`: {"targetChannel", "targetModel", "enabled", "y"},
		`{"name":"x","targetChannel":"c","type":"default","id":"mine","strict":"no"}`:        {"id", "strict"},
	}
	h := newHost(t)
	for body, want := range tests {
		a := h.call("POST", "/api/routing/rules", body)
		got := a.fields()
		slices.Sort(got)
		slices.Sort(want)
		if a.status != 400 || !slices.Equal(got, want) {
			t.Errorf("POST %s:\nstatus %d, mistakes in %q, want %q\n%s", body, a.status, got, want, a.body)
		}
	}
	if a := h.must("GET", "/api/routing/rules", "", 200); string(a.Data) != "[]" {
		t.Errorf("something was made: %s", a.Data)
	}
	a := h.call("POST", "/api/routing/rules", `{"name":"x","targetChannel":"c","condition":{"moon":1,"hasTools":1}}`)
	for _, part := range []string{"tokenThreshold, keywords", "regex", "must be true or false, not a number"} {
		if !strings.Contains(a.body, part) {
			t.Errorf("the answer does not say %q: %s", part, a.body)
		}
	}
}

func TestDeletingARule(t *testing.T) {
	h := newHost(t)
	id := h.must("POST", "/api/routing/rules", `{"name":"a","type":"default","targetModel":"m"}`, 201).one(t).ID
	h.must("POST", "/api/routing/rules", `{"name":"b","type":"default","targetModel":"m"}`, 201)
	if a := h.must("DELETE", "/api/routing/rules/"+id, "", 200); a.body != `{"success":true,"message":"routing rule deleted"}` {
		t.Errorf("DELETE gives %s", a.body)
	}
	if left := newHostOn(t, h.store).call("GET", "/api/routing/rules", "").many(t); len(left) != 1 || left[0].Name != "b" {
		t.Errorf("left are %+v", left)
	}
}

func TestRulesHaveNamesOfTheirOwn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rules.json")
	put := func(names ...string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(`[{"type":"default","deny":"No.","name":"`+strings.Join(names, `"},{"type":"default","deny":"No.","name":"`)+`"}]`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("filed")
	h := newHost(t, withRules(path))
	rule := func(name string) string { return `{"name":"` + name + `","type":"default","targetModel":"m"}` }
	a := h.must("POST", "/api/routing/rules", rule("a"), 201).one(t)
	h.must("POST", "/api/routing/rules", rule("b"), 201)
	for _, name := range []string{"a", "filed", a.ID} {
		for method, target := range map[string]string{"POST": "/api/routing/rules", "PUT": "/api/routing/rules/b"} {
			if got := h.call(method, target, rule(name)); got.status != 409 || got.Error.Code != "CONFLICT" || !strings.Contains(got.Error.Message, quote(name)) {
				t.Errorf("%s of a rule called %q gives %d %s", method, name, got.status, got.body)
			}
		}
	}
	h.must("PUT", "/api/routing/rules/a", rule("a"), 200)
	h.must("PUT", "/api/routing/rules/b", rule("c"), 200)
	h.must("POST", "/api/routing/rules", rule("b"), 201)

	put("filed", "c")
	if got := h.call("POST", "/api/routing/reload", ""); got.status != 400 || !slices.Equal(got.fields(), []string{"rules[1].name"}) {
		t.Errorf("a file with the name of a stored rule gives %d %s", got.status, got.body)
	}
	if list := h.must("GET", "/api/routing/rules", "", 200).many(t); len(list) != 4 {
		t.Errorf("the rules are %+v", list)
	}
}

// Names were not kept apart always, and what is stored must be of use.
func TestRulesThatShareANameAreKept(t *testing.T) {
	h := newHost(t)
	first := h.must("POST", "/api/routing/rules", `{"name":"a","type":"default","targetModel":"m"}`, 201).one(t)
	kept, err := h.store.Load(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	second := kept.Rules[0]
	second.ID = "00000000-0000-4000-8000-000000000002"
	if err := h.store.Write(t.Context(), store.Change{Revision: kept.Revision, PutRules: []store.Rule{second}}); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "rules.json")
	if err := os.WriteFile(path, []byte(`[{"type":"default","deny":"No.","name":"a"}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	h = newHostOn(t, h.store, withRules(path))
	if list := h.must("GET", "/api/routing/rules", "", 200).many(t); len(list) != 3 {
		t.Fatalf("the rules are %+v", list)
	}
	if got := h.call("GET", "/api/routing/rules/"+second.ID, ""); got.status != 200 {
		t.Error(got.body)
	}
	h.must("POST", "/api/routing/reload", "", 200)
	h.must("PUT", "/api/routing/rules/"+first.ID, `{"name":"a","priority":7}`, 200)
	h.must("POST", "/api/routing/rules/"+first.ID+"/disable", "", 200)
	h.must("PUT", "/api/routing/rules/"+second.ID, `{"name":"b"}`, 200)
	if got := h.call("PUT", "/api/routing/rules/b", `{"name":"a"}`); got.status != 409 {
		t.Errorf("back to the shared name: %d %s", got.status, got.body)
	}
}

func TestRulesAreSwitched(t *testing.T) {
	h := newHost(t)
	names := func() (out string) {
		var list []shown
		if err := json.Unmarshal(h.must("GET", "/api/routing/rules/enabled", "", 200).Data, &list); err != nil || list == nil {
			t.Fatal(err)
		}
		for _, r := range list {
			out += r.Name + " "
		}
		return out
	}
	if got := names(); got != "" {
		t.Errorf("without rules there is %s", got)
	}
	low := h.must("POST", "/api/routing/rules", `{"name":"low","type":"default","targetModel":"m","priority":1}`, 201).one(t)
	h.must("POST", "/api/routing/rules", `{"name":"high","type":"think","targetModel":"m"}`, 201)
	if got := names(); got != "high low " {
		t.Errorf("in the order in which they are asked: %s", got)
	}
	off := h.must("POST", "/api/routing/rules/"+low.ID+"/disable", "", 200).one(t)
	if got := names(); off.Enabled || got != "high " {
		t.Errorf("disabled: %+v, still %s", off, got)
	}
	if on := h.must("POST", "/api/routing/rules/"+low.ID+"/enable", "{}", 200).one(t); !on.Enabled || names() != "high low " || !newHostOn(t, h.store).must("GET", "/api/routing/rules/"+low.ID, "", 200).one(t).Enabled {
		t.Errorf("enabled: %+v", on)
	}
	for _, wrong := range []struct {
		path, body string
		status     int
	}{{"nobody/enable", "", 404}, {low.ID + "/enable", `{"x":1}`, 400}, {low.ID + "/other", "", 404}} {
		if a := h.call("POST", "/api/routing/rules/"+wrong.path, wrong.body); a.status != wrong.status {
			t.Errorf("%s gives %d", wrong.path, a.status)
		}
	}
	if a := h.call("GET", "/api/routing/rules/"+low.ID+"/enable", ""); a.status != 405 {
		t.Errorf("GET gives %d", a.status)
	}
}
