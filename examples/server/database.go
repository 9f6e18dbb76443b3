package main

import (
	"context"
	"fmt"

	"github.com/dctx-team/routex/examples/server/requests"
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

// openRequests opens the log of calls beside the store.
func (o *options) openRequests(ctx context.Context) (*requests.Log, error) {
	keep := requests.Options{Age: o.requestAge, Size: o.requestSize << 20, Logger: o.logger}
	if o.dsn != "" {
		log, err := requests.OpenPostgres(ctx, o.dsn, keep)
		if err != nil {
			return nil, fmt.Errorf("cannot open the request log: %w", err)
		}
		return log, nil
	}
	log, err := requests.Open(ctx, o.data, keep)
	if err != nil {
		return nil, fmt.Errorf("cannot open the request log: %w", err)
	}
	return log, nil
}

// issues says what is wrong with the log of calls.
func issues(calls *requests.Log) []string {
	var found []string
	switch s := calls.Stats(); {
	case s.Failure != nil && s.Dropped > 0:
		found = append(found, fmt.Sprintf("the request log cannot be written: %d calls wait, %d were not logged", s.Waiting, s.Dropped))
	case s.Failure != nil:
		found = append(found, fmt.Sprintf("the request log cannot be written: %d calls wait", s.Waiting))
	}
	return found
}

// place names what holds the configuration. It tells no secrets.
func (o *options) place() string {
	if o.dsn != "" {
		return "the database"
	}
	return fmt.Sprintf("the data directory %q", o.data)
}
