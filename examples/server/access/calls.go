package access

import (
	"net/http"
	"time"

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

// serve hands a call on with what is known of its caller, within the caller's
// limits.
func (g *Guard) serve(w http.ResponseWriter, r *http.Request, c *client, next http.Handler) {
	if c == nil {
		next.ServeHTTP(w, r.WithContext(routex.WithMetadata(r.Context(), g.strangers.about("", g.ClientAddress(r)))))
		return
	}
	ctx := routex.WithMetadata(r.Context(), c.last.about(c.record.Name, g.ClientAddress(r)))
	ctx = routex.WithCaller(ctx, c.record.ID)
	limits := &c.record.Limits
	if over := c.meter.begin(limits, time.Now()); over != nil {
		if over.after > time.Minute { // no client should sit that out
			w.Header().Set("X-Should-Retry", "false")
		}
		routex.WriteError(w, r, &transform.Error{
			Status: http.StatusTooManyRequests, Code: "rate_limit_exceeded", RetryAfter: over.after,
			Message: "the limits of the client key: " + over.what,
		})
		return
	}
	ctx, record := routex.WithRecord(ctx)
	if limits.Channels != nil || limits.Models != nil {
		ctx = routex.WithAllowed(ctx, routex.Allowed{Channels: limits.Channels, Models: limits.Models})
	}
	defer func() { // also when the answer breaks off, by a panic
		tokens, cost := g.used(record.Decision())
		c.meter.end(limits, tokens, cost, time.Now())
	}()
	next.ServeHTTP(w, r.WithContext(ctx))
}

// used tells what a call has used: nothing, when it did not get as far as a
// channel. What is read from a cache counts as any token.
func (g *Guard) used(d *routex.Decision) (tokens int64, cost float64) {
	if d == nil {
		return 0, 0
	}
	if d.Cost != nil {
		cost = *d.Cost
	}
	u := d.Usage
	return u.Input + u.CacheRead + u.CacheWrite + u.Output, cost
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
