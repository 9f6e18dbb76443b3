package tee

import (
	"context"
	"testing"
	"testing/synctest"
)

// A Tee waits for all whose place was taken before, also for the one before a
// Tee that had nothing to write.
func TestATeeWaitsForAllBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		let := make(chan struct{})
		var order []string
		sink := func(name string, wait <-chan struct{}) *Tee {
			one, err := Open(Destination{ID: "x", Linger: -1, Sink: batchFunc(func(_ context.Context, records []*Record) error {
				if wait != nil {
					<-wait
				}
				for _, r := range records {
					order = append(order, name+" "+r.Model)
				}
				return nil
			})})
			if err != nil {
				t.Fatal(err)
			}
			return one
		}
		var set Set
		if err := set.Put(t.Context(), sink("first", let)); err != nil {
			t.Fatal(err)
		}
		_ = set.Write(t.Context(), &Record{Model: "1"})
		synctest.Wait()
		for _, name := range []string{"second", "third"} {
			go func() {
				if err := set.Put(t.Context(), sink(name, nil)); err != nil {
					t.Error(err)
				}
			}()
			synctest.Wait()
		}
		_ = set.Write(t.Context(), &Record{Model: "2"})
		synctest.Wait()
		if len(order) != 0 {
			t.Errorf("%v was written while the first was at it", order)
		}
		close(let)
		synctest.Wait()
		if len(order) != 2 || order[0] != "first 1" || order[1] != "third 2" {
			t.Errorf("%v was written", order)
		}
		if err := set.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
