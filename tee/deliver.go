package tee

import (
	"fmt"
	"time"
)

// The waits before a batch that failed is offered again: the first, and the
// one that no other exceeds.
const (
	firstWait = 100 * time.Millisecond
	lastWait  = 5 * time.Second
)

// run is the goroutine that uses the sink.
func (q *Queue) run() {
	told := make(chan struct{})
	go q.report(told)
	var batch []*Record
	for {
		if batch = q.next(batch[:0]); len(batch) == 0 {
			break
		}
		q.deliver(batch)
	}
	q.await()            // or whoever comes next would not wait for those before
	q.turn <- struct{}{} // for ever: the sink is not used any more
	err := q.closeSink()
	q.mu.Lock()
	if err != nil {
		q.closeErr = fmt.Errorf("tee: closing the sink: %w", err)
		q.fault(err)
	}
	q.finished = true
	close(q.changed)
	q.mu.Unlock()
	<-told
	close(q.done)
}

// report tells OnChange, which may take its time.
func (q *Queue) report(done chan<- struct{}) {
	defer close(done)
	for range q.changed {
		if q.o.OnChange != nil {
			q.o.OnChange(q.Stats())
		}
	}
}

// next waits for the batch that is due and appends it to dst: nothing when the
// queue is closed and empty.
func (q *Queue) next(dst []*Record) []*Record {
	due := q.o.Linger < 0
	for {
		q.mu.Lock()
		if n := q.waiting.n; n >= q.o.Batch || n > 0 && due || q.closed {
			dst = q.waiting.pop(dst, q.o.Batch)
			q.timer.Stop()
			if q.waiting.n > 0 && q.o.Linger > 0 {
				q.timer.Reset(q.o.Linger)
			}
			q.mu.Unlock()
			return dst
		}
		q.mu.Unlock()
		select {
		case <-q.full:
		case <-q.timer.C:
			due = true
		case <-q.closing:
		}
	}
}

// deliver offers a batch to the sink until it is taken, refused for good, or
// was offered for long enough. After Close it is offered once.
func (q *Queue) deliver(batch []*Record) {
	q.await()
	var end time.Time
	for wait := firstWait; ; wait = min(2*wait, lastWait) {
		if q.ctx.Err() != nil {
			q.release(batch, &q.stats.Dropped)
			return
		}
		taken, final, err := q.offer(batch)
		q.note(err)
		q.release(batch[:taken], &q.stats.Sent)
		if batch = batch[taken:]; len(batch) == 0 {
			return
		}
		if end.IsZero() {
			end = time.Now().Add(q.o.RetryFor)
		}
		switch {
		case q.ctx.Err() != nil: // Close could not wait
			q.release(batch, &q.stats.Dropped)
			return
		case final || q.isClosed() || time.Until(end) < wait:
			q.release(batch, &q.stats.Failed)
			return
		}
		q.pause(wait)
	}
}

// await waits until whoever had the destination before has let it go.
func (q *Queue) await() {
	q.mu.Lock()
	after := q.after
	q.mu.Unlock()
	if after == nil {
		return
	}
	select {
	case <-after:
	case <-q.ctx.Done():
	}
}

func (q *Queue) pause(wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-q.closing:
	}
}

func (q *Queue) isClosed() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.closed
}

// offer gives the sink a batch, and says how many records it took, and whether
// it will never take the others. A sink that panics has refused them.
func (q *Queue) offer(batch []*Record) (taken int, final bool, err error) {
	select {
	case q.turn <- struct{}{}:
	case <-q.ctx.Done():
		return 0, false, q.ctx.Err()
	}
	defer func() {
		<-q.turn
		if p := recover(); p != nil {
			taken, final, err = 0, true, fmt.Errorf("tee: the sink panicked: %v", p)
		}
	}()
	err = q.sink.WriteBatch(q.ctx, batch)
	taken, final = result(err, len(batch))
	return taken, final, err
}

// note remembers how a batch went.
func (q *Queue) note(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if err != nil {
		q.fault(err)
	}
	if failing := err != nil; failing != q.stats.Failing {
		q.stats.Failing = failing
		q.tell()
	}
}

// release makes room for the records that have come to an end, and counts them.
func (q *Queue) release(batch []*Record, counter *int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	*counter += int64(len(batch))
	for _, r := range batch {
		q.stats.QueuedBytes -= r.weight()
		*r = Record{}
		if len(q.free) < 2*q.o.Batch {
			q.free = append(q.free, r)
		}
	}
	q.stats.Queued -= len(batch)
	if q.stats.Dropping && q.stats.Queued <= q.o.Records/2 && q.stats.QueuedBytes <= q.o.Bytes/2 {
		q.stats.Dropping = false
		q.tell()
	}
}
