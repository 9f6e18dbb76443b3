package tee_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dctx-team/routex/tee"
)

func TestQueueWritesInOrderAndDrains(t *testing.T) {
	var got []string
	q := tee.NewQueue(tee.Each(tee.Func(func(_ context.Context, r *tee.Record) error {
		got = append(got, r.Model)
		return nil
	})), tee.QueueOptions{Records: 10})
	for i := range 5 {
		if err := q.Write(t.Context(), &tee.Record{Model: fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := q.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(got) != "[0 1 2 3 4]" {
		t.Errorf("the sink got %v", got)
	}
	if err := q.Write(t.Context(), &tee.Record{}); !errors.Is(err, tee.ErrClosed) {
		t.Errorf("Write after Close gives %v", err)
	}
	if err := q.Close(t.Context()); err != nil {
		t.Errorf("a second Close gives %v", err)
	}
}

func TestSlowSinkDelaysNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := tee.NewQueue(hanging{}, tee.QueueOptions{Records: 2, Batch: 1})
		start := time.Now()
		var full int
		for range 5 {
			if errors.Is(q.Write(t.Context(), &tee.Record{}), tee.ErrFull) {
				full++
			}
			synctest.Wait()
		}
		if s := q.Stats(); full != 3 || s.Dropped != 3 || s.Queued != 2 || !s.Dropping || s.LastError == "" {
			t.Errorf("%d writes were refused: %+v; one is written, one waits, three are dropped", full, s)
		}
		if waited := time.Since(start); waited != 0 {
			t.Errorf("the writers waited %v", waited)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := q.Close(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("Close gives %v after %v", err, time.Since(start))
		}
		synctest.Wait()
		if s := q.Stats(); s.Dropped != 5 || s.Queued != 0 || s.QueuedBytes != 0 {
			t.Errorf("in the end: %+v, want all dropped", s)
		}
	})
}

// hanging is a sink that hangs until it is told to stop.
type hanging struct{}

func (hanging) WriteBatch(ctx context.Context, _ []*tee.Record) error {
	<-ctx.Done()
	return ctx.Err()
}

func ExampleQueue() {
	sink := tee.Func(func(_ context.Context, r *tee.Record) error {
		fmt.Println(r.Channel, r.Status)
		return nil
	})
	queue := tee.NewQueue(tee.Each(sink), tee.QueueOptions{})
	_ = queue.Write(context.Background(), &tee.Record{Channel: "main", Status: 200})
	_ = queue.Close(context.Background())
	// Output: main 200
}
