package requests

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dctx-team/routex/examples/server/internal/sqldb"
)

// ErrNotFound says that there is no such call, or not any more.
var ErrNotFound = errors.New("requests: no such call")

// A Query says which calls are listed. The zero value of each field means all.
type Query struct {
	// MinStatus and MaxStatus bound the status; both 0 mean any. 0 is that of
	// callers who left: a MaxStatus below 0 means only those.
	MinStatus, MaxStatus int
	Outcome              Outcome
	ChannelID            string
	ClientKeyID          string
	Model                string // a part of it, in any case
	Text                 string // a part of path, model, channel, error or trace id, in any case
	Since, Until         int64  // milliseconds since 1970; Until itself is left out
	Limit, Offset        int    // of the newest calls
}

// An Outcome tells calls that succeeded from others.
type Outcome string

// The outcomes.
const (
	Any       Outcome = ""
	Succeeded Outcome = "success"
	Failed    Outcome = "failed"
)

// List gives the calls that a query asks for, those that were over last first,
// and how many there would be without a limit.
func (l *Log) List(ctx context.Context, q Query) (calls []Call, total int, err error) {
	q.Since = max(q.Since, l.oldest())
	waiting := l.waiting.views() // before the look at the database, which may have got them since
	err = l.db.View(ctx, func(tx *sqldb.Tx) error {
		blocks, err := listBlocks(tx, &q, waiting)
		if err != nil {
			return err
		}
		m := merge{source: source{tx: tx, blocks: blocks}, filter: newFilter(&q), skip: q.Offset, limit: q.Limit}
		if err := m.run(); err != nil {
			return err
		}
		calls, total = m.page, m.total
		return nil
	})
	if err != nil {
		return nil, 0, fmt.Errorf("requests: %w", err)
	}
	return calls, total, nil
}

// oldest is when the oldest call came that is not too old, in milliseconds since
// 1970. A block with others in it is not dropped as yet.
func (l *Log) oldest() int64 { return time.Now().Add(-l.age).UnixMilli() }

// A listed is a block that a query may find calls in. Its bytes may not have
// been read yet.
type listed struct {
	info
	*block // nil until it is read
}

// unwritten is the seq of a block that the database does not have, after all
// that it has.
const unwritten = 1<<63 - 1

// listBlocks lists the blocks of the time that a query asks for, those that were
// over last first.
func listBlocks(tx *sqldb.Tx, q *Query, waiting []*block) ([]listed, error) {
	until := q.Until
	if until == 0 {
		until = unwritten
	}
	var out []listed
	known := make(map[key]bool, len(waiting))
	for _, b := range waiting {
		known[b.key] = true
		if b.until >= q.Since && b.since < until {
			out = append(out, listed{b.info, b})
		}
	}
	stored, err := sqldb.Rows(tx, `SELECT seq, key, calls, since, until, first, last FROM request_blocks
		WHERE until >= ? AND since < ? ORDER BY last DESC, seq DESC`, func(scan func(...any) error) (b listed, err error) {
		var k []byte
		err = scan(&b.seq, &k, &b.calls, &b.since, &b.until, &b.first, &b.last)
		copy(b.key[:], k)
		return b, err
	}, q.Since, until)
	if err != nil {
		return nil, err
	}
	for _, b := range stored {
		if !known[b.key] {
			out = append(out, b)
		}
	}
	if len(waiting) > 0 {
		slices.SortStableFunc(out, func(a, b listed) int { return newerFirst(&a.info, &b.info) })
	}
	return out, nil
}
