package admin

import (
	"context"
	"errors"
	"fmt"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/balance"
	"github.com/dctx-team/routex/examples/server/store"
)

// change makes one change to the configuration: edit changes the state that it
// gets and says what to write. Nothing happens unless the Transport would take
// the outcome; then it is stored, then it takes effect. The states before and
// after it are given. The error is [store.ErrStale] when another server has
// written since: what it left is known now, and the caller has to begin anew.
func (a *API) change(ctx context.Context, edit func(*state) (store.Change, error)) (before, after *state, err error) {
	a.writes.Lock()
	defer a.writes.Unlock()
	before, after, err = a.tryChange(ctx, edit)
	if errors.Is(err, store.ErrStale) {
		if err := a.reload(ctx); err != nil {
			return nil, nil, err
		}
	}
	return before, after, err
}

// tryChange is change, under writes, on what is known of the store.
func (a *API) tryChange(ctx context.Context, edit func(*state) (store.Change, error)) (before, after *state, err error) {
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
	write.Revision, after.revision = before.revision, before.revision+1
	// A caller who leaves now must not leave the write in doubt.
	switch err := a.store.Write(context.WithoutCancel(ctx), write); {
	case errors.Is(err, store.ErrConflict):
		return nil, nil, conflict("the name is taken")
	case errors.Is(err, store.ErrStale):
		return nil, nil, err
	case err != nil:
		return nil, nil, fmt.Errorf("%w: %w", errNotStored, err)
	}
	if err := a.transport.Update(cfg); err != nil {
		return nil, nil, fmt.Errorf("stored, but not in effect: %w", err)
	}
	a.publish(after)
	return before, after, nil
}

// compose makes the Config of a state. Rules whose channel does not exist stay
// out of it.
func (a *API) compose(s *state) (routex.Config, error) {
	cfg := a.config
	cfg.Channels = make([]routex.Channel, 0, len(s.channels))
	for i := range s.channels {
		ch, err := libraryChannel(&s.channels[i].Channel)
		if err != nil {
			return cfg, err
		}
		cfg.Channels = append(cfg.Channels, ch)
	}
	cfg.Rules = nil
	for _, r := range s.allRules() {
		if !s.rests(&r) {
			cfg.Rules = append(cfg.Rules, s.effective(&r))
		}
	}
	var err error
	if cfg.Prices, err = a.priceTable(s); err != nil {
		return cfg, err
	}
	cfg.Balancer, err = balance.New(s.strategy)
	return cfg, err
}

// dryRun asks the library about a Config without putting it into effect.
func dryRun(cfg routex.Config) error {
	err := cfg.Validate()
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
