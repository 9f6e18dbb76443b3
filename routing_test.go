package routex_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/balance"
	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/router"
	"github.com/dctx-team/routex/tee"
)

// statuses answers calls to a host with its status; 0 means success, and
// negative breaks the connection.
type statuses map[string]int

func (s statuses) RoundTrip(r *http.Request) (*http.Response, error) {
	body, _ := io.ReadAll(r.Body)
	_ = r.Body.Close()
	switch status := s[r.URL.Hostname()]; {
	case status < 0:
		return nil, errCut
	case status > 0:
		return respond(status, "application/json", `{"type":"error","error":{"type":"api_error","message":"no"}}`), nil
	}
	resp := respond(200, "application/json", anthropicAnswer)
	resp.Header.Set("X-Got", string(body))
	return resp, nil
}

// call makes a call and gives its answer, read, and what was decided.
func call(t testing.TB, tr http.RoundTripper, body string, change ...func(*http.Request)) (*http.Response, *routex.Decision) {
	t.Helper()
	req, _ := newCall(t, "https://x.test/v1/messages", body)
	for _, f := range change {
		f(req)
	}
	ctx, rec := routex.WithRecord(req.Context())
	resp, err := tr.RoundTrip(req.WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	readBody(t, resp)
	return resp, rec.Decision()
}

func asking(model string) string {
	return `{"model":"` + model + `","max_tokens":5,"messages":[{"role":"user","content":"hi"}]}`
}

// channels makes Anthropic channels at hosts of their names, each of lower
// priority than the one before.
func channels(names ...string) []routex.Channel {
	var out []routex.Channel
	for i, name := range names {
		ch := anthropicChannel(name, "https://"+name+".test")
		ch.Priority = i
		out = append(out, ch)
	}
	return out
}

// inBubble runs a test whose pauses take no time.
func inBubble(t *testing.T, f func(*testing.T)) {
	t.Helper()
	synctest.Test(t, f)
}

// runInBubble runs a subtest whose pauses take no time.
func runInBubble(t *testing.T, name string, f func(*testing.T)) {
	t.Helper()
	t.Run(name, func(t *testing.T) { synctest.Test(t, f) })
}

func tried(d *routex.Decision) string {
	var out []string
	for _, a := range d.Attempts {
		out = append(out, a.Channel)
	}
	return strings.Join(out, " ")
}

func TestFailover(t *testing.T) {
	for _, test := range []struct {
		name   string
		hosts  statuses
		want   string
		status int
		class  breaker.Class
	}{
		{"the first works", statuses{}, "a", 200, ""},
		{"connection error: once more, then the next", statuses{"a.test": -1}, "a a b", 200, ""},
		{"429", statuses{"a.test": 429}, "a b", 200, ""},
		{"500: once more, then the next", statuses{"a.test": 500}, "a a b", 200, ""},
		{"503 then 529", statuses{"a.test": 503, "b.test": 529}, "a b c", 200, ""},
		{"401: the key", statuses{"a.test": 401}, "a b", 200, ""},
		{"404: perhaps the next knows the model", statuses{"a.test": 404}, "a b", 200, ""},
		{"400 is the caller's", statuses{"a.test": 400}, "a", 400, breaker.Caller},
		{"422 is the caller's", statuses{"a.test": 422}, "a", 422, breaker.Caller},
		{"all fail: the last answer", statuses{"a.test": 500, "b.test": 502, "c.test": 503}, "a a b b c", 503, breaker.Overload},
		{"the last answer, though a later one was not reached", statuses{"a.test": 500, "b.test": 529, "c.test": -1}, "a a b c c", 529, breaker.Overload},
		{"none reached", statuses{"a.test": -1, "b.test": -1, "c.test": -1}, "a a b b c c", 502, breaker.Server},
	} {
		t.Run(test.name, func(t *testing.T) {
			inBubble(t, func(t *testing.T) {
				tr := newTransport(t, routex.Config{Channels: channels("a", "b", "c"), Base: test.hosts})
				resp, d := call(t, tr, asking("m"))
				if tried(d) != test.want || resp.StatusCode != test.status || d.Status != test.status || d.Class != test.class {
					t.Errorf("tried %q, status %d, decision says %d %q; want %q %d %q", tried(d), resp.StatusCode, d.Status, d.Class, test.want, test.status, test.class)
				}
				again := resp.Header.Get("X-Should-Retry")
				if want := resp.StatusCode >= 400 && len(d.Attempts) > 1; (again == "false") != want {
					t.Errorf("X-Should-Retry is %q after %d attempts", again, len(d.Attempts))
				}
			})
		})
	}
}

func TestAttemptsAreBounded(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		hosts, names := statuses{}, []string{}
		for i := range 9 {
			names = append(names, fmt.Sprint("c", i))
			hosts[names[i]+".test"] = 500
		}
		if _, d := call(t, newTransport(t, routex.Config{Channels: channels(names...), Base: hosts}), asking("m")); len(d.Attempts) != routex.DefaultMaxAttempts {
			t.Errorf("%d attempts", len(d.Attempts))
		}
		if _, d := call(t, newTransport(t, routex.Config{Channels: channels(names...), Base: hosts, MaxAttempts: 2}), asking("m")); len(d.Attempts) != 2 {
			t.Errorf("%d attempts, 2 are allowed", len(d.Attempts))
		}
	})
}

