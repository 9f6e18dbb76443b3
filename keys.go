package routex

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// keys are the credentials of a channel, in the order configured; a channel
// without any has one that is empty. The list is that of one configuration;
// the keys in it outlive it with their account.
type keys struct {
	*keyring
	list []*key // never empty
}

// A keyring is what the keys of an account share.
type keyring struct {
	dice *dice
	mu   sync.Mutex // guards the state of every key of the account
	turn uint64     // under mu: how often a key was picked
	// until is when the last rest of a key ends, in Unix nanoseconds, so that
	// most calls need not look at each of them. It is set under mu.
	until atomic.Int64
}

// rest notes that a key is out of service until then. mu is held.
func (r *keyring) rest(until time.Time) {
	r.until.Store(max(r.until.Load(), until.UnixNano()))
}

// quiet reports that no key is out of service.
func (r *keyring) quiet(now time.Time) bool { return r.until.Load() <= now.UnixNano() }

// newKeys takes over the keys that prev has too. prev is nil when the account
// is new.
func newKeys(values []string, carry func(value string) (header, text string), dice *dice, prev *keys) *keys {
	k := &keys{keyring: &keyring{dice: dice}, list: make([]*key, 0, len(values))}
	if prev != nil {
		k.keyring = prev.keyring
	}
	for _, value := range values {
		if old := prev.find(value); old != nil {
			k.list = append(k.list, old)
			continue
		}
		header, text := carry(value)
		k.list = append(k.list, &key{value: value, shown: masked(value), header: header, text: []string{text}})
	}
	return k
}

func (k *keys) find(value string) *key {
	if k == nil {
		return nil
	}
	if i := slices.IndexFunc(k.list, func(key *key) bool { return key.value == value }); i >= 0 {
		return k.list[i]
	}
	return nil
}

// shares reports that one of the values is among the keys.
func (k *keys) shares(values []string) bool {
	return slices.ContainsFunc(values, func(value string) bool { return k.find(value) != nil })
}

// pick grants one of the keys for a call for a model, by the provider's name
// for it: of those in service that were not tried in this call, the one that
// rested longest. With force it grants one that was refused when none is in
// service. The grant has no key when there is none to be had.
func (k *keys) pick(model string, now time.Time, tried []*key, force bool) grant {
	model = boundedKey(model)
	k.mu.Lock()
	defer k.mu.Unlock()
	var best *key
	for _, key := range k.list {
		if slices.Contains(tried, key) || key.back(model, now).After(now) {
			continue
		}
		if best == nil || key.before(best, model, len(tried) > 0) {
			best = key
		}
	}
	forced := best == nil && force
	if forced {
		best = k.refusedOnly(now, tried)
	}
	if best == nil {
		return grant{}
	}
	k.turn++
	best.turn = k.turn
	g := grant{key: best, ring: k.keyring, model: model, since: now}
	if !forced && best.doubtful(model) {
		g.trial = now.Add(keyTrial)
		best.onTrial(model, g.trial)
		k.rest(g.trial)
	}
	return g
}

// refusedOnly gives the key that was tried longest ago, of those that the
// provider does not limit: each gets its chance.
func (k *keys) refusedOnly(now time.Time, tried []*key) *key {
	var first *key
	for _, key := range k.list {
		if !key.limited.Until(now).IsZero() || slices.Contains(tried, key) {
			continue
		}
		if first == nil || key.turn < first.turn {
			first = key
		}
	}
	return first
}

// An outage is that no key can serve a model.
type outage struct {
	until   time.Time // when the first comes back
	limited time.Time // when the first does that is only limited; zero for none
	refused bool      // a key is not limited, but was refused
	whole   bool      // and not for this model alone
}

// outage reports whether no key can serve the model, by the provider's name
// for it.
func (k *keys) outage(model string, now time.Time) (o outage, out bool) {
	model = boundedKey(model)
	k.mu.Lock()
	defer k.mu.Unlock()
	for _, key := range k.list {
		back, limited := key.back(model, now), key.limited.Until(now)
		if !back.After(now) {
			return outage{}, false
		}
		o.until = sooner(o.until, back)
		switch {
		case limited.IsZero():
			o.refused = true
			o.whole = o.whole || key.refused.until.After(now)
		case back.Equal(limited):
			o.limited = sooner(o.limited, limited)
		}
	}
	return o, true
}

// sooner gives the earlier time; a zero one is none.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

// limitedUntil is when the provider takes calls with the first of the keys
// again; the zero time when it does not limit all of them.
func (k *keys) limitedUntil(now time.Time) time.Time {
	if k.quiet(now) {
		return time.Time{}
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	var first time.Time
	for _, key := range k.list {
		limited := key.limited.Until(now)
		if limited.IsZero() {
			return limited
		}
		first = sooner(first, limited)
	}
	return first
}

// A KeyStatus is how one of the keys of a channel is doing.
type KeyStatus struct {
	// Key is enough of the key to tell it from others, such as sk-a****1234;
	// "" for a channel that has none.
	Key string
	// RetiredUntil is when the key is used again; the zero time while it is
	// in service.
	RetiredUntil time.Time
	Why          string // it is retired; "" while it is not
	// Models for which alone the provider refuses the key, and until when
	// it is not used for them; nil for none. The names are the provider's.
	Models map[string]time.Time
}

func (k *keys) status(now time.Time) []KeyStatus {
	k.mu.Lock()
	defer k.mu.Unlock()
	out := make([]KeyStatus, 0, len(k.list))
	for _, key := range k.list {
		s := KeyStatus{Key: key.shown}
		s.RetiredUntil, s.Why = key.retired(now)
		for model, r := range key.models {
			if !r.until.After(now) {
				continue
			}
			if s.Models == nil {
				s.Models = make(map[string]time.Time, len(key.models))
			}
			s.Models[model] = r.until
		}
		out = append(out, s)
	}
	return out
}

// hidden stands for what is not shown of a secret.
const hidden = "****"

// masked shows enough of a secret to tell it from others.
func masked(secret string) string {
	r := []rune(secret)
	switch {
	case len(r) == 0:
		return ""
	case len(r) < 12:
		return hidden
	}
	return string(r[:4]) + hidden + string(r[len(r)-4:])
}
