package tee_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dctx-team/routex/tee"
)

// A script is a sink that answers every batch with the next of its errors,
// then with none, and remembers what it took, and when.
type script struct {
	mu      sync.Mutex
	answers []error
	wait    time.Duration // before each answer, unless its context ends
	offered []string
	taken   []string
	start   time.Time
	times   []time.Duration
	closed  int
}

func (s *script) WriteBatch(ctx context.Context, records []*tee.Record) error {
	if s.wait > 0 {
		select {
		case <-time.After(s.wait):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var models []string
	for _, r := range records {
		models = append(models, r.Model)
	}
	s.offered = append(s.offered, strings.Join(models, " "))
	s.times = append(s.times, time.Since(s.start))
	var err error
	if len(s.answers) > 0 {
		err, s.answers = s.answers[0], s.answers[1:]
	}
	n := len(models)
	if partial, ok := errors.AsType[*tee.PartialError](err); ok {
		n = partial.Taken
	} else if err != nil {
		n = 0
	}
	s.taken = append(s.taken, models[:n]...)
	return err
}

func (s *script) Close() error {
	s.closed++
	return nil
}

func writeAll(t testing.TB, sink tee.Sink, from, to int) {
	t.Helper()
	for n := from; n < to; n++ {
		if err := sink.Write(t.Context(), &tee.Record{Model: fmt.Sprint(n)}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestBatchesAreOfTenOrOneSecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{start: time.Now()}
		q := tee.NewQueue(s, tee.QueueOptions{Batch: 3, Linger: time.Second})
		writeAll(t, q, 0, 7)
		synctest.Wait()
		if got := fmt.Sprint(s.offered); got != "[0 1 2 3 4 5]" || len(s.offered) != 2 {
			t.Errorf("at once: %q", s.offered)
		}
		time.Sleep(900 * time.Millisecond)
		writeAll(t, q, 7, 8) // does not make the other wait longer
		time.Sleep(200 * time.Millisecond)
		synctest.Wait()
		time.Sleep(time.Second)
		writeAll(t, q, 8, 9)
		if err := q.Close(t.Context()); err != nil {
			t.Error(err)
		}
		want := []string{"0 1 2", "3 4 5", "6 7", "8"}
		if !slices.Equal(s.offered, want) || s.times[2] != time.Second || s.times[3] != 2100*time.Millisecond || s.closed != 1 {
			t.Errorf("batches %q at %v, closed %d times", s.offered, s.times, s.closed)
		}
	})
}

func TestNoLinger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{start: time.Now()}
		q := tee.NewQueue(s, tee.QueueOptions{Linger: -1})
		for n := range 3 {
			writeAll(t, q, n, n+1)
			synctest.Wait()
		}
		if want := []string{"0", "1", "2"}; !slices.Equal(s.offered, want) || s.times[2] != 0 {
			t.Errorf("batches %q at %v", s.offered, s.times)
		}
		_ = q.Close(t.Context())
	})
}

func TestFailedBatchIsOfferedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		boom := errors.New("boom")
		s := &script{start: time.Now(), answers: []error{boom, &tee.PartialError{Taken: 1, Err: boom}, boom, nil, &tee.PartialError{Taken: 1, Final: true, Err: boom}}}
		q := tee.NewQueue(s, tee.QueueOptions{Batch: 3, Linger: time.Hour})
		writeAll(t, q, 0, 6)
		time.Sleep(time.Minute)
		synctest.Wait()
		if want := []string{"0 1 2", "0 1 2", "1 2", "1 2", "3 4 5"}; !slices.Equal(s.offered, want) || fmt.Sprint(s.times) != "[0s 100ms 300ms 700ms 700ms]" {
			t.Errorf("batches %q at %v", s.offered, s.times)
		}
		if st := q.Stats(); st.Sent != 4 || st.Failed != 2 || st.Queued != 0 || st.LastError != "boom" || !st.Failing {
			t.Errorf("%+v", st)
		}
		writeAll(t, q, 6, 9)
		synctest.Wait()
		if st := q.Stats(); st.Failing || st.LastError != "boom" || st.Sent != 7 {
			t.Errorf("after a batch that was taken: %+v", st)
		}
		_ = q.Close(t.Context())
	})
}

func TestBatchIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		boom := errors.New("boom")
		s := &script{start: time.Now(), answers: slices.Repeat([]error{boom}, 1000)}
		q := tee.NewQueue(s, tee.QueueOptions{Batch: 1, RetryFor: 10 * time.Second})
		writeAll(t, q, 0, 2)
		time.Sleep(30 * time.Second)
		synctest.Wait()
		if st := q.Stats(); st.Failed != 2 || st.Queued != 0 {
			t.Errorf("%+v", st)
		}
		last := s.times[len(s.times)-1]
		if last < 10*time.Second || last > 20*time.Second || len(s.times) > 20 {
			t.Errorf("offered at %v", s.times)
		}
		never := &script{answers: []error{boom}}
		q2 := tee.NewQueue(never, tee.QueueOptions{Batch: 1, RetryFor: -1})
		writeAll(t, q2, 0, 2)
		synctest.Wait()
		if want := []string{"0", "1"}; !slices.Equal(never.offered, want) {
			t.Errorf("without retries: %q", never.offered)
		}
		_ = q2.Close(t.Context())
		_ = q.Close(t.Context())
	})
}

// Close does not wait for a batch that is to be offered later, and offers what
// waits once.
func TestCloseOffersOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		boom := errors.New("boom")
		s := &script{start: time.Now(), answers: slices.Repeat([]error{boom}, 9)}
		q := tee.NewQueue(s, tee.QueueOptions{Batch: 1, RetryFor: time.Hour})
		writeAll(t, q, 0, 3)
		time.Sleep(20 * time.Second) // several waits of 5 s by now
		synctest.Wait()
		before := len(s.offered)
		start := time.Now()
		if err := q.Close(t.Context()); err != nil || time.Since(start) > 0 {
			t.Errorf("Close gives %v after %v", err, time.Since(start))
		}
		if st := q.Stats(); len(s.offered) != before+3 || st.Failed+st.Sent != 3 || st.Queued != 0 || s.closed != 1 {
			t.Errorf("offered %q; %+v", s.offered[before:], st)
		}
	})
}

func TestPanickingSink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := 0
		q := tee.NewQueue(tee.Each(tee.Func(func(context.Context, *tee.Record) error {
			if n++; n == 1 {
				panic("boom")
			}
			return nil
		})), tee.QueueOptions{Batch: 1})
		writeAll(t, q, 0, 2)
		if err := q.Close(t.Context()); err != nil {
			t.Error(err)
		}
		if st := q.Stats(); st.Failed != 1 || st.Sent != 1 || !strings.Contains(st.LastError, "boom") {
			t.Errorf("%+v", st)
		}
	})
}

// The memory of a queue is bounded, whatever is written to it, and a Write
// never waits.
func TestHangingSinkBlocksNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const bound = 1 << 20
		d := tee.Destination{ID: "dead", QueueBytes: bound, Sink: hanging{}}
		dead, err := tee.Open(d)
		if err != nil {
			t.Fatal(err)
		}
		body := json.RawMessage(`"` + strings.Repeat("x", 1000) + `"`)
		start := time.Now()
		for range 100_000 {
			if err := dead.Write(t.Context(), &tee.Record{Request: body, Response: body}); err != nil {
				t.Fatal(err)
			}
			if s := dead.Stats(); s.QueuedBytes > bound {
				t.Fatalf("%d bytes wait", s.QueuedBytes)
			}
		}
		if s := dead.Stats(); s.Queued < 100 || s.Dropped != 100_000-int64(s.Queued) || time.Since(start) != 0 {
			t.Errorf("after %v: %+v", time.Since(start), s)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := dead.Close(ctx); !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("Close gives %v after %v", err, time.Since(start))
		}
		synctest.Wait()
		if s := dead.Stats(); s.Dropped != 100_000 || s.Queued != 0 || s.QueuedBytes != 0 {
			t.Errorf("in the end: %+v", s)
		}
		if err := dead.Test(t.Context(), nil); !errors.Is(err, tee.ErrClosed) {
			t.Errorf("Test after Close gives %v", err)
		}
	})
}