func TestChannelsAreChosenByModel(t *testing.T) {
	list := channels("claude", "gpt", "any")
	list[0].Models, list[1].Models = []string{"claude-*"}, []string{"gpt-4o"}
	list[1].ModelMap = map[string]string{"gpt-*": "gpt-newest"}
	tr := newTransport(t, routex.Config{Channels: list, Base: statuses{}})
	for model, want := range map[string]string{"claude-opus-4": "claude", "gpt-4o": "gpt", "gpt-5": "gpt", "gemini": "any"} {
		resp, d := call(t, tr, asking(model))
		if tried(d) != want {
			t.Errorf("%s went to %s, want %s", model, tried(d), want)
		}
		sent := model
		if want == "gpt" {
			sent = "gpt-newest"
		}
		if got := resp.Header.Get("X-Got"); got != asking(sent) || d.UpstreamModel != sent {
			t.Errorf("sent %s", got)
		}
	}
	_, d := call(t, tr, asking("gpt-4o"))
	want := []routex.Candidate{{ID: "claude", Name: "claude", Why: "does not serve the model"}, {ID: "gpt", Name: "gpt", Included: true}, {ID: "any", Name: "any", Included: true}}
	if fmt.Sprint(d.Candidates) != fmt.Sprint(want) {
		t.Errorf("candidates %+v", d.Candidates)
	}
}

