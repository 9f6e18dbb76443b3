package admin_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/examples/server/admin"
	"github.com/dctx-team/routex/examples/server/events"
	"github.com/dctx-team/routex/examples/server/requests"
	"github.com/dctx-team/routex/examples/server/tees"
	"github.com/dctx-team/routex/routextest"
	"github.com/dctx-team/routex/tee"
	"github.com/dctx-team/routex/trace"
	"github.com/dctx-team/routex/trace/prom"
)

// newFullHost is a host that has everything there is, so that all operations
// are served. All its channels lead to one provider, its tees write below files,
// and its log has a call.
func newFullHost(t *testing.T) (h *host, files string) {
	t.Helper()
	log := newLog(t)
	calls, err := requests.Open(t.Context(), t.TempDir(), requests.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = calls.Close() })
	counted, err := prom.New()
	if err != nil {
		t.Fatal(err)
	}
	files = t.TempDir()
	copies := tees.New(tees.Options{Roots: []string{files}, Spools: filepath.Join(files, "spools")})
	t.Cleanup(func() { _ = copies.Close(context.Background()) })
	hub := events.New(events.Options{})
	t.Cleanup(hub.Close)
	provider := &toProvider{h: routextest.NewProvider(routextest.Options{Name: "demo", Lenient: true})}
	h = newHost(t, func(o *admin.Options) {
		o.Log, o.Requests, o.Tees, o.Metrics, o.Events = log, calls, copies, counted, hub
		o.Config = routex.Config{
			OnDecision: calls.Add, Base: provider, Recent: trace.NewRing(0), Meter: counted.Meter(), Sinks: []tee.Sink{copies},
		}
		o.Settings = []admin.Setting{{Name: "demo", Value: true, Source: "flag"}}
	})
	h.must("POST", "/api/channels", `{"name":"demo","type":"openai","baseUrl":"https://demo.example","models":["gpt-4o"],"apiKey":"sk-demo-0123456789"}`, 201)
	h.routes(`{"model":"gpt-4o","messages":[{"role":"user","content":"hello"}]}`)
	for h.must("GET", "/api/requests", "", 200).body == `{"success":true,"data":[],"meta":{"total":0,"limit":100,"offset":0}}` {
		time.Sleep(time.Millisecond) // the log is written by and by
	}
	return h, files
}
