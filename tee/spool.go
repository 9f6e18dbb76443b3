package tee

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// A Spool is a [BatchSink] that writes records to disk and delivers them to
// another sink from there, in order, until it takes them or refuses them for
// good. What WriteBatch has taken is delivered at least once, whatever becomes
// of the process in between: after a crash, the batch that was under way is
// delivered a second time. It is safe for concurrent use.
type Spool struct {
	c       SpoolConfig
	backoff backoff
	cancel  context.CancelFunc // ends the WriteBatch of the sink that is running
	closing chan struct{}
	done    chan struct{} // closed when nothing runs any more
	start   chan struct{} // closed when the directory may be taken
	had     chan struct{} // closed when it was
	wake    chan struct{} // has room for one: there is something to deliver
	turn    chan struct{} // held by whoever uses the sink

	mu       sync.Mutex
	lock     *os.File        // nil until the directory is had
	begun    bool            // start is closed
	after    <-chan struct{} // when it is closed, the directory may be taken; nil for at once
	segments []*segment      // the oldest first; active is the last
	next     uint64          // number of the next segment
	active   *os.File        // that is written to; nil before the first record
	unsynced *time.Timer
	closed   bool
	buf      []byte
	stats    SpoolStats
}

// OpenSpool opens the spool in a directory, which must have no other, and
// begins to deliver what is in it. [Spool.Close] ends that. The error is
// [Mistakes], or why the directory cannot be had.
func OpenSpool(c SpoolConfig) (*Spool, error) {
	if err := c.validate(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Spool{
		c: c, cancel: cancel, backoff: backoff{min: c.Backoff, max: c.MaxBackoff},
		closing: make(chan struct{}), done: make(chan struct{}), wake: make(chan struct{}, 1), turn: make(chan struct{}, 1),
		start: make(chan struct{}), had: make(chan struct{}),
	}
	if !c.Wait {
		if err := s.take(); err != nil {
			cancel()
			return nil, err
		}
		s.begin(nil)
	}
	go s.run(ctx)
	return s, nil
}

// begin lets a spool take its directory once after is closed; nil means now.
func (s *Spool) begin(after <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.begun {
		s.begun, s.after = true, after
		close(s.start)
	}
}

// take locks the directory, unless it is had already, and looks at what is in
// it.
func (s *Spool) take() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lock != nil {
		return nil
	}
	err := os.MkdirAll(s.c.Dir, 0o700)
	if err != nil {
		return fmt.Errorf("tee: %w", err)
	}
	lock, err := lockFile(filepath.Join(s.c.Dir, "lock"))
	if err != nil {
		return fmt.Errorf("tee: the spool in %s cannot be had, perhaps because another has it: %w", s.c.Dir, err)
	}
	if s.segments, s.next, err = readSegments(s.c.Dir); err != nil {
		_ = lock.Close()
		return err
	}
	s.lock = lock
	for _, g := range s.segments {
		s.stats.Bytes += g.size
		s.count(g)
	}
	close(s.had)
	return nil
}

// count adds what a former process has left of a segment to the statistics.
func (s *Spool) count(g *segment) {
	f, err := os.Open(g.path(s.c.Dir, "seg"))
	if err == nil {
		defer func() { _ = f.Close() }()
		g.lines, err = countLines(io.NewSectionReader(f, g.acked, g.size-g.acked))
	}
	if err != nil {
		s.fail(fmt.Errorf("tee: %w", err))
	}
	s.stats.Pending += g.lines
}

// Stats gives the numbers as they are now.
func (s *Spool) Stats() SpoolStats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stats
}

// addTo turns what a queue before the spool has counted, for which the disk is
// the end, into what became of the records.
func (s *Spool) addTo(st *Stats) {
	mine := s.Stats()
	st.Queued += int(mine.Pending)
	st.Sent = mine.Sent
	st.Failed += mine.Failed - mine.Dropped
	st.Dropped += mine.Dropped
	st.Failing = st.Failing || mine.Failing
	if mine.LastErrorAt.After(st.LastErrorAt) {
		st.LastError, st.LastErrorAt = mine.LastError, mine.LastErrorAt
	}
}

// fail keeps an error for those who ask. The caller holds s.mu.
func (s *Spool) fail(err error) { s.stats.LastError, s.stats.LastErrorAt = err.Error(), time.Now() }

// Close takes no more records, and goes on delivering until all was, the sink
// fails, or ctx ends, whose error it then gives. What is left stays on disk for
// whoever opens the spool next. The sink is closed too, if it can be.
func (s *Spool) Close(ctx context.Context) error {
	s.mu.Lock()
	if !s.closed {
		s.closed = true
		close(s.closing)
	}
	s.mu.Unlock()
	select {
	case <-s.done:
		return nil
	case <-ctx.Done():
	}
	s.cancel()
	// The sink has been told to return, so that the directory is soon free.
	grace := time.NewTimer(time.Second)
	defer grace.Stop()
	select {
	case <-s.done:
	case <-grace.C:
	}
	return ctx.Err()
}
