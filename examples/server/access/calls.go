package access

import (
	"net/http"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/transform"
)

// Names of what the rules of a Transport can ask for in their condition
// metadata. What a caller says by those names in its body does not count.
const (
	MetadataClient  = "client"        // the name of the client key; "" without one
	MetadataAddress = "clientAddress" // the IP address of the caller
)

// Calls guards a handler of calls to models. It refuses in the caller's own
// protocol.
func (g *Guard) Calls(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if refusal := g.pageOfOthers(r); refusal != nil {
			routex.WriteError(w, r, refusal)
			return
		}
		c := g.o.Keys.find(credentials(r))
		if c == nil && !g.open() {
			g.o.Logger.WarnContext(r.Context(), "a call was refused: it has no client key, or one that is not known",
				"method", r.Method, "path", r.URL.Path, "client", g.ClientAddress(r))
			routex.WriteError(w, r, &transform.Error{
				Status: http.StatusUnauthorized, Code: "invalid_api_key",
				Message: "a client key of this server is required, and this is none",
			})
			return
		}
		g.serve(w, r, c, next)
	})
}

// open reports that calls need no key.
func (g *Guard) open() bool { return g.o.OpenCalls || g.o.Loopback && !g.o.Keys.Any() }

// serve hands a call on with what is known of its caller.
func (g *Guard) serve(w http.ResponseWriter, r *http.Request, c *client, next http.Handler) {
	about := map[string]string{MetadataClient: "", MetadataAddress: ""}
	if addr := g.ClientAddress(r); addr.IsValid() {
		about[MetadataAddress] = addr.String()
	}
	if c != nil {
		about[MetadataClient] = c.name()
	}
	next.ServeHTTP(w, r.WithContext(routex.WithMetadata(r.Context(), about)))
}

// pageOfOthers refuses what web pages of other origins send, which browsers
// let them do without asking: to a server that needs no key it would be a call
// as good as any. A page whose own name leads to this machine is of the same
// origin, and no better.
func (g *Guard) pageOfOthers(r *http.Request) *transform.Error {
	asked := r
	if r.Header["Upgrade"] != nil { // a connection is no read
		asked = &http.Request{Method: http.MethodPost, URL: r.URL, Host: r.Host, Header: r.Header}
	}
	renamed := g.open() && g.o.Loopback && !g.o.OpenCalls && fromBrowser(r.Header) && !localHost(r.Host)
	if g.origin.Check(asked) == nil && !renamed {
		return nil
	}
	return &transform.Error{
		Status: http.StatusForbidden, Code: "cross_origin",
		Message: "web pages of another origin may not call models here",
	}
}

func fromBrowser(h http.Header) bool { return h["Origin"] != nil || h["Sec-Fetch-Site"] != nil }
