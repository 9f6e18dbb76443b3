package access

import (
	"sync"
	"sync/atomic"

	"github.com/dctx-team/routex/examples/server/store"
)

// Keys are the client keys of a server, and what has been used by each. The
// zero value holds none. It is safe for concurrent use.
type Keys struct {
	current atomic.Pointer[table]
	mu      sync.Mutex        // held by who sets
	meters  map[string]*meter // by ID of the key, under mu
}

// A table is all keys at one time.
type table struct {
	byDigest map[Digest]*client
	byID     map[string]*client
	any      bool
}

// A client is a key and what has been used by it.
type client struct {
	record store.ClientKey
	meter  *meter
	last   seen
}

// Any reports that there is a key, or was one: revoking the last does not let
// everybody in.
func (k *Keys) Any() bool {
	t := k.current.Load()
	return t != nil && t.any
}

// Set replaces the keys. What has been used by a key stays known while its ID
// does.
func (k *Keys) Set(records []store.ClientKey) {
	k.mu.Lock()
	defer k.mu.Unlock()
	t := &table{byDigest: make(map[Digest]*client), byID: make(map[string]*client), any: len(records) > 0}
	meters := make(map[string]*meter, len(records))
	for _, r := range records {
		c := &client{record: r, meter: k.meters[r.ID]}
		if c.meter == nil {
			c.meter = new(meter)
		}
		meters[r.ID], t.byID[r.ID] = c.meter, c
		if d, err := ParseDigest(r.Digest); err == nil && r.RevokedAt == 0 {
			t.byDigest[d] = c
		}
	}
	k.meters = meters
	k.current.Store(t)
}

// Usage tells what has been used by a key.
func (k *Keys) Usage(id string) Usage {
	if t := k.current.Load(); t != nil && t.byID[id] != nil {
		return t.byID[id].meter.usage()
	}
	return Usage{}
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
