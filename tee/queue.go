package tee

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
)

// ErrClosed is given by Write after Close.
var ErrClosed = errors.New("tee: queue closed")

// ErrFull is given by Write for a record that was dropped.
var ErrFull = errors.New("tee: queue full")

// A Queue is a [Sink] that never waits: records go to the next sink from a
// goroutine of its own, and are dropped and counted when too many wait. The
// zero value is not usable; see [NewQueue].
type Queue struct {
	next    Sink
	dropped atomic.Int64
	failed  atomic.Int64
	cancel  context.CancelFunc // ends the Write that is running
	done    chan struct{}      // closed when the goroutine has ended

	mu      sync.RWMutex // guards closing records against writers
	closed  bool
	records chan Record
}

// NewQueue puts a queue of size records before next. Close ends its goroutine.
func NewQueue(next Sink, size int) *Queue {
	ctx, cancel := context.WithCancel(context.Background())
	q := &Queue{next: next, cancel: cancel, done: make(chan struct{}), records: make(chan Record, max(size, 1))}
	go q.run(ctx)
	return q
}

func (q *Queue) run(ctx context.Context) {
	defer close(q.done)
	for r := range q.records {
		if q.next.Write(ctx, &r) != nil {
			q.failed.Add(1)
		}
	}
}

// Write queues a copy of r, or gives [ErrFull] or [ErrClosed].
func (q *Queue) Write(_ context.Context, r *Record) error {
	q.mu.RLock()
	defer q.mu.RUnlock()
	if q.closed {
		return ErrClosed
	}
	select {
	case q.records <- *r:
		return nil
	default:
		q.dropped.Add(1)
		return ErrFull
	}
}

// Dropped is the number of records that found the queue full.
func (q *Queue) Dropped() int64 { return q.dropped.Load() }

// Failed is the number of records that the next sink refused.
func (q *Queue) Failed() int64 { return q.failed.Load() }

// Close takes no more records and waits until those that wait are written.
// When ctx ends first, the running Write is cancelled, the rest is still
// offered to the sink with the cancelled context, and ctx's error is given.
func (q *Queue) Close(ctx context.Context) error {
	q.mu.Lock()
	if !q.closed {
		q.closed = true
		close(q.records)
	}
	q.mu.Unlock()
	defer q.cancel()
	select {
	case <-q.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
