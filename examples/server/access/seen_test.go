package access_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/examples/server/access"
	"github.com/dctx-team/routex/examples/server/store"
	"github.com/dctx-team/routex/router"
)

// Calls are told apart by their key and by where they come from, also when they
// come by turns.
func TestCallersAreKnown(t *testing.T) {
	keys := new(access.Keys)
	keys.Set([]store.ClientKey{record()})
	var got []string
	transport, err := routex.New(routex.Config{
		Router: router.Func(func(_ context.Context, r *router.Request) (router.Choice, error) {
			got = append(got, r.Metadata[access.MetadataClient]+"@"+r.Metadata[access.MetadataAddress])
			return router.Choice{}, router.ErrNoRoute
		}),
		OnDecision: func(d *routex.Decision) { got = append(got, d.Caller) },
	})
	if err != nil {
		t.Fatal(err)
	}
	h := access.New(access.Options{Keys: keys, OpenCalls: true}).Calls(transport.Handler())
	for _, from := range []struct{ addr, key string }{
		{"10.0.0.1:5", secretKey}, {"10.0.0.2:5", secretKey}, {"10.0.0.2:6", ""}, {"10.0.0.1:5", secretKey}, {"nowhere", ""}, {"10.0.0.2:6", ""},
	} {
		r := httptest.NewRequest(http.MethodPost, "/v1/chat/completions", strings.NewReader(call))
		r.RemoteAddr = from.addr
		if from.key != "" {
			r.Header.Set("Authorization", "Bearer "+from.key)
		}
		h.ServeHTTP(httptest.NewRecorder(), r)
	}
	name := record().Name
	want := strings.Join([]string{name + "@10.0.0.1", "k1", name + "@10.0.0.2", "k1", "@10.0.0.2", "", name + "@10.0.0.1", "k1", "@", "", "@10.0.0.2", ""}, " ")
	if strings.Join(got, " ") != want {
		t.Errorf("the calls are of\n%q, want\n%q", strings.Join(got, " "), want)
	}
}