// A sink that does not even look at its context keeps nobody but itself.
func TestDeafSinkKeepsNobody(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		deaf, err := tee.Open(tee.Destination{ID: "deaf", Linger: -1, Sink: tee.Each(tee.Func(func(context.Context, *tee.Record) error {
			<-release
			return nil
		}))})
		if err != nil {
			t.Fatal(err)
		}
		writeAll(t, deaf, 0, 3)
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := deaf.Test(ctx, &tee.Record{}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Test gives %v", err)
		}
		if err := deaf.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Close gives %v", err)
		}
		close(release)
		synctest.Wait()
		if s := deaf.Stats(); s.Sent+s.Dropped != 3 || s.Queued != 0 {
			t.Errorf("%+v", s)
		}
	})
}

func TestDropsAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told []tee.Stats
		s := &script{wait: time.Second}
		q := tee.NewQueue(s, tee.QueueOptions{Records: 4, Batch: 1, OnChange: func(st tee.Stats) { told = append(told, st) }})
		for range 10 {
			_ = q.Write(t.Context(), &tee.Record{})
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		// How many were dropped when it is told first is up to the scheduler.
		if len(told) != 2 || !told[0].Dropping || told[0].Dropped == 0 || told[0].LastError != tee.ErrFull.Error() ||
			told[1].Dropping || told[1].Dropped != 6 {
			t.Errorf("told %+v", told)
		}
		_ = q.Close(t.Context())
	})
}

func open(t testing.TB, id string, sink tee.BatchSink) *tee.Tee {
	t.Helper()
	one, err := tee.Open(tee.Destination{ID: id, Queue: 1 << 20, QueueBytes: 1 << 30, Sink: sink})
	if err != nil {
		t.Fatal(err)
	}
	return one
}

