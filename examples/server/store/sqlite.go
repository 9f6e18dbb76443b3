package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// SQLite is a [Store] in a file; see [Open].
type SQLite struct{ db *sql.DB }

// Load implements [Store].
func (s *SQLite) Load(ctx context.Context) (Contents, error) {
	var c Contents
	tx, err := s.db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return c, fmt.Errorf("store: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // it only reads
	if c.Channels, err = rows(ctx, tx, selectChannels, scanChannel); err != nil {
		return Contents{}, fmt.Errorf("store: channels: %w", explain(err))
	}
	if c.Rules, err = rows(ctx, tx, selectRules, scanRule); err != nil {
		return Contents{}, fmt.Errorf("store: rules: %w", explain(err))
	}
	settings, err := rows(ctx, tx, "SELECT key, value FROM settings", scanSetting)
	if err != nil {
		return Contents{}, fmt.Errorf("store: settings: %w", explain(err))
	}
	c.Settings = make(map[string]string, len(settings))
	for _, s := range settings {
		c.Settings[s.key] = s.value
	}
	return c, nil
}

// Write implements [Store].
func (s *SQLite) Write(ctx context.Context, c Change) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("store: %w", explain(err))
	}
	defer func() { _ = tx.Rollback() }() // nothing to do once committed
	if err := apply(ctx, tx, c); err != nil {
		return fmt.Errorf("store: %w", explain(err))
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("store: %w", explain(err))
	}
	return nil
}

// Close implements [Store].
func (s *SQLite) Close() error { return s.db.Close() }

func apply(ctx context.Context, tx *sql.Tx, c Change) error {
	for _, id := range c.DropChannels {
		if err := drop(ctx, tx, "DELETE FROM channels WHERE id = ?", id); err != nil {
			return err
		}
	}
	for _, id := range c.DropRules {
		if err := drop(ctx, tx, "DELETE FROM rules WHERE id = ?", id); err != nil {
			return err
		}
	}
	for i := range c.PutChannels {
		if err := putChannel(ctx, tx, &c.PutChannels[i]); err != nil {
			return err
		}
	}
	for i := range c.PutRules {
		if err := putRule(ctx, tx, &c.PutRules[i]); err != nil {
			return err
		}
	}
	for _, key := range slices.Sorted(maps.Keys(c.PutSettings)) {
		if err := exec(ctx, tx, upsertSetting, key, c.PutSettings[key]); err != nil {
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

func drop(ctx context.Context, tx *sql.Tx, query, id string) error {
	result, err := tx.ExecContext(ctx, query, id)
	if err != nil {
		return err
	}
	if n, err := result.RowsAffected(); err != nil || n > 0 {
		return err
	}
	return ErrNotFound
}

func exec(ctx context.Context, tx *sql.Tx, query string, args ...any) error {
	_, err := tx.ExecContext(ctx, query, args...)
	if e, ok := errors.AsType[*sqlite.Error](err); ok && e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE {
		return ErrConflict
	}
	return err
}

// rows reads all that a query gives.
func rows[T any](ctx context.Context, tx *sql.Tx, query string, scan func(func(...any) error) (T, error)) ([]T, error) {
	found, err := tx.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { _ = found.Close() }() // its error is that of Err
	var out []T
	for found.Next() {
		record, err := scan(found.Scan)
		if err != nil {
			return nil, err
		}
		out = append(out, record)
	}
	return out, found.Err()
}
