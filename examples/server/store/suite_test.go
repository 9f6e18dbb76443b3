package store_test

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/dctx-team/routex/examples/server/internal/pgtest"
	"github.com/dctx-team/routex/examples/server/store"
)

// An opener opens the store of a test; again after it was closed, with what it
// held.
type opener func(*testing.T) *store.DB

// suite is what every Store does.
var suite = map[string]func(*testing.T, opener){
	"everything survives reopening":                       everythingSurvivesReopening,
	"records keep their order":                            recordsKeepTheirOrder,
	"a put leaves the time of creation":                   aPutLeavesTheTimeOfCreation,
	"a refused change writes nothing":                     aRefusedChangeWritesNothing,
	"a change whose caller leaves is whole or nothing":    aChangeWhoseCallerLeavesIsWholeOrNothing,
	"writers who start from one revision are not mingled": writersWhoStartFromOneRevision,
	"a watch ends with the next write":                    aWatchEndsWithTheNextWrite,
	"a watch ends with its context":                       aWatchEndsWithItsContext,
	"scrubbing keeps what is there":                       scrubbingKeepsWhatIsThere,
	"bindings survive a restart":                          bindingsSurviveARestart,
	"old bindings make room":                              oldBindingsMakeRoom,
	"ids without end leave room for others":               idsWithoutEndLeaveRoomForOthers,
}

func TestSQLite(t *testing.T) {
	for name, test := range suite {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "new", "data with space % ? #")
			test(t, func(t *testing.T) *store.DB { return open(t, dir) })
		})
	}
}

func TestPostgres(t *testing.T) {
	server := pgtest.New(t)
	for name, test := range suite {
		t.Run(name, func(t *testing.T) {
			url := server.Database()
			test(t, func(t *testing.T) *store.DB { return openPostgres(t, url) })
		})
	}
}

func openPostgres(t *testing.T, url string) *store.DB {
	t.Helper()
	s, err := store.OpenPostgres(t.Context(), url)
	if err != nil {
		t.Fatalf("OpenPostgres: %v", err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func everythingSurvivesReopening(t *testing.T, open opener) {
	want := store.Contents{
		Revision: 2,
		Channels: []store.Channel{fullChannel(), {ID: "c2", Name: "b", ContextWindow: store.Windows{"*": 32_768}}},
		Rules:    []store.Rule{fullRule(), {ID: "r2", Name: "r"}},
		Settings: map[string]string{"strategy": "weighted"},
		ClientKeys: []store.ClientKey{
			{ID: "k1", Name: "laptop", Digest: "d1", Shown: "sk-r****1234", CreatedAt: 1, Limits: store.ClientLimits{
				Channels: []string{"c1"}, Models: []string{"m*"}, Requests: 1, Tokens: 2, Concurrency: 3, DailyTokens: 4, DailyCost: 0.5,
			}},
			{ID: "k2", Name: "laptop", Digest: "d2", CreatedAt: 2, RevokedAt: 3},
		},
		Tees: []store.Tee{fullTee(), {ID: "t2", Name: "b", Type: "file", FilePath: "f"}},
	}
	s := open(t)
	write(t, s, store.Change{PutChannels: want.Channels, PutRules: want.Rules, PutSettings: want.Settings, PutClientKeys: want.ClientKeys, PutTees: want.Tees})
	if err := s.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	if got := load(t, open(t)); !reflect.DeepEqual(got, want) {
		t.Errorf("after reopening the store holds\n%+v\nwant\n%+v", got, want)
	}
}

func recordsKeepTheirOrder(t *testing.T, open opener) {
	s := open(t)
	for _, id := range []string{"z", "a", "m"} {
		write(t, s, store.Change{
			PutChannels: []store.Channel{{ID: id, Name: id}},
			PutRules:    []store.Rule{{ID: id, Name: id}},
			PutTees:     []store.Tee{{ID: id, Name: id}},
		})
	}
	write(t, s, store.Change{PutChannels: []store.Channel{{ID: "z", Name: "renamed"}}, DropChannels: []string{"a"}})
	write(t, s, store.Change{PutChannels: []store.Channel{{ID: "a", Name: "again"}}, DropRules: []string{"z"}, DropTees: []string{"a"}})
	write(t, s, store.Change{PutTees: []store.Tee{{ID: "z", Name: "renamed"}}})
	got := load(t, s)
	var names []string
	for _, c := range got.Channels {
		names = append(names, c.Name)
	}
	for _, r := range got.Rules {
		names = append(names, r.Name)
	}
	for _, tee := range got.Tees {
		names = append(names, tee.Name)
	}
	if want := []string{"renamed", "m", "again", "a", "m", "renamed", "m"}; !slices.Equal(names, want) {
		t.Errorf("channels, rules and tees come as %q, want %q", names, want)
	}
}

func aPutLeavesTheTimeOfCreation(t *testing.T, open opener) {
	s := open(t)
	write(t, s, store.Change{PutChannels: []store.Channel{{ID: "a", Name: "a", CreatedAt: 1, UpdatedAt: 1}}})
	write(t, s, store.Change{PutChannels: []store.Channel{{ID: "a", Name: "a", CreatedAt: 2, UpdatedAt: 2}}})
	if c := load(t, s).Channels[0]; c.CreatedAt != 1 || c.UpdatedAt != 2 {
		t.Errorf("created at %d, updated at %d; want 1 and 2", c.CreatedAt, c.UpdatedAt)
	}
}

func aRefusedChangeWritesNothing(t *testing.T, open opener) {
	tests := map[string]struct {
		change store.Change
		want   error
	}{
		"a name twice":         {store.Change{PutChannels: []store.Channel{{ID: "new", Name: "new"}, {ID: "other", Name: "a"}}}, store.ErrConflict},
		"a rename to a name":   {store.Change{PutChannels: []store.Channel{{ID: "b", Name: "a"}}}, store.ErrConflict},
		"an unknown channel":   {store.Change{DropChannels: []string{"a", "nobody"}}, store.ErrNotFound},
		"an unknown rule":      {store.Change{DropRules: []string{"nobody"}, DropChannels: []string{"a"}}, store.ErrNotFound},
		"an old revision":      {store.Change{Revision: 1, PutSettings: map[string]string{"k": "v"}}, store.ErrStale},
		"a revision to come":   {store.Change{Revision: 3, DropChannels: []string{"a"}}, store.ErrStale},
		"a tee's name twice":   {store.Change{PutSettings: map[string]string{"k": "v"}, PutTees: []store.Tee{{ID: "t", Name: "a"}, {ID: "u", Name: "a"}}}, store.ErrConflict},
		"an unknown tee":       {store.Change{PutSettings: map[string]string{"k": "v"}, DropTees: []string{"nobody"}}, store.ErrNotFound},
		"a setting beside one": {store.Change{PutSettings: map[string]string{"k": "v"}, DropRules: []string{"nobody"}}, store.ErrNotFound},
	}
	s := open(t)
	write(t, s, store.Change{PutChannels: []store.Channel{{ID: "a", Name: "a"}, {ID: "b", Name: "b"}}})
	before := load(t, s)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			if err := s.Write(t.Context(), tt.change); !errors.Is(err, tt.want) {
				t.Errorf("Write gives %v, want %v", err, tt.want)
			}
			if after := load(t, s); !reflect.DeepEqual(after, before) {
				t.Errorf("the refused change left %+v, want %+v", after, before)
			}
		})
	}
}