func TestRules(t *testing.T) {
	list := channels("a", "special", "b")
	list[0].Models, list[1].Models, list[2].Models = []string{"m"}, []string{"other"}, []string{"m"}
	list[1].ModelMap = map[string]string{"target": "mapped"}
	rule := router.Rule{Name: "R", ID: "r1", Condition: router.Condition{Keywords: []string{"HI"}}, TargetChannel: "special", TargetModel: "target"}
	config := func(f func(*routex.Config)) routex.Config {
		cfg := routex.Config{Channels: append([]routex.Channel(nil), list...), Rules: []router.Rule{rule}, Base: statuses{}}
		if f != nil {
			f(&cfg)
		}
		return cfg
	}
	for _, test := range []struct {
		name   string
		change func(*routex.Config)
		hosts  statuses
		want   string
		model  string
		status int
	}{
		{"the target is taken though it does not list the model", nil, nil, "special", "mapped", 200},
		{"by ID", func(c *routex.Config) { c.Channels[1].ID = "s-1"; c.Rules[0].TargetChannel = "s-1" }, nil, "special", "mapped", 200},
		{"without a target model", func(c *routex.Config) { c.Rules[0].TargetModel = "" }, nil, "special", "m", 200},
		{"only a target model", func(c *routex.Config) { c.Rules[0].TargetChannel, c.Rules[0].TargetModel = "", "other" }, nil, "special", "other", 200},
		{"disabled: the others, with the caller's model", func(c *routex.Config) { c.Channels[1].Disabled = true }, nil, "a", "m", 200},
		{"failing: the others", nil, statuses{"special.test": 500}, "special special a", "m", 200},
		{"strict and disabled", func(c *routex.Config) { c.Channels[1].Disabled = true; c.Rules[0].Strict = true }, nil, "", "", 503},
		{"strict and failing", func(c *routex.Config) { c.Rules[0].Strict = true }, statuses{"special.test": 500}, "special special", "mapped", 500},
		{"disabled rule", func(c *routex.Config) { c.Rules[0].Disabled = true }, nil, "a", "m", 200},
		{"the host's router goes first", func(c *routex.Config) {
			c.Router = router.Func(func(context.Context, *router.Request) (router.Choice, error) {
				return router.Choice{Channels: []string{"nobody", "b", "a"}}, nil
			})
		}, statuses{"b.test": 500}, "b b a", "m", 200},
	} {
		t.Run(test.name, func(t *testing.T) {
			cfg := config(test.change)
			if test.hosts != nil {
				cfg.Base = test.hosts
			}
			inBubble(t, func(t *testing.T) {
				resp, d := call(t, newTransport(t, cfg), asking("m"))
				if tried(d) != test.want || resp.StatusCode != test.status || d.UpstreamModel != test.model {
					t.Errorf("tried %q for %q, %d; want %q for %q, %d", tried(d), d.UpstreamModel, resp.StatusCode, test.want, test.model, test.status)
				}
				if ruled := cfg.Router == nil && !cfg.Rules[0].Disabled; ruled != (d.Rule == "R" && d.RuleID == "r1") {
					t.Errorf("the decision names rule %q", d.Rule)
				}
			})
		})
	}
	_, err := routex.New(routex.Config{Channels: list, Rules: []router.Rule{{Name: "x", Type: router.Default, TargetChannel: "ghost"}}})
	if err == nil || !strings.Contains(err.Error(), `Rules[0].TargetChannel: no channel has the name or ID "ghost"`) {
		t.Errorf("an unknown target gave %v", err)
	}
}

func TestStrategies(t *testing.T) {
	list := channels("a", "b")
	list[1].Priority, list[1].Weight = 0, 3
	count := func(b balance.Balancer, drain bool) map[string]int {
		list[0].Drain = drain
		tr := newTransport(t, routex.Config{Channels: list, Base: statuses{}, Balancer: b})
		got := map[string]int{}
		for range 400 {
			_, d := call(t, tr, asking("m"))
			got[d.Channel]++
		}
		return got
	}
	if got := count(balance.RoundRobin{}, false); got["a"] != 200 || got["b"] != 200 {
		t.Errorf("round robin: %v", got)
	}
	if got := count(balance.LeastUsed{}, false); got["a"] != 200 || got["b"] != 200 {
		t.Errorf("least used: %v", got)
	}
	for _, b := range []balance.Balancer{balance.Weighted{}, balance.Priority{}, nil} {
		if got := count(b, false); got["a"] < 60 || got["a"] > 140 {
			t.Errorf("%T with weights 1 and 3: %v", b, got)
		}
		if got := count(b, true); got["a"] != 0 {
			t.Errorf("%T: the draining channel served %d calls", b, got["a"])
		}
	}
}

func TestRoundRobinCountsForEachSetOfChannels(t *testing.T) {
	// Two models that take turns must not each stay on one channel.
	list := channels("a", "b", "x", "y")
	for i := range list {
		list[i].Models = []string{"m"}
		if i > 1 {
			list[i].Models = []string{"n"}
		}
	}
	tr := newTransport(t, routex.Config{Channels: list, Base: statuses{}, Balancer: balance.RoundRobin{}})
	var got []string
	for range 3 {
		for _, model := range []string{"m", "n"} {
			_, d := call(t, tr, asking(model))
			got = append(got, d.Channel)
		}
	}
	if fmt.Sprint(got) != "[a x b y a x]" {
		t.Errorf("order %v", got)
	}
}

