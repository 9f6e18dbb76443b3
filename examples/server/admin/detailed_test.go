package admin_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/dctx-team/routex/examples/server/admin"
	"github.com/dctx-team/routex/examples/server/store"
)

type detailed struct {
	Status, Version, Timestamp string
	Uptime                     float64
	System                     struct {
		OS, GoVersion string
		Memory        struct{ Heap, Total int64 }
	}
	Database     struct{ Connected bool }
	Channels     struct{ Total, Enabled, Disabled, Available int }
	Routing      struct{ Rules, Enabled, Active int }
	LoadBalancer struct{ Strategy string }
	Issues       []string
}

func (h *host) detailed() (d detailed) {
	h.t.Helper()
	a := h.call("GET", "/health/detailed", "")
	if err := json.Unmarshal([]byte(a.body), &d); err != nil || a.status != 200 {
		h.t.Fatalf("status %d: %v: %s", a.status, err, a.body)
	}
	return d
}

// deaf is a store that does not answer while it is told not to.
type deaf struct {
	store.Store
	err error
}

func (d *deaf) Ping(ctx context.Context) error {
	if d.err != nil {
		return d.err
	}
	return d.Store.Ping(ctx)
}

func TestDetailedHealthTellsWhatIsWrong(t *testing.T) {
	kept, err := store.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	d := &deaf{Store: kept}
	var own []string
	h := newHostOn(t, d, func(o *admin.Options) { o.Issues = func() []string { return own } })
	want := func(when, status string, issues ...string) detailed {
		t.Helper()
		got := h.detailed()
		if got.Status != status || len(got.Issues) != len(issues) {
			t.Fatalf("%s: status %q with issues %q, want %q with %d", when, got.Status, got.Issues, status, len(issues))
		}
		for i := range issues {
			if !strings.Contains(got.Issues[i], issues[i]) {
				t.Errorf("%s: issue %q, want %q", when, got.Issues[i], issues[i])
			}
		}
		return got
	}
	want("empty", "degraded", "there are no channels")

	u := newUpstream(t)
	h.must("POST", "/api/channels", `{"name":"a","type":"openai","baseUrl":"`+u.URL+`"}`, 201)
	h.must("POST", "/api/channels", `{"name":"b","type":"openai","status":"disabled"}`, 201)
	h.must("POST", "/api/routing/rules", `{"name":"r","type":"default","targetChannel":"a"}`, 201)
	got := want("all well", "healthy")
	if got.Channels.Total != 2 || got.Channels.Enabled != 1 || got.Channels.Disabled != 1 || got.Channels.Available != 1 ||
		got.Routing.Rules != 1 || got.Routing.Active != 1 || got.LoadBalancer.Strategy != "priority" || !got.Database.Connected ||
		got.Version != "1.2.3" || got.System.OS == "" || got.System.Memory.Heap <= 0 || got.System.Memory.Total <= got.System.Memory.Heap {
		t.Errorf("%+v", got)
	}

	h.must("POST", "/api/routing/rules", `{"name":"lost","type":"default","targetChannel":"nobody"}`, 201)
	own = []string{"the request log is behind"}
	want("a rule rests", "degraded", "1 rules do not exist", "request log")

	d.err = errors.New("secret host name")
	if got := want("no database", "unhealthy", "database", "1 rules", "request log"); got.Database.Connected {
		t.Error("the database is said to be connected")
	}
	d.err, own = nil, nil
	u.status.Store(http.StatusTooManyRequests)
	h.routes(reviewCall)
	want("limited", "unhealthy", "no channel takes calls", "1 channels are limited", "1 rules")
	h.must("PUT", "/api/channels/a", `{"status":"disabled"}`, 200)
	want("all off", "degraded", "no channel is enabled", "1 rules")
}

func TestTheIndexTellsWhatThereIs(t *testing.T) {
	h := newHost(t)
	h.imports(guideFile)
	h.must("PUT", "/api/channels/Emergency", `{"status":"disabled"}`, 200)
	var got struct {
		Name, Version, Status, Timestamp string
		Stats                            map[string]int
		LoadBalancer                     struct{ Strategy string }
		Endpoints                        map[string]string
	}
	if err := json.Unmarshal(h.must("GET", "/api", "", 200).Data, &got); err != nil {
		t.Fatal(err)
	}
	if got.Name != "Routex" || got.Version != "1.2.3" || got.Status != "running" || got.LoadBalancer.Strategy != "priority" ||
		got.Stats["totalChannels"] != 3 || got.Stats["enabledChannels"] != 2 || got.Stats["models"] != 2 || got.Stats["transformers"] == 0 {
		t.Errorf("%+v", got)
	}
	for what, path := range got.Endpoints {
		if strings.HasPrefix(path, "/v1") {
			continue
		}
		if a := h.call("GET", path, ""); a.status != 200 {
			t.Errorf("%s is said to be at %s, which answers with status %d", what, path, a.status)
		}
	}
	if a := h.call("POST", "/api", "{}"); a.status != 405 {
		t.Errorf("POST: status %d", a.status)
	}
}
