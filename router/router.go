// Package router decides where a call should go. A [Router] looks at a
// [Request], a read-only view of one call, and gives a [Choice]; [Rules] is
// the router that follows a list of conditions.
package router

import (
	"context"
	"errors"
)

// ErrNoRoute is given by a router that has no opinion about a call.
var ErrNoRoute = errors.New("router: no route")

// A Choice says where a call should go. The zero value leaves everything open:
// any channel that serves the model.
type Choice struct {
	// Channels by name or ID, the first preferred. They are taken even if
	// they do not list the model. Empty means every channel that serves it.
	Channels []string
	Model    string // asked of the chosen channels; "" keeps the caller's
	RuleID   string // of the rule that chose; "" for none
	Rule     string // its name
	// Strict refuses the call when none of Channels can take it, instead of
	// going on to the other channels that serve the model.
	Strict bool
}

// A Router decides where one call should go. It gives an error that wraps
// [ErrNoRoute] to decline; any other error refuses the call. It must not keep
// r, and is called by many goroutines at the same time.
type Router interface {
	Route(ctx context.Context, r *Request) (Choice, error)
}

// Func is a function as a [Router].
type Func func(ctx context.Context, r *Request) (Choice, error)

// Route calls f.
func (f Func) Route(ctx context.Context, r *Request) (Choice, error) { return f(ctx, r) }

// First asks the routers in turn and takes the first choice. Nil ones are
// passed over.
func First(routers ...Router) Router {
	return Func(func(ctx context.Context, r *Request) (Choice, error) {
		for _, next := range routers {
			if next == nil {
				continue
			}
			choice, err := next.Route(ctx, r)
			if !errors.Is(err, ErrNoRoute) {
				return choice, err
			}
		}
		return Choice{}, ErrNoRoute
	})
}
