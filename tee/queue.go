package tee

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// ErrClosed is given by Write after Close.
var ErrClosed = errors.New("tee: closed")

// ErrFull is given by Write for a record that was dropped.
var ErrFull = errors.New("tee: the queue is full, and records are dropped")

// A Queue is a [Sink] that never waits: records go to a [BatchSink] from a
// goroutine of its own, in the order of Write, and are dropped and counted when
// too many wait. The zero value is not usable; see [NewQueue].
type Queue struct {
	sink   BatchSink
	o      QueueOptions
	ctx    context.Context // ends the WriteBatch that is running
	cancel context.CancelFunc

	full    chan struct{} // holds one: there is a whole batch
	timer   *time.Timer   // fires when a batch has lingered
	closing chan struct{} // closed by Close
	changed chan struct{} // holds one: OnChange has something to be told
	done    chan struct{} // closed when the goroutines have ended
	turn    chan struct{} // held by whoever uses sink

	mu       sync.Mutex // guards the rest
	waiting  ring
	after    <-chan struct{} // the sink is not used before it is closed; nil for at once
	free     []*Record       // to be used again
	stats    Stats
	closed   bool
	finished bool // changed is closed
	closeErr error
}

// NewQueue puts a queue before a sink, which it owns from then on. Close ends
// its goroutines.
func NewQueue(sink BatchSink, o QueueOptions) *Queue {
	o = o.withDefaults()
	q := &Queue{
		sink: sink, o: o, timer: time.NewTimer(time.Hour),
		full: make(chan struct{}, 1), closing: make(chan struct{}), changed: make(chan struct{}, 1),
		done: make(chan struct{}), turn: make(chan struct{}, 1),
	}
	q.timer.Stop()
	q.ctx, q.cancel = context.WithCancel(context.Background())
	go q.run()
	return q
}

// Write queues a copy of r, or gives [ErrFull] or [ErrClosed].
func (q *Queue) Write(_ context.Context, r *Record) error {
	size := r.weight()
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return ErrClosed
	}
	if q.stats.Queued >= q.o.Records || q.stats.QueuedBytes+size > q.o.Bytes {
		q.drop()
		return ErrFull
	}
	q.stats.Queued++
	q.stats.QueuedBytes += size
	q.waiting.push(q.copy(r))
	switch n := q.waiting.n; {
	case n == q.o.Batch || n == 1 && q.o.Linger < 0:
		signal(q.full)
	case n == 1:
		q.timer.Reset(q.o.Linger)
	}
	return nil
}

// overhead is what a record takes besides its texts and bodies, about.
const overhead = 640

// weight is about how many bytes r takes.
func (r *Record) weight() int64 {
	n := overhead
	if r.Streamed != nil {
		n += r.Streamed.Size()
	}
	return int64(n + len(r.Path) + len(r.Model) + len(r.Session) + len(r.Caller) + len(r.Error) + len(r.Request) + len(r.Response))
}

func (q *Queue) copy(r *Record) *Record {
	last := len(q.free) - 1
	if last < 0 {
		c := *r
		return &c
	}
	c := q.free[last]
	q.free = q.free[:last]
	*c = *r
	return c
}

// drop counts a record that finds no room, and begins to tell of it.
func (q *Queue) drop() {
	q.stats.Dropped++
	if q.stats.Dropping {
		return
	}
	q.stats.Dropping = true
	if !q.stats.Failing { // which would be the cause
		q.fault(ErrFull)
	}
	q.tell()
}

func (q *Queue) fault(err error) {
	q.stats.LastError, q.stats.LastErrorAt = err.Error(), time.Now()
}

func (q *Queue) tell() {
	if !q.finished {
		signal(q.changed)
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default: // there is one already
	}
}

// Stats tells how the queue is doing now.
func (q *Queue) Stats() Stats {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.stats
}

// Close takes no more records and waits until those that wait are written and
// the sink is closed. When ctx ends first, the running WriteBatch is cancelled,
// the rest is dropped and counted, and ctx's error is given; the sink is then
// closed when it lets go. Otherwise the error is that of the sink's Close.
func (q *Queue) Close(ctx context.Context) error {
	q.mu.Lock()
	if !q.closed {
		q.closed = true
		close(q.closing)
	}
	q.mu.Unlock()
	defer q.cancel()
	select {
	case <-q.done:
		q.mu.Lock()
		defer q.mu.Unlock()
		return q.closeErr
	case <-ctx.Done():
		return ctx.Err()
	}
}

// begin keeps the queue from its sink until after is closed.
func (q *Queue) begin(after <-chan struct{}) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.after = after
}

// ended reports that the counts are final.
func (q *Queue) ended() bool {
	select {
	case <-q.done:
		return true
	default:
		return false
	}
}

// try offers the sink a batch besides those of the queue.
func (q *Queue) try(ctx context.Context, batch []*Record) error {
	select {
	case q.turn <- struct{}{}:
	case <-q.done:
		return ErrClosed
	case <-ctx.Done():
		return fmt.Errorf("tee: the destination is busy: %w", ctx.Err())
	}
	defer func() { <-q.turn }()
	select {
	case <-q.done:
		return ErrClosed
	default:
		return q.sink.WriteBatch(ctx, batch)
	}
}

// closeSink lets the sink go. try cannot use it afterwards.
func (q *Queue) closeSink() error { return closeSink(q.ctx, q.sink) }

// closeSink closes a sink that can be closed. One that takes its time for it,
// such as a [Spool], is told by ctx when that is over.
func closeSink(ctx context.Context, sink BatchSink) error {
	switch c := sink.(type) {
	case io.Closer:
		return c.Close()
	case interface {
		Close(ctx context.Context) error
	}:
		return c.Close(ctx)
	}
	return nil
}
