package tee

import (
	"context"
	"errors"
	"fmt"
	"os"
)

// taken writes down that a segment is done up to an offset, and counts the
// records for which that is so.
func (s *Spool) taken(g *segment, end int64, records int, counter *int64) {
	err := error(nil)
	if end > g.acked {
		err = g.ack(s.c.Dir, end)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.fail(err) // a crash would then deliver more than one batch again
	}
	*counter += int64(records)
	s.stats.Pending -= int64(records)
	s.segments[0].lines -= int64(records)
	g.acked, s.segments[0].acked = end, end
}

// lost counts lines that are no records any more.
func (s *Spool) lost(broken int64, file string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fail(fmt.Errorf("tee: %d broken lines of %s were skipped", broken, file))
	s.stats.Broken += broken
	s.stats.Pending -= broken
	s.segments[0].lines -= broken
}

// skip goes on with the next segment when one cannot be read. Its file stays,
// for the next process may have more luck.
func (s *Spool) skip(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	real := s.segments[0]
	s.fail(err)
	if errors.Is(err, os.ErrNotExist) {
		s.stats.Bytes -= real.size
	}
	s.stats.Broken += real.lines
	s.stats.Pending -= real.lines
	real.lines = 0
	if s.active != nil && len(s.segments) == 1 {
		s.endSegment()
	}
	s.segments = s.segments[1:]
}

// note remembers how the sink did.
func (s *Spool) note(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stats.Failing = err != nil; err != nil {
		s.fail(err)
	}
}

// removeDone removes the segments that were delivered, except for the one that
// is written to.
func (s *Spool) removeDone() {
	for len(s.segments) > 0 {
		g := s.segments[0]
		if g.acked < g.size || s.active != nil && len(s.segments) == 1 {
			return
		}
		if err := g.remove(s.c.Dir); err != nil {
			s.fail(err) // the next process will find nothing in it to deliver
		}
		s.stats.Bytes -= g.size
		s.segments = s.segments[1:]
	}
}

// release closes all that is open.
func (s *Spool) release(ctx context.Context) {
	s.turn <- struct{}{} // for ever: the sink is not used any more
	err := closeSink(ctx, s.c.Sink)
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.fail(err)
	}
	s.cancel()
	if s.unsynced != nil {
		s.unsynced.Stop()
	}
	if s.active != nil {
		s.endSegment()
	}
	s.removeDone()
	s.stats.Pending, s.stats.Bytes = 0, 0 // whoever opens the spool next has them
	if s.lock != nil {
		_ = s.lock.Close() // which lets the lock go
	}
}
