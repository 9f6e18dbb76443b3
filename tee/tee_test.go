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
	q := tee.NewQueue(tee.Func(func(_ context.Context, r *tee.Record) error {
		got = append(got, r.Model)
		return nil
	}), 10)
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
		q := tee.NewQueue(tee.Func(func(ctx context.Context, _ *tee.Record) error {
			<-ctx.Done() // a sink that hangs until it is told to stop
			return ctx.Err()
		}), 1)
		start := time.Now()
		var full int
		for range 5 {
			if errors.Is(q.Write(t.Context(), &tee.Record{}), tee.ErrFull) {
				full++
			}
			synctest.Wait()
		}
		if full != 3 || q.Dropped() != 3 {
			t.Errorf("%d writes were refused, %d counted as dropped; one is written, one waits, three are dropped", full, q.Dropped())
		}
		if waited := time.Since(start); waited != 0 {
			t.Errorf("the writers waited %v", waited)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := q.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Close gives %v", err)
		}
		synctest.Wait()
		if q.Failed() != 2 {
			t.Errorf("%d records failed, want 2", q.Failed())
		}
	})
}

func ExampleQueue() {
	queue := tee.NewQueue(tee.Func(func(_ context.Context, r *tee.Record) error {
		fmt.Println(r.Channel, r.Status)
		return nil
	}), 1000)
	_ = queue.Write(context.Background(), &tee.Record{Channel: "main", Status: 200})
	_ = queue.Close(context.Background())
	// Output: main 200
}
