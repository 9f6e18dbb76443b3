package routex_test

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/balance"
	"github.com/dctx-team/routex/router"
	"github.com/dctx-team/routex/trace/prices"
)

// someConfig makes channels and rules that overlap in many ways.
func someConfig(r *rand.Rand) routex.Config {
	models := []string{"m", "big-*", "gpt-4o", "claude-haiku", "*"}
	var cfg routex.Config
	for i := range 1 + r.IntN(6) {
		name := fmt.Sprintf("c%d", i)
		ch := anthropicChannel(name, "https://"+name+".test")
		if r.IntN(2) == 0 {
			ch = openAIChannel(name, "https://"+name+".test")
		}
		ch.Priority, ch.Weight = r.IntN(3), 1+r.IntN(5)
		ch.Disabled, ch.Drain = r.IntN(6) == 0, r.IntN(8) == 0
		if r.IntN(2) == 0 {
			ch.Models = []string{models[r.IntN(len(models))]}
		}
		if r.IntN(3) == 0 {
			ch.ModelMap = map[string]string{"m": "mapped", "other": "o"}
		}
		ch.Losses = []routex.LossPolicy{"", routex.LossStrict, routex.LossQuiet}[r.IntN(3)]
		cfg.Channels = append(cfg.Channels, ch)
	}
	copies := anthropicChannel("copies", "https://copies.test")
	copies.Models = []string{"none of those that are asked for"}
	cfg.Channels = append(cfg.Channels, copies)
	yes := true
	conditions := []router.Condition{
		{Keywords: []string{"urgent"}},
		{ModelPattern: "^big"},
		{TokenThreshold: 50},
		{HasTools: &yes},
		{UserPattern: `\bcode\b`, ModelPattern: "m"},
		{Metadata: map[string]string{"plan": "gold"}},
		{CustomFunction: "odd"},
	}
	cfg.Funcs = map[string]func(*router.Request) bool{"odd": func(r *router.Request) bool { return len(r.UserText())%2 == 1 }}
	for i := range r.IntN(5) {
		rule := router.Rule{Name: fmt.Sprintf("r%d", i), Condition: conditions[r.IntN(len(conditions))], Priority: r.IntN(3), Strict: r.IntN(4) == 0, Disabled: r.IntN(5) == 0}
		switch target := cfg.Channels[r.IntN(len(cfg.Channels))].Name; r.IntN(8) {
		case 0:
			rule.Deny, rule.Strict = "not here", false
		case 1, 2, 3:
			for _, j := range r.Perm(len(cfg.Channels))[:1+r.IntN(len(cfg.Channels))] {
				rule.Targets = append(rule.Targets, router.Target{Channel: cfg.Channels[j].Name, Weight: r.IntN(3)})
			}
			rule.Targets[0].Weight++ // not all may be without
		case 4:
			rule.Shadow, rule.Strict = "copies", false
		default:
			rule.TargetChannel = target
		}
		if rule.Deny == "" && rule.Shadow == "" && r.IntN(2) == 0 {
			rule.TargetModel = "target"
		}
		cfg.Rules = append(cfg.Rules, rule)
	}
	for i := range cfg.Channels {
		if r.IntN(2) == 0 {
			cfg.Channels[i].Prices = map[string]prices.Price{"*": {Rates: prices.Rates{Input: r.Float64(), Output: 1}}}
		}
	}
	if names := balance.Names(); r.IntN(4) > 0 {
		cfg.Balancer, _ = balance.New(names[r.IntN(len(names))])
	}
	return cfg
}

func someCall(t *testing.T, r *rand.Rand) *http.Request {
	t.Helper()
	model := []string{"m", "big-1", "gpt-4o", "claude-haiku-4", "nobody"}[r.IntN(5)]
	text := []string{"hi", "this is urgent", "write code please", strings.Repeat("long text ", 60)}[r.IntN(4)]
	tools := ""
	if r.IntN(3) == 0 {
		tools = `,"tools":[{"name":"t","input_schema":{"type":"object"},"type":"custom"}]`
	}
	url, extra := "https://x.test/v1/messages", `"max_tokens":9,"top_k":3,`
	if r.IntN(2) == 0 {
		url, extra, tools = "https://x.test/v1/chat/completions", `"seed":1,"logit_bias":{"1":2},`, ""
	}
	more := ""
	if r.IntN(3) == 0 {
		more = `,{"role":"assistant","content":"well"},{"role":"user","content":"go on"}`
	}
	req, _ := newCall(t, url, fmt.Sprintf(`{"model":%q,%s"messages":[{"role":"user","content":%q}%s]%s}`, model, extra, text, more, tools))
	if r.IntN(3) == 0 {
		req.Header.Set("X-Session-ID", fmt.Sprintf("s%d", r.IntN(20)))
	}
	if r.IntN(4) == 0 {
		req = req.WithContext(routex.WithMetadata(req.Context(), map[string]string{"plan": "gold"}))
	}
	return req
}

