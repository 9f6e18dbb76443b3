package ruletest

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/router"
)

// A Subject decides about requests. [router.Rules] by themselves know nothing
// of channels: the channel is the first that the rule names, whether there is
// one or not, and the model that of the rule, else the caller's.
type Subject interface {
	routex.Config | *routex.Transport | *router.Rules
}

var (
	errNoClock = errors.New("ruletest: At: a Transport has the clock of the machine; test its Config")
	errAsks    = errors.New("ruletest: nobody is asked")
)

// decide gives what becomes of a request.
func decide[S Subject](t *testing.T, s S, r Request) (d *routex.Decision, err error) {
	switch s := any(s).(type) {
	case routex.Config:
		synctest.Test(t, func(t *testing.T) { d, err = decideBy(t.Context(), s, r) })
	case *routex.Transport:
		if !r.at.IsZero() {
			return nil, errNoClock
		}
		return explained(t.Context(), s, r)
	case *router.Rules:
		return ruled(t.Context(), s, r)
	}
	return d, err
}

// decideBy gives what a new Transport decides, in a bubble.
func decideBy(ctx context.Context, cfg routex.Config, r Request) (*routex.Decision, error) {
	cfg.Seed = cmp.Or(cfg.Seed, 1)
	cfg.Base = nobody{}
	transport, err := routex.New(cfg)
	if err != nil {
		return nil, err
	}
	wait(r)
	return explained(ctx, transport, r)
}

// wait lets the clock of a bubble reach the time of a request.
func wait(r Request) {
	if !r.at.IsZero() {
		time.Sleep(time.Until(r.at))
	}
}

func explained(ctx context.Context, t *routex.Transport, r Request) (*routex.Decision, error) {
	req, err := r.HTTP(ctx)
	if err != nil {
		return nil, err
	}
	return t.Explain(req)
}

// nobody sends nothing.
type nobody struct{}

func (nobody) RoundTrip(*http.Request) (*http.Response, error) { return nil, errAsks }

// ruled gives what rules say by themselves.
func ruled(ctx context.Context, rules *router.Rules, r Request) (*routex.Decision, error) {
	view, d, err := r.view(ctx)
	if err != nil {
		return nil, err
	}
	d.Rules = rules.Explain(view)
	choice, err := rules.Route(ctx, view)
	d.Rule, d.RuleID = choice.Rule, choice.RuleID
	denied, refused := errors.AsType[*router.DeniedError](err)
	switch {
	case refused:
		d.Rule, d.RuleID, d.Error = denied.Rule, denied.RuleID, denied.Message
		return d, nil
	case err != nil && !errors.Is(err, router.ErrNoRoute):
		return nil, err
	}
	d.Order, d.Shadow = choice.Order(r.session, 0), choice.Shadow
	if len(d.Order) > 0 {
		d.Channel = d.Order[0]
	}
	d.UpstreamModel = cmp.Or(choice.Model, view.Model)
	return d, nil
}

// view is what rules see of the request.
func (r Request) view(ctx context.Context) (*router.Request, *routex.Decision, error) {
	req, err := r.HTTP(ctx)
	if err != nil {
		return nil, nil, err
	}
	body, err := r.Body()
	if err != nil {
		return nil, nil, err
	}
	view, err := parseCall(req.URL.Path, body)
	if err != nil {
		return nil, nil, err
	}
	view.Path, view.Header, view.Metadata, view.Time = req.URL.Path, req.Header, r.metadata, r.at
	if r.at.IsZero() {
		view.Time = dawn()
	}
	return view, &routex.Decision{Time: view.Time, Dialect: r.dialect, Path: view.Path, Model: view.Model, Stream: view.Stream}, nil
}

// parseCall looks for the model in the path, where Gemini has it, or the body.
func parseCall(path string, body []byte) (*router.Request, error) {
	model, method, named := strings.Cut(path[strings.LastIndexByte(path, '/')+1:], ":")
	if !named {
		return router.ParseAny(body)
	}
	return router.ParseNamed(body, model, strings.HasPrefix(method, "stream"))
}
