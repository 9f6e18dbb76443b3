package balance

import (
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/golang-lru/v2/simplelru"
)

// How long a session that nobody named stays on its channel after its last use.
// There it pays only as long as the provider keeps the prompt cached, and a
// channel is not to be held for longer by what may be two conversations that
// begin alike.
const (
	AnthropicCacheLife = 5 * time.Minute
	CacheLife          = 10 * time.Minute // of other providers, of which most say 5 to 10 minutes
)

// Affinity remembers which channel serves a session. A binding lives for a
// time after its last use; the least recently used one makes room when there
// are too many. It only says where a session was: whoever asks goes elsewhere
// when that channel cannot take the call, and binds the session to the channel
// that did. It is safe for concurrent use. The zero value is not usable; see
// [NewAffinity].
type Affinity struct {
	ttl time.Duration

	mu       sync.Mutex
	sessions *simplelru.LRU[string, binding] // under mu
}

type binding struct {
	channel string
	until   time.Time
}

// NewAffinity remembers at most size sessions, each for ttl after its last
// use. Both must be positive.
func NewAffinity(size int, ttl time.Duration) (*Affinity, error) {
	if ttl <= 0 {
		return nil, fmt.Errorf("balance: a session must live for some time, not %v", ttl)
	}
	sessions, err := simplelru.NewLRU[string, binding](size, nil)
	if err != nil {
		return nil, fmt.Errorf("balance: %d sessions: %w", size, err)
	}
	return &Affinity{ttl: ttl, sessions: sessions}, nil
}

// Peek gives the channel of a session, or "", and changes nothing.
func (a *Affinity) Peek(key string, now time.Time) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	if b, ok := a.sessions.Peek(key); ok && now.Before(b.until) {
		return b.channel
	}
	return ""
}

// Bind gives a session to a channel, or renews the binding.
func (a *Affinity) Bind(key, channel string, now time.Time) { a.BindFor(key, channel, now, a.ttl) }

// BindFor is [Affinity.Bind] for a session that lives for another time after
// its last use.
func (a *Affinity) BindFor(key, channel string, now time.Time, ttl time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sessions.Add(key, binding{channel: channel, until: now.Add(ttl)})
}

// Forget ends the binding of a session, if there is one.
func (a *Affinity) Forget(key string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.sessions.Remove(key)
}

// Len is the number of sessions remembered, expired ones included.
func (a *Affinity) Len() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.sessions.Len()
}
