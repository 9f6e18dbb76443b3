package store

import (
	"context"
	"fmt"
)

// Scrub rewrites the channels without what was overwritten or dropped, which
// databases leave in place until they need the room.
func (s *DB) Scrub(ctx context.Context) error {
	if err := s.db.Scrub(ctx, "channels"); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return nil
}
