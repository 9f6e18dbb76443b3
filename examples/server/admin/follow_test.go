package admin_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dctx-team/routex/examples/server/admin"
	"github.com/dctx-team/routex/examples/server/store"
)

// follows lets a host follow its store until the test is over.
func (h *host) follows() {
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { h.api.Follow(ctx) })
	h.t.Cleanup(func() { cancel(); running.Wait() })
}

func soon(t *testing.T, what string, holds func() bool) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	limit := time.After(time.Minute)
	for !holds() {
		select {
		case <-tick.C:
		case <-limit:
			t.Fatalf("it never happens that %s", what)
		}
	}
}

func TestWhatAnotherServerWritesIsInEffect(t *testing.T) {
	one := newHost(t)
	demo := store.Channel{ID: "d", Name: "demo", Type: "openai", Models: []string{"demo"}}
	two := newHostOn(t, one.store, func(o *admin.Options) { o.Ephemeral = []store.Channel{demo} })
	two.follows()
	one.must("POST", "/api/channels", `{"name":"a","type":"openai","models":["m"]}`, 201)
	one.must("POST", "/api/routing/rules", `{"name":"r","type":"default","targetChannel":"a"}`, 201)
	one.must("PUT", "/api/strategy", `{"strategy":"weighted"}`, 200)
	soon(t, "the strategy of the other is seen", func() bool {
		return strings.Contains(two.must("GET", "/api/strategy", "", 200).body, "weighted")
	})
	if models := two.transport.Models(); !slices.Contains(models, "m") || !slices.Contains(models, "demo") {
		t.Errorf("models are %q; want that of the other and its own demo", models)
	}
	two.must("GET", "/api/routing/rules/r", "", 200)
	one.must("DELETE", "/api/channels/a", "", 200)
	soon(t, "the channel is gone", func() bool { return two.call("GET", "/api/channels/a", "").status == 404 })
}

func TestAWriteStartsFromWhatAnotherServerLeft(t *testing.T) {
	one := newHost(t)
	one.must("POST", "/api/channels", `{"name":"a","type":"openai","models":["m"]}`, 201)
	two := newHostOn(t, one.store) // follows nothing
	one.must("PUT", "/api/channels/a", `{"priority":1}`, 200)
	if c := two.must("PUT", "/api/channels/a", `{"weight":7}`, 200).one(t); c.Priority != 1 || c.Weight != 7 {
		t.Errorf("a change to the other's channel gives priority %d and weight %d; want 1 and 7", c.Priority, c.Weight)
	}
	one.must("PUT", "/api/channels/a", `{"priority":2}`, 200)
	c := one.must("GET", "/api/channels/a", "", 200).one(t)
	if c.Priority != 2 || c.Weight != 7 {
		t.Errorf("changes of two servers leave priority %d and weight %d; want 2 and 7", c.Priority, c.Weight)
	}
	if a := two.call("POST", "/api/channels", `{"name":"b","type":"nonsense"}`); a.status != 400 {
		t.Errorf("a mistake gives %d", a.status)
	}
	one.must("DELETE", "/api/channels/a", "", 200)
	if a := two.call("PUT", "/api/channels/a", `{"weight":1}`); a.status != 404 {
		t.Errorf("a change to what the other has deleted gives %d, want 404", a.status)
	}
}

func TestWritesOfManyServersAtOnce(t *testing.T) {
	one := newHost(t)
	hosts := []*host{one, newHostOn(t, one.store), newHostOn(t, one.store)}
	var all sync.WaitGroup
	for i, h := range hosts {
		all.Go(func() {
			for j := range 10 {
				if a := h.call("POST", "/api/channels", fmt.Sprintf(`{"name":"c%d-%d","type":"openai"}`, i, j)); a.status != 201 {
					t.Errorf("server %d: %d %s", i, a.status, a.body)
				}
			}
		})
	}
	all.Wait()
	c, err := one.store.Load(t.Context())
	if err != nil || len(c.Channels) != 30 {
		t.Errorf("the store has %d channels (%v), want 30", len(c.Channels), err)
	}
}

// unsteady is a store that cannot be read now and then.
type unsteady struct {
	store.Store
	mu    sync.Mutex
	fails int
}

func (u *unsteady) Load(ctx context.Context) (store.Contents, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.fails > 0 {
		u.fails--
		return store.Contents{}, errors.New("no connection")
	}
	return u.Store.Load(ctx)
}

func TestAStoreThatCannotBeReadIsTriedAgain(t *testing.T) {
	one := newHost(t)
	shaky := &unsteady{Store: one.store}
	two := newHostOn(t, shaky, func(o *admin.Options) { o.Logger = slog.New(slog.DiscardHandler) })
	shaky.fails = 1
	two.follows()
	one.must("POST", "/api/channels", `{"name":"a","type":"openai","models":["m"]}`, 201)
	soon(t, "the channel of the other is seen", func() bool { return slices.Contains(two.transport.Models(), "m") })
}