// While calls are made, a destination is changed over and over: every record
// comes once, to one of those that had the ID, and those of one writer in order.
func TestReplacedTeeLosesNothing(t *testing.T) {
	const writers, each, changes = 8, 2000 / slow, 50
	var set tee.Set
	var got []string // of all sinks: only one is used at a time
	collect := func() tee.BatchSink {
		return tee.Each(tee.Func(func(_ context.Context, r *tee.Record) error {
			got = append(got, r.Model)
			return nil
		}))
	}
	if err := set.Put(t.Context(), open(t, "x", collect())); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	var left atomic.Int64
	left.Store(writers)
	for w := range writers {
		all.Go(func() {
			defer left.Add(-1)
			for n := range each {
				if err := set.Write(t.Context(), &tee.Record{Model: fmt.Sprintf("%d %d", w, n)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for n := 0; n < changes || left.Load() > 0; n++ {
		if err := set.Put(t.Context(), open(t, "x", collect())); err != nil {
			t.Error(err)
		}
	}
	all.Wait()
	if err := set.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if s := set.Stats(); len(s) != 1 || s[0].Sent != writers*each || s[0].Queued+int(s[0].Dropped+s[0].Failed) != 0 {
		t.Errorf("%+v", s)
	}
	last := make(map[int]int)
	for _, model := range got {
		var w, n int
		_, _ = fmt.Sscan(model, &w, &n)
		if n != last[w] {
			t.Fatalf("of writer %d comes %d, want %d", w, n, last[w])
		}
		last[w]++
	}
	if len(got) != writers*each {
		t.Errorf("%d records came", len(got))
	}
	if err := set.Write(t.Context(), &tee.Record{}); !errors.Is(err, tee.ErrClosed) {
		t.Errorf("Write after Close gives %v", err)
	}
	if err := set.Put(t.Context(), open(t, "y", collect())); !errors.Is(err, tee.ErrClosed) {
		t.Errorf("Put after Close gives %v", err)
	}
}

func TestSetOfDestinations(t *testing.T) {
	var set tee.Set
	if !set.Idle() || set.Bodies() != 0 || set.Get("a") != nil || len(set.Stats()) != 0 || set.Write(t.Context(), &tee.Record{}) != nil {
		t.Error("an empty set has something")
	}
	a, b := &script{}, &script{}
	one, err := tee.Open(tee.Destination{ID: "a", BodyLimit: 10, Sink: a})
	if err != nil {
		t.Fatal(err)
	}
	two, err := tee.Open(tee.Destination{ID: "b", Name: "second", BodyLimit: 20, Filter: tee.Filter{Models: []string{"1"}}, Sink: b})
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range []*tee.Tee{one, two, one} { // putting it again changes nothing
		if err := set.Put(t.Context(), x); err != nil {
			t.Fatal(err)
		}
	}
	if set.Idle() || set.Bodies() != 20 || set.Get("b") != two {
		t.Errorf("Idle %v, Bodies %d", set.Idle(), set.Bodies())
	}
	writeAll(t, &set, 0, 3)
	if err := set.Delete(t.Context(), "b"); err != nil {
		t.Error(err)
	}
	if err := set.Delete(t.Context(), "none"); err != nil {
		t.Error(err)
	}
	if set.Bodies() != 10 || set.Get("b") != nil || fmt.Sprint(b.taken) != "[1]" || b.closed != 1 || a.closed != 0 {
		t.Errorf("after Delete: Bodies %d, taken %v, closed %d", set.Bodies(), b.taken, b.closed)
	}
	writeAll(t, &set, 3, 4)
	if err := set.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if s := set.Stats(); fmt.Sprint(a.taken) != "[0 1 2 3]" || s[0].ID != "a" || s[0].Name != "a" || s[0].Sent != 4 {
		t.Errorf("taken %v; %+v", a.taken, s)
	}
}

// All destinations of a Set are closed under one deadline, and a dead one does
// not take the time of the others.
func TestSetClosesAllAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var set tee.Set
		slow := make([]*script, 5)
		for i := range slow {
			slow[i] = &script{wait: 4 * time.Second}
			if err := set.Put(t.Context(), open(t, fmt.Sprint("slow", i), slow[i])); err != nil {
				t.Fatal(err)
			}
		}
		if err := set.Put(t.Context(), open(t, "dead", hanging{})); err != nil {
			t.Fatal(err)
		}
		writeAll(t, &set, 0, 1)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		start := time.Now()
		err := set.Close(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "dead") || strings.Contains(err.Error(), "slow") || time.Since(start) != 5*time.Second {
			t.Errorf("Close gives %v after %v", err, time.Since(start))
		}
		for _, s := range slow {
			if len(s.taken) != 1 || s.closed != 1 {
				t.Errorf("a slow one took %v", s.taken)
			}
		}
	})
}

// The Tee that comes in the place of a dead one begins when that has had its
// time, and goes on with what it counted.
func TestReplacingDeadTee(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var set tee.Set
		_ = set.Put(t.Context(), open(t, "x", hanging{}))
		writeAll(t, &set, 0, 3)
		s := &script{start: time.Now()}
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		go func() {
			time.Sleep(time.Second)
			writeAll(t, &set, 3, 5)
		}()
		if err := set.Put(ctx, open(t, "x", s)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Put gives %v", err)
		}
		synctest.Wait()
		if got := set.Stats()[0]; got.Sent != 2 || got.Dropped != 3 || got.Queued != 0 || got.LastError == "" || s.times[0] != 5*time.Second {
			t.Errorf("%+v; written at %v", got, s.times)
		}
		_ = set.Close(t.Context())
	})
}

func TestBrokenBodyCostsOnlyItself(t *testing.T) {
	broken := &tee.Record{Model: "1", Streamed: tee.NewStreamed([]byte("x"), func([]byte) json.RawMessage { panic("boom") })}
	s := &script{}
	q := open(t, "x", s)
	_ = q.Write(t.Context(), &tee.Record{Model: "0"})
	_ = q.Write(t.Context(), broken)
	_ = q.Write(t.Context(), &tee.Record{Model: "2"})
	if err := q.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if st := q.Stats(); fmt.Sprint(s.taken) != "[0 1 2]" || st.Sent != 3 || !strings.Contains(st.LastError, "boom") {
		t.Errorf("taken %v; %+v", s.taken, st)
	}
}

func ExampleSet() {
	var tees tee.Set // goes to Config.Sinks, and can change at any time
	ctx := context.Background()
	failures, err := tee.Open(tee.Destination{
		ID:     "failures",
		Filter: tee.Filter{FailureOnly: true},
		Sink: tee.Each(tee.Func(func(_ context.Context, r *tee.Record) error {
			fmt.Println(r.Channel, r.Status, r.Class)
			return nil
		})),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_ = tees.Put(ctx, failures)
	_ = tees.Write(ctx, &tee.Record{Channel: "main", Status: 200})
	_ = tees.Write(ctx, &tee.Record{Channel: "spare", Status: 503, Class: "overload"})
	_ = tees.Close(ctx)
	for _, s := range tees.Stats() {
		fmt.Println(s.Name, s.Sent, s.Dropped)
	}
	// Output:
	// spare 503 overload
	// failures 1 0
}
