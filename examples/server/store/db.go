package store

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/dctx-team/routex/examples/server/internal/sqldb"
)

// DB is a [Store] in a database; see [Open] and [OpenPostgres].
type DB struct{ db *sqldb.DB }

// Load implements [Store].
func (s *DB) Load(ctx context.Context) (Contents, error) {
	var c Contents
	err := s.db.View(ctx, func(tx *sqldb.Tx) (err error) {
		if c.Revision, err = revision(tx); err != nil {
			return err
		}
		if c.Channels, err = sqldb.Rows(tx, selectChannels, scanChannel); err != nil {
			return fmt.Errorf("channels: %w", err)
		}
		if c.Rules, err = sqldb.Rows(tx, selectRules, scanRule); err != nil {
			return fmt.Errorf("rules: %w", err)
		}
		if c.ClientKeys, err = sqldb.Rows(tx, selectClientKeys, scanClientKey); err != nil {
			return fmt.Errorf("client keys: %w", err)
		}
		if c.Tees, err = sqldb.Rows(tx, selectTees, scanTee); err != nil {
			return fmt.Errorf("tees: %w", err)
		}
		settings, err := sqldb.Rows(tx, "SELECT key, value FROM settings", scanSetting)
		c.Settings = make(map[string]string, len(settings))
		for _, s := range settings {
			c.Settings[s.key] = s.value
		}
		return err
	})
	if err != nil {
		return Contents{}, fmt.Errorf("store: %w", err)
	}
	return c, nil
}

// Write implements [Store].
func (s *DB) Write(ctx context.Context, c Change) error {
	err := s.db.Update(ctx, func(tx *sqldb.Tx) error {
		if err := advance(tx, c.Revision); err != nil {
			return err
		}
		return apply(tx, c)
	})
	switch {
	case errors.Is(err, sqldb.ErrTaken):
		return ErrConflict
	case err != nil:
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

// Watch implements [Store].
func (s *DB) Watch(ctx context.Context, since int64) (int64, error) {
	now := since
	err := s.db.Wait(ctx, func() (bool, error) {
		err := s.db.View(ctx, func(tx *sqldb.Tx) (err error) {
			now, err = revision(tx)
			return err
		})
		return now != since, err
	})
	if err != nil {
		return 0, fmt.Errorf("store: %w", err)
	}
	return now, nil
}

// Ping implements [Store].
func (s *DB) Ping(ctx context.Context) error {
	if err := s.db.Ping(ctx); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}

// Close implements [Store].
func (s *DB) Close() error { return s.db.Close() }

func revision(tx *sqldb.Tx) (n int64, err error) {
	return n, tx.Get("SELECT n FROM revision", nil, &n)
}

// advance begins a change. Others wait until it is over, so that what is
// changed is what was asked for.
func advance(tx *sqldb.Tx, from int64) error {
	if _, err := tx.Exec("UPDATE revision SET n = n + 1"); err != nil {
		return err
	}
	if from != 0 {
		switch n, err := revision(tx); {
		case err != nil:
			return err
		case n != from+1:
			return ErrStale
		}
	}
	return tx.Tell()
}

func apply(tx *sqldb.Tx, c Change) error {
	for _, id := range c.DropChannels {
		if err := drop(tx, "DELETE FROM channels WHERE id = ?", id); err != nil {
			return err
		}
	}
	for _, id := range c.DropRules {
		if err := drop(tx, "DELETE FROM rules WHERE id = ?", id); err != nil {
			return err
		}
	}
	for _, id := range c.DropTees {
		if err := drop(tx, "DELETE FROM tees WHERE id = ?", id); err != nil {
			return err
		}
	}
	for i := range c.PutChannels {
		if err := putChannel(tx, &c.PutChannels[i]); err != nil {
			return err
		}
	}
	for i := range c.PutRules {
		if err := putRule(tx, &c.PutRules[i]); err != nil {
			return err
		}
	}
	for i := range c.PutClientKeys {
		if err := putClientKey(tx, &c.PutClientKeys[i]); err != nil {
			return err
		}
	}
	for i := range c.PutTees {
		if err := putTee(tx, &c.PutTees[i]); err != nil {
			return err
		}
	}
	for _, key := range slices.Sorted(maps.Keys(c.PutSettings)) {
		if _, err := tx.Exec(upsertSetting, key, c.PutSettings[key]); err != nil {
			return err
		}
	}
	return nil
}

const upsertSetting = `INSERT INTO settings (key, value) VALUES (?, ?)
	ON CONFLICT (key) DO UPDATE SET value = excluded.value`

type setting struct{ key, value string }

func scanSetting(scan func(...any) error) (s setting, err error) {
	return s, scan(&s.key, &s.value)
}

func drop(tx *sqldb.Tx, query, id string) error {
	n, err := tx.Exec(query, id)
	if err == nil && n == 0 {
		return ErrNotFound
	}
	return err
}
