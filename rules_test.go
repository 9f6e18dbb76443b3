package routex_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/balance"
	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/router"
)

func TestARuleRefusesACallInTheCallersProtocol(t *testing.T) {
	base := &mirror{}
	tr := newTransport(t, routex.Config{
		Channels: channels("a"), Base: base,
		Rules: []router.Rule{{ID: "r7", Name: "no opus", Condition: router.Condition{ModelPattern: "^m"}, Deny: "ask for the small one"}},
	})
	for _, w := range wires() {
		resp, body, d := ask(t, tr, "POST", "https://x.test"+w.path, w.body)
		if resp.StatusCode != 403 || gjson.Get(body, "error.message").Str != "ask for the small one" {
			t.Errorf("%s: %d %s", w.name, resp.StatusCode, body)
		}
		if d.RuleID != "r7" || d.Rule != "no opus" || d.Class != breaker.Caller || len(d.Attempts) != 0 {
			t.Errorf("%s: %+v", w.name, d)
		}
	}
	req, _ := newCall(t, "https://x.test/v1/messages", asking("m"))
	if d, err := tr.Explain(req); err != nil || d.Status != 403 || d.Rule != "no opus" || d.Error != "ask for the small one" {
		t.Errorf("Explain: %+v, %v", d, err)
	}
	if len(base.got) != 0 {
		t.Error("the provider was asked")
	}
}

func TestRulesSeeWhatTheHostSaysOfACall(t *testing.T) {
	tr := newTransport(t, routex.Config{
		Channels: channels("a", "b", "c"), Base: statuses{},
		Rules: []router.Rule{
			{Name: "gold", Priority: 2, Condition: router.Condition{Metadata: map[string]string{"plan": "^gold$"}}, TargetChannel: "b"},
			{Name: "paid", Priority: 1, Condition: router.Condition{CustomFunction: "paid"}, TargetChannel: "c"},
		},
		Funcs: map[string]func(*router.Request) bool{"paid": func(r *router.Request) bool {
			return r.Metadata["paid"] == "yes" && r.Header.Get("X-Paid") != "no" && r.Path == "/v1/messages" && !r.Time.IsZero()
		}},
	})
	with := func(maps ...map[string]string) func(*http.Request) {
		return func(r *http.Request) {
			ctx := r.Context()
			for _, m := range maps {
				ctx = routex.WithMetadata(ctx, m)
			}
			*r = *r.WithContext(ctx)
		}
	}
	body := strings.Replace(asking("m"), `"max_tokens"`, `"metadata":{"plan":"gold"},"max_tokens"`, 1)
	for name, test := range map[string]struct {
		body   string
		change func(*http.Request)
		want   string
	}{
		"nothing said":             {asking("m"), func(*http.Request) {}, "a"},
		"the host says":            {asking("m"), with(map[string]string{"plan": "gold"}), "b"},
		"the body says":            {body, func(*http.Request) {}, "b"},
		"the host wins":            {body, with(map[string]string{"plan": "iron"}), "a"},
		"said twice, the last":     {asking("m"), with(map[string]string{"plan": "gold"}, map[string]string{"plan": "iron"}), "a"},
		"said twice, both":         {asking("m"), with(map[string]string{"plan": "gold"}, map[string]string{"paid": "no"}), "b"},
		"a function of the host's": {asking("m"), with(map[string]string{"paid": "yes"}), "c"},
		"which says no": {asking("m"), func(r *http.Request) {
			with(map[string]string{"paid": "yes"})(r)
			r.Header.Set("X-Paid", "no")
		}, "a"},
	} {
		if _, d := call(t, tr, test.body, test.change); d.Channel != test.want {
			t.Errorf("%s: %s by rule %q", name, d.Channel, d.Rule)
		}
	}
}

func TestRulesNameChannelsThatAreThere(t *testing.T) {
	_, err := routex.New(routex.Config{Channels: channels("a"), Rules: []router.Rule{
		{Name: "x", Type: router.Default, Targets: []router.Target{{Channel: "a", Weight: 1}, {Channel: "q", Weight: 1}}, Shadow: "z"},
		{Name: "y", Condition: router.Condition{CustomFunction: "nobody's"}, TargetChannel: "a"},
	}})
	for _, want := range []string{`Rules[0].Targets[1].Channel: no channel has the name or ID "q"`, `Rules[0].Shadow: no channel has the name or ID "z"`, `Rules[1].Condition.CustomFunction`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v\nlacks %s", err, want)
		}
	}
}

// telling answers with what is left of a rate limit.
func telling(left map[string]int) roundTrip {
	return func(r *http.Request) (*http.Response, error) {
		resp, err := statuses{}.RoundTrip(r)
		resp.Header.Set("Anthropic-Ratelimit-Requests-Limit", "1000")
		resp.Header.Set("Anthropic-Ratelimit-Requests-Remaining", fmt.Sprint(left[r.URL.Hostname()]))
		resp.Header.Set("Anthropic-Ratelimit-Requests-Reset", time.Now().Add(time.Minute).Format(time.RFC3339))
		return resp, err
	}
}

