package requests

import (
	"context"
	"time"

	"github.com/dctx-team/routex/examples/server/internal/sqldb"
)

const (
	linger   = 100 * time.Millisecond // so that calls are written many at a time
	maxBatch = 500                    // calls
	retry    = time.Second            // after a failure
	pruning  = 10 * time.Second       // between two looks for what is too old or too much
	maxPrune = 5000                   // calls that are dropped at once
	farewell = 5 * time.Second        // for what is waiting at the end
)

// run writes what waits until the log is closed.
func (l *Log) run() {
	defer close(l.done)
	prune := time.NewTicker(pruning)
	defer prune.Stop()
	for {
		select {
		case <-l.wake:
			if l.pause(linger) {
				l.flush()
			}
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
	for {
		n, err := l.writeBatch(ctx)
		if lost := l.Stats().Waiting; err != nil && lost > 0 {
			l.logger.Error("calls are missing in the request log", "calls", lost, "error", err)
		}
		if err != nil || n == 0 {
			return
		}
	}
}

// writeBatch writes the calls that wait longest, and gives their number. What
// could not be written waits on.
func (l *Log) writeBatch(ctx context.Context) (int, error) {
	l.mu.Lock()
	batch := l.waiting[:min(maxBatch, len(l.waiting)):min(maxBatch, len(l.waiting))]
	l.mu.Unlock() // what is appended goes elsewhere
	if len(batch) == 0 {
		return 0, nil
	}
	rows := make([]row, len(batch))
	for i, e := range batch {
		rows[i] = newRow(e)
	}
	err := l.insert(ctx, rows)

	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case err != nil && l.failure == nil:
		l.logger.Error("the request log cannot be written; calls wait in memory", "error", err)
	case err == nil && l.failure != nil:
		l.logger.Info("the request log can be written again", "dropped", l.dropped)
	}
	if l.failure = err; err != nil {
		return 0, err
	}
	for i := range batch {
		l.bytes -= batch[i].bytes
		batch[i] = entry{} // the array may live on
	}
	if l.waiting = l.waiting[len(batch):]; len(l.waiting) == 0 {
		l.waiting = nil
	}
	return len(batch), nil
}

// A batch whose outcome is not known is written again.
const insertRow = `INSERT INTO requests (id, time, trace_id, path, channel_id, channel, model, status, class, error,
	duration, input_tokens, output_tokens, cached_tokens, decision, bytes, cost)
	VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`

func (l *Log) insert(ctx context.Context, rows []row) error {
	return l.db.Update(ctx, func(tx *sqldb.Tx) error {
		if err := tx.Lock(applicationID); err != nil { // the sum of bytes goes on from the last row
			return err
		}
		sum, err := bytesUntilNow(tx)
		if err != nil {
			return err
		}
		for _, r := range rows {
			sum += r.size()
			if _, err := tx.Exec(insertRow, r.ID, r.Timestamp, r.TraceID, r.Path, r.ChannelID, r.Channel, r.Model, r.Status,
				r.Class, r.Error, r.Latency, r.InputTokens, r.OutputTokens, r.CachedTokens, string(r.Decision), sum, r.Cost); err != nil {
				return err
			}
		}
		return nil
	})
}

func bytesUntilNow(tx *sqldb.Tx) (n int64, err error) {
	return n, tx.Get("SELECT COALESCE(MAX(bytes), 0) FROM requests", nil, &n)
}

// prune drops what is too old, and the oldest of what is too much.
func (l *Log) prune() {
	oldest := time.Now().Add(-l.age).UnixMilli()
	for more := true; more && !l.isClosing(); {
		err := l.db.Update(context.Background(), func(tx *sqldb.Tx) error {
			sum, err := bytesUntilNow(tx)
			if err != nil {
				return err
			}
			old, err := tx.Exec(dropOld, oldest, maxPrune)
			if err != nil {
				return err
			}
			excess, err := tx.Exec(dropExcess, sum-l.size, maxPrune)
			more = old == maxPrune || excess == maxPrune
			return err
		})
		if err != nil {
			l.logger.Error("the request log cannot be pruned", "error", err)
			return
		}
	}
}

const (
	dropOld    = `DELETE FROM requests WHERE seq IN (SELECT seq FROM requests WHERE time < ? ORDER BY time LIMIT ?)`
	dropExcess = `DELETE FROM requests WHERE seq IN (SELECT seq FROM requests WHERE bytes <= ? ORDER BY bytes LIMIT ?)`
)