func inSession(key string) func(*http.Request) {
	return func(r *http.Request) { r.Header.Set("X-Session-ID", key) }
}

func TestSessionStaysOnItsChannel(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hosts := statuses{}
		tr := newTransport(t, routex.Config{Channels: channels("a", "b", "c"), Base: hosts, Balancer: balance.RoundRobin{}})
		_, first := call(t, tr, asking("m"), inSession("s"))
		for range 5 {
			time.Sleep(4 * time.Hour) // each use renews the five hours
			_, d := call(t, tr, asking("m"), inSession("s"))
			if d.Channel != first.Channel || !d.Affinity.Hit || d.Affinity.Key != "s" || d.Affinity.Source != "X-Session-Id" {
				t.Fatalf("the session moved from %s to %s: %+v", first.Channel, d.Channel, d.Affinity)
			}
		}
		hosts[first.Channel+".test"] = 500
		_, moved := call(t, tr, asking("m"), inSession("s"))
		hosts[first.Channel+".test"] = 0
		if moved.Status != 200 || moved.Channel == first.Channel {
			t.Fatalf("a broken channel kept its session: %+v", moved)
		}
		if _, d := call(t, tr, asking("m"), inSession("s")); d.Channel != moved.Channel {
			t.Errorf("the session did not stay where it moved: %s, then %s", moved.Channel, d.Channel)
		}
		time.Sleep(5*time.Hour + 1)
		if _, d := call(t, tr, asking("m"), inSession("s")); d.Affinity.Hit || d.Affinity.Channel != "" {
			t.Errorf("the session outlived its time: %+v", d.Affinity)
		}
		ctx := routex.WithSession(t.Context(), "s")
		if _, d := call(t, tr, asking("m"), inSession("other"), func(r *http.Request) { *r = *r.WithContext(ctx) }); d.Affinity.Key != "s" || d.Affinity.Source != "WithSession" {
			t.Errorf("WithSession did not win: %+v", d.Affinity)
		}
	})
}

func TestSessionWithTwoModelsDoesNotWander(t *testing.T) {
	list := channels("a", "b", "small")
	list[0].Models, list[1].Models, list[2].Models = []string{"big"}, []string{"big"}, []string{"small"}
	tr := newTransport(t, routex.Config{Channels: list, Base: statuses{}, Balancer: balance.RoundRobin{}})
	long := strings.Repeat("session ", 100)
	_, first := call(t, tr, asking("big"), inSession(long))
	for range 4 {
		call(t, tr, asking("small"), inSession(long))
		if _, d := call(t, tr, asking("big"), inSession(long)); d.Channel != first.Channel {
			t.Fatalf("the session wandered from %s to %s", first.Channel, d.Channel)
		}
	}
}

func TestBrokenChannelIsLeftAloneAndComesBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		hosts := statuses{"a.test": 503}
		tr := newTransport(t, routex.Config{Channels: channels("a", "b"), Base: hosts})
		for i := range 5 {
			if _, d := call(t, tr, asking("m")); tried(d) != "a b" {
				t.Fatalf("call %d tried %q", i, tried(d))
			}
		}
		_, d := call(t, tr, asking("m"))
		if tried(d) != "b" || d.Candidates[0].Included || d.Candidates[0].Why != "circuit open" {
			t.Fatalf("after 5 failures: tried %q, %+v", tried(d), d.Candidates)
		}
		if s := tr.Status()[0]; s.Circuit != breaker.Open || s.Requests != 5 || s.Failures != 5 {
			t.Errorf("status %+v", s)
		}
		time.Sleep(time.Minute + 1)
		hosts["a.test"] = 0
		if _, d := call(t, tr, asking("m")); tried(d) != "a" || tr.Status()[0].Circuit != breaker.Closed {
			t.Errorf("after a minute: tried %q, circuit %s", tried(d), tr.Status()[0].Circuit)
		}
	})
}