// What Explain says is what happens, over many configurations and calls, while
// channels fail, rest and come back.
func TestExplainSaysWhatTheNextCallDoes(t *testing.T) {
	configs, calls := 500, 200
	if underRace {
		configs = 50
	}
	synctest.Test(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		for range configs {
			state := statuses{}
			cfg := someConfig(r)
			cfg.Base = state
			tr := newTransport(t, cfg)
			for range calls {
				explainOne(t, r, tr, state, cfg)
				if t.Failed() {
					return
				}
			}
		}
	})
}

func explainOne(t *testing.T, r *rand.Rand, tr *routex.Transport, state statuses, cfg routex.Config) {
	t.Helper()
	ch := cfg.Channels[r.IntN(len(cfg.Channels))].Name + ".test"
	state[ch] = []int{0, 0, 0, 503, 529, 401}[r.IntN(6)]
	if r.IntN(10) == 0 {
		time.Sleep(time.Duration(r.IntN(120)) * time.Second)
	}
	req := someCall(t, r)
	said, err := tr.Explain(req)
	if err != nil {
		t.Fatal(err)
	}
	ctx, rec := routex.WithRecord(req.Context())
	resp, err := tr.RoundTrip(req.WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	synctest.Wait() // for the copy, if there is one
	did := rec.Decision()
	if diff := cmp.Diff(said, did, cmpopts.IgnoreFields(routex.Decision{}, "TraceID", "SpanID", "Time", "FirstByte", "Duration",
		"Attempts", "Rules", "Order", "Tokens", "ChannelID", "Channel", "UpstreamModel", "Status", "Class", "Error", "Losses", "Wait", "Usage", "UsageKnown", "Cost")); diff != "" {
		t.Fatalf("Explain and the call differ:\n%s", diff)
	}
	for i, a := range did.Attempts {
		if did.Wait > said.Wait && i >= len(said.Order) { // it waited for one that had been asked
			break
		}
		if i >= len(said.Order) || a.Channel != said.Order[i] {
			t.Fatalf("attempt %d went to %s; the order was said to be %q; %+v, %+v", i, a.Channel, said.Order, did.Attempts, said.Candidates)
		}
	}
	switch {
	case said.Status != 0 && (did.Status != said.Status || did.Error != said.Error):
		t.Fatalf("Explain said %d %q, the call got %d %q", said.Status, said.Error, did.Status, did.Error)
	case did.Succeeded() && did.Channel == said.Channel && !cmp.Equal(said.Losses, did.Losses, cmpopts.EquateEmpty()):
		t.Fatalf("losses: Explain said %v, the call had %v", said.Losses, did.Losses)
	case did.Succeeded() && did.Channel == said.Channel && did.UpstreamModel != said.UpstreamModel:
		t.Fatalf("model: Explain said %q, the call asked for %q", said.UpstreamModel, did.UpstreamModel)
	}
	for _, v := range said.Rules {
		if v.Matched && said.Rule == "" || !v.Matched && v.Why == "" {
			t.Fatalf("rule %q, verdicts %+v", said.Rule, said.Rules)
		}
	}
}

func TestExplainTakesNothing(t *testing.T) {
	tr := newTransport(t, routex.Config{Channels: channels("a", "b", "c"), Balancer: balance.RoundRobin{}, Base: statuses{}})
	req, _ := newCall(t, "https://x.test/v1/messages", asking("m"))
	var first string
	for i := range 5 {
		d, err := tr.Explain(req)
		if err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			first = d.Channel
		}
		if d.Channel != first || len(d.Order) != 3 {
			t.Errorf("Explain %d says %s of %q, the first said %s", i, d.Channel, d.Order, first)
		}
	}
	resp, err := tr.RoundTrip(req) // whose body is there again
	if err != nil || resp.StatusCode != 200 {
		t.Fatalf("%v %v", resp, err)
	}
	_ = resp.Body.Close()
	if s := tr.Status(); s[0].Requests+s[1].Requests+s[2].Requests != 1 || s[0].InFlight != 0 {
		t.Errorf("status %+v", s)
	}
}

