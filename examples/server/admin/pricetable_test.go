package admin_test

import (
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/examples/server/admin"
)

// A till is a host whose calls all use a million tokens of input.
type till struct {
	*host
	cost *float64 // of the latest call
}

type base func(*http.Request) (*http.Response, error)

func (f base) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func newTill(t *testing.T, change ...func(*admin.Options)) *till {
	t.Helper()
	till := new(till)
	answer := `{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1000000,"completion_tokens":0}}`
	charged := func(o *admin.Options) {
		o.Config = routex.Config{
			Base: base(func(*http.Request) (*http.Response, error) {
				return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(answer))}, nil
			}),
			OnDecision: func(d *routex.Decision) { till.cost = d.Cost },
		}
	}
	till.host = newHost(t, append([]func(*admin.Options){charged}, change...)...)
	till.must("POST", "/api/channels", `{"name":"a","type":"openai"}`, 201)
	return till
}

// spend makes a call, and gives what it has cost; -1 when nobody knows.
func (h *till) spend(model string) float64 {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.t.Context(), http.MethodPost, "https://x.test/v1/chat/completions", strings.NewReader(`{"model":"`+model+`","messages":[{"role":"user","content":"hi"}]}`))
	if err != nil {
		h.t.Fatal(err)
	}
	resp, err := h.transport.RoundTrip(r)
	if err != nil || resp.StatusCode != 200 {
		h.t.Fatalf("the call fails: %v", err)
	}
	_ = resp.Body.Close()
	if h.cost == nil {
		return -1
	}
	return *h.cost
}

func TestPricesAreSetAndDeleted(t *testing.T) {
	h := newTill(t)
	h.is("gpt-4o", 2.5)
	h.must("PUT", "/api/prices/gpt-4o", `{"input":7,"output":8,"cacheRead":1,"long":[{"above":2000000,"input":9,"output":9}]}`, 200)
	h.is("gpt-4o", 7)
	h.is("gpt-4o-2024-08-06", 7)
	h.must("PUT", "/api/prices/My-Model-*", `{"input":3,"output":3}`, 200)
	h.is("my-model-1", 3)
	h.must("PUT", "/api/prices/acme%2Fgpt-x", `{"input":4,"output":4}`, 200)
	h.is("acme/gpt-x", 4)

	var got struct {
		Date, Currency string
		Prices         []struct {
			Model, Provider, Origin string
			Input                   float64
			Sources                 []string
			Long                    []struct{ Above int64 }
		}
	}
	if err := json.Unmarshal(h.must("GET", "/api/prices", "", 200).Data, &got); err != nil {
		t.Fatal(err)
	}
	var own []string
	listed := 0
	for _, p := range got.Prices {
		switch p.Origin {
		case "api":
			own = append(own, p.Model)
		case "list":
			listed++
			if p.Provider == "" || len(p.Sources) == 0 {
				t.Errorf("a list price without its source: %+v", p)
			}
		}
	}
	if !slices.Equal(own, []string{"acme/gpt-x", "gpt-4o", "my-model-*"}) || listed < 100 || got.Currency != "USD" || got.Date == "" {
		t.Errorf("there are %q, %d of the list of %s, in %s", own, listed, got.Date, got.Currency)
	}

	// What is stored is there after a restart.
	again := newHostOn(t, h.store)
	if a := again.must("GET", "/api/prices", "", 200); !strings.Contains(a.body, `{"model":"gpt-4o","origin":"api","input":7,"output":8,"cacheRead":1,"long":[{"above":2000000,"input":9,"output":9}]}`) {
		t.Errorf("after a restart: %.300s", a.body)
	}

	h.must("DELETE", "/api/prices/gpt-4o", "", 200)
	h.is("gpt-4o", 2.5)
	if a := h.call("DELETE", "/api/prices/gpt-4o", ""); a.status != 404 {
		t.Errorf("deleting it twice: %d %s", a.status, a.body)
	}
	if a := h.call("DELETE", "/api/prices/gpt-4.1", ""); a.status != 404 {
		t.Errorf("deleting a list price: %d %s", a.status, a.body)
	}
}

