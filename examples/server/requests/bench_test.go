package requests_test

import (
	"encoding/binary"
	"fmt"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/examples/server/requests"
	"github.com/dctx-team/routex/transform"
)

// calls are of the kind that a busy server logs: of a few models, keys and
// sessions, with ten channels, one in twenty failed over.
func calls(n int) []*routex.Decision {
	out := make([]*routex.Decision, n)
	for i := range out {
		d := fullDecision()
		d.Time = time.Now()
		binary.BigEndian.PutUint64(d.TraceID[:], uint64(i)*0x9e3779b97f4a7c15)
		binary.BigEndian.PutUint64(d.SpanID[:], uint64(i)*0xbf58476d1ce4e5b9)
		d.Model, d.Caller = fmt.Sprint("model-", i%5), fmt.Sprint("key-", i%7)
		d.Affinity.Key = fmt.Sprint("session-", i%50)
		d.Losses = nil
		d.Candidates = nil
		for c := range 10 {
			d.Candidates = append(d.Candidates, routex.Candidate{ID: fmt.Sprint("channel-", c), Name: fmt.Sprint("Channel ", c), Included: c%2 == 0, Why: "the model is not its"})
		}
		if i%20 > 0 {
			d.Attempts = d.Attempts[1:]
		}
		d.Duration = time.Duration(i%1000+1) * time.Millisecond
		d.Usage = transform.Usage{Input: int64(i % 5000), Output: int64(i % 900), CacheRead: int64(i % 70)}
		out[i] = d
	}
	return out
}

// cpu is the time that the process has had from processors.
func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// The whole cost of a call, with all that is done in the background until it is
// in the database, is cpu-ns/op.
func BenchmarkAdd(b *testing.B) {
	for _, goroutines := range []int{1, 4} {
		b.Run(fmt.Sprint(goroutines, " goroutines"), func(b *testing.B) {
			l, err := requests.Open(b.Context(), b.TempDir(), requests.Options{})
			if err != nil {
				b.Fatal(err)
			}
			some := calls(1000)
			b.ReportAllocs()
			b.ResetTimer()
			began := cpu()
			for done := 0; done < b.N; {
				n := min(b.N-done, 20_000) // what waits is bounded
				var adding sync.WaitGroup
				for g := range goroutines {
					adding.Go(func() {
						for i := g; i < n; i += goroutines {
							l.Add(some[i%len(some)])
						}
					})
				}
				adding.Wait()
				done += n
				for l.Stats().Waiting > 0 {
					time.Sleep(5 * time.Millisecond)
				}
			}
			if err := l.Close(); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(cpu()-began)/float64(b.N), "cpu-ns/op")
			if n := l.Stats().Dropped; n > 0 {
				b.Errorf("%d calls were dropped", n)
			}
		})
	}
}

// Lists of a log of 256,000 calls.
func BenchmarkList(b *testing.B) {
	l, err := requests.Open(b.Context(), b.TempDir(), requests.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	some := calls(1000)
	const all = 256_000
	began := time.Now().Add(-all * time.Millisecond)
	for i := range all {
		d := some[i%len(some)]
		d.Time = began.Add(time.Duration(i)*time.Millisecond - d.Duration)
		binary.BigEndian.PutUint64(d.TraceID[:], uint64(i)*0x9e3779b97f4a7c15)
		l.Add(d)
		for i%20_000 == 0 && l.Stats().Waiting > 0 {
			time.Sleep(5 * time.Millisecond)
		}
	}
	for l.Stats().Waiting > 0 {
		time.Sleep(5 * time.Millisecond)
	}
	first, _, err := l.List(b.Context(), requests.Query{Limit: 1, Offset: all - 1})
	if err != nil || len(first) != 1 {
		b.Fatalf("%d calls: %v", len(first), err)
	}
	for name, q := range map[string]requests.Query{
		"the newest": {}, "the oldest": {Offset: all - 100}, "of a model": {Model: "Model-3"}, "with a text": {Text: "failover"}, "of a trace": {Text: first[0].TraceID},
		"since": {Since: time.Now().Add(-time.Minute).UnixMilli()},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				q.Limit = 100
				if _, _, err := l.List(b.Context(), q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	for name, ref := range map[string]string{"id": first[0].ID, "trace": first[0].TraceID} {
		b.Run("by "+name, func(b *testing.B) {
			for b.Loop() {
				if _, _, err := l.Get(b.Context(), ref); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
