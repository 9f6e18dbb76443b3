package access

import (
	"errors"
	"net/http"
	"strings"
)

// ErrUnauthorized is what [Guard.Admin] refuses a request with.
var ErrUnauthorized = errors.New("the admin token is required: Authorization: Bearer <token>")

// Admin decides about a request to the management API. It gives nil or
// [ErrUnauthorized].
func (g *Guard) Admin(r *http.Request) error {
	if g.fromHere(r) && !g.o.LoopbackAuth {
		return nil
	}
	if g.Authenticated(r) {
		return nil
	}
	g.o.Logger.WarnContext(r.Context(), "a request to the management API was refused",
		"method", r.Method, "path", r.URL.Path, "client", g.ClientAddress(r))
	return ErrUnauthorized
}

// Authenticated reports that a request came with the admin token.
func (g *Guard) Authenticated(r *http.Request) bool {
	token, ok := bearer(r.Header)
	return ok && g.o.AdminToken.matches(token)
}

// bearer gives the token of an Authorization header.
func bearer(h http.Header) (token string, ok bool) {
	scheme, token, _ := strings.Cut(h.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	return token, strings.EqualFold(scheme, "Bearer") && token != ""
}
