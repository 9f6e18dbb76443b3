package store

import (
	"context"
	"database/sql"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/dctx-team/routex/examples/server/internal/sqldb"
)

// DefaultBindings is how many ids are kept by default.
const DefaultBindings = 100_000

const (
	maxQueue = 4096        // ids that wait to be written
	maxBatch = 512         // ids that are written at once: nobody else can use a file then
	lookup   = time.Second // bounds how long a call waits for a database that does not answer
)

// Bindings keep in the database which channel minted an id. They are what a
// routex.Config takes. New ids are written behind the calls that bring them:
// those of the last moments before a crash are lost.
type Bindings struct {
	db     *sqldb.DB
	max    int
	logger *slog.Logger
	queue  chan minted
	done   chan struct{} // closed when all is written

	mu     sync.RWMutex
	closed bool // under mu
}

type minted struct{ id, channel string }

// Bindings begins to keep at most so many ids, the latest; 0 means
// [DefaultBindings]. It must be closed before the store is.
func (s *DB) Bindings(most int, logger *slog.Logger) *Bindings {
	if most == 0 {
		most = DefaultBindings
	}
	b := &Bindings{db: s.db, max: most, logger: logger, queue: make(chan minted, maxQueue), done: make(chan struct{})}
	go b.run()
	return b
}

// Bind notes the channel of an id. It does not wait: an id that comes when too
// many are waiting is not kept.
func (b *Bindings) Bind(id, channelID string) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	if b.closed {
		return
	}
	select {
	case b.queue <- minted{id, channelID}:
	default:
		b.logger.Warn("an id was not kept, too many are waiting to be written", "channel", channelID)
	}
}

// Channel gives the ID of the channel that minted an id; "" if unknown.
func (b *Bindings) Channel(ctx context.Context, id string) string {
	limited, cancel := context.WithTimeout(ctx, lookup)
	defer cancel()
	var channel string
	err := b.db.View(limited, func(tx *sqldb.Tx) error {
		return tx.Get("SELECT channel FROM bindings WHERE id = ?", []any{id}, &channel)
	})
	if err != nil && !errors.Is(err, sql.ErrNoRows) && ctx.Err() == nil {
		b.logger.Error("an id could not be looked up", "error", err)
	}
	return channel
}

// Close writes what is waiting.
func (b *Bindings) Close() {
	b.mu.Lock()
	if !b.closed {
		b.closed = true
		close(b.queue)
	}
	b.mu.Unlock()
	<-b.done
}

// run writes what waits, much of it at a time.
func (b *Bindings) run() {
	defer close(b.done)
	for first := range b.queue {
		if err := b.write(first); err != nil {
			b.logger.Error("ids could not be kept", "error", err)
		}
	}
}

func (b *Bindings) write(next minted) error {
	// The call of the id may be over, but its context must not end this.
	return b.db.Update(context.Background(), func(tx *sqldb.Tx) error {
		for n := 1; ; n++ {
			// The latest is the last one, whether it is new or not.
			if _, err := tx.Exec("DELETE FROM bindings WHERE id = ?", next.id); err != nil {
				return err
			}
			if _, err := tx.Exec(upsertBinding, next.id, next.channel); err != nil {
				return err
			}
			more := false
			if n < maxBatch {
				select {
				case next, more = <-b.queue:
				default:
				}
			}
			if !more {
				break
			}
		}
		_, err := tx.Exec(pruneBindings, b.max)
		return err
	})
}

// Another server may have written it since it was deleted.
const upsertBinding = `INSERT INTO bindings (id, channel) VALUES (?, ?)
	ON CONFLICT (id) DO UPDATE SET channel = excluded.channel`

// pruneBindings drops all but the latest.
const pruneBindings = `DELETE FROM bindings WHERE seq <= (SELECT seq FROM bindings ORDER BY seq DESC LIMIT 1 OFFSET ?)`
