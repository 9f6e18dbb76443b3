package routex_test

import (
	"context"
	"errors"
	"io"
	"maps"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/tee"
)

// manyCalls makes calls one after the other that cannot fail.
func manyCalls(tb testing.TB, tr http.RoundTripper, count int) {
	tb.Helper()
	for range count {
		req, _ := http.NewRequestWithContext(tb.Context(), http.MethodPost, "http://a.test/v1/messages", strings.NewReader(anthropicCall))
		resp, err := tr.RoundTrip(req)
		if err != nil || resp.StatusCode != http.StatusOK {
			tb.Fatal(resp, err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
}

var answering = roundTrip(func(*http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(anthropicAnswer)),
	}, nil
})

// Ways for a webhook to be dead.
var deaths = map[string]roundTrip{
	"never answers": func(req *http.Request) (*http.Response, error) {
		<-req.Context().Done()
		return nil, req.Context().Err()
	},
	"cannot be reached": func(*http.Request) (*http.Response, error) { return nil, errors.New("connection refused") },
	"is overloaded": func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: 503, Header: http.Header{"Retry-After": {"3600"}}, Body: http.NoBody}, nil
	},
}

// The clock of the bubble goes on only when everybody waits: as long as it
// stands, no caller has waited for anything.
func TestADeadWebhookDelaysNobody(t *testing.T) {
	for name, dead := range deaths {
		t.Run(name, func(t *testing.T) {
			calls := 100_000
			if testing.Short() || underRace || name != "never answers" {
				calls = 10_000
			}
			synctest.Test(t, func(t *testing.T) { deadWebhook(t, dead, calls) })
		})
	}
}

func deadWebhook(t *testing.T, dead roundTrip, calls int) {
	const most, bound = 1000, 2 << 20
	var alive atomic.Bool
	webhook, err := tee.NewWebhook(tee.WebhookConfig{URL: "https://hook.test", Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
		if alive.Load() {
			return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
		}
		return dead(req)
	})})
	if err != nil {
		t.Fatal(err)
	}
	one, err := tee.Open(tee.Destination{ID: "dead", Queue: most, QueueBytes: bound, Batch: 10, Linger: time.Second, Sink: webhook})
	if err != nil {
		t.Fatal(err)
	}
	// Not newTransport, which keeps the spans of all calls.
	tr, err := routex.New(routex.Config{Channels: []routex.Channel{anthropicChannel("a", "http://a.test")}, Base: answering, Sinks: []tee.Sink{one}})
	if err != nil {
		t.Fatal(err)
	}
	manyCalls(t, tr, 100) // whatever is made once
	before, start := inUse(), time.Now()
	manyCalls(t, tr, calls)
	if waited := time.Since(start); waited != 0 {
		t.Errorf("the callers waited %v", waited)
	}
	if grown := inUse() - before; grown > bound+4<<20 {
		t.Errorf("%d bytes are in use that were not before, and the queue may have %d", grown, bound)
	}
	st, total := one.Stats(), int64(calls+100)
	if st.Queued > most || st.QueuedBytes > bound || st.Sent != 0 || st.Dropped < total-most-100 || int64(st.Queued)+st.Failed+st.Dropped != total {
		t.Errorf("of %d calls: %+v", total, st)
	}
	time.Sleep(100 * time.Hour)
	if st := one.Stats(); st.Queued != 0 || st.QueuedBytes != 0 || st.Sent != 0 || st.Failed+st.Dropped != total || st.Failed < most-100 || !st.Failing || !strings.Contains(st.LastError, "hook.test") {
		t.Errorf("at the end: %+v", st)
	}
	alive.Store(true)
	manyCalls(t, tr, 10)
	time.Sleep(time.Second)
	if st := one.Stats(); st.Sent != 10 || st.Failing || st.Dropping {
		t.Errorf("when the receiver is back: %+v", st)
	}
	if err := one.Close(context.Background()); err != nil {
		t.Error(err)
	}
}

func inUse() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// BenchmarkDeadWebhook compares calls without a tee, with a webhook that takes
// what it gets, and with ones that are dead in their ways.
func BenchmarkDeadWebhook(b *testing.B) {
	kinds := map[string]roundTrip{"alive": func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusOK, Body: http.NoBody}, nil
	}}
	maps.Copy(kinds, deaths)
	kinds["none"] = nil
	for name, receiver := range kinds {
		b.Run(name, func(b *testing.B) {
			cfg := routex.Config{Channels: []routex.Channel{anthropicChannel("a", "http://a.test")}, Base: answering}
			if receiver != nil {
				webhook, err := tee.NewWebhook(tee.WebhookConfig{URL: "https://hook.test", Transport: receiver})
				if err != nil {
					b.Fatal(err)
				}
				one, err := tee.Open(tee.Destination{ID: "x", Batch: 10, Linger: time.Second, Sink: webhook})
				if err != nil {
					b.Fatal(err)
				}
				cfg.Sinks = []tee.Sink{one}
				defer func() {
					ctx, cancel := context.WithCancel(context.Background())
					cancel()
					_ = one.Close(ctx)
				}()
			}
			tr, err := routex.New(cfg)
			if err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			var took []time.Duration
			for b.Loop() {
				began := time.Now()
				manyCalls(b, tr, 1)
				took = append(took, time.Since(began))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds()), "p99-ns")
		})
	}
}
