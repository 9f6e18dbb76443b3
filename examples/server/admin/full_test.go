package admin_test

import (
	"testing"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/examples/server/admin"
	"github.com/dctx-team/routex/examples/server/requests"
	"github.com/dctx-team/routex/routextest"
	"github.com/dctx-team/routex/trace"
)

// newFullHost is a host that has everything there is, so that all operations
// are served. All its channels lead to one provider, and its log has a call.
func newFullHost(t *testing.T) *host {
	t.Helper()
	log := newLog(t)
	calls, err := requests.Open(t.Context(), t.TempDir(), requests.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = calls.Close() })
	provider := &toProvider{h: routextest.NewProvider(routextest.Options{Name: "demo", Lenient: true})}
	h := newHost(t, func(o *admin.Options) {
		o.Log, o.Requests, o.Config = log, calls, routex.Config{OnDecision: calls.Add, Base: provider, Recent: trace.NewRing(0)}
		o.Settings = []admin.Setting{{Name: "demo", Value: true, Source: "flag"}}
	})
	h.must("POST", "/api/channels", `{"name":"demo","type":"openai","baseUrl":"https://demo.example","models":["gpt-4o"],"apiKey":"sk-demo-0123456789"}`, 201)
	h.routes(`{"model":"gpt-4o","messages":[{"role":"user","content":"hello"}]}`)
	for h.must("GET", "/api/requests", "", 200).body == `{"success":true,"data":[],"meta":{"total":0,"limit":100,"offset":0}}` {
		time.Sleep(time.Millisecond) // the log is written by and by
	}
	return h
}
