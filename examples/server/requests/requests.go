// Package requests keeps a log of calls in a database: what was decided about
// each, and what came of it, failures and hang-ups too, but nothing of what
// was said in it.
package requests

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/examples/server/internal/sqldb"
)

// FileName is the file that [Open] keeps in its directory.
const FileName = "requests.db"

// The defaults of [Options].
const (
	DefaultAge  = 30 * 24 * time.Hour
	DefaultSize = 1 << 30 // bytes
)

// applicationID marks a SQLite file as a log of this package ("rtxr").
const applicationID = 0x72747872

// The bounds of what waits to be written. When it is full, calls are not
// logged.
const (
	maxWaiting      = 20_000   // calls
	maxWaitingBytes = 16 << 20 // about
)

// migrations holds the steps from an empty database to the present schema.
//
//go:embed migrations/*.sql
var migrations embed.FS

// Options say what is kept. The zero value means the defaults.
type Options struct {
	Age  time.Duration // older calls are dropped; 0 means [DefaultAge]
	Size int64         // in bytes, about; the oldest calls are dropped; 0 means [DefaultSize]
	// Cost says what a call has cost, when it is over; nil means that nobody
	// knows.
	Cost   func(*routex.Decision) (cost float64, known bool)
	Logger *slog.Logger // gets failures of the database; nil means no log
}

// A Log is a log of calls. It is safe for concurrent use.
type Log struct {
	db      *sqldb.DB
	age     time.Duration
	size    int64
	cost    func(*routex.Decision) (float64, bool) // nil for none
	logger  *slog.Logger
	wake    chan struct{} // something waits
	closing chan struct{}
	done    chan struct{} // closed when all is written

	mu      sync.Mutex
	closed  bool    // and the following under mu
	waiting []entry // not written yet, the oldest first
	bytes   int     // of them, about
	dropped int64
	failure error // of the last write
}

// An entry is a call that waits to be written.
type entry struct {
	id       string
	decision *routex.Decision
	cost     *float64 // nil when it is not known
	bytes    int      // about
}

// Open opens the log in a directory, and makes both when they do not exist.
// The same holds for the file as for that of a store, but for the last moments
// before the machine fails, which may be lost.
func Open(ctx context.Context, dir string, o Options) (*Log, error) {
	schema, err := newSchema()
	if err != nil {
		return nil, fmt.Errorf("requests: %w", err)
	}
	db, err := sqldb.OpenSQLite(ctx, dir, FileName, schema, sqldb.Normal)
	if err != nil {
		return nil, fmt.Errorf("requests: %w", err)
	}
	return begin(db, o), nil
}

// OpenPostgres opens the log in a PostgreSQL database, which many processes
// can use at the same time.
func OpenPostgres(ctx context.Context, url string, o Options) (*Log, error) {
	schema, err := newSchema()
	if err != nil {
		return nil, fmt.Errorf("requests: %w", err)
	}
	db, err := sqldb.OpenPostgres(ctx, url, schema)
	if err != nil {
		return nil, fmt.Errorf("requests: %w", err)
	}
	return begin(db, o), nil
}

func newSchema() (sqldb.Schema, error) {
	steps, err := fs.Sub(migrations, "migrations")
	return sqldb.Schema{Name: "requests", Mark: applicationID, Steps: steps}, err
}

func begin(db *sqldb.DB, o Options) *Log {
	l := &Log{
		db: db, age: o.Age, size: o.Size, cost: o.Cost, logger: o.Logger,
		wake: make(chan struct{}, 1), closing: make(chan struct{}), done: make(chan struct{}),
	}
	if l.age == 0 {
		l.age = DefaultAge
	}
	if l.size == 0 {
		l.size = DefaultSize
	}
	if l.logger == nil {
		l.logger = slog.New(slog.DiscardHandler)
	}
	go l.run()
	return l
}

// Add logs a call that is over; it is what Config.OnDecision takes. It does
// not wait for the database, and owns the Decision.
func (l *Log) Add(d *routex.Decision) {
	e := entry{id: uuid.Must(uuid.NewV7()).String(), decision: d, bytes: weight(d)}
	if l.cost != nil {
		if cost, known := l.cost(d); known {
			e.cost = &cost
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.closed:
		return
	case len(l.waiting) >= maxWaiting || l.bytes+e.bytes > maxWaitingBytes:
		l.dropped++
		return
	}
	l.waiting = append(l.waiting, e)
	l.bytes += e.bytes
	select {
	case l.wake <- struct{}{}:
	default: // it is awake
	}
}

// weight is about how much memory a Decision takes.
func weight(d *routex.Decision) int {
	n := 1024 + len(d.Path) + len(d.Model) + len(d.Error) + 96*len(d.Candidates) + 128*len(d.Losses)
	for i := range d.Attempts {
		n += 320 + len(d.Attempts[i].Error)
	}
	return n
}

// Stats say how the log is doing.
type Stats struct {
	Waiting int   // calls that are not written yet
	Dropped int64 // calls that were not logged because too many were waiting
	Failure error // of the last write; nil when it succeeded
}

// Stats tells how the log is doing now.
func (l *Log) Stats() Stats {
	l.mu.Lock()
	defer l.mu.Unlock()
	return Stats{Waiting: len(l.waiting), Dropped: l.dropped, Failure: l.failure}
}

// Ping gives an error when the database cannot be used.
func (l *Log) Ping(ctx context.Context) error {
	if err := l.db.Ping(ctx); err != nil {
		return fmt.Errorf("requests: %w", err)
	}
	return nil
}

// Close writes what is waiting, if the database lets it, and lets the log go.
func (l *Log) Close() error {
	l.mu.Lock()
	if !l.closed {
		l.closed = true
		close(l.closing)
	}
	l.mu.Unlock()
	<-l.done
	return l.db.Close()
}
