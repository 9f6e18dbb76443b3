package access_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"

	"github.com/dctx-team/routex/examples/server/access"
	"github.com/dctx-team/routex/examples/server/store"
)

func Example() {
	key := access.NewClientKey()
	keys := new(access.Keys)
	keys.Set([]store.ClientKey{{
		ID: "1", Name: "laptop", Digest: access.DigestOf(key).String(), Limits: store.ClientLimits{Requests: 1},
	}})
	guard := access.New(access.Options{Keys: keys})
	handler := guard.Calls(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "an answer")
	}))
	for _, shown := range []string{"sk-unknown", key, key} {
		r := httptest.NewRequest("POST", "/v1/messages", nil)
		r.Header.Set("X-Api-Key", shown)
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, r)
		fmt.Printf("%d %q\n", w.Code, w.Header().Get("Retry-After"))
	}
	// Output:
	// 401 ""
	// 200 ""
	// 429 "60"
}
