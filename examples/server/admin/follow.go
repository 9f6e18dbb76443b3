package admin

import (
	"context"
	"fmt"
	"time"
)

// pause is how long Follow waits after a failure.
const pause = time.Second

// Follow puts into effect what other servers write to the store, within about
// a second, until ctx ends. What cannot be read, or used, is tried again, and
// everything stays as it was meanwhile.
func (a *API) Follow(ctx context.Context) {
	seen, failing := a.state.Load().revision, false
	for ctx.Err() == nil {
		now, err := a.store.Watch(ctx, seen)
		if err == nil {
			err = a.catchUp(ctx, now)
		}
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			if !failing {
				a.logger.Error("the store cannot be followed; the configuration stays as it was", "error", err)
			}
			failing = true
			select {
			case <-time.After(pause):
			case <-ctx.Done():
			}
			continue
		case failing:
			a.logger.Info("the store is followed again")
		}
		seen, failing = now, false
	}
}

// catchUp reloads a store that has come to a revision that is not known.
func (a *API) catchUp(ctx context.Context, revision int64) error {
	a.writes.Lock()
	defer a.writes.Unlock()
	if a.state.Load().revision == revision {
		return nil // by this server
	}
	return a.reload(ctx)
}

// reload puts into effect what the store holds, and keeps what is not of the
// store. It is called under writes.
func (a *API) reload(ctx context.Context) error {
	contents, err := a.store.Load(ctx)
	if err != nil {
		return fmt.Errorf("reading the store: %w", err)
	}
	known := a.state.Load()
	s := newState(contents, known.ephemeral())
	s.fileRules, s.filePrices = known.fileRules, known.filePrices
	cfg, err := a.compose(s)
	if err != nil {
		return err
	}
	if err := a.transport.Update(cfg); err != nil {
		return fmt.Errorf("the store holds what cannot be used: %w", err)
	}
	a.publish(s)
	return nil
}
