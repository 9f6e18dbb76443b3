package requests

import (
	"context"
	"fmt"

	"github.com/dctx-team/routex/examples/server/internal/sqldb"
	"github.com/dctx-team/routex/examples/server/usage"
)

// Usage adds to groups what is known of the calls that began in the hours from
// since on and before until, as [usage.HourOf] numbers them: those of all
// servers on the database up to some seconds ago, and of this one up to now. It
// is kept longer than the calls themselves.
func (l *Log) Usage(ctx context.Context, since, until int64, groups *usage.Groups) error {
	counted := l.usage.rows(true) // before the look at the database, which may have got them since
	known := make(map[[16]byte]bool, len(counted))
	add := func(r *hourRow) error {
		return usage.Decode(r.data, func(k usage.Key, c *usage.Counts) { groups.Add(r.hour, k, c) })
	}
	for i := range counted {
		known[counted[i].id] = true
	}
	err := l.db.View(ctx, func(tx *sqldb.Tx) error {
		_, err := sqldb.Rows(tx, "SELECT id, hour, data FROM request_hours WHERE hour >= ? AND hour < ? ORDER BY hour",
			func(scan func(...any) error) (none struct{}, err error) {
				var r hourRow
				var id []byte
				if err := scan(&id, &r.hour, &r.data); err != nil {
					return none, err
				}
				if copy(r.id[:], id); known[r.id] {
					return none, nil
				}
				return none, add(&r)
			}, since, until)
		return err
	})
	for i := range counted {
		if r := &counted[i]; err == nil && r.hour >= since && r.hour < until {
			err = add(r)
		}
	}
	if err != nil {
		return fmt.Errorf("requests: %w", err)
	}
	return nil
}
