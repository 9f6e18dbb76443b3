package admin_test

import (
	"context"
	"testing"

	"github.com/dctx-team/routex/examples/server/admin"
	"github.com/dctx-team/routex/examples/server/store"
	"github.com/dctx-team/routex/routextest"
)

// A slowStore does not answer a write before it is let go on.
type slowStore struct {
	store.Store
	writing chan struct{} // gets a value when a write has come
	goOn    chan struct{}
}

func (s *slowStore) Write(ctx context.Context, c store.Change) error {
	s.writing <- struct{}{}
	<-s.goOn
	return s.Store.Write(ctx, c)
}

func TestCallsDoNotWaitForWrites(t *testing.T) {
	kept, err := store.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = kept.Close() })
	provider := &toProvider{h: routextest.NewProvider(routextest.Options{Name: "a", Lenient: true})}
	withProvider := func(o *admin.Options) { o.Config.Base = provider }
	newHostOn(t, kept, withProvider).must("POST", "/api/channels", `{"name":"a","type":"openai","baseUrl":"https://a.example"}`, 201)
	slow := &slowStore{Store: kept, writing: make(chan struct{}), goOn: make(chan struct{})}
	h := newHostOn(t, slow, withProvider)
	done := make(chan answer)
	go func() { done <- h.call("PUT", "/api/channels/a", `{"weight":2}`) }()
	<-slow.writing
	for range 100 {
		if _, channel := h.routes(reviewCall); channel != "a" {
			t.Fatalf("while a write is under way a call is answered by channel %q", channel)
		}
	}
	if c := h.must("GET", "/api/channels/a", "", 200).one(t); c.Weight != 1 {
		t.Errorf("a write that is not stored yet is in effect: weight %d", c.Weight)
	}
	select {
	case a := <-done:
		t.Fatalf("the write was answered before it was stored: %s", a.body)
	default:
	}
	close(slow.goOn)
	if a := <-done; a.status != 200 {
		t.Errorf("the write gets %d: %s", a.status, a.body)
	}
	if c := h.must("GET", "/api/channels/a", "", 200).one(t); c.Weight != 2 {
		t.Errorf("an acknowledged write is not in effect: weight %d", c.Weight)
	}
}
