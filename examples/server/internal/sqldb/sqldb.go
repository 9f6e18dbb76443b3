// Package sqldb opens databases of SQLite and PostgreSQL, brings their schema
// up to date, and lets the same statements run on both.
package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"sync"
)

// ErrTaken says that a value that must be unique is there already.
var ErrTaken = errors.New("a value that must be unique is taken")

// A Schema is what a database holds. It is written for SQLite, in the few
// words that can be turned into PostgreSQL's.
type Schema struct {
	// Name tells it from the other schemas in a database of PostgreSQL, Mark
	// from other programs' files of SQLite, as their application_id.
	Name string
	Mark int32
	// Steps are the *.sql files that lead from nothing to the present, in the
	// order of their names.
	Steps fs.FS
}

// A DB is an open database. It is safe for concurrent use.
type DB struct {
	pool *sql.DB
	kind kind

	mu   sync.Mutex
	told chan struct{} // closed and replaced when something was told; under mu
}

// A kind is what differs from one database system to the other.
type kind interface {
	// bind puts the arguments' places into a query that has ? for them.
	bind(query string) string
	// snapshot opens a transaction that only reads.
	snapshot() *sql.TxOptions
	// limit bounds one transaction.
	limit(context.Context) (context.Context, context.CancelFunc)
	// explain adds the way out to errors that a user can meet.
	explain(error) error
	// taken tells the error of a value that must be unique.
	taken(error) bool
	// tell wakes the listeners of other processes when the transaction is
	// committed.
	tell(*Tx) error
	// lock is Tx.Lock.
	lock(tx *Tx, name int64) error
	// scrub lists the statements that rewrite a table without what was in it.
	scrub(table string) []string
	// wait is DB.Wait.
	wait(ctx context.Context, db *DB, changed func() (bool, error)) error
}

// A Tx is a transaction, for one goroutine.
type Tx struct {
	ctx   context.Context // of the whole of it
	tx    *sql.Tx
	kind  kind
	tells bool

	last     string    // the statement that was run last
	prepared *sql.Stmt // the same; nil when it has come once so far
}

// View runs f on a state of the database that does not change.
func (d *DB) View(ctx context.Context, f func(*Tx) error) error {
	return d.run(ctx, d.kind.snapshot(), f)
}

// Update runs f and makes durable what it wrote, or nothing when it fails.
func (d *DB) Update(ctx context.Context, f func(*Tx) error) error { return d.run(ctx, nil, f) }

func (d *DB) run(ctx context.Context, o *sql.TxOptions, f func(*Tx) error) error {
	ctx, cancel := d.kind.limit(ctx)
	defer cancel()
	tx, err := d.pool.BeginTx(ctx, o)
	if err != nil {
		return d.kind.explain(err)
	}
	defer func() { _ = tx.Rollback() }() // nothing to do once committed
	t := &Tx{ctx: ctx, tx: tx, kind: d.kind}
	if err := f(t); err != nil {
		return d.kind.explain(err)
	}
	if err := tx.Commit(); err != nil {
		return d.kind.explain(err)
	}
	if t.tells {
		d.wake()
	}
	return nil
}

// Ping finds out whether the database can be used.
func (d *DB) Ping(ctx context.Context) error {
	return d.View(ctx, func(tx *Tx) error {
		var one int
		return tx.Get("SELECT 1", nil, &one)
	})
}

// Scrub rewrites at least a table without what was overwritten or deleted.
func (d *DB) Scrub(ctx context.Context, table string) error {
	for _, statement := range d.kind.scrub(table) {
		if _, err := d.pool.ExecContext(ctx, statement); err != nil {
			return d.kind.explain(err)
		}
	}
	return nil
}

// Close lets the database go.
func (d *DB) Close() error { return d.pool.Close() }

// Exec runs a statement, which has ? for its arguments, and gives the number
// of rows that it changed. Its error is ErrTaken for a value that must be
// unique and is not.
func (t *Tx) Exec(query string, args ...any) (int64, error) {
	result, err := t.exec(query, args)
	switch {
	case err == nil:
		return result.RowsAffected()
	case t.kind.taken(err):
		return 0, ErrTaken
	}
	return 0, err
}

// exec prepares a statement that comes again. The transaction closes it.
func (t *Tx) exec(query string, args []any) (sql.Result, error) {
	if query != t.last {
		t.last, t.prepared = query, nil
		return t.tx.ExecContext(t.ctx, t.kind.bind(query), args...)
	}
	if t.prepared == nil {
		var err error
		if t.prepared, err = t.tx.PrepareContext(t.ctx, t.kind.bind(query)); err != nil {
			return nil, err
		}
	}
	return t.prepared.ExecContext(t.ctx, args...)
}

// Tell lets Wait return, here and in other processes that use the database,
// when the transaction is committed.
func (t *Tx) Tell() error {
	t.tells = true
	return t.kind.tell(t)
}

// Lock lets transactions that lock the same name run one after the other, from
// now until they are over.
func (t *Tx) Lock(name int64) error { return t.kind.lock(t, name) }

// Get reads the first row that a query gives into the variables; its error is
// sql.ErrNoRows when there is none.
func (t *Tx) Get(query string, args []any, into ...any) error {
	return t.tx.QueryRowContext(t.ctx, t.kind.bind(query), args...).Scan(into...)
}

// Rows reads all rows that a query gives.
func Rows[T any](t *Tx, query string, scan func(func(...any) error) (T, error), args ...any) ([]T, error) {
	found, err := t.tx.QueryContext(t.ctx, t.kind.bind(query), args...)
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

// Wait calls changed, and again whenever something may have been told, until
// it gives true or an error or ctx ends.
func (d *DB) Wait(ctx context.Context, changed func() (bool, error)) error {
	return d.kind.explain(d.kind.wait(ctx, d, changed))
}

func (d *DB) telling() <-chan struct{} {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.told == nil {
		d.told = make(chan struct{})
	}
	return d.told
}

func (d *DB) wake() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.told != nil {
		close(d.told)
		d.told = nil
	}
}
