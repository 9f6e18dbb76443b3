package events_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/examples/server/events"
	"github.com/dctx-team/routex/tee"
)

// A client listens. One that is stuck reads nothing.
type client struct {
	mu       sync.Mutex
	got      bytes.Buffer // under mu
	header   http.Header
	stuck    chan struct{} // nil for one that reads
	deadline time.Time     // under mu
	leave    context.CancelFunc
	err      error         // of Serve
	over     chan struct{} // closed when Serve has returned
}

func (c *client) Header() http.Header { return c.header }
func (c *client) WriteHeader(int)     {}
func (c *client) Flush()              {}

func (c *client) SetWriteDeadline(t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.deadline = t
	return nil
}

func (c *client) Write(b []byte) (int, error) {
	if c.stuck != nil {
		c.mu.Lock()
		wait := time.Until(c.deadline)
		c.mu.Unlock()
		select {
		case <-c.stuck:
		case <-time.After(wait):
			return 0, os.ErrDeadlineExceeded
		}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.got.Write(b)
}

// listen begins to, in a bubble.
func listen(t *testing.T, h *events.Hub, last string, stuck chan struct{}, types ...string) *client {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	c := &client{header: make(http.Header), stuck: stuck, leave: cancel, over: make(chan struct{})}
	r := httptest.NewRequest(http.MethodGet, "/api/events", nil).WithContext(ctx)
	if last != "" {
		r.Header.Set("Last-Event-ID", last)
	}
	go func() {
		defer close(c.over)
		c.err = h.Serve(c, r, types)
	}()
	synctest.Wait()
	return c
}

// A told is one event, or comment, of a stream.
type told struct{ id, kind, data string }

func (c *client) all() (list []told) {
	synctest.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	for part := range strings.SplitSeq(strings.TrimSuffix(c.got.String(), "\n\n"), "\n\n") {
		var e told
		for line := range strings.SplitSeq(part, "\n") {
			name, value, _ := strings.Cut(line, ": ")
			switch name {
			case "id":
				e.id = value
			case "event":
				e.kind = value
			case "data":
				e.data = value
			case "":
				e.kind = "(" + value + ")"
			}
		}
		if e != (told{}) {
			list = append(list, e)
		}
	}
	return list
}

// kinds are those of what was told.
func (c *client) kinds() string {
	var kinds []string
	for _, e := range c.all() {
		kinds = append(kinds, e.kind)
	}
	return strings.Join(kinds, " ")
}

func call(n int) *routex.Decision {
	return &routex.Decision{Model: fmt.Sprintf("m%d", n), Channel: "a", ChannelID: "1", Status: 200, Duration: time.Second, Cost: new(0.5)}
}

func bubble(t *testing.T, o events.Options, f func(*testing.T, *events.Hub)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		h := events.New(o)
		defer h.Close()
		f(t, h)
	})
}

func TestCallsAreToldInOrder(t *testing.T) {
	bubble(t, events.Options{}, func(t *testing.T, h *events.Hub) {
		h.Call(call(0)) // nobody hears of it
		c := listen(t, h, "", nil)
		for i := 1; i <= 100; i++ {
			h.Call(call(i))
		}
		list := c.all()
		if len(list) != 100 {
			t.Fatalf("%d events", len(list))
		}
		for i, e := range list {
			want := fmt.Sprintf(`"model":"m%d","stream":false,"channelId":"1","channel":"a"`, i+1)
			if e.kind != events.TypeDecision || !strings.Contains(e.data, want) || !strings.Contains(e.data, `"cost":0.5`) || i > 0 && e.id <= list[i-1].id {
				t.Fatalf("event %d: %+v", i, e)
			}
		}
		if c.header.Get("Content-Type") != "text/event-stream" || c.header.Get("Cache-Control") != "no-store" {
			t.Errorf("header %v", c.header)
		}
		c.leave()
		<-c.over
		if c.err != nil {
			t.Errorf("serving gives %v", c.err)
		}
	})
}