func TestExplainTellsTheVerdictsOfARouterThatHasRules(t *testing.T) {
	own, err := router.Compile([]router.Rule{
		{Name: "host", Condition: router.Condition{CustomFunction: "never"}, TargetChannel: "b"},
		{Name: "secret", Condition: router.Condition{Keywords: []string{"secret"}}, Deny: "Not here."},
	}, router.WithFunc("never", func(*router.Request) bool { return false }))
	if err != nil {
		t.Fatal(err)
	}
	tr := newTransport(t, routex.Config{
		Channels: channels("a", "b"), Base: statuses{}, Router: own,
		Rules: []router.Rule{{Name: "rest", Type: router.Default, TargetChannel: "a"}},
	})
	for text, want := range map[string]string{
		"hi":       `[{host host false the function "never" says no false false} {secret secret false the user's text has none of ["secret"] false false} {rest rest true  true false}]`,
		"a secret": `[{host host false the function "never" says no false false} {secret secret true  false false} {rest rest true  true false}]`,
	} {
		req, _ := newCall(t, "https://x.test/v1/messages", strings.Replace(asking("m"), "hi", text, 1))
		d, err := tr.Explain(req)
		if err != nil || fmt.Sprint(d.Rules) != want {
			t.Errorf("%s: %v, %v", text, d.Rules, err)
		}
	}
}

func TestExplainOfWhatIsNotRouted(t *testing.T) {
	tr := newTransport(t, routex.Config{Channels: channels("a"), Base: statuses{}})
	req, _ := newCall(t, "https://x.test/index.html", "{}")
	if _, err := tr.Explain(req); !errors.Is(err, routex.ErrNotRouted) {
		t.Errorf("%v", err)
	}
	req, _ = newCall(t, "https://x.test/v1/messages", "{")
	if d, err := tr.Explain(req); err != nil || d.Status != 400 || d.Err() != nil && d.Duration == 0 {
		t.Errorf("%+v %v", d, err)
	}
}

func TestWithChannelSendsTheCallThereAndNowhereElse(t *testing.T) {
	inBubble(t, func(t *testing.T) {
		list := channels("a", "b")
		list[1].Models = []string{"other"}
		tr := newTransport(t, routex.Config{
			Channels: list, Base: statuses{"b.test": 503},
			Rules: []router.Rule{{Name: "r", Type: router.Default, TargetChannel: "a"}},
		})
		for ref, want := range map[string]int{"b": 503, "a": 200, "nobody": 400} {
			req, _ := newCall(t, "https://x.test/v1/messages", asking("m"))
			ctx, rec := routex.WithRecord(routex.WithChannel(req.Context(), ref))
			resp, err := tr.RoundTrip(req.WithContext(ctx))
			if err != nil {
				t.Fatal(err)
			}
			_ = resp.Body.Close()
			d := rec.Decision()
			if resp.StatusCode != want || want != 400 && tried(d) != ref || d.Rule != "" {
				t.Errorf("%s: %d, tried %q by rule %q", ref, resp.StatusCode, tried(d), d.Rule)
			}
		}
	})
}

// What is no call to a model is explained too, where it is routed.
func TestExplainOfEveryPath(t *testing.T) {
	tr := newTransport(t, routex.Config{
		Channels: append(channels("a", "b"), openAIChannel("o", "https://o.test")), Base: statuses{},
		Rules: []router.Rule{
			{Name: "r", Condition: router.Condition{Keywords: []string{"zz"}}, TargetChannel: "b"},
			{Name: "q", Condition: router.Condition{ToolName: "zz", TokenThreshold: 3, HasImages: new(true), ContentCategory: router.OneOf{"coding"}, Metadata: map[string]string{"x": ""}}, TargetChannel: "b"},
			{Name: "w", Type: router.Default, Targets: []router.Target{{Channel: "a", Weight: 1}, {Channel: "o", Weight: 1}}},
		},
	})
	paths := []string{
		"/v1/messages", "/v1/chat/completions", "/v1/responses", "/v1beta/models/g:generateContent", "/v1beta/models/g:countTokens", "/v1/embeddings", "/v1/files", "/v1/files/f1", "/v1/models", "/v1/messages/count_tokens", "/v1/realtime",
		"/v1/batches", "/v1/audio/transcriptions",
	}
	for _, path := range paths {
		for _, method := range []string{"GET", "POST", "DELETE"} {
			for _, kind := range []string{"application/json", "multipart/form-data; boundary=x"} {
				req, _ := http.NewRequestWithContext(t.Context(), method, "https://x.test"+path, strings.NewReader(`{"model":"m","input":"zz","messages":[{"role":"user","content":"zz"}]}`))
				req.Header.Set("Content-Type", kind)
				said, err := tr.Explain(req)
				if errors.Is(err, routex.ErrNotRouted) {
					continue
				}
				if err != nil {
					t.Fatal(err)
				}
				ctx, rec := routex.WithRecord(req.Context())
				resp, err := tr.RoundTrip(req.WithContext(ctx))
				if err != nil {
					t.Fatal(err)
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
				did := rec.Decision()
				if len(did.Attempts) > 0 && (len(said.Order) == 0 || said.Order[0] != did.Attempts[0].Channel) || len(did.Attempts) == 0 && len(said.Order) > 0 {
					t.Errorf("%s %s %s: said %v, %d %s did %v %d %s", method, path, kind, said.Order, said.Status, said.Error, did.Attempts, did.Status, did.Error)
				}
			}
		}
	}
}
