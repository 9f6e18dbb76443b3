package admin

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/balance"
	"github.com/dctx-team/routex/examples/server/store"
	"github.com/dctx-team/routex/router"
)

// change makes one change to the configuration: edit changes the state that it
// gets and says what to write. Nothing happens unless the Transport would take
// the outcome; then it is stored, then it takes effect. The states before and
// after it are given.
func (a *API) change(ctx context.Context, edit func(*state) (store.Change, error)) (before, after *state, err error) {
	a.writes.Lock()
	defer a.writes.Unlock()
	before = a.state.Load()
	after = before.clone()
	write, err := edit(after)
	if err != nil {
		return nil, nil, err
	}
	cfg, err := a.compose(after)
	if err != nil {
		return nil, nil, err
	}
	if err := dryRun(cfg); err != nil {
		return nil, nil, err
	}
	// A caller who leaves now must not leave the write in doubt.
	if err := a.store.Write(context.WithoutCancel(ctx), write); err != nil {
		if errors.Is(err, store.ErrConflict) {
			return nil, nil, conflict("the name is taken")
		}
		return nil, nil, fmt.Errorf("writing to the store: %w", err)
	}
	if err := a.transport.Update(cfg); err != nil {
		return nil, nil, fmt.Errorf("stored, but not in effect: %w", err)
	}
	a.state.Store(after)
	return before, after, nil
}

// compose makes the Config of a state. Rules whose channel does not exist stay
// out of it.
func (a *API) compose(s *state) (routex.Config, error) {
	cfg := a.config
	cfg.Channels = make([]routex.Channel, 0, len(s.channels))
	for i := range s.channels {
		cfg.Channels = append(cfg.Channels, libraryChannel(&s.channels[i].Channel))
	}
	cfg.Rules = nil
	for i := range s.rules {
		if r := &s.rules[i]; !s.rests(r) {
			cfg.Rules = append(cfg.Rules, libraryRule(r))
		}
	}
	var err error
	cfg.Balancer, err = balance.New(s.strategy)
	return cfg, err
}

// dryRun asks the library about a Config without putting it into effect.
func dryRun(cfg routex.Config) error {
	cfg.Base = http.DefaultTransport // it sends nothing
	_, err := routex.New(cfg)
	bad, ok := errors.AsType[*routex.ConfigError](err)
	if !ok {
		return err
	}
	var found mistakes
	for _, f := range bad.Fields {
		found.add(f.Field, codeValue, f.Problem)
	}
	return found.err()
}

func libraryChannel(c *store.Channel) routex.Channel {
	return routex.Channel{
		ID: c.ID, Name: c.Name, Type: routex.ChannelType(c.Type), BaseURL: c.BaseURL, APIKey: c.APIKey,
		Headers: c.Headers, Models: c.Models, ModelMap: c.ModelMap,
		Priority: c.Priority, Weight: c.Weight, Drain: c.Weight == 0, Disabled: c.Disabled,
		Timeouts: routex.Timeouts{
			Header: time.Duration(c.Timeouts.Header) * time.Millisecond,
			Unary:  time.Duration(c.Timeouts.Unary) * time.Millisecond,
			Idle:   time.Duration(c.Timeouts.Idle) * time.Millisecond,
		},
	}
}

func libraryRule(r *store.Rule) router.Rule {
	return router.Rule{
		ID: r.ID, Name: r.Name, Type: router.Type(r.Type), Condition: r.Condition,
		TargetChannel: r.TargetChannel, TargetModel: r.TargetModel,
		Priority: r.Priority, Strict: r.Strict, Disabled: r.Disabled,
	}
}

// fieldName turns the library's name of a field, such as Timeouts.Header or
// Headers["X-A"], into the API's.
func fieldName(goName string) string {
	switch goName {
	case "BaseURL":
		return "baseUrl"
	case "APIKey":
		return "apiKey"
	case "ID":
		return "id"
	}
	name, index, indexed := strings.Cut(goName, "[")
	parts := strings.Split(name, ".")
	for i, part := range parts {
		if part != "" {
			parts[i] = strings.ToLower(part[:1]) + part[1:]
		}
	}
	name = strings.Join(parts, ".")
	if indexed {
		name += "[" + index
	}
	return name
}
