package store

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// migrations holds the steps from an empty file to the present schema, in the
// order of their names. The user_version of a file counts those it has had.
//
//go:embed migrations/*.sql
var migrations embed.FS

// applicationID marks a SQLite file as a store of this package ("rtx1").
const applicationID = 0x72747831

// setUp checks the file before it changes anything in it.
func (s *SQLite) setUp(ctx context.Context) error {
	version, err := s.check(ctx)
	if err != nil {
		return err
	}
	steps, err := fs.Glob(migrations, "migrations/*.sql")
	if err != nil {
		return err
	}
	if version > len(steps) {
		return fmt.Errorf("version %d of the schema is newer than this program, which knows %d; use a newer program", version, len(steps))
	}
	if _, err := s.db.ExecContext(ctx, "PRAGMA journal_mode=WAL"); err != nil {
		return err
	}
	for i := version; i < len(steps); i++ {
		if err := s.migrate(ctx, steps[i], i+1); err != nil {
			return fmt.Errorf("%s: %w", steps[i], err)
		}
	}
	return nil
}

// check tells the version of a sound store, 0 for an empty file.
func (s *SQLite) check(ctx context.Context) (int, error) {
	var application, version, tables int
	for query, into := range map[string]*int{
		"PRAGMA application_id":              &application,
		"PRAGMA user_version":                &version,
		"SELECT count(*) FROM sqlite_schema": &tables,
	} {
		if err := s.db.QueryRowContext(ctx, query).Scan(into); err != nil {
			return 0, err
		}
	}
	if application != applicationID && (version != 0 || tables != 0) {
		return 0, errors.New("this is a database of another program; choose another data directory")
	}
	var report string
	if err := s.db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&report); err != nil {
		return 0, err
	}
	if report != "ok" {
		return 0, fmt.Errorf("the file is damaged (%s); restore a copy, or move it away to begin anew", report)
	}
	return version, nil
}

// migrate takes one step, wholly or not at all.
func (s *SQLite) migrate(ctx context.Context, step string, version int) error {
	script, err := migrations.ReadFile(step)
	if err != nil {
		return err
	}
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }() // nothing to do once committed
	marks := fmt.Sprintf("PRAGMA application_id=%d; PRAGMA user_version=%d", applicationID, version)
	for _, text := range []string{string(script), marks} {
		if _, err := tx.ExecContext(ctx, text); err != nil {
			return err
		}
	}
	return tx.Commit()
}

// explain adds the way out to the errors of SQLite that a user can meet.
func explain(err error) error {
	e, ok := errors.AsType[*sqlite.Error](err)
	if !ok {
		return err
	}
	switch e.Code() & 0xff { // the primary code
	case sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT:
		return fmt.Errorf("the file is damaged or no database; restore a copy, or move it away to begin anew: %w", err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("another process uses the file; stop it or choose another data directory: %w", err)
	case sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM:
		return fmt.Errorf("the file cannot be written to; check its owner and mode: %w", err)
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("the disk is full: %w", err)
	}
	return err
}
