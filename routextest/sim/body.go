package sim

import (
	"context"
	"io"
	"net/http"
	"time"
)

// A body is a provider's answer, part by part in its time. It has no goroutine:
// whoever reads waits.
type body struct {
	at     *attempt
	ctx    context.Context
	parts  [][]byte
	first  time.Duration // before the first part
	pace   time.Duration // before each other
	cut    int           // before which part it breaks; negative for never
	stalls bool          // it falls silent there instead

	n    int    // parts that were begun
	rest []byte // of the part
	err  error
}

func (b *body) Read(p []byte) (int, error) {
	if len(b.rest) == 0 && b.err == nil {
		b.err = b.next()
	}
	if len(b.rest) == 0 {
		return 0, b.err
	}
	n := copy(p, b.rest)
	b.rest = b.rest[n:]
	if len(b.rest) == 0 && b.n == len(b.parts) {
		b.at.over(succeeded)
	}
	return n, nil
}

// next waits for the next part.
func (b *body) next() error {
	if b.n == len(b.parts) {
		return io.EOF
	}
	wait := b.pace
	if b.n == 0 {
		wait = b.first
	}
	if wait > 0 && b.at.w.clock.wait(b.ctx, wait) != nil {
		return b.at.cancelled(b.ctx)
	}
	if b.n == b.cut && b.stalls {
		<-b.ctx.Done()
		return b.at.cancelled(b.ctx)
	}
	if b.n == b.cut {
		b.at.over(failed)
		return errCut
	}
	b.rest = b.parts[b.n]
	b.n++
	b.at.spoke(b.n, len(b.parts))
	return nil
}

// Close ends the answer. Before its end that is as if the caller left.
func (b *body) Close() error {
	b.at.over(neutral)
	if b.err == nil {
		b.err = http.ErrBodyReadAfterClose
	}
	return nil
}
