package routex_test

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/tee"
)

// An orderly sink hands records on one after the other, and remembers in which
// order.
type orderly struct {
	*tee.Tee
	mu     sync.Mutex
	traces []string
}

func (o *orderly) Write(ctx context.Context, r *tee.Record) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.traces = append(o.traces, r.TraceID)
	return o.Tee.Write(ctx, r)
}

// Every call has its line in the file, whole, in the order in which they ended.
func TestEveryCallIsInTheFile(t *testing.T) {
	calls, callers := 100_000, 16
	if underRace || testing.Short() {
		calls = 5_000
	}
	path := filepath.Join(t.TempDir(), "requests.jsonl")
	copied, err := tee.Open(tee.Destination{
		ID: "file", Queue: calls, QueueBytes: 1 << 30, Sink: tee.NewFile(path, tee.FileOptions{MaxSize: -1}),
	})
	if err != nil {
		t.Fatal(err)
	}
	sink := &orderly{Tee: copied}
	whole := newTransport(t, routex.Config{
		Channels: []routex.Channel{anthropicChannel("a", "http://a.test")}, Sinks: []tee.Sink{sink}, Base: canned("", []byte(anthropicAnswer)),
	})
	streamed := newTransport(t, routex.Config{
		Channels: []routex.Channel{anthropicChannel("a", "http://a.test")}, Sinks: []tee.Sink{sink}, Base: canned("stream", anthropicStream(5)),
	})
	ask := func(tr *routex.Transport, body string) {
		req, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://x.test/v1/messages", strings.NewReader(body))
		resp, err := tr.RoundTrip(req)
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
	var all sync.WaitGroup
	for i := range callers {
		all.Go(func() {
			for n := i; n < calls; n += callers {
				if n%4 == 0 {
					ask(streamed, anthropicWire().body)
				} else {
					ask(whole, anthropicWire().unary().body)
				}
			}
		})
	}
	all.Wait()
	if err := copied.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := copied.Stats(); s.Sent != int64(calls) || s.Dropped+s.Failed != 0 {
		t.Fatalf("of %d calls: %+v", calls, s)
	}
	checkLines(t, path, sink.traces)
}

// checkLines reads the file: a whole record to each trace, in that order.
func checkLines(t *testing.T, path string, traces []string) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	n := 0
	for ; lines.Scan(); n++ {
		line := lines.Bytes()
		v := gjson.ParseBytes(line)
		if !gjson.ValidBytes(line) || n >= len(traces) || v.Get("traceId").Str != traces[n] {
			t.Fatalf("line %d is %s", n, line)
		}
		if v.Get("status").Int() != 200 || v.Get("request.messages.0.content").Str != "count" || v.Get("response.role").Str != "assistant" || v.Get("response.stop_reason").Str != "end_turn" {
			t.Fatalf("line %d is not complete: %s", n, line)
		}
	}
	if err := lines.Err(); err != nil || n != len(traces) {
		t.Errorf("%d lines for %d calls: %v", n, len(traces), err)
	}
}
