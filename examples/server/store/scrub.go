package store

import (
	"context"
	"fmt"
)

// Scrub rewrites the file without what was overwritten or dropped, which
// SQLite leaves in place until it needs the room.
func (s *SQLite) Scrub(ctx context.Context) error {
	for _, statement := range []string{"VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"} {
		if _, err := s.db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("store: %w", explain(err))
		}
	}
	return nil
}
