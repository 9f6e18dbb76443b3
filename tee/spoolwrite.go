package tee

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"
)

// WriteBatch writes the records to disk. Those that have no room are dropped
// and counted, and a final [*PartialError] of [ErrSpoolFull] tells how many
// were taken. After any other error none was. It gives [ErrClosed] after Close.
func (s *Spool) WriteBatch(ctx context.Context, records []*Record) error {
	if err := s.await(ctx, len(records) > 0); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return ErrClosed
	}
	room := s.c.MaxBytes - s.stats.Bytes
	if len(records) == 0 {
		if room <= 0 {
			return ErrSpoolFull
		}
		return nil
	}
	buf, taken := s.buf[:0], 0
	for _, r := range records {
		start := len(buf)
		var head [lineHead]byte
		buf = endLine(r.AppendJSON(append(buf, head[:]...)), start)
		if int64(len(buf)) > room {
			buf = buf[:start]
			break
		}
		taken++
	}
	if cap(buf) <= 1<<20 {
		s.buf = buf
	}
	if taken > 0 {
		if err := s.append(buf, int64(taken)); err != nil {
			s.fail(err)
			return err
		}
	}
	if left := len(records) - taken; left > 0 {
		s.stats.Dropped += int64(left)
		s.fail(ErrSpoolFull)
		return &PartialError{Taken: taken, Final: true, Err: ErrSpoolFull}
	}
	return nil
}

// await waits for the directory, or asks only whether it is there.
func (s *Spool) await(ctx context.Context, wait bool) error {
	select {
	case <-s.had: // nearly always
		return nil
	default:
	}
	s.begin(nil)
	if !wait {
		return s.take()
	}
	select {
	case <-s.had:
		return nil
	case <-s.closing:
		return ErrClosed
	case <-ctx.Done():
		return fmt.Errorf("tee: another has the spool in %s: %w", s.c.Dir, ctx.Err())
	}
}

// append writes whole lines to the segment at the end, or to a new one.
func (s *Spool) append(b []byte, lines int64) error {
	if s.active != nil && s.last().size+int64(len(b)) > s.c.SegmentBytes {
		s.endSegment()
	}
	if s.active == nil {
		g := &segment{number: s.next}
		f, err := os.OpenFile(g.path(s.c.Dir, "seg"), os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
		if err != nil {
			return fmt.Errorf("tee: %w", err)
		}
		s.next++
		s.active, s.segments = f, append(s.segments, g)
	}
	g := s.last()
	if _, err := s.active.Write(b); err != nil {
		// A part may be there, and would spoil what comes after it.
		if s.active.Truncate(g.size) != nil {
			s.endSegment()
		} else if _, err := s.active.Seek(g.size, io.SeekStart); err != nil {
			s.endSegment()
		}
		return fmt.Errorf("tee: %w", err)
	}
	g.size += int64(len(b))
	g.lines += lines
	s.stats.Bytes += int64(len(b))
	s.stats.Pending += lines
	if s.unsynced == nil && s.c.Sync > 0 {
		s.unsynced = time.AfterFunc(s.c.Sync, s.sync)
	}
	signal(s.wake)
	return nil
}

func (s *Spool) last() *segment { return s.segments[len(s.segments)-1] }

// endSegment lets the next record begin a segment.
func (s *Spool) endSegment() {
	if s.c.Sync > 0 {
		_ = s.active.Sync()
	}
	if err := s.active.Close(); err != nil {
		s.fail(err)
	}
	s.active = nil
	signal(s.wake) // it can be removed once it was delivered
}

// sync brings what was written to the disk. Whoever writes meanwhile need not
// wait for it.
func (s *Spool) sync() {
	s.mu.Lock()
	f := s.active
	s.unsynced = nil
	s.mu.Unlock()
	if f == nil {
		return
	}
	err := f.Sync()
	syncDir(s.c.Dir)
	if err != nil && !errors.Is(err, os.ErrClosed) { // by endSegment, which has synced it
		s.mu.Lock()
		s.fail(err)
		s.mu.Unlock()
	}
}
