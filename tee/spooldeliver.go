package tee

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// chunkBytes bounds the memory that delivering takes: no record is added to
// so many bytes of them.
const chunkBytes = 4 << 20

// run delivers until the spool is closed, and then lets the directory go.
func (s *Spool) run(ctx context.Context) {
	defer close(s.done)
	defer s.release(ctx)
	if !s.patient() {
		return
	}
	for {
		g := s.first()
		if g == nil {
			select {
			case <-s.wake:
			case <-s.closing:
				if s.first() == nil { // and nobody can write any more
					return
				}
			}
			continue
		}
		if !s.deliver(ctx, g) {
			return
		}
	}
}

// patient waits for the directory. It is false when the spool is closed before.
func (s *Spool) patient() bool {
	select {
	case <-s.had: // even if it is closed already, there may be something to deliver
		return true
	default:
	}
	select {
	case <-s.start:
	case <-s.closing:
		return false
	}
	if s.after != nil {
		select {
		case <-s.after:
		case <-s.closing:
			return false
		}
	}
	again := time.NewTicker(time.Second / 10)
	defer again.Stop()
	for n := 0; ; n++ {
		err := s.take()
		if err == nil {
			return true
		}
		if n > 20 { // it is not just that the one before is closing
			s.note(err)
		}
		select {
		case <-again.C:
		case <-s.closing:
			return false
		}
	}
}

// first removes what was delivered, and gives a copy of the segment to go on
// with. It is nil if there is none for now.
func (s *Spool) first() *segment {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.removeDone()
	if len(s.segments) == 0 || s.segments[0].acked == s.segments[0].size {
		return nil
	}
	g := *s.segments[0]
	return &g
}

// deliver gives the sink all that there is in a segment, of which it has a
// copy. It is false when there shall be no more.
func (s *Spool) deliver(ctx context.Context, g *segment) bool {
	f, err := os.Open(g.path(s.c.Dir, "seg"))
	if err != nil {
		s.skip(fmt.Errorf("tee: %w", err))
		return true
	}
	defer func() { _ = f.Close() }()
	for g.acked < g.size {
		c, err := g.read(f, s.c.Batch, chunkBytes)
		if err != nil {
			s.skip(err)
			return true
		}
		if c.broken > 0 {
			s.lost(c.broken, f.Name())
		}
		if c.lines == 0 { // half a line, which a crash has left
			c.end = g.size
		}
		if len(c.records) > 0 && !s.offer(ctx, g, &c) {
			return false
		}
		s.taken(g, c.end, 0, &s.stats.Sent)
		if ctx.Err() != nil {
			return false
		}
	}
	return true
}

// offer gives the sink a chunk until it takes or refuses all of it. It is false
// when that is given up for now.
func (s *Spool) offer(ctx context.Context, g *segment, c *chunk) bool {
	done := func(n int, counter *int64) {
		if n > 0 {
			s.taken(g, c.ends[n-1], n, counter)
			c.records, c.ends = c.records[n:], c.ends[n:]
		}
	}
	for n := 1; ; n++ {
		err := s.write(ctx, c.records)
		s.note(err)
		taken, final := outcome(err, len(c.records))
		if taken > 0 {
			n = 1
		}
		done(taken, &s.stats.Sent)
		if ctx.Err() != nil { // which is why the sink has failed, if it has
			return len(c.records) == 0
		}
		if final {
			done(len(c.records), &s.stats.Failed)
		}
		if len(c.records) == 0 {
			return true
		}
		if !s.pause(ctx, s.backoff.pause(n)) {
			return false
		}
	}
}

// write gives the sink a batch. A sink that panics has refused it.
func (s *Spool) write(ctx context.Context, records []*Record) (err error) {
	select {
	case s.turn <- struct{}{}:
	case <-s.done:
		return ErrClosed
	case <-ctx.Done():
		return fmt.Errorf("tee: the destination is busy: %w", ctx.Err())
	}
	defer func() {
		<-s.turn
		if p := recover(); p != nil {
			err = &PartialError{Final: true, Err: fmt.Errorf("tee: the sink panicked: %v", p)}
		}
	}()
	return s.c.Sink.WriteBatch(ctx, records)
}

// A pastSpool is the sink of a spool without the spool.
type pastSpool struct{ s *Spool }

// WriteBatch waits until the sink is free.
func (p pastSpool) WriteBatch(ctx context.Context, records []*Record) error {
	return p.s.write(ctx, records)
}

// outcome is the result of a batch for a spool. A sink that has given up and yet
// says that its error is a temporary one is asked again: there is time.
func outcome(err error, count int) (taken int, final bool) {
	taken, final = result(err, count)
	may, ok := errors.AsType[interface {
		error
		Temporary() bool
	}](err)
	return taken, final && (!ok || !may.Temporary())
}

// pause waits before a batch is offered again. It is false when the spool is
// closed: then nobody waits for a sink that fails.
func (s *Spool) pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.closing:
	case <-ctx.Done():
	}
	return false
}
