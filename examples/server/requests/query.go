package requests

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

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

// List gives the calls that a query asks for, the newest first, and how many
// there would be without a limit.
func (l *Log) List(ctx context.Context, q Query) (calls []Call, total int, err error) {
	where, args := q.where()
	err = l.db.View(ctx, func(tx *sqldb.Tx) error {
		if err := tx.Get("SELECT count(*) FROM requests"+where, args, &total); err != nil {
			return err
		}
		calls, err = sqldb.Rows(tx, selectCalls+where+" ORDER BY seq DESC LIMIT ? OFFSET ?", scanCall, append(args, q.Limit, q.Offset)...)
		return err
	})
	if err != nil {
		return nil, 0, fmt.Errorf("requests: %w", err)
	}
	return calls, total, nil
}

const selectCalls = `SELECT id, time, trace_id, path, channel_id, channel, model, status, class, error, duration,
	input_tokens, output_tokens, cached_tokens, cost FROM requests`

func scanCall(scan func(...any) error) (c Call, err error) {
	return c, scan(&c.ID, &c.Timestamp, &c.TraceID, &c.Path, &c.ChannelID, &c.Channel, &c.Model, &c.Status, &c.Class, &c.Error,
		&c.Latency, &c.InputTokens, &c.OutputTokens, &c.CachedTokens, &c.Cost)
}

func (q *Query) where() (clause string, args []any) {
	var terms []string
	add := func(term string, values ...any) { terms, args = append(terms, term), append(args, values...) }
	switch {
	case q.MaxStatus < 0:
		add("status = 0")
	case q.MaxStatus > 0:
		add("status BETWEEN ? AND ?", q.MinStatus, q.MaxStatus)
	}
	switch q.Outcome {
	case Succeeded:
		add("class = ''")
	case Failed:
		add("class <> ''")
	}
	if q.ChannelID != "" {
		add("channel_id = ?", keepable(q.ChannelID))
	}
	if q.Model != "" {
		add(`LOWER(model) LIKE ? ESCAPE '\'`, part(q.Model))
	}
	if q.Text != "" {
		p := part(q.Text)
		add(`(LOWER(path) LIKE ? ESCAPE '\' OR LOWER(model) LIKE ? ESCAPE '\' OR LOWER(channel) LIKE ? ESCAPE '\'
			OR LOWER(error) LIKE ? ESCAPE '\' OR trace_id LIKE ? ESCAPE '\')`, p, p, p, p, p)
	}
	if q.Since != 0 {
		add("time >= ?", q.Since)
	}
	if q.Until != 0 {
		add("time < ?", q.Until)
	}
	if terms == nil {
		return "", nil
	}
	return " WHERE " + strings.Join(terms, " AND "), args
}

// part is the pattern of what has a text in it.
func part(text string) string {
	return "%" + strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`).Replace(strings.ToLower(keepable(text))) + "%"
}

// Get gives a call by its id, or the latest one of a trace. It gives
// [ErrNotFound] when there is none.
func (l *Log) Get(ctx context.Context, ref string) (Call, Decision, error) {
	var c Call
	var text string
	ref = keepable(ref)
	err := l.db.View(ctx, func(tx *sqldb.Tx) (err error) {
		query := strings.Replace(selectCalls, " FROM ", ", decision FROM ", 1) + " WHERE id = ? OR trace_id = ? ORDER BY seq DESC LIMIT 1"
		found, err := sqldb.Rows(tx, query, func(scan func(...any) error) (Call, error) {
			return scanCall(func(into ...any) error { return scan(append(into, &text)...) })
		}, ref, ref)
		switch {
		case err != nil:
			return err
		case len(found) == 0:
			return sql.ErrNoRows
		}
		c = found[0]
		return nil
	})
	if errors.Is(err, sql.ErrNoRows) {
		return c, Decision{}, ErrNotFound
	}
	var d Decision
	if err == nil {
		err = json.Unmarshal([]byte(text), &d)
	}
	if err != nil {
		return c, d, fmt.Errorf("requests: %w", err)
	}
	return c, d, nil
}
