package main

import (
	"fmt"
	"net/http"
	"strings"
)

// A mux tells the management API from calls to language models. It looks at
// the path only, so that a call passes through as little as possible.
type mux struct {
	admin   http.Handler
	calls   http.Handler
	pointer []byte // the answer to GET /
}

func newMux(admin, calls http.Handler, version string) *mux {
	return &mux{admin: admin, calls: calls, pointer: fmt.Appendf(nil,
		`{"name":"Routex","version":%q,"channels":"/api/channels","rules":"/api/routing/rules","health":"/health","models":"/v1/models"}`, version)}
}

// ServeHTTP implements http.Handler.
func (m *mux) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.Path
	switch {
	case strings.HasPrefix(path, "/v1"):
		m.calls.ServeHTTP(w, r)
	case path == "/" && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		_, _ = w.Write(m.pointer) // who left needs no answer
	case under(path, "/api"), under(path, "/health"), under(path, "/metrics"):
		m.admin.ServeHTTP(w, r)
	default:
		m.calls.ServeHTTP(w, r)
	}
}

// under reports that a path is the root or below it.
func under(path, root string) bool {
	rest, ok := strings.CutPrefix(path, root)
	return ok && (rest == "" || rest[0] == '/')
}