func TestTheHeadroomOfChannelsDecides(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		tr := newTransport(t, routex.Config{
			Channels: channels("a", "b"), Balancer: balance.Headroom{}, Seed: 3,
			Base: telling(map[string]int{"a.test": 0, "b.test": 900}),
		})
		for range 20 { // until both have told
			call(t, tr, asking("m"))
		}
		for range 50 {
			if _, d := call(t, tr, asking("m")); d.Channel != "b" {
				t.Fatal("a channel without room was asked")
			}
		}
	})
}

// The estimate that a caller gets is corrected by what the provider counted of
// the calls before.
func TestTheEstimateLearnsWhatAProviderCounts(t *testing.T) {
	words := strings.Repeat("some words of a text ", 200)
	body := `{"model":"m","messages":[{"role":"user","content":"` + words + `"}]}`
	answer := `{"id":"c","object":"chat.completion","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"yes"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1600,"completion_tokens":1,"total_tokens":1601}}`
	tr := newTransport(t, routex.Config{
		Channels: []routex.Channel{openAIChannel("a", "https://a.test")}, Base: always(answer),
		Rules: []router.Rule{{Name: "long", Condition: router.Condition{TokenThreshold: 1}, TargetChannel: "a"}}, // which asks for the estimate
	})
	count := func() int64 {
		_, body, _ := ask(t, tr, "POST", "https://x.test/v1/messages/count_tokens", strings.Replace(asking("m"), `"hi"`, `"`+words+`"`, 1))
		return gjson.Get(body, "input_tokens").Int()
	}
	before := count()
	for range 40 {
		ask(t, tr, "POST", "https://x.test/v1/chat/completions", body)
	}
	if after := count(); before > 1500 || after < 1600 || after > 1900 {
		t.Errorf("estimated %d, then %d; the provider counts 1600", before, after)
	}
}

func TestASeedMakesChanceRepeatItself(t *testing.T) {
	run := func(seed uint64) string {
		tr := newTransport(t, routex.Config{Channels: channels("a", "b", "c", "d"), Balancer: balance.Weighted{}, Base: statuses{}, Seed: seed})
		var out strings.Builder
		for range 40 {
			_, d := call(t, tr, asking("m"))
			out.WriteString(d.Channel)
		}
		return out.String()
	}
	if a, b := run(5), run(5); a != b {
		t.Errorf("%s\n%s", a, b)
	}
	if run(5) == run(6) {
		t.Error("another seed gives the same")
	}
	if chance := run(0); chance == run(0) {
		t.Error("without a seed it is the same each time")
	}
}

func TestMetadataIsCopied(t *testing.T) {
	m := map[string]string{"a": "b"}
	tr := newTransport(t, routex.Config{
		Channels: channels("x", "y"), Base: statuses{},
		Rules: []router.Rule{{Name: "b", Condition: router.Condition{Metadata: map[string]string{"a": "b"}}, TargetChannel: "y"}},
	})
	if _, d := call(t, tr, asking("m"), func(r *http.Request) { *r = *r.WithContext(routex.WithMetadata(r.Context(), m)); m["a"] = "c" }); d.Channel != "y" {
		t.Error("it changed with the map")
	}
}

func TestTheCallerIsNamed(t *testing.T) {
	tr := newTransport(t, routex.Config{Channels: channels("x"), Base: statuses{}})
	for _, name := range []string{"laptop", ""} {
		req, _ := newCall(t, "https://x.test/v1/messages", asking("m"))
		if name != "" {
			req = req.WithContext(routex.WithCaller(req.Context(), name))
		}
		told, err := tr.Explain(req)
		if err != nil || told.Caller != name {
			t.Errorf("Explain tells of the caller %q: %+v, %v", name, told, err)
		}
		if _, d := call(t, tr, asking("m"), func(r *http.Request) { *r = *r.WithContext(routex.WithCaller(r.Context(), name)) }); d.Caller != name {
			t.Errorf("a call of %q is one of %q", name, d.Caller)
		}
	}
}

// Records that were asked for one inside the other get the same, and who changes
// what one gives changes nothing else.
func TestRecordsKeepToThemselves(t *testing.T) {
	tr := newTransport(t, routex.Config{Channels: channels("x"), Base: statuses{}})
	ctx, outer := routex.WithRecord(t.Context())
	_, inner := call(t, tr, asking("m"), func(r *http.Request) { *r = *r.WithContext(ctx) })
	d := outer.Decision()
	if d == nil || !cmp.Equal(d, inner) {
		t.Fatalf("one Record has %+v, the other %+v", d, inner)
	}
	d.Attempts[0].Channel, d.Candidates[0].Name = "changed", "changed"
	if again := outer.Decision(); again.Attempts[0].Channel != "x" || again.Candidates[0].Name != "x" {
		t.Errorf("the Decision of a Record changed: %+v", again)
	}
}
