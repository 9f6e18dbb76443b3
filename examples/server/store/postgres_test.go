package store_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dctx-team/routex/examples/server/internal/pgtest"
	"github.com/dctx-team/routex/examples/server/store"
)

func TestManyServersOnOnePostgres(t *testing.T) {
	server := pgtest.New(t)
	url := server.Database()
	stores := make([]*store.DB, 4)
	var all sync.WaitGroup
	for i := range stores { // all of them find that there are no tables
		all.Go(func() {
			var err error
			if stores[i], err = store.OpenPostgres(t.Context(), url); err != nil {
				t.Errorf("server %d cannot begin beside the others: %v", i, err)
			}
		})
	}
	all.Wait()
	if t.Failed() {
		return
	}
	defer func() {
		for _, s := range stores {
			_ = s.Close()
		}
	}()

	for name, write := range map[string]func(){
		"of a server": func() { write(t, stores[0], store.Change{PutSettings: map[string]string{"k": "v"}}) },
		"nobody told": func() { server.Exec(url, "UPDATE revision SET n = n + 1") },
	} {
		t.Run("a write "+name+" is seen", func(t *testing.T) {
			since := load(t, stores[1]).Revision
			seen := make(chan time.Time, len(stores))
			for _, s := range stores[1:] {
				go func() {
					if n, err := s.Watch(t.Context(), since); err != nil || n != since+1 {
						t.Errorf("Watch gives %d, %v; want %d", n, err, since+1)
					}
					seen <- time.Now()
				}()
			}
			write()
			written := time.Now()
			for range stores[1:] {
				if late := (<-seen).Sub(written); late > 5*time.Second { // one, on a machine that does nothing else
					t.Errorf("it is seen after %v", late)
				}
			}
		})
	}

	t.Run("a newer schema is refused", func(t *testing.T) {
		server.Exec(url, "UPDATE routex_schemas SET version = 99")
		_, err := store.OpenPostgres(t.Context(), url)
		if err == nil || !strings.Contains(err.Error(), "newer than this program") {
			t.Errorf("OpenPostgres gives %v, want an error that says the schema is newer", err)
		}
	})
}

func TestAPostgresThatComesBack(t *testing.T) {
	server := pgtest.New(t)
	s := openPostgres(t, server.Database())
	write(t, s, store.Change{PutChannels: []store.Channel{fullChannel()}})
	server.Stop()
	if err := s.Ping(t.Context()); err == nil {
		t.Error("Ping finds no fault with a server that is stopped")
	}
	if err := s.Write(t.Context(), store.Change{PutSettings: map[string]string{"k": "v"}}); err == nil {
		t.Error("Write succeeds without a server")
	}
	server.Start()
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("Ping after it is back: %v", err)
	}
	if n := len(load(t, s).Channels); n != 1 {
		t.Errorf("%d channels are left, want 1", n)
	}
}

func TestAPostgresThatCannotBeReached(t *testing.T) {
	for name, url := range map[string]string{
		"nobody there": "postgres://u:hunter2@127.0.0.1:1/db",
		"no URL":       "postgres://u:hunter2@[/db",
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			_, err := store.OpenPostgres(ctx, url)
			if err == nil || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("OpenPostgres gives %v, want an error without the password", err)
			}
		})
	}
}
