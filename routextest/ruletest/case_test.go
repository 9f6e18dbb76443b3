package ruletest_test

import (
	"errors"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/router"
	"github.com/dctx-team/routex/routextest/ruletest"
	"github.com/dctx-team/routex/transform"
)

func decision() *routex.Decision {
	return &routex.Decision{
		Path: "/v1/messages", Dialect: transform.Anthropic, Model: "m", RuleID: "r-2", Rule: "long", Status: 0,
		ChannelID: "c-1", Channel: "gemini", UpstreamModel: "gemini-2.5-pro", Order: []string{"gemini", "spare"}, Shadow: "trial",
		Rules: []router.Verdict{{ID: "r-1", Name: "reviews", Why: "the call has no tools"}, {ID: "r-2", Name: "long", Matched: true}, {ID: "r-3", Name: "rest", Matched: true}},
		Candidates: []routex.Candidate{
			{ID: "c-3", Name: "off", Why: "disabled"}, {ID: "c-2", Name: "spare", Included: true}, {ID: "c-1", Name: "gemini", Included: true}, {ID: "c-4", Name: "last", Included: true},
		},
		Losses:   []transform.Loss{{Field: "top_k", Why: "it has none"}, {Field: "metadata", Why: "it has none"}},
		Affinity: &routex.Affinity{Key: "s", Source: "X-Session-Id", Channel: "c-2"},
	}
}

func TestExpectations(t *testing.T) {
	for _, test := range []struct {
		name string
		c    ruletest.Case
		want []string
	}{
		{"nothing", ruletest.Case{Name: "x"}, []string{"the case expects nothing"}},
		{"rule", ruletest.Case{Rule: "long"}, nil},
		{"rule by ID", ruletest.Case{Rule: "r-2"}, nil},
		{"other rule", ruletest.Case{Rule: "reviews"}, []string{`rule "long", want "reviews"`}},
		{"no rule", ruletest.Case{Rule: ruletest.None}, []string{`rule "long", want none`}},
		{"channel", ruletest.Case{Channel: "gemini"}, nil},
		{"channel by ID", ruletest.Case{Channel: "c-1"}, nil},
		{"other channel", ruletest.Case{Channel: "spare"}, []string{`channel "gemini", want "spare"`}},
		{"one of", ruletest.Case{OneOf: []string{"spare", "gemini"}}, nil},
		{"one of by ID", ruletest.Case{OneOf: []string{"c-1"}}, nil},
		{"none of", ruletest.Case{OneOf: []string{"spare", "off"}}, []string{`channel "gemini", want one of ["spare" "off"]`}},
		{"model", ruletest.Case{Model: "gemini-2.5-pro"}, nil},
		{"other model", ruletest.Case{Model: "m"}, []string{`model "gemini-2.5-pro", want "m"`}},
		{"shadow", ruletest.Case{Shadow: "trial"}, nil},
		{"no shadow", ruletest.Case{Shadow: ruletest.None}, []string{`shadow "trial", want none`}},
		{"order", ruletest.Case{Order: []string{"c-1", "spare"}}, nil},
		{"other order", ruletest.Case{Order: []string{"spare", "gemini"}}, []string{`order ["gemini" "spare"], want ["spare" "gemini"]`}},
		{"refused", ruletest.Case{Refused: "no", Status: 403}, []string{`refused: none, want a message with "no"`, "status 0, want 403"}},
		{"why not a rule", ruletest.Case{WhyNot: map[string]string{"reviews": "no tools", "r-1": ""}}, nil},
		{"why not a channel", ruletest.Case{WhyNot: map[string]string{"off": "disabled", "c-3": "dis"}}, nil},
		{"other reasons", ruletest.Case{WhyNot: map[string]string{"rest": "", "reviews": "images", "spare": "", "off": "full", "nobody": "x"}}, []string{
			`no rule and no channel is called "nobody", want why not: "x"`,
			`channel "off": disabled, want why not: "full"`,
			`rule "rest": matches, want why not: ""`,
			`rule "reviews": the call has no tools, want why not: "images"`,
			`channel "spare": may be asked, want why not: ""`,
		}},
		{"losses", ruletest.Case{Losses: []string{"top_k", "metadata"}}, nil},
		{"no losses", ruletest.Case{Losses: []string{}}, []string{`losses ["metadata" "top_k"], want []`}},
		{"what else holds", ruletest.Case{Also: func(d *routex.Decision) error { return nil }}, nil},
		{"what else does not", ruletest.Case{Also: func(d *routex.Decision) error { return errors.New("the path is " + d.Path) }}, []string{"the path is /v1/messages"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, test.c.Problems(decision())); diff != "" {
				t.Error(diff)
			}
		})
	}
	refused := &routex.Decision{Error: "rule \"x\": Not here.", Status: 403}
	if got := (ruletest.Case{Refused: "Not here", Status: 403, Channel: ruletest.None, Model: ruletest.None, Rule: ruletest.None}).Problems(refused); got != nil {
		t.Errorf("a refusal that is as it should be: %q", got)
	}
}

