package tee

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
)

// A Set is a [Sink] over Tees that come and go while calls are made. The zero
// value is an empty Set. It is safe for concurrent use, and must not be copied.
type Set struct {
	count  atomic.Int64 // of tees
	bodies atomic.Int64 // the largest wish

	mu     sync.RWMutex // held for reading while a record is written
	closed bool
	tees   []*Tee // in the order in which their IDs came
}

// Bodies is how many bytes of each body the Tees want, at most.
func (s *Set) Bodies() int64 { return s.bodies.Load() }

// Idle reports that there is no Tee now, and so nobody wants records.
func (s *Set) Idle() bool { return s.count.Load() == 0 }

// Write gives r to every Tee. It is never slow, and never fails before Close.
func (s *Set) Write(ctx context.Context, r *Record) error {
	s.mu.RLock() // a Tee that leaves is closed after the last Write
	defer s.mu.RUnlock()
	if s.closed {
		return ErrClosed
	}
	var errs []error
	for _, t := range s.tees {
		if err := t.Write(ctx, r); err != nil {
			errs = append(errs, fmt.Errorf("tee %s: %w", t.d.Name, err))
		}
	}
	return errors.Join(errs...)
}

// Put adds t, which the Set owns from then on, or puts it in the place of the
// Tee of the same ID, which is closed as by its Close(ctx). No record is lost
// between the two, and t begins to deliver when the other has ended. The error
// is that of the other's Close, or [ErrClosed], and then t is still the
// caller's.
func (s *Set) Put(ctx context.Context, t *Tee) error {
	finish, err := s.Swap(t)
	if err != nil {
		return err
	}
	return finish(ctx)
}

// Swap is Put for who has no time to wait for the other Tee: that is closed by
// finish, which must be called.
func (s *Set) Swap(t *Tee) (finish func(context.Context) error, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, ErrClosed
	}
	var old *Tee
	switch i := s.index(t.d.ID); {
	case i < 0:
		s.tees = append(s.tees, t)
		t.begin(nil)
	case s.tees[i] != t:
		old, s.tees[i] = s.tees[i], t
		t.follow(old)
	}
	s.wish()
	return func(ctx context.Context) error {
		if old == nil {
			return nil
		}
		err := old.Close(ctx)
		t.Stats() // which lets the old one go
		return err
	}, nil
}

// Delete takes a Tee out, if there is one, and closes it as by its Close(ctx).
func (s *Set) Delete(ctx context.Context, id string) error {
	if t := s.Take(id); t != nil {
		return t.Close(ctx)
	}
	return nil
}

// Take is Delete for who closes the Tee, which it gives, in his own time; nil
// when there is none.
func (s *Set) Take(id string) *Tee {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := s.index(id)
	if i < 0 {
		return nil
	}
	t := s.tees[i]
	s.tees = slices.Delete(s.tees, i, i+1)
	s.wish()
	return t
}

// Get gives a Tee by its ID, or nil.
func (s *Set) Get(id string) *Tee {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if i := s.index(id); i >= 0 {
		return s.tees[i]
	}
	return nil
}

// Stats tells how every Tee is doing now.
func (s *Set) Stats() []Stats {
	s.mu.RLock()
	defer s.mu.RUnlock()
	all := make([]Stats, len(s.tees))
	for i, t := range s.tees {
		all[i] = t.Stats()
	}
	return all
}

// Close takes no more records and closes all Tees at the same time, as by
// their Close(ctx).
func (s *Set) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	tees := slices.Clone(s.tees)
	s.mu.Unlock()
	errs := make([]error, len(tees))
	var all sync.WaitGroup
	for i, t := range tees {
		all.Go(func() {
			if err := t.Close(ctx); err != nil {
				errs[i] = fmt.Errorf("tee %s: %w", t.d.Name, err)
			}
		})
	}
	all.Wait()
	return errors.Join(errs...)
}

func (s *Set) index(id string) int {
	return slices.IndexFunc(s.tees, func(t *Tee) bool { return t.d.ID == id })
}

func (s *Set) wish() {
	var most int64
	for _, t := range s.tees {
		most = max(most, t.Bodies())
	}
	s.bodies.Store(most)
	s.count.Store(int64(len(s.tees)))
}

// A past is what the Tees have counted whose place another took.
type past struct {
	mu     sync.Mutex
	counts Stats
	last   *Tee // that still counts; nil for none
}

// follow lets t go on from old: with its counts, and when it has ended.
func (t *Tee) follow(old *Tee) {
	t.before.Store(&past{last: old})
	t.begin(old.queue.done)
}

// begin lets t use its sink when after is closed; nil means at once.
func (t *Tee) begin(after <-chan struct{}) {
	t.queue.begin(after)
	if spool, ok := t.d.Sink.(*Spool); ok {
		spool.begin(after)
	}
}

// addTo adds to what a Tee has counted itself.
func (p *past) addTo(s *Stats) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	counts := p.counts
	if p.last != nil {
		ended := p.last.queue.ended()
		counts = p.last.Stats()
		if ended {
			p.counts, p.last = counts, nil
		}
	}
	s.Queued += counts.Queued
	s.QueuedBytes += counts.QueuedBytes
	s.Sent += counts.Sent
	s.Failed += counts.Failed
	s.Dropped += counts.Dropped
	if s.LastError == "" {
		s.LastError, s.LastErrorAt = counts.LastError, counts.LastErrorAt
	}
}