func TestOnlyTheTypesThatAreWanted(t *testing.T) {
	channels := func() []routex.ChannelStatus { return []routex.ChannelStatus{{ID: "1", Name: "a"}} }
	tees := func() []tee.Stats { return []tee.Stats{{ID: "2", Name: "t"}} }
	bubble(t, events.Options{Channels: channels, Tees: tees}, func(t *testing.T, h *events.Hub) {
		for want, types := range map[string][]string{
			"channel tee decision": nil, "decision": {"decision"}, "channel": {"channel"}, "tee decision": {"decision", "tee"},
		} {
			c := listen(t, h, "", nil, types...)
			h.Call(call(1))
			if got := c.kinds(); got != want {
				t.Errorf("with types %q: %s", types, got)
			}
			c.leave()
			<-c.over
		}
	})
}

// A listener that does not read is dropped, and delays neither calls nor others.
func TestListenerThatIsStuckIsDropped(t *testing.T) {
	bubble(t, events.Options{Buffer: 10}, func(t *testing.T, h *events.Hub) {
		stuck := listen(t, h, "", make(chan struct{}))
		healthy := listen(t, h, "", nil)
		began := time.Now()
		for i := range 1000 {
			h.Call(call(i))
			synctest.Wait() // who reads has its chance
		}
		if took := time.Since(began); took != 0 {
			t.Errorf("the calls were held up for %v", took)
		}
		if got := len(healthy.all()); got != 1000 {
			t.Errorf("the other got %d events", got)
		}
		<-stuck.over
		if took := time.Since(began); took > 5*time.Second {
			t.Errorf("the stuck one was let go after %v", took)
		}
		healthy.leave()
	})
}

// One that reads again, but too late, is told why it is dropped.
func TestListenerThatIsLateIsToldSo(t *testing.T) {
	bubble(t, events.Options{Buffer: 10}, func(t *testing.T, h *events.Hub) {
		gate := make(chan struct{})
		late := listen(t, h, "", gate)
		for i := range 100 {
			h.Call(call(i))
		}
		close(gate)
		<-late.over
		list := late.all()
		if len(list) == 0 || list[len(list)-1].kind != "dropped" {
			t.Errorf("at last it was told %+v", list)
		}
	})
}

func TestSilenceIsBroken(t *testing.T) {
	bubble(t, events.Options{}, func(t *testing.T, h *events.Hub) {
		c := listen(t, h, "", nil)
		time.Sleep(10 * time.Second)
		h.Call(call(1))
		time.Sleep(31 * time.Second)
		if got := c.kinds(); got != "decision (ping) (ping)" {
			t.Errorf("it was told %s", got)
		}
		c.leave()
	})
}

func TestChangesOfChannelsAndTees(t *testing.T) {
	var mu sync.Mutex
	channels := []routex.ChannelStatus{{ID: "1", Name: "a", Circuit: breaker.Closed}, {ID: "2", Name: "b", Circuit: breaker.Closed}}
	tees := []tee.Stats{{ID: "3", Name: "t"}}
	var looks atomic.Int32
	o := events.Options{
		Channels: func() []routex.ChannelStatus {
			mu.Lock()
			defer mu.Unlock()
			looks.Add(1)
			return append([]routex.ChannelStatus(nil), channels...)
		},
		Tees: func() []tee.Stats {
			mu.Lock()
			defer mu.Unlock()
			return append([]tee.Stats(nil), tees...)
		},
	}
	bubble(t, o, func(t *testing.T, h *events.Hub) {
		time.Sleep(time.Hour)
		if n := looks.Load(); n != 0 {
			t.Errorf("%d looks while nobody listens", n)
		}
		c := listen(t, h, "", nil)
		change := func(f func()) {
			mu.Lock()
			f()
			mu.Unlock()
			time.Sleep(time.Second)
		}
		change(func() { channels[0].Circuit = breaker.Open })
		change(func() { channels[1].Disabled = true })
		change(func() { channels[0].CooldownUntil = time.UnixMilli(1234) })
		change(func() { channels[0].InFlight = 7 }) // which is told by nobody
		change(func() { tees[0].Dropped = 5 })
		change(func() { channels = channels[:1] })
		want := []told{
			{kind: "channel", data: `{"id":"1","name":"a","enabled":true,"circuit":"closed","cooldownUntil":0}`},
			{kind: "channel", data: `{"id":"2","name":"b","enabled":true,"circuit":"closed","cooldownUntil":0}`},
			{kind: "tee", data: `{"id":"3","name":"t","queued":0,"sent":0,"failed":0,"dropped":0,"failing":false,"lastError":"","lastErrorAt":0}`},
			{kind: "channel", data: `{"id":"1","name":"a","enabled":true,"circuit":"open","cooldownUntil":0}`},
			{kind: "channel", data: `{"id":"2","name":"b","enabled":false,"circuit":"closed","cooldownUntil":0}`},
			{kind: "channel", data: `{"id":"1","name":"a","enabled":true,"circuit":"open","cooldownUntil":1234}`},
			{kind: "tee", data: `{"id":"3","name":"t","queued":0,"sent":0,"failed":0,"dropped":5,"failing":false,"lastError":"","lastErrorAt":0}`},
			{kind: "channel", data: `{"id":"2","name":"b","enabled":false,"circuit":"","cooldownUntil":0,"deleted":true}`},
		}
		got := c.all()
		if len(got) != len(want) {
			t.Fatalf("got  %+v\nwant %+v", got, want)
		}
		for i := range want {
			if got[i].kind != want[i].kind || got[i].data != want[i].data {
				t.Errorf("got  %+v\nwant %+v", got[i], want[i])
			}
		}
		c.leave()
		time.Sleep(time.Minute)
		seen := looks.Load()
		time.Sleep(time.Hour)
		if n := looks.Load() - seen; n != 0 {
			t.Errorf("%d looks after the last has left", n)
		}
	})
}

