package admin

import (
	"cmp"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/dctx-team/routex/examples/server/store"
)

// A handler answers a request. The body is nil unless the method has one.
type handler func(r *http.Request, body *object) (reply, error)

// newRoutes mounts the table of operations.
func (a *API) newRoutes(table []operation) http.Handler {
	paths := make(map[string]map[string]*operation)
	for i := range table {
		o := &table[i]
		if paths[o.path] == nil {
			paths[o.path] = make(map[string]*operation)
		}
		paths[o.path][o.method] = o
		if o.method == http.MethodGet {
			paths[o.path][http.MethodHead] = o
		}
	}
	mux := http.NewServeMux()
	for path, methods := range paths {
		mux.Handle(path, a.path(methods))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		a.writeError(w, r, notFound("nothing is served at %s", r.URL.Path))
	})
	return mux
}

// path serves the operations of one path, by method.
func (a *API) path(methods map[string]*operation) http.Handler {
	allow := strings.Join(slices.Sorted(maps.Keys(methods)), ", ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		o, ok := methods[r.Method]
		switch {
		case !ok:
			w.Header().Set("Allow", allow)
			a.writeError(w, r, wrongMethod(r.Method, allow))
		case o.plain != nil:
			o.plain(w, r)
		default:
			out, err := o.run(w, r)
			if err != nil {
				a.writeError(w, r, err)
				return
			}
			a.writeReply(w, r, cmp.Or(o.status, http.StatusOK), out)
		}
	})
}

// run answers in the envelope.
func (o *operation) run(w http.ResponseWriter, r *http.Request) (reply, error) {
	if !o.hasBody() {
		return ask(o.serve, r, nil)
	}
	if o.bodyOptional && r.ContentLength == 0 {
		r = r.Clone(r.Context())
		r.Body = io.NopCloser(strings.NewReader("{}"))
	}
	body, err := readBody(w, r, cmp.Or(o.bodyLimit, maxBody))
	if err != nil {
		return reply{}, err
	}
	return ask(o.serve, r, body)
}

func (o *operation) hasBody() bool { return o.method == http.MethodPost || o.method == http.MethodPut }

// ask asks a handler, and anew when another server has written to the store
// since it looked.
func ask(h handler, r *http.Request, body *object) (reply, error) {
	for {
		out, err := h(r, body.clone())
		if !errors.Is(err, store.ErrStale) || r.Context().Err() != nil {
			return out, err
		}
	}
}
