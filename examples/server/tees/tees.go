// Package tees brings the records of tees in the store to life: files and
// webhooks that get copies of what is known of calls. A [Set] is the one sink
// of a [routex.Transport] for all of them, and follows what is configured.
package tees

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/dctx-team/routex/examples/server/secret"
	"github.com/dctx-team/routex/examples/server/store"
	"github.com/dctx-team/routex/tee"
)

// The types of tees.
const (
	File    = "file"
	Webhook = "webhook"
)

// drain is how long a tee that was changed or deleted may take to deliver what
// waits for it.
const drain = 30 * time.Second

// firstLook is how long a tee may take to find out whether it can write.
const firstLook = time.Second

// Options say where tees may lead. The zero value allows no file, and webhooks
// at public addresses.
type Options struct {
	// Roots are the directories that files must be in, symbolic links resolved.
	Roots []string
	// Guard says which addresses webhooks may reach.
	Guard tee.Guard
	// Spools is the directory for records that are kept until they are
	// delivered; "" means that there is none.
	Spools string
	// OnChange is told when a tee begins or ceases to fail or to drop records;
	// nil means nobody. It must not wait for the Set.
	OnChange func(tee.Stats)
	// Logger gets what goes wrong with a tee; nil means no log.
	Logger *slog.Logger
}

// A Set is the tees that are configured. It is a sink that is safe for
// concurrent use. [New] makes one.
type Set struct {
	tee.Set
	o      Options
	cancel context.CancelFunc
	ctx    context.Context // of the tees that are drained
	drains sync.WaitGroup

	mu       sync.Mutex           // one Apply at a time
	closed   bool                 // under mu
	known    map[string]store.Tee // under mu: by ID, as they are in effect
	problems map[string]problem   // under mu: of those that cannot be used
}

type problem struct {
	name, text string
	at         time.Time
}

// New makes a Set without tees.
func New(o Options) *Set {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Set{o: o, known: make(map[string]store.Tee), problems: make(map[string]problem)}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// Apply makes the tees those that the records say. One that has not changed
// goes on undisturbed; one that has, or is gone, delivers what it has yet, and
// nobody waits for that. What cannot be opened is told by [Set.Of] and
// [Set.Issues].
func (s *Set) Apply(records []store.Tee) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	wanted := make(map[string]bool, len(records))
	for i := range records {
		r := &records[i]
		if wanted[r.ID] = true; !reflect.DeepEqual(s.known[r.ID], *r) {
			s.apply(r)
		}
	}
	for id, r := range s.known {
		if !wanted[id] {
			delete(s.known, id)
			delete(s.problems, id)
			s.remove(r, true)
		}
	}
}

// apply puts one record into effect.
func (s *Set) apply(r *store.Tee) {
	s.known[r.ID] = *r
	delete(s.problems, r.ID)
	if r.Disabled {
		s.remove(*r, false)
		return
	}
	t, err := s.open(r)
	if err != nil {
		s.fail(r, err)
		s.remove(*r, false)
		return
	}
	if s.Get(r.ID) == nil { // the file is there from now on, or it is known why not
		ctx, cancel := context.WithTimeout(s.ctx, firstLook)
		defer cancel()
		if err := t.Test(ctx, nil); err != nil {
			s.fail(r, err)
		}
	}
	if finish, err := s.Swap(t); err == nil {
		s.later(r.Name, finish)
	}
}

func (s *Set) fail(r *store.Tee, err error) {
	s.problems[r.ID] = problem{r.Name, err.Error(), time.Now()}
	s.o.Logger.Error("a tee cannot be used", "tee", r.Name, "error", err)
}

// remove takes a tee out of the Set, and what its spool holds off the disk when
// it is gone for good.
func (s *Set) remove(r store.Tee, forGood bool) {
	t := s.Take(r.ID)
	s.later(r.Name, func(ctx context.Context) (err error) {
		if t != nil {
			err = t.Close(ctx)
		}
		if forGood && s.o.Spools != "" {
			err = errors.Join(err, os.RemoveAll(s.spool(r.ID)))
		}
		return err
	})
}

// later does what may have to wait for a destination.
func (s *Set) later(name string, f func(context.Context) error) {
	s.drains.Go(func() {
		ctx, cancel := context.WithTimeout(s.ctx, drain)
		defer cancel()
		if err := f(ctx); err != nil && !errors.Is(err, tee.ErrClosed) {
			s.o.Logger.Warn("a tee could not deliver all that it had", "tee", name, "error", err)
		}
	})
}

// Close takes no more records, and waits until those that wait are delivered,
// or until ctx ends.
func (s *Set) Close(ctx context.Context) error {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	stop := context.AfterFunc(ctx, s.cancel)
	defer stop()
	err := s.Set.Close(ctx)
	s.drains.Wait()
	s.cancel()
	return err
}

// Of tells how a tee is doing; of one that is not in use, nothing but what keeps
// it from that.
func (s *Set) Of(id string) tee.Stats {
	if t := s.Get(id); t != nil {
		return s.found(t.Stats())
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.problems[id]
	return tee.Stats{ID: id, Name: p.name, Failing: ok, LastError: p.text, LastErrorAt: p.at}
}

// found adds what was found out when the tee was opened, as long as no record
// has told more.
func (s *Set) found(st tee.Stats) tee.Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p, ok := s.problems[st.ID]; ok && st.Sent == 0 && st.LastError == "" {
		st.Failing, st.LastError, st.LastErrorAt = true, p.text, p.at
	}
	return st
}

// Stats tells how the tees are doing that are in use, or should be.
func (s *Set) Stats() []tee.Stats {
	all := s.Set.Stats()
	open := make(map[string]bool, len(all))
	for i := range all {
		open[all[i].ID] = true
		all[i] = s.found(all[i])
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, p := range s.problems {
		if !open[id] {
			all = append(all, tee.Stats{ID: id, Name: p.name, Failing: true, LastError: p.text, LastErrorAt: p.at})
		}
	}
	return all
}

// Issues says what is wrong with the tees now, for people.
func (s *Set) Issues() []string {
	var all []string
	for _, st := range s.Stats() {
		switch {
		case st.Failing && st.LastError != "":
			all = append(all, fmt.Sprintf("the tee %q cannot deliver: %s", st.Name, st.LastError))
		case st.Dropping:
			all = append(all, fmt.Sprintf("the tee %q is too slow: %d records were dropped", st.Name, st.Dropped))
		}
	}
	return all
}

func (s *Set) spool(id string) string { return filepath.Join(s.o.Spools, id) }

// unreadable says why the secrets of a record cannot be used; nil when they
// can.
func unreadable(r *store.Tee) error {
	if fields := secret.UnreadableTee(r); len(fields) > 0 {
		return fmt.Errorf("the master key does not open %s; start the server with the key that they were written with, or send them anew", strings.Join(fields, ", "))
	}
	return nil
}
