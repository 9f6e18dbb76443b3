package access

import (
	"sync/atomic"

	"github.com/dctx-team/routex/examples/server/store"
)

// Keys are the client keys of a server. The zero value holds none. It is safe
// for concurrent use.
type Keys struct {
	current atomic.Pointer[table]
}

// A table is all keys at one time.
type table struct {
	byDigest map[Digest]*client
	any      bool
}

// A client is a key and who uses it.
type client struct {
	record store.ClientKey
}

func (c *client) name() string { return c.record.Name }

// Any reports that there is a key, or was one: revoking the last does not let
// everybody in.
func (k *Keys) Any() bool {
	t := k.current.Load()
	return t != nil && t.any
}

// Set replaces the keys.
func (k *Keys) Set(records []store.ClientKey) {
	t := &table{byDigest: make(map[Digest]*client, len(records)), any: len(records) > 0}
	for _, r := range records {
		d, err := ParseDigest(r.Digest)
		if err != nil || r.RevokedAt != 0 {
			continue
		}
		t.byDigest[d] = &client{record: r}
	}
	k.current.Store(t)
}

// find gives the client of the first of the credentials that is a key, or nil.
func (k *Keys) find(credentials []string) *client {
	t := k.current.Load()
	if t == nil || len(t.byDigest) == 0 {
		return nil
	}
	for _, text := range credentials {
		if c := t.byDigest[DigestOf(text)]; c != nil {
			return c
		}
	}
	return nil
}