func TestRateLimitedChannelRests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := map[string]int{}
		base := roundTrip(func(r *http.Request) (*http.Response, error) {
			_ = r.Body.Close()
			calls[r.URL.Hostname()]++
			resp := respond(429, "application/json", "{}")
			resp.Header.Set("Retry-After", "30")
			if r.URL.Hostname() == "b.test" {
				resp.Header.Set("Retry-After", "20")
			}
			return resp, nil
		})
		tr := newTransport(t, routex.Config{Channels: channels("a", "b"), Base: base})
		resp, _ := call(t, tr, asking("m"))
		if resp.StatusCode != 429 || resp.Header.Get("Retry-After") != "20" {
			t.Errorf("%d, Retry-After %s", resp.StatusCode, resp.Header.Get("Retry-After"))
		}
		resp, d := call(t, tr, asking("m"))
		if resp.StatusCode != 503 || resp.Header.Get("Retry-After") != "20" || calls["a.test"] != 1 || !strings.HasPrefix(d.Candidates[0].Why, "cooling down until") {
			t.Errorf("while both rest: %d, Retry-After %s, %v, %+v", resp.StatusCode, resp.Header.Get("Retry-After"), calls, d.Candidates)
		}
		if s := tr.Status(); s[0].Circuit != breaker.Closed || s[0].CooldownUntil.IsZero() {
			t.Errorf("status %+v", s[0])
		}
		time.Sleep(20 * time.Second)
		if call(t, tr, asking("m")); calls["b.test"] != 2 || calls["a.test"] != 1 {
			t.Errorf("after 20 seconds: %v", calls)
		}
	})
}

func TestUpdateIsSeenByTheNextCall(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		hosts := statuses{"a.test": 500, "new.test": 0}
		tr := newTransport(t, routex.Config{Channels: channels("a", "b"), Base: hosts})
		for range 5 {
			call(t, tr, asking("m"))
		}
		list := channels("a", "b")
		list[1].Name, list[1].ID = "renamed", "b"
		if err := tr.Update(routex.Config{Channels: list}); err != nil {
			t.Fatal(err)
		}
		s := tr.Status()
		if s[0].Circuit != breaker.Open || s[1].Name != "renamed" || s[1].Successes != 5 {
			t.Errorf("what was known is lost: %+v", s)
		}
		if err := tr.Update(routex.Config{Channels: []routex.Channel{{}}}); err == nil || len(tr.Status()) != 2 {
			t.Errorf("an invalid configuration gave %v and left %d channels", err, len(tr.Status()))
		}
		list[0].BaseURL = "https://new.test"
		if err := tr.Update(routex.Config{Channels: list}); err != nil {
			t.Fatal(err)
		}
		if _, d := call(t, tr, asking("m")); tried(d) != "a" {
			t.Errorf("the channel that was moved is still shut out: tried %q", tried(d))
		}
	})
}

func TestWhoIsToldOfACall(t *testing.T) {
	var records []tee.Record
	var decisions []*routex.Decision
	tr := newTransport(t, routex.Config{
		Channels: channels("a", "b"), Base: statuses{"a.test": 503},
		Sinks:      []tee.Sink{tee.Func(func(_ context.Context, r *tee.Record) error { records = append(records, *r); return nil })},
		OnDecision: func(d *routex.Decision) { decisions = append(decisions, d) },
	})
	_, d := call(t, tr, asking("m"))
	call(t, tr, "{}")
	if len(decisions) != 2 || decisions[0].TraceID != d.TraceID || decisions[1].Status != 400 {
		t.Errorf("decisions %+v", decisions)
	}
	if len(records) != 2 || records[0].Channel != "b" || records[0].Attempts != 2 || records[0].Output != 2 || records[1].Class != "caller" {
		t.Errorf("records %+v", records)
	}
	if len(d.TraceID.String()) != 32 || len(d.SpanID.String()) != 16 || d.TraceID == decisions[1].TraceID {
		t.Errorf("ids %s %s", d.TraceID, d.SpanID)
	}
}