func aChangeWhoseCallerLeavesIsWholeOrNothing(t *testing.T, open opener) {
	s := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Write(ctx, store.Change{PutChannels: []store.Channel{{ID: "a", Name: "a"}}}); err == nil {
		t.Error("Write succeeds although its context has ended")
	}
	if n := len(load(t, s).Channels); n != 0 {
		t.Errorf("%d channels were written", n)
	}
	write(t, s, store.Change{PutChannels: []store.Channel{{ID: "a", Name: "a"}}})
}

func writersWhoStartFromOneRevision(t *testing.T, open opener) {
	s := open(t)
	start := load(t, s).Revision
	outcomes := make([]error, 10)
	var all sync.WaitGroup
	for i := range outcomes {
		all.Go(func() {
			outcomes[i] = s.Write(t.Context(), store.Change{Revision: start, PutSettings: map[string]string{"writer": string(rune('a' + i))}})
		})
	}
	all.Wait()
	won := -1
	for i, err := range outcomes {
		switch {
		case err == nil && won < 0:
			won = i
		case !errors.Is(err, store.ErrStale):
			t.Errorf("writer %d gets %v, want ErrStale", i, err)
		}
	}
	c := load(t, s)
	if won < 0 || c.Settings["writer"] != string(rune('a'+won)) || c.Revision != start+1 {
		t.Errorf("writer %d has won; the store is at revision %d (it began at %d) with %v", won, c.Revision, start, c.Settings)
	}
}

func aWatchEndsWithTheNextWrite(t *testing.T, open opener) {
	s := open(t)
	start := load(t, s).Revision
	seen := make(chan int64, 1)
	go func() {
		n, err := s.Watch(t.Context(), start)
		if err != nil {
			t.Errorf("Watch: %v", err)
		}
		seen <- n
	}()
	write(t, s, store.Change{PutSettings: map[string]string{"k": "v"}})
	select {
	case n := <-seen:
		if n != start+1 {
			t.Errorf("Watch gives revision %d, want %d", n, start+1)
		}
	case <-time.After(time.Minute):
		t.Error("Watch does not see the write")
	}
	if n, err := s.Watch(t.Context(), start); n != start+1 || err != nil {
		t.Errorf("Watch of a revision that is past gives %d, %v; want %d at once", n, err, start+1)
	}
}

func aWatchEndsWithItsContext(t *testing.T, open opener) {
	s := open(t)
	start := load(t, s).Revision
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := s.Watch(ctx, start)
		ended <- err
	}()
	cancel()
	select {
	case err := <-ended:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("Watch ends with %v, want context.Canceled", err)
		}
	case <-time.After(time.Minute):
		t.Error("Watch goes on after its context has ended")
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("Ping afterwards: %v", err)
	}
}

func scrubbingKeepsWhatIsThere(t *testing.T, open opener) {
	s := open(t)
	write(t, s, store.Change{PutChannels: []store.Channel{fullChannel()}})
	before := load(t, s)
	if err := s.Scrub(t.Context()); err != nil {
		t.Fatalf("Scrub: %v", err)
	}
	if after := load(t, s); !reflect.DeepEqual(after, before) {
		t.Errorf("scrubbed is\n%+v, was\n%+v", after, before)
	}
}
