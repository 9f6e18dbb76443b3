package admin

import (
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

// methods gives the handler for each method of a path.
type methods map[string]handler

// importPath is where a body may be a whole configuration.
const importPath = "/api/channels/import"

func (a *API) newRoutes() http.Handler {
	mux := http.NewServeMux()
	strategy := methods{http.MethodGet: a.getStrategy, http.MethodPut: a.putStrategy}
	for path, m := range map[string]methods{
		"/api":                        {http.MethodGet: a.index},
		"/api/channels":               {http.MethodGet: a.listChannels, http.MethodPost: a.postChannel},
		"/api/channels/{id}":          {http.MethodGet: a.getChannel, http.MethodPut: a.putChannel, http.MethodDelete: a.deleteChannel},
		importPath:                    {http.MethodPost: a.importChannels},
		"/api/routing/rules":          {http.MethodGet: a.listRules, http.MethodPost: a.postRule},
		"/api/routing/rules/enabled":  {http.MethodGet: a.listEnabledRules},
		"/api/routing/rules/{id}":     {http.MethodGet: a.getRule, http.MethodPut: a.putRule, http.MethodDelete: a.deleteRule},
		"/api/routing/test":           {http.MethodPost: a.explainCall},
		"/api/load-balancer/strategy": strategy,
		"/api/strategy":               strategy,
		"/api/transformers":           {http.MethodGet: a.listTransformers},
		"/api/transformers/test":      {http.MethodPost: a.testTransformer},
		"/api/keys":                   {http.MethodGet: a.listClientKeys, http.MethodPost: a.postClientKey},
		"/api/keys/{id}":              {http.MethodGet: a.getClientKey, http.MethodPut: a.putClientKey, http.MethodDelete: a.deleteClientKey},
		"/api/config":                 {http.MethodGet: a.getConfig, http.MethodPut: a.putConfig},
		"/api/i18n/locale":            {http.MethodGet: a.getLocale, http.MethodPut: a.putLocale},
		"/api/providers":              {http.MethodGet: a.listProviders},
		"/api/providers/{type}":       {http.MethodGet: a.getProvider},
	} {
		mux.Handle(path, a.enveloped(m))
	}
	if a.log != nil {
		mux.Handle("/api/logging/config", a.enveloped(methods{http.MethodGet: a.getLogging, http.MethodPut: a.putLogging}))
		mux.Handle("/api/logging/modules/{name}/level", a.enveloped(methods{http.MethodPut: a.putModuleLevel}))
	}
	if a.requests != nil {
		for path, h := range map[string]handler{
			"/api/requests":              a.listCalls,
			"/api/requests/{id}":         a.getCall,
			"/api/requests/channel/{id}": a.listCallsOfChannel,
		} {
			mux.Handle(path, a.enveloped(methods{http.MethodGet: h}))
		}
	}
	for path, h := range map[string]handler{
		"/api/channels/{id}/test":         a.testChannel,
		"/api/channels/test/all":          a.testChannels(false),
		"/api/channels/test/enabled":      a.testChannels(true),
		"/api/routing/lint":               a.lintRules,
		"/api/routing/reload":             a.reloadRules,
		"/api/config/reload":              a.reloadConfig,
		"/api/routing/rules/{id}/enable":  a.switchRule(true),
		"/api/routing/rules/{id}/disable": a.switchRule(false),
	} {
		mux.Handle(path, bodyOptional(a.enveloped(methods{http.MethodPost: h})))
	}
	for path, h := range map[string]http.HandlerFunc{
		"/health": a.health, "/health/live": a.live, "/health/ready": a.ready, "/health/detailed": a.detailed,
		"/api/channels/export": a.exportChannels, "/api/config/export": a.exportConfig,
	} {
		mux.Handle(path, a.readOnly(h))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		a.writeError(w, r, notFound("nothing is served at %s", r.URL.Path))
	})
	return mux
}

// enveloped serves the methods of a path under /api.
func (a *API) enveloped(m methods) http.Handler {
	m = maps.Clone(m) // a path and its alias share one
	if m[http.MethodGet] != nil {
		m[http.MethodHead] = m[http.MethodGet]
	}
	allow := strings.Join(slices.Sorted(maps.Keys(m)), ", ")
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, ok := m[r.Method]
		if !ok {
			w.Header().Set("Allow", allow)
			a.writeError(w, r, wrongMethod(r.Method, allow))
			return
		}
		out, err := run(h, w, r)
		if err != nil {
			a.writeError(w, r, err)
			return
		}
		a.writeReply(w, r, out)
	})
}

func run(h handler, w http.ResponseWriter, r *http.Request) (reply, error) {
	if r.Method != http.MethodPost && r.Method != http.MethodPut {
		return ask(h, r, nil)
	}
	limit := int64(maxBody)
	if r.Pattern == importPath {
		limit = maxImport
	}
	body, err := readBody(w, r, limit)
	if err != nil {
		return reply{}, err
	}
	return ask(h, r, body)
}

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

// bodyOptional takes a request without a body for one with an empty object.
func bodyOptional(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.ContentLength == 0 {
			r = r.Clone(r.Context())
			r.Body = io.NopCloser(strings.NewReader("{}"))
		}
		h.ServeHTTP(w, r)
	})
}

// readOnly serves a path that answers GET and HEAD in a shape of its own.
func (a *API) readOnly(h http.HandlerFunc) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			a.writeError(w, r, wrongMethod(r.Method, "GET, HEAD"))
			return
		}
		h(w, r)
	})
}