func TestExplainShowsTheWholeDecision(t *testing.T) {
	d := decision()
	d.Stream = true
	const want = `call     /v1/messages (anthropic), model "m", streamed
session  s by X-Session-Id, bound to spare, which does not get the call
rule     "long"
         reviews  the call has no tools
       > long     matches, and decides
         rest     matches too
channel  "gemini", for the model "gemini-2.5-pro"
       > gemini  asked as number 1
         spare   asked as number 2
         off     disabled
         last    could be asked
copy     to trial
lost     top_k: it has none
lost     metadata: it has none
`
	if diff := cmp.Diff(want, ruletest.Explain(d)); diff != "" {
		t.Error(diff)
	}
	d.Channel, d.ChannelID = "spare", "c-2"
	if got := ruletest.Explain(d); !strings.Contains(got, "gemini  passed over: the call cannot be put into its words\n       > spare   asked as number 1\n") {
		t.Error(got)
	}
	d.Affinity.Hit, d.Error, d.Status = true, "nobody is there", 503
	if got := ruletest.Explain(d); !strings.Contains(got, "bound to spare\nrefused  503 nobody is there\n") {
		t.Error(got)
	}
	if d.Affinity.Channel = ""; !strings.Contains(ruletest.Explain(d), "session  s by X-Session-Id, new\n") {
		t.Error(ruletest.Explain(d))
	}
}

var two = []router.Rule{
	{Name: "reviews", Priority: 9, Condition: router.Condition{Keywords: []string{"code review"}}, TargetChannel: "chosen", TargetModel: "gpt-5"},
	{Name: "trial", Priority: 5, Condition: router.Condition{Header: map[string]string{"X-Trial": ""}}, Shadow: "chosen"},
	{Name: "secrets", Priority: 8, Condition: router.Condition{Keywords: []string{"password"}}, Deny: "No passwords, please."},
}

// What Run is given is decided about by it, by a Transport and by the rules alone.
func TestSubjects(t *testing.T) {
	cases := []ruletest.Case{
		{Name: "review", Request: ruletest.Chat("gpt-4o", "A code review!"), Rule: "reviews", Channel: "chosen", Model: "gpt-5"},
		{Name: "denied", Request: ruletest.Chat("gpt-4o", "The password"), Rule: "secrets", Refused: "No passwords, please.", Channel: ruletest.None},
		{Name: "copied", Request: ruletest.Chat("gpt-4o", "hi").Header("X-Trial", "1"), Rule: "trial", Shadow: "chosen", Model: "gpt-4o"},
		{Name: "no rule", Request: ruletest.Gemini("gemini-2.5-pro", "hi").Stream(), Rule: ruletest.None, Model: "gemini-2.5-pro", WhyNot: map[string]string{"reviews": "none of"}},
	}
	cfg := config(two)
	transport, err := routex.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("config", func(t *testing.T) { ruletest.Run(t, cfg, cases) })
	t.Run("transport", func(t *testing.T) { ruletest.Run(t, transport, cases) })
	t.Run("rules", func(t *testing.T) { ruletest.Run(t, compiled(t, two), cases) })
}

func TestWeightsOfTargetsAreFollowedBySession(t *testing.T) {
	rules := compiled(t, []router.Rule{{Name: "canary", Type: router.Default, Targets: []router.Target{{Channel: "old", Weight: 1}, {Channel: "new", Weight: 1}}}})
	seen := make(map[string]bool)
	for session := range strings.SplitSeq("abcdefghijklmnop", "") {
		ruletest.Run(t, rules, []ruletest.Case{{
			Name: session, Request: ruletest.Chat("m", "x").Session(session), OneOf: []string{"old", "new"},
			Also: func(d *routex.Decision) error { seen[d.Channel] = true; return nil },
		}})
	}
	if len(seen) != 2 {
		t.Errorf("16 sessions went to %v", seen)
	}
}

