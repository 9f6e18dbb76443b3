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
