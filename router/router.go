package router

import (
	"context"
	"errors"
	"fmt"
)

// ErrNoRoute is given by a router that has no opinion about a call.
var ErrNoRoute = errors.New("router: no route")

// A DeniedError refuses a call because a rule says so.
type DeniedError struct {
	RuleID  string
	Rule    string // its name
	Message string // for the caller
}

// Error names the rule, and says what it says.
func (e *DeniedError) Error() string {
	return fmt.Sprintf("router: denied by the rule %q: %s", e.Rule, e.Message)
}

// A Router decides where one call should go. It gives an error that wraps
// [ErrNoRoute] to decline; any other error, such as a [*DeniedError], refuses
// the call. It must not keep r, and is called by many goroutines at the same
// time.
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