func TestLosses(t *testing.T) {
	body := strings.Replace(asking("m"), `"max_tokens"`, `"top_k":3,"max_tokens"`, 1)
	const chatAnswer = `{"id":"chatcmpl-1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":1,"total_tokens":2}}`
	base := roundTrip(func(r *http.Request) (*http.Response, error) {
		_ = r.Body.Close()
		return respond(200, "application/json", chatAnswer), nil
	})
	for policy, want := range map[routex.LossPolicy]string{routex.LossWarn: "top_k", routex.LossQuiet: "", routex.LossStrict: ""} {
		tr := newTransport(t, routex.Config{Channels: []routex.Channel{openAIChannel("o", "https://o.test")}, Base: base, Losses: policy})
		resp, d := call(t, tr, body)
		if len(d.Losses) != 1 || d.Losses[0].Field != "top_k" || d.Losses[0].Why == "" {
			t.Errorf("policy %q: losses %+v", policy, d.Losses)
		}
		if got := resp.Header.Get("X-Routex-Lossy"); got != want {
			t.Errorf("policy %q: header %q", policy, got)
		}
		if status := map[bool]int{true: 400, false: 200}[policy == routex.LossStrict]; resp.StatusCode != status {
			t.Errorf("policy %q: status %d", policy, resp.StatusCode)
		}
	}
	// What one channel cannot carry, the next may.
	tr := newTransport(t, routex.Config{
		Channels: append([]routex.Channel{openAIChannel("o", "https://o.test")}, func() routex.Channel {
			ch := anthropicChannel("a", "https://a.test")
			ch.Priority = 1
			return ch
		}()),
		Base: statuses{}, Losses: routex.LossStrict,
	})
	if resp, d := call(t, tr, body); resp.StatusCode != 200 || d.Channel != "a" || len(d.Losses) != 0 {
		t.Errorf("status %d, decision %+v", resp.StatusCode, d)
	}
}

func TestWhatARouterCutsFromTheBodyStaysAsItWas(t *testing.T) {
	tr := newTransport(t, routex.Config{
		Channels: []routex.Channel{anthropicChannel("a", "https://a.test")},
		Base: roundTrip(func(r *http.Request) (*http.Response, error) {
			_ = r.Body.Close()
			return respond(200, "application/json", anthropicAnswer), nil
		}),
		Router: router.Func(func(_ context.Context, r *router.Request) (router.Choice, error) {
			tier := r.Get("tier", "").String() // a view of the body
			return router.Choice{Model: tier, Rule: tier, RuleID: tier, Channels: []string{tier}}, nil
		}),
	})
	call := func(tier string) *routex.Decision {
		req, _ := newCall(t, "https://x.test/v1/messages", `{"model":"m","tier":"`+tier+`","pad":"`+strings.Repeat("x", 40_000)+`"}`)
		ctx, rec := routex.WithRecord(t.Context())
		resp, err := tr.RoundTrip(req.WithContext(ctx))
		if err != nil {
			t.Fatal(err)
		}
		readBody(t, resp)
		return rec.Decision()
	}
	d := call("premium")
	for range 10 { // in the same memory
		call("cheaper")
	}
	if d.Rule != "premium" || d.RuleID != "premium" || d.Candidates[1].Name != "premium" {
		t.Errorf("the first call's Decision now says %q, %q, %+v", d.Rule, d.RuleID, d.Candidates)
	}
}

func TestSinkIsWrittenToWhenTheCallerHasLeft(t *testing.T) {
	ctx, leave := context.WithCancel(t.Context())
	written := errors.New("not called")
	tr := newTransport(t, routex.Config{
		Channels: channels("a"),
		Base:     roundTrip(func(r *http.Request) (*http.Response, error) { leave(); return nil, r.Context().Err() }),
		Sinks:    []tee.Sink{tee.Func(func(ctx context.Context, _ *tee.Record) error { written = ctx.Err(); return nil })},
	})
	req, _ := newCall(t, "https://x.test/v1/messages", anthropicCall)
	if _, err := tr.RoundTrip(req.WithContext(ctx)); !errors.Is(err, context.Canceled) || written != nil {
		t.Errorf("%v; the sink's context: %v", err, written)
	}
}
