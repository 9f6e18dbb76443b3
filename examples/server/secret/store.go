// Package secret keeps the secrets of channels and tees sealed in any
// [store.Store]: keys, the values of headers, the URLs of channels that have a
// query, and all those of tees. They are encrypted with AES-256-GCM under a master key that is not
// in the store, and each is bound to its channel or tee, and field.
package secret

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/dctx-team/routex/examples/server/store"
)

// A Store is a [store.Store] that seals the secrets of the channels and tees
// that are written to another, and opens those that are read. One that cannot be
// opened stays in its field as it is kept, and goes back like that when the
// record is written: [Unreadable] and [UnreadableTee] tell, and such a record
// must not be used.
type Store struct {
	store.Store
	key Key
	old []Key
}

// Wrap gives a Store over another. New secrets are sealed with key; what was
// sealed with one of the old keys can still be read.
func Wrap(s store.Store, key Key, old ...Key) *Store { return &Store{Store: s, key: key, old: old} }

// Key is the one that new secrets are sealed with.
func (s *Store) Key() Key { return s.key }

// Load implements [store.Store].
func (s *Store) Load(ctx context.Context) (store.Contents, error) {
	c, err := s.Store.Load(ctx)
	for i := range c.Channels {
		c.Channels[i] = replaced(c.Channels[i], s.opened)
	}
	for i := range c.Tees {
		c.Tees[i] = replacedTee(c.Tees[i], s.opened)
	}
	return c, err
}

// Write implements [store.Store].
func (s *Store) Write(ctx context.Context, c store.Change) error {
	c.PutChannels = each(c.PutChannels, func(ch store.Channel) store.Channel { return replaced(ch, s.sealed) })
	c.PutTees = each(c.PutTees, func(t store.Tee) store.Tee { return replacedTee(t, s.sealed) })
	return s.Store.Write(ctx, c)
}

// each gives a list of what f makes of the records.
func each[T any](records []T, f func(T) T) []T {
	if records == nil {
		return nil
	}
	out := make([]T, 0, len(records))
	for _, r := range records {
		out = append(out, f(r))
	}
	return out
}

func (s *Store) sealed(text, place string) string {
	if Sealed(text) { // nobody could open it
		return text
	}
	return s.key.seal(text, place)
}

func (s *Store) opened(text, place string) string {
	if secret, ok := s.open(text, place); ok {
		return secret
	}
	return text
}

func (s *Store) open(text, place string) (secret string, ok bool) {
	if !Sealed(text) {
		return text, true
	}
	secret, err := s.key.open(text, place)
	for i := 0; errors.Is(err, errForeign) && i < len(s.old); i++ {
		secret, err = s.old[i].open(text, place)
	}
	return secret, err == nil
}

// Reseal seals what the other store has in clear or under an old key, and
// gives the number of channels and tees that it wrote. What cannot be opened stays as
// it is.
func (s *Store) Reseal(ctx context.Context) (int, error) {
	kept, err := s.Store.Load(ctx)
	if err != nil {
		return 0, err
	}
	stale := store.Change{Revision: kept.Revision}
	found := false
	reopen := func(text, place string) string {
		secret, ok := s.open(text, place)
		if !ok {
			return text
		}
		found = found || !s.key.sealedBy(text)
		return secret
	}
	for _, c := range kept.Channels {
		found = false
		if c = replaced(c, reopen); found {
			stale.PutChannels = append(stale.PutChannels, c)
		}
	}
	for _, t := range kept.Tees {
		found = false
		if t = replacedTee(t, reopen); found {
			stale.PutTees = append(stale.PutTees, t)
		}
	}
	n := len(stale.PutChannels) + len(stale.PutTees)
	if n == 0 {
		return 0, nil
	}
	err = s.Write(ctx, stale)
	if errors.Is(err, store.ErrStale) { // another server has written
		return s.Reseal(ctx)
	}
	if err != nil {
		return 0, err
	}
	return n, s.scrub(ctx)
}

// scrub removes what was overwritten from the files of a store that would
// leave it there.
func (s *Store) scrub(ctx context.Context) error {
	if scrubber, ok := s.Store.(interface{ Scrub(context.Context) error }); ok {
		return scrubber.Scrub(ctx)
	}
	return nil
}

// CheckReadable gives an error that names the channels and tees whose secrets
// cannot be read, nil when there are none.
func (s *Store) CheckReadable(ctx context.Context) error {
	c, err := s.Load(ctx)
	if err != nil {
		return err
	}
	var names []string
	for i := range c.Channels {
		if len(Unreadable(&c.Channels[i])) > 0 {
			names = append(names, fmt.Sprintf("channel %q", c.Channels[i].Name))
		}
	}
	for i := range c.Tees {
		if len(UnreadableTee(&c.Tees[i])) > 0 {
			names = append(names, fmt.Sprintf("tee %q", c.Tees[i].Name))
		}
	}
	if names == nil {
		return nil
	}
	return fmt.Errorf("the master key cannot read the secrets of %s", strings.Join(names, ", "))
}
