package routex

import (
	"context"
	"fmt"
	"net/http"
	"slices"

	"github.com/dctx-team/routex/internal/glob"
	"github.com/dctx-team/routex/transform"
)

// Allowed bounds what calls may ask for. The zero value allows everything.
type Allowed struct {
	// Channels are the only ones that may be asked, by name or ID; empty
	// means all.
	Channels []string
	// Models are the only ones that a caller may name: names, or patterns in
	// which * stands for any text. Empty means all. With any, a call whose
	// model is not known, such as an upload, is refused.
	Models []string
}

type allowedKey struct{}

// WithAllowed bounds the calls that are made with the context it gives, whatever
// the rules say: a channel that is not allowed is left out, and a call for a
// model that is not gets a 403. The copies of shadow rules go where the rules
// say. It replaces what the context says already.
func WithAllowed(ctx context.Context, a Allowed) context.Context {
	return context.WithValue(ctx, allowedKey{}, &a)
}

// allowedOf gives nil when everything is allowed.
func allowedOf(ctx context.Context) *Allowed {
	a, _ := ctx.Value(allowedKey{}).(*Allowed)
	return a
}

func (a *Allowed) channel(ch *channel) bool {
	return a == nil || len(a.Channels) == 0 || slices.Contains(a.Channels, ch.Name) || slices.Contains(a.Channels, ch.ID)
}

func (a *Allowed) model(name string) bool {
	return a == nil || len(a.Models) == 0 || slices.ContainsFunc(a.Models, func(pattern string) bool { return glob.Match(pattern, name) })
}

// models leaves those that may be asked for.
func (a *Allowed) models(s *snapshot) []listed {
	if a == nil {
		return s.models
	}
	all := s.models
	if len(a.Channels) > 0 {
		all = listModels(slices.DeleteFunc(slices.Clone(s.channels), func(ch *channel) bool { return !a.channel(ch) }))
	}
	return slices.DeleteFunc(slices.Clone(all), func(m listed) bool { return !a.model(m.name) })
}

// allow refuses a call that may not be made.
func (c *call) allow() *transform.Error {
	c.plan.allowed = allowedOf(c.ctx)
	if model := c.view.Model; !c.plan.allowed.model(model) {
		if model == "" {
			return notAllowed("this call names no model, and only some models are allowed")
		}
		return notAllowed(fmt.Sprintf("model: %q is not allowed", model))
	}
	return nil
}

func notAllowed(message string) *transform.Error {
	return &transform.Error{Status: http.StatusForbidden, Code: "not_allowed", Message: message}
}
