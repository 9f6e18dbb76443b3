package store_test

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/dctx-team/routex/examples/server/store"
)

func bindingsSurviveARestart(t *testing.T, open opener) {
	s := open(t)
	b := s.Bindings(0, slog.New(slog.DiscardHandler))
	b.Bind("resp_1", "a")
	b.Bind("file-1", "b")
	b.Bind("resp_1", "c") // its latest channel
	b.Close()
	b.Close()
	b.Bind("late", "a")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	b = open(t).Bindings(0, slog.New(slog.DiscardHandler))
	defer b.Close()
	for id, want := range map[string]string{"resp_1": "c", "file-1": "b", "late": "", "unknown": ""} {
		if got := b.Channel(t.Context(), id); got != want {
			t.Errorf("%s belongs to %q, want %q", id, got, want)
		}
	}
}

func oldBindingsMakeRoom(t *testing.T, open opener) {
	for round := range 3 {
		s := open(t)
		b := s.Bindings(10, slog.New(slog.DiscardHandler))
		for i := range 8 {
			b.Bind(fmt.Sprintf("id-%d-%d", round, i), "a")
		}
		b.Close()
		kept := 0
		for r := range 3 {
			for i := range 8 {
				if b.Channel(t.Context(), fmt.Sprintf("id-%d-%d", r, i)) != "" {
					kept++
				}
			}
		}
		if want := min(10, 8*(round+1)); kept != want {
			t.Errorf("%d are kept, want %d", kept, want)
		}
		if b.Channel(t.Context(), fmt.Sprintf("id-%d-7", round)) == "" {
			t.Error("the latest is not kept")
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// Lists of files can bring ids faster than they are written.
func idsWithoutEndLeaveRoomForOthers(t *testing.T, open opener) {
	s := open(t)
	b := s.Bindings(0, slog.New(slog.DiscardHandler))
	done := make(chan struct{})
	var flood sync.WaitGroup
	flood.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-done:
				return
			default:
				b.Bind(fmt.Sprint("id-", i), "a")
			}
		}
	})
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for range 3 {
		if err := s.Write(ctx, store.Change{PutSettings: map[string]string{"k": "v"}}); err != nil {
			t.Error(err)
		}
	}
	close(done)
	flood.Wait()
	b.Close()
}
