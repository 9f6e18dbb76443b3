package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"modernc.org/sqlite" // and the driver "sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// A Safety says what is left of the last transactions when the machine fails.
// None is lost when the program does.
type Safety string

// The safeties.
const (
	Full   Safety = "FULL"   // all that were committed
	Normal Safety = "NORMAL" // all but those of the last moments
)

// OpenSQLite opens the file of that name in a directory, and makes both when
// they do not exist. Only the user of the process may read them. A file that
// is damaged, that holds something else, or that another process uses gives an
// error and is left as it is. While it is open no other process can open it.
func OpenSQLite(ctx context.Context, dir, name string, schema Schema, safety Safety) (*DB, error) {
	path, err := prepare(dir, name)
	if err != nil {
		return nil, err
	}
	pool, err := sql.Open("sqlite", dsn(path, safety))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	pool.SetMaxOpenConns(1) // one writer; the lock on the file is its own
	d := &DB{pool: pool, kind: sqliteKind{}}
	if err := setUpSQLite(ctx, d, schema); err != nil {
		return nil, errors.Join(fmt.Errorf("%s: %w", path, d.kind.explain(err)), pool.Close())
	}
	return d, nil
}

// prepare makes the directory and the file, and finds out whether both can be
// written: SQLite would quietly open them for reading.
func prepare(dir, name string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("the data directory cannot be made: %w", err)
	}
	probe, err := os.CreateTemp(dir, ".probe-*")
	if err != nil {
		return "", fmt.Errorf("the data directory cannot be written to: %w", err)
	}
	_ = probe.Close()
	if err := os.Remove(probe.Name()); err != nil {
		return "", fmt.Errorf("the data directory cannot be written to: %w", err)
	}
	path := filepath.Join(dir, name)
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return "", fmt.Errorf("the data file cannot be written to: %w", err)
	}
	return path, file.Close()
}

// dsn names the file and what holds for every connection. The lock is kept for
// as long as the database is open: a second server on the same file would not
// see what this one writes.
func dsn(path string, safety Safety) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") { // a drive letter
		path = "/" + path
	}
	u := url.URL{Scheme: "file", Path: path}
	query := url.Values{"_pragma": {"busy_timeout(2000)", "locking_mode(EXCLUSIVE)", "synchronous(" + string(safety) + ")", "foreign_keys(ON)"}}
	query.Set("_txlock", "immediate")
	u.RawQuery = query.Encode()
	return u.String()
}

// setUpSQLite checks the file before it changes anything in it. The
// user_version of a file counts the steps it has had.
func setUpSQLite(ctx context.Context, d *DB, schema Schema) error {
	version, err := checkSQLite(ctx, d.pool, schema)
	if err != nil {
		return err
	}
	steps, err := fs.Glob(schema.Steps, "*.sql")
	if err != nil {
		return err
	}
	if version > len(steps) {
		return newer(version, len(steps))
	}
	if _, err := d.pool.ExecContext(ctx, "PRAGMA journal_mode=WAL"); err != nil {
		return err
	}
	for i := version; i < len(steps); i++ {
		if err := d.Update(ctx, func(tx *Tx) error {
			script, err := fs.ReadFile(schema.Steps, steps[i])
			if err != nil {
				return err
			}
			if _, err := tx.Exec(string(script)); err != nil {
				return fmt.Errorf("%s: %w", steps[i], err)
			}
			_, err = tx.Exec(fmt.Sprintf("PRAGMA application_id=%d; PRAGMA user_version=%d", schema.Mark, i+1))
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

func newer(version, known int) error {
	return fmt.Errorf("version %d of the schema is newer than this program, which knows %d; use a newer program", version, known)
}

// checkSQLite tells the version of a sound file, 0 for an empty one.
func checkSQLite(ctx context.Context, db *sql.DB, schema Schema) (int, error) {
	var application, version, tables int
	for query, into := range map[string]*int{
		"PRAGMA application_id":              &application,
		"PRAGMA user_version":                &version,
		"SELECT count(*) FROM sqlite_schema": &tables,
	} {
		if err := db.QueryRowContext(ctx, query).Scan(into); err != nil {
			return 0, err
		}
	}
	if application != int(schema.Mark) && (version != 0 || tables != 0) {
		return 0, errors.New("this is a database of another program; choose another data directory")
	}
	var report string
	if err := db.QueryRowContext(ctx, "PRAGMA quick_check(1)").Scan(&report); err != nil {
		return 0, err
	}
	if report != "ok" {
		return 0, fmt.Errorf("the file is damaged (%s); restore a copy, or move it away to begin anew", report)
	}
	return version, nil
}

type sqliteKind struct{}

func (sqliteKind) bind(query string) string { return query }

func (sqliteKind) snapshot() *sql.TxOptions { return &sql.TxOptions{ReadOnly: true} }

func (sqliteKind) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	return ctx, func() {}
}

func (sqliteKind) taken(err error) bool {
	e, ok := errors.AsType[*sqlite.Error](err)
	return ok && e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE
}

func (sqliteKind) explain(err error) error {
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

// tell does nothing: no other process can use the file.
func (sqliteKind) tell(*Tx) error { return nil }

// lock does nothing: there is one connection.
func (sqliteKind) lock(*Tx, int64) error { return nil }

func (sqliteKind) scrub(string) []string {
	return []string{"VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"}
}

func (sqliteKind) wait(ctx context.Context, db *DB, changed func() (bool, error)) error {
	for {
		told := db.telling() // before the look, so that nothing is missed between
		if done, err := changed(); done || err != nil {
			return err
		}
		select {
		case <-told:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
