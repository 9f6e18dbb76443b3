package store

import (
	"context"
	"fmt"
)

// Scrub rewrites what can hold secrets, channels and tees, without what was overwritten or dropped, which
// databases leave in place until they need the room.
func (s *DB) Scrub(ctx context.Context) error {
	for _, table := range []string{"channels", "tees"} {
		if err := s.db.Scrub(ctx, table); err != nil {
			return fmt.Errorf("store: %w", err)
		}
	}
	return nil
}