func TestCheckOfATransportInACertainState(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := config(nil)
		cfg.Base = roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("down") })
		transport, err := routex.New(cfg)
		if err != nil {
			t.Fatal(err)
		}
		client := &http.Client{Transport: transport}
		for range 10 {
			req, err := ruletest.Chat("gpt-4o", "hi").HTTP(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			resp, err := client.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
		}
		req, _ := ruletest.Chat("gpt-4o", "hi").HTTP(t.Context())
		d, err := transport.Explain(req)
		if err != nil {
			t.Fatal(err)
		}
		open := ruletest.Case{Channel: ruletest.None, WhyNot: map[string]string{"plain": "circuit open", "chosen": "circuit open"}}
		if err := open.Check(d); err != nil {
			t.Error(err)
		}
		if err := (ruletest.Case{Channel: "plain"}).Check(d); err == nil || !strings.Contains(err.Error(), "channel none, want \"plain\"\ncall ") {
			t.Errorf("a channel that is broken is expected: %v", err)
		}
		time.Sleep(2 * time.Minute)
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// failing is a test that has to fail, run by another process.
func TestFailing(t *testing.T) {
	which := os.Getenv("RULETEST_FAILING")
	if which == "" {
		t.Skip("is run by TestWhatFails")
	}
	switch which {
	case "case":
		ruletest.Run(t, config(two), []ruletest.Case{{Name: "x", Request: ruletest.Chat("gpt-4o", "hi"), Rule: "reviews"}})
	case "request":
		ruletest.Run(t, config(two), []ruletest.Case{{Name: "x", Request: ruletest.Chat("gpt-4o", "hi").At("noon"), Rule: "reviews"}})
	case "config":
		ruletest.Run(t, routex.Config{Channels: []routex.Channel{{}}}, []ruletest.Case{{Name: "x", Request: ruletest.Chat("gpt-4o", "hi"), Rule: "reviews"}})
	case "clock":
		transport, err := routex.New(config(two))
		if err != nil {
			return
		}
		ruletest.Run(t, transport, []ruletest.Case{{Name: "x", Request: ruletest.Chat("gpt-4o", "hi").At("12:00"), Rule: ruletest.None}})
	case "coverage":
		ruletest.Run(t, config(two), []ruletest.Case{{Name: "x", Request: ruletest.Chat("gpt-4o", "hi"), Rule: ruletest.None}}).Require(t)
	case "raw":
		ruletest.Run(t, compiled(t, two), []ruletest.Case{{Name: "x", Request: ruletest.Raw("/v1/messages", []byte("{")), Rule: ruletest.None}})
	case "no files":
		ruletest.ReadAll(t, "testdata/*.nothing")
	case "bad pattern":
		ruletest.ReadAll(t, "[")
	case "missing":
		ruletest.Golden(t, config(two), t.TempDir(), []ruletest.Sample{{Name: "x", Request: ruletest.Chat("gpt-4o", "hi")}})
	case "changed":
		dir := t.TempDir()
		_ = os.WriteFile(dir+"/x.golden", []byte("something else"), 0o600)
		ruletest.Golden(t, config(two), dir, []ruletest.Sample{{Name: "x", Request: ruletest.Chat("gpt-4o", "hi")}})
	case "strangers":
		dir := t.TempDir()
		_ = os.WriteFile(dir+"/y.golden", nil, 0o600)
		ruletest.Golden(t, config(two), dir, nil)
	case "twice":
		ruletest.Golden(t, config(two), "testdata", []ruletest.Sample{{Name: "x"}, {Name: "x"}})
	case "golden config":
		ruletest.Golden(t, routex.Config{Channels: []routex.Channel{{}}}, "testdata", []ruletest.Sample{{Name: "x", Request: ruletest.Chat("gpt-4o", "hi")}})
	case "golden request":
		ruletest.Golden(t, config(two), "testdata", []ruletest.Sample{{Name: "x", Request: ruletest.Chat("gpt-4o", "hi").Path("/nothing")}})
	case "unseen":
		new(ruletest.Coverage).Require(t)
	}
}

// fails runs TestFailing and gives what it says.
func fails(t *testing.T, which string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self, "-test.run=^TestFailing$")
	cmd.Env = append(os.Environ(), "RULETEST_FAILING="+which)
	out, err := cmd.CombinedOutput()
	if _, failed := errors.AsType[*exec.ExitError](err); !failed {
		t.Fatalf("%s does not fail: %v\n%s", which, err, out)
	}
	return string(out)
}

func TestWhatFails(t *testing.T) {
	for which, want := range map[string]string{
		"case":           "--- FAIL: TestFailing/x",
		"request":        `ruletest: At: "noon" is neither a time of day`,
		"config":         "Channels[0].Name: required",
		"clock":          "a Transport has the clock of the machine",
		"coverage":       `rule "secrets": no case meets its condition`,
		"raw":            "invalid request body",
		"no files":       "no file matches testdata/*.nothing",
		"bad pattern":    "syntax error in pattern",
		"missing":        "x.golden: no such file or directory; ROUTEX_UPDATE_GOLDEN=1 writes it:",
		"changed":        "- something else",
		"strangers":      "y.golden belongs to no sample",
		"twice":          `two samples are called "x"`,
		"golden config":  "Channels[0].Name: required",
		"golden request": "the request is none that is routed",
		"unseen":         "no case has seen a rule",
	} {
		if got := fails(t, which); !strings.Contains(got, want) {
			t.Errorf("%s: no word of %q in\n%s", which, want, got)
		}
	}
	if got := fails(t, "case"); !strings.Contains(got, `rule none, want "reviews"`) || !strings.Contains(got, `the user's text has none of ["code review"]`) {
		t.Errorf("the failure does not explain itself:\n%s", got)
	}
}
