package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// FileName is the file that [Open] keeps in its directory.
const FileName = "routex.db"

// Open opens the store in a directory, and makes both when they do not exist.
// Only the user of the process may read them: keys are in there. A file that
// is damaged, that is no store, or that another process uses gives an error
// and is left as it is.
func Open(ctx context.Context, dir string) (*SQLite, error) {
	path, err := prepare(dir)
	if err != nil {
		return nil, err
	}
	db, err := sql.Open("sqlite", dsn(path))
	if err != nil {
		return nil, fmt.Errorf("store: %s: %w", path, err)
	}
	db.SetMaxOpenConns(1) // one writer; the lock on the file is its own
	s := &SQLite{db: db}
	if err := s.setUp(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("store: %s: %w", path, explain(err)), db.Close())
	}
	return s, nil
}

// prepare makes the directory and the file, and finds out whether both can be
// written: SQLite would quietly open them for reading.
func prepare(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("store: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("store: the data directory cannot be made: %w", err)
	}
	probe, err := os.CreateTemp(dir, ".probe-*")
	if err != nil {
		return "", fmt.Errorf("store: the data directory cannot be written to: %w", err)
	}
	_ = probe.Close()
	if err := os.Remove(probe.Name()); err != nil {
		return "", fmt.Errorf("store: the data directory cannot be written to: %w", err)
	}
	path := filepath.Join(dir, FileName)
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return "", fmt.Errorf("store: the data file cannot be written to: %w", err)
	}
	return path, file.Close()
}

// dsn names the file and what holds for every connection. The lock is kept for
// as long as the store is open: a second server on the same file would not see
// what this one writes.
func dsn(path string) string {
	path = filepath.ToSlash(path)
	if !strings.HasPrefix(path, "/") { // a drive letter
		path = "/" + path
	}
	u := url.URL{Scheme: "file", Path: path}
	query := url.Values{"_pragma": {"busy_timeout(2000)", "locking_mode(EXCLUSIVE)", "synchronous(FULL)", "foreign_keys(ON)"}}
	query.Set("_txlock", "immediate")
	u.RawQuery = query.Encode()
	return u.String()
}
