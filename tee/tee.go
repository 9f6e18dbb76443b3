// Package tee copies what is known of every call to sinks: files, webhooks,
// accounting. A [Tee] keeps a slow sink from delaying anybody, sends it only
// the records that its [Filter] lets pass, and takes credentials out of what
// was said. A [Set] of them can change while calls are made.
package tee

import (
	"context"
	"errors"
	"fmt"
)

// A Sink takes records. Write must not keep r or change what it points to, and
// is called by many goroutines at the same time.
//
// A Sink that wants to know what was said in a call has the method
// Bodies() int64 besides: how many bytes it wants of each body, 0 for none. One
// that at times wants no records at all, which then need not be made, has the
// method Idle() bool.
type Sink interface {
	Write(ctx context.Context, r *Record) error
}

// Func is a function as a [Sink].
type Func func(ctx context.Context, r *Record) error

// Write calls f.
func (f Func) Write(ctx context.Context, r *Record) error { return f(ctx, r) }

// A BatchSink takes records by the batch, the oldest first. WriteBatch must
// not keep the records or change them, is called by one goroutine at a time,
// and should return soon after ctx has ended. A batch of no records asks
// whether the sink could take some. A sink that has a method Close() error, or
// Close(context.Context) error, is closed when the [Queue] before it is.
//
// After an error the whole batch counts as not taken, and is offered again
// later; a [*PartialError] says more.
type BatchSink interface {
	WriteBatch(ctx context.Context, records []*Record) error
}

// A PartialError is the error of a batch of which a part was taken, or that is
// not worth to be offered again.
type PartialError struct {
	Taken int   // the first so many records were taken
	Final bool  // the others never will be
	Err   error // why
}

// Error gives the text of the cause.
func (e *PartialError) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *PartialError) Unwrap() error { return e.Err }

// result reads what a BatchSink gave for so many records: how many it took, and
// whether it will never take the others.
func result(err error, count int) (taken int, final bool) {
	if err == nil {
		return count, false
	}
	if partial, ok := errors.AsType[*PartialError](err); ok {
		return min(max(partial.Taken, 0), count), partial.Final
	}
	return 0, false
}

// Each gives a sink of single records as one of batches. A record that it
// refuses is not offered again; the others of its batch are written all the
// same.
func Each(sink Sink) BatchSink { return each{sink} }

type each struct{ sink Sink }

func (e each) WriteBatch(ctx context.Context, records []*Record) error {
	var refused int
	var first error
	for _, r := range records {
		if err := e.sink.Write(ctx, r); err != nil {
			refused++
			if first == nil {
				first = err
			}
		}
	}
	if first == nil {
		return nil
	}
	return &PartialError{Taken: len(records) - refused, Final: true, Err: fmt.Errorf("%d of %d records were refused: %w", refused, len(records), first)}
}
