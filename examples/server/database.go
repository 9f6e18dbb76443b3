package main

import (
	"context"
	"fmt"

	"github.com/dctx-team/routex/examples/server/store"
)

// envDSN in the environment is what -dsn says.
const envDSN = "ROUTEX_DSN"

// open opens the store that the command line names.
func (o *options) open(ctx context.Context) (*store.DB, error) {
	if o.dsn != "" {
		kept, err := store.OpenPostgres(ctx, o.dsn)
		if err != nil {
			return nil, fmt.Errorf("cannot open the database: %w", err)
		}
		return kept, nil
	}
	kept, err := store.Open(ctx, o.data)
	if err != nil {
		return nil, fmt.Errorf("cannot open the data directory %q: %w", o.data, err)
	}
	return kept, nil
}

// place names what holds the configuration. It tells no secrets.
func (o *options) place() string {
	if o.dsn != "" {
		return "the database"
	}
	return fmt.Sprintf("the data directory %q", o.data)
}
