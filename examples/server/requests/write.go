package requests

import (
	"context"
	"time"

	"github.com/dctx-team/routex/examples/server/internal/sqldb"
)

const (
	linger   = 500 * time.Millisecond // so that calls are written many at a time
	maxBatch = 64                     // blocks
	retry    = time.Second            // after a failure
	pruning  = 10 * time.Second       // between two looks for what is too old or too much
	tallying = 5 * time.Second        // between two times that usage is written
	maxPrune = 500                    // blocks that are dropped at once
	farewell = 5 * time.Second        // for what is waiting at the end
)

// run writes what waits until the log is closed.
func (l *Log) run() {
	defer close(l.done)
	prune, count := time.NewTicker(pruning), time.NewTicker(tallying)
	defer prune.Stop()
	defer count.Stop()
	for {
		select {
		case <-l.waiting.wake:
			if l.pause(linger) {
				l.flush()
			}
		case <-count.C:
			l.writeUsage(context.Background())
		case <-prune.C:
			l.prune()
		case <-l.closing:
		}
		if l.isClosing() {
			l.end()
			return
		}
	}
}

// pause waits, unless the log is closed meanwhile.
func (l *Log) pause(d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-l.closing:
		return false
	}
}

func (l *Log) isClosing() bool {
	select {
	case <-l.closing:
		return true
	default:
		return false
	}
}

// flush writes all that waits, however often the database fails.
func (l *Log) flush() {
	for !l.isClosing() {
		switch n, err := l.writeBatch(context.Background()); {
		case err != nil:
			if !l.pause(retry) {
				return
			}
		case n < maxBatch:
			return
		}
	}
}

// end writes what waits, and gives up at the first failure.
func (l *Log) end() {
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	l.waiting.shut()
	for {
		n, err := l.writeBatch(ctx)
		if lost := l.Stats().Waiting; err != nil && lost > 0 {
			l.logger.Error("calls are missing in the request log", "calls", lost, "error", err)
		}
		if err != nil {
			return
		}
		if n == 0 {
			break
		}
	}
	l.writeUsage(ctx)
}

// writeBatch writes the blocks that wait longest, and gives their number. What
// could not be written waits on.
func (l *Log) writeBatch(ctx context.Context) (int, error) {
	drafts := l.waiting.take(maxBatch)
	if len(drafts) == 0 {
		return 0, nil
	}
	err := l.db.Update(ctx, func(tx *sqldb.Tx) error {
		for _, d := range drafts {
			if err := d.view.put(tx); err != nil {
				return err
			}
		}
		return nil
	})
	switch before := l.waiting.done(drafts, err); {
	case err != nil && before == nil:
		l.logger.Error("the request log cannot be written; calls wait in memory", "error", err)
	case err == nil && before != nil:
		l.logger.Info("the request log can be written again", "dropped", l.Stats().Dropped)
	}
	return len(drafts), err
}

// A block is written again with more calls, or when the outcome is not known.
const putBlock = `INSERT INTO request_blocks (key, calls, since, until, first, last, bytes, traces, texts, heads, bodies)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
	ON CONFLICT (key) DO UPDATE SET calls = excluded.calls, since = excluded.since, until = excluded.until, first = excluded.first,
	last = excluded.last, bytes = excluded.bytes, traces = excluded.traces, texts = excluded.texts, heads = excluded.heads, bodies = excluded.bodies`

func (b *block) put(tx *sqldb.Tx) error {
	_, err := tx.Exec(putBlock, b.key[:], b.calls, b.since, b.until, b.first, b.last, b.size(), b.traces, b.texts, b.heads, b.bodies)
	return err
}

// prune drops what is too old, and the oldest of what is too much.
func (l *Log) prune() {
	now := time.Now()
	for more := true; more && !l.isClosing(); {
		err := l.db.Update(context.Background(), func(tx *sqldb.Tx) (err error) {
			if err := tx.Lock(applicationID); err != nil { // other servers prune too
				return err
			}
			if more, err = l.pruneCalls(tx, now); err != nil {
				return err
			}
			_, err = tx.Exec("DELETE FROM request_hours WHERE hour < ?", now.Add(-l.usageAge).Unix()/3600)
			return err
		})
		if err != nil {
			l.logger.Error("the request log cannot be pruned", "error", err)
			return
		}
	}
}

// pruneCalls drops some blocks, and tells whether there may be more to drop.
func (l *Log) pruneCalls(tx *sqldb.Tx, now time.Time) (more bool, err error) {
	var sum int64
	if err := tx.Get("SELECT CAST(COALESCE(SUM(bytes), 0) AS BIGINT) FROM request_blocks", nil, &sum); err != nil {
		return false, err
	}
	type victim struct{ seq, until, bytes int64 }
	oldest, err := sqldb.Rows(tx, "SELECT seq, until, bytes FROM request_blocks ORDER BY last, seq LIMIT ?",
		func(scan func(...any) error) (v victim, err error) { return v, scan(&v.seq, &v.until, &v.bytes) }, maxPrune)
	if err != nil {
		return false, err
	}
	for _, v := range oldest {
		if v.until >= now.Add(-l.age).UnixMilli() && sum <= l.size {
			return false, nil
		}
		if _, err := tx.Exec("DELETE FROM request_blocks WHERE seq = ?", v.seq); err != nil {
			return false, err
		}
		sum -= v.bytes
	}
	return len(oldest) == maxPrune, nil
}
