package requests

import (
	"context"
	"crypto/rand"
	"sync"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/examples/server/internal/sqldb"
	"github.com/dctx-team/routex/examples/server/usage"
)

// A tally counts what calls use until it is written: each hour as often as
// something was added, and whole. It is safe for concurrent use.
type tally struct {
	mu    sync.Mutex
	hours []*counted // under mu; few
	bad   bool       // the last write failed; for the one who writes
}

// A counted is an hour in memory. When it was let go, and more calls that began
// in it end, they are counted in another, which adds to it.
type counted struct {
	id [16]byte // of its row
	*usage.Hour
	dirty bool // there is more in it than in the row
}

func (t *tally) add(d *routex.Decision) {
	t.mu.Lock()
	defer t.mu.Unlock()
	number := usage.HourOf(d.Time)
	var c *counted
	for _, h := range t.hours {
		if h.Number() == number {
			c = h
		}
	}
	if c == nil {
		c = &counted{Hour: usage.NewHour(number, t.room())}
		_, _ = rand.Read(c.id[:]) // gives no error
		t.hours = append(t.hours, c)
	}
	c.Add(d)
	c.dirty = true
}

// maxParts bounds what is counted apart while the database takes nothing.
const maxParts = 10 * usage.MaxRows

// room is how many parts another hour may have.
func (t *tally) room() int {
	room := maxParts
	for _, h := range t.hours {
		room -= h.Parts()
	}
	return room
}

// An hourRow is an hour as it is kept.
type hourRow struct {
	id   [16]byte
	hour int64
	data []byte
}

// rows encodes the hours, or only those whose rows must be written.
func (t *tally) rows(all bool) []hourRow {
	t.mu.Lock()
	defer t.mu.Unlock()
	var out []hourRow
	for _, h := range t.hours {
		if all || h.dirty {
			out = append(out, hourRow{h.id, h.Number(), h.Append(nil)})
		}
		h.dirty = h.dirty && all
	}
	return out
}

// done lets go of hours that are written and over, or lets those be written
// again whose writing failed.
func (t *tally) done(rows []hourRow, failed bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	tried := make(map[[16]byte]bool, len(rows))
	for _, r := range rows {
		tried[r.id] = true
	}
	now := usage.HourOf(time.Now())
	kept := t.hours[:0]
	for _, h := range t.hours {
		h.dirty = h.dirty || failed && tried[h.id]
		if h.dirty || h.Number() >= now-1 {
			kept = append(kept, h)
		}
	}
	clear(t.hours[len(kept):])
	t.hours = kept
}

const putHour = `INSERT INTO request_hours (id, hour, data) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET data = excluded.data`

// writeUsage writes what has been counted since it was written last.
func (l *Log) writeUsage(ctx context.Context) {
	rows := l.usage.rows(false)
	if len(rows) == 0 {
		return
	}
	err := l.db.Update(ctx, func(tx *sqldb.Tx) error {
		for _, r := range rows {
			if _, err := tx.Exec(putHour, r.id[:], r.hour, r.data); err != nil {
				return err
			}
		}
		return nil
	})
	l.usage.done(rows, err != nil)
	if err != nil && !l.usage.bad {
		l.logger.Error("what calls use cannot be written; it is counted in memory", "error", err)
	}
	l.usage.bad = err != nil
}