// Who comes again goes on where it was, or is told that it cannot.
func TestListenerThatComesAgain(t *testing.T) {
	bubble(t, events.Options{Buffer: 10}, func(t *testing.T, h *events.Hub) {
		c := listen(t, h, "", nil)
		h.Call(call(1))
		h.Call(call(2))
		list := c.all()
		c.leave()
		<-c.over
		h.Call(call(3))
		time.Sleep(20 * time.Second)
		h.Call(call(4))

		again := listen(t, h, list[0].id, nil)
		h.Call(call(5))
		var models []string
		for _, e := range again.all() {
			_, after, _ := strings.Cut(e.data, `"model":"`)
			model, _, _ := strings.Cut(after, `"`)
			models = append(models, e.kind+" "+model)
		}
		if got := strings.Join(models, ", "); got != "decision m2, decision m3, decision m4, decision m5" {
			t.Errorf("it was told %s", got)
		}
		for i := range 50 {
			h.Call(call(i))
			synctest.Wait()
		}
		last := again.all()
		again.leave()
		<-again.over

		late := listen(t, h, list[0].id, nil)
		if got := late.kinds(); !strings.HasPrefix(got, "missed decision") {
			t.Errorf("who missed too much was told %s", got)
		}
		late.leave()
		<-late.over
		current := listen(t, h, last[len(last)-1].id, nil)
		if got := current.kinds(); got != "" {
			t.Errorf("who missed nothing was told %s", got)
		}
		current.leave()
		<-current.over
		time.Sleep(time.Minute) // and nothing is kept
		h.Call(call(1))
		gone := listen(t, h, last[len(last)-1].id, nil)
		if got := gone.kinds(); got != "missed" {
			t.Errorf("who comes after a pause was told %s", got)
		}
		gone.leave()
	})
}

func TestListenersAreBounded(t *testing.T) {
	bubble(t, events.Options{Listeners: 2}, func(t *testing.T, h *events.Hub) {
		first, second, third := listen(t, h, "", nil), listen(t, h, "", nil), listen(t, h, "", nil)
		<-third.over
		if !errors.Is(third.err, events.ErrFull) || third.got.Len() > 0 {
			t.Errorf("a third one: %v, %q", third.err, third.got.String())
		}
		first.leave()
		<-first.over
		fourth := listen(t, h, "", nil)
		h.Close() // ends all that are left
		<-second.over
		<-fourth.over
		if fifth := listen(t, h, "", nil); !errors.Is(fifth.err, events.ErrFull) {
			t.Errorf("one after the end: %v", fifth.err)
		}
		h.Call(call(1))
	})
}

func TestNobodyWhoListensCostsNothing(t *testing.T) {
	h := events.New(events.Options{})
	defer h.Close()
	d := call(1)
	if n := testing.AllocsPerRun(100, func() { h.Call(d) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
