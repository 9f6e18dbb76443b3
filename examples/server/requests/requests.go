// Package requests keeps a log of calls in a database: what was decided about
// each, and what came of it, failures and hang-ups too, but nothing of what
// was said in it. It also keeps what calls used in each hour, which is known
// when the log has forgotten them.
//
// Calls are kept many to a row of the database, in an encoding of their own, so
// that one costs about a microsecond. Lists and filters read the beginnings of
// those blocks.
package requests

import (
	"cmp"
	"context"
	"embed"
	"fmt"
	"io/fs"
	"log/slog"
	"sync"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/examples/server/internal/sqldb"
)

// FileName is the file that [Open] keeps in its directory.
const FileName = "requests.db"

// The defaults of [Options].
const (
	DefaultAge      = 30 * 24 * time.Hour
	DefaultSize     = 256 << 20 // bytes: more than a million calls
	DefaultUsageAge = 400 * 24 * time.Hour
)

// applicationID marks a SQLite file as a log of this package ("rtxr").
const applicationID = 0x72747872

// migrations holds the steps from an empty database to the present schema.
//
//go:embed migrations/*.sql
var migrations embed.FS

// Options say what is kept. The zero value means the defaults.
type Options struct {
	Age  time.Duration // older calls are dropped; 0 means [DefaultAge]
	Size int64         // in bytes, about; the oldest calls are dropped; 0 means [DefaultSize]
	// UsageAge is how long it is kept what calls used; 0 means
	// [DefaultUsageAge].
	UsageAge time.Duration
	Logger   *slog.Logger // gets failures of the database; nil means no log
}

// A Log is a log of calls. It is safe for concurrent use.
type Log struct {
	db       *sqldb.DB
	age      time.Duration
	size     int64
	usageAge time.Duration
	logger   *slog.Logger
	closing  chan struct{} // closed by Close
	done     chan struct{} // closed when all is written
	close    sync.Once

	waiting queue
	usage   tally
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
		db: db, logger: o.Logger,
		age: cmp.Or(o.Age, DefaultAge), size: cmp.Or(o.Size, DefaultSize), usageAge: cmp.Or(o.UsageAge, DefaultUsageAge),
		closing: make(chan struct{}), done: make(chan struct{}),
	}
	l.waiting.wake = make(chan struct{}, 1)
	if l.logger == nil {
		l.logger = slog.New(slog.DiscardHandler)
	}
	go l.run()
	return l
}

// Add logs a call that is over; it is what Config.OnDecision takes. It does
// not wait for the database, and keeps nothing of the Decision.
func (l *Log) Add(d *routex.Decision) {
	if l.waiting.add(d) {
		l.usage.add(d)
	}
}

// Stats say how the log is doing.
type Stats struct {
	Waiting int   // calls that are not written yet
	Dropped int64 // calls that were not logged because too many were waiting
	Failure error // of the last write; nil when it succeeded
}

// Stats tells how the log is doing now.
func (l *Log) Stats() Stats { return l.waiting.stats() }

// Ping gives an error when the database cannot be used.
func (l *Log) Ping(ctx context.Context) error {
	if err := l.db.Ping(ctx); err != nil {
		return fmt.Errorf("requests: %w", err)
	}
	return nil
}

// Close writes what is waiting, if the database lets it, and lets the log go.
func (l *Log) Close() error {
	l.close.Do(func() { close(l.closing) })
	<-l.done
	return l.db.Close()
}