func (h *till) is(model string, want float64) {
	h.t.Helper()
	if got := h.spend(model); got != want {
		h.t.Errorf("%s costs %v, want %v", model, got, want)
	}
}

func TestPricesWithMistakesAreRefused(t *testing.T) {
	h := newTill(t)
	for body, fields := range map[string][]string{
		`{}`:                                  {"input", "output"},
		`{"input":-1,"output":"x","cache":3}`: {"input", "output", "cache"},
		`{"input":1,"output":1,"cacheRead":-0.1}`:                                         {"cacheRead"},
		`{"input":1,"output":1,"reasoning":1e99}`:                                         {"reasoning"},
		`{"input":1,"output":1,"long":[{"above":0,"input":1,"output":1}]}`:                {"long[0].above"},
		`{"input":1,"output":1,"long":[{"above":5,"input":-1}]}`:                          {"long[0].output", "long[0].input"},
		`{"input":1,"output":1,"peak":[{"from":"9","to":"10:00","input":1,"output":1}]}`:  {"peak[0].from"},
		`{"input":1,"output":1,"later":[{"from":"soon","input":1,"output":1,"until":1}]}`: {"later[0].until"},
		`{"input":1,"output":1,"model":"x"}`:                                              {"model"},
	} {
		a := h.call("PUT", "/api/prices/m", body)
		var got []string
		for _, d := range a.Error.Details {
			got = append(got, d.Field)
		}
		slices.Sort(got)
		slices.Sort(fields)
		if a.status != 400 || !slices.Equal(got, fields) {
			t.Errorf("%s: status %d, mistakes in %q, want %q: %s", body, a.status, got, fields, a.body)
		}
	}
	if a := h.call("PUT", "/api/prices/"+strings.Repeat("m", 300), `{"input":1,"output":1}`); a.status != 400 {
		t.Errorf("a name of 300 bytes: %d", a.status)
	}
	h.is("m", -1)
}

func TestPricesOfAnotherServerAreInEffect(t *testing.T) {
	one := newTill(t)
	two := newHostOn(t, one.store)
	one.follows()
	two.must("PUT", "/api/prices/gpt-4o", `{"input":7,"output":8}`, 200)
	soon(t, "the price that another server set is charged", func() bool { return one.spend("gpt-4o") == 7 })
}

func TestPricesOfAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "prices.yaml")
	write := func(text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("models:\n  gpt-4o: {input: 5, output: 6}\n  local-*: {input: 0.5, output: 0.5}\n")
	h := newTill(t, func(o *admin.Options) { o.PriceFile = path })
	h.is("gpt-4o", 5)
	h.is("local-1", 0.5)
	h.is("gpt-4.1", 2)
	h.must("PUT", "/api/prices/gpt-4o", `{"input":7,"output":8}`, 200)
	h.is("gpt-4o", 7)
	h.must("DELETE", "/api/prices/gpt-4o", "", 200)
	h.is("gpt-4o", 5)
	if a := h.call("DELETE", "/api/prices/local-*", ""); a.status != 404 {
		t.Errorf("what the file says is deleted: %d", a.status)
	}

	write("models:\n  gpt-4o: {input: -5, output: 6, more: 1}\n")
	a := h.call("POST", "/api/config/reload", "")
	if a.status != 400 || !strings.Contains(a.body, `models[\"gpt-4o\"].input`) || !strings.Contains(a.body, `models[\"gpt-4o\"].more`) {
		t.Errorf("a file with mistakes: %d %s", a.status, a.body)
	}
	h.is("gpt-4o", 5)
	write("models:\n  gpt-4o: {input: 6, output: 6}\n")
	h.must("POST", "/api/config/reload", "", 200)
	h.is("gpt-4o", 6)

	h.must("PUT", "/api/channels/a", `{"prices":{"gpt-*":{"input":8,"output":8}}}`, 200)
	h.is("gpt-4o", 8) // the channel's own goes before all
}
