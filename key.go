package routex

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/dctx-team/routex/breaker"
)

// How long a key that was refused is not used: at first, and at most. Each
// refusal doubles it until a call succeeds.
const (
	keyRestFirst = 30 * time.Second
	keyRestMost  = 30 * time.Minute
)

// keyTrial is how long one call alone tries a key that comes back, unless it
// knows sooner.
const keyTrial = 10 * time.Second

// maxKeyModels bounds the models that a key is known to be refused for.
const maxKeyModels = 64

// A key is one of the credentials of an account. The first fields never
// change; the mutex of its keyring guards the others.
type key struct {
	value  string
	shown  string   // see masked
	header string   // that carries it
	text   []string // and the header's value

	turn    uint64           // when it was picked last
	limited breaker.Cooldown // while its provider takes no calls with it
	refused rest             // for every model
	models  map[string]*rest // for one; by the provider's name
}

// A rest is the time for which a key that was refused is not used. What comes
// back is in doubt until a call succeeds.
type rest struct {
	since, until time.Time
	span         time.Duration // from which until was drawn; 0 for a key that is in no doubt
	why          string
}

// again begins the next rest, which is longer than the one before. The time is
// drawn, so that the keys of many channels do not come back in step.
func (r *rest) again(f *breaker.Failure, now time.Time, random uint64) {
	r.span = min(max(2*r.span, keyRestFirst), keyRestMost)
	drawn := r.span - time.Duration(random%uint64(r.span/5))
	r.since, r.until = now, now.Add(drawn)
	r.why = fmt.Sprintf("refused with status %d", f.Status)
	if f.Reason != "" {
		r.why += ": " + string(f.Reason)
	}
}

// back is when the key can be used for the model; at now or before when it can
// be used already.
func (key *key) back(model string, now time.Time) time.Time {
	back := later(key.limited.Until(now), key.refused.until)
	if r := key.models[model]; r != nil {
		back = later(back, r.until)
	}
	return back
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// doubtful reports that the key was refused for the model and has not
// succeeded since.
func (key *key) doubtful(model string) bool {
	return key.refused.span > 0 || key.models[model] != nil
}

// before reports that the key is to be picked before another one. A call that
// has failed once is not made to try what is in doubt.
func (key *key) before(other *key, model string, failed bool) bool {
	if a, b := key.doubtful(model), other.doubtful(model); failed && a != b {
		return b
	}
	return key.turn < other.turn
}

// onTrial keeps other calls away from a key that comes back.
func (key *key) onTrial(model string, until time.Time) {
	if key.refused.span > 0 {
		key.refused.until = until
	}
	if r := key.models[model]; r != nil {
		r.until = until
	}
}

// retired says why the key is out of service, and until when.
func (key *key) retired(now time.Time) (until time.Time, why string) {
	limited := key.limited.Until(now)
	switch {
	case key.refused.until.After(later(now, limited)):
		return key.refused.until, key.refused.why
	case !limited.IsZero():
		return limited, "limited by its provider"
	}
	return time.Time{}, ""
}

// ofModel gives the rest of the key for one model. The one that ends first
// makes room when there are too many.
func (key *key) ofModel(model string) *rest {
	if r := key.models[model]; r != nil {
		return r
	}
	if key.models == nil {
		key.models = make(map[string]*rest)
	}
	if len(key.models) >= maxKeyModels {
		first := ""
		for name, r := range key.models {
			if old := key.models[first]; old == nil || r.until.Before(old.until) {
				first = name
			}
		}
		delete(key.models, first)
	}
	r := new(rest)
	key.models[strings.Clone(model)] = r // it may stand in the body, whose memory is used again
	return r
}

// A grant is the use of a key by one attempt. It belongs to the attempt; what
// it reports goes to the key. The zero value grants nothing and reports
// nothing.
type grant struct {
	key    *key
	ring   *keyring
	model  string
	since  time.Time
	trial  time.Time // until when this attempt alone tries the key; zero when others use it too
	proved bool
}

// set puts the key into a header.
func (g *grant) set(h http.Header) {
	if g.key != nil && g.key.value != "" {
		h[g.key.header] = g.key.text
	}
}

// over tells what came of the use of the key; nil is success. It is called as
// soon as that is known, and may be called again when the attempt is over.
func (g *grant) over(f *breaker.Failure, now time.Time) {
	if g.key == nil || f == nil && g.proved {
		return
	}
	g.ring.mu.Lock()
	defer g.ring.mu.Unlock()
	switch {
	case f == nil:
		g.proved = true
		g.succeed()
	case f.Class == breaker.Credential:
		g.refuse(f, now)
	default: // it does not say whether the key is taken: the next call tries it
		g.release(&g.key.refused, now)
		if r := g.key.models[g.model]; r != nil {
			g.release(r, now)
		}
		if f.Class == breaker.Rate {
			g.ring.rest(g.key.limited.Limit(now, f.RetryAfter, g.ring.dice.roll()))
		}
	}
}

// succeed ends the doubts that are older than the attempt: what began before
// the key was refused does not show that it is taken again.
func (g *grant) succeed() {
	g.key.limited.Reset()
	if !g.key.refused.since.After(g.since) {
		g.key.refused = rest{}
	}
	if r := g.key.models[g.model]; r != nil && !r.since.After(g.since) {
		delete(g.key.models, g.model)
	}
}

// refuse retires the key, or the key for the model. Attempts that ran while it
// was retired tell nothing new.
func (g *grant) refuse(f *breaker.Failure, now time.Time) {
	r := &g.key.refused
	if forModel(f) {
		g.release(r, now) // the provider may well take it for another
		r = g.key.ofModel(g.model)
	}
	if r.since.After(g.since) || g.trial.IsZero() && r.until.After(now) {
		return
	}
	r.again(f, now, g.ring.dice.roll())
	g.ring.rest(r.until)
}

// forModel reports that the provider knows the key, and does not let it, or
// the money behind it, have this model.
func forModel(f *breaker.Failure) bool {
	switch f.Reason {
	case breaker.Permission:
		return true
	case breaker.KeyInvalid:
		return false
	}
	return f.Status == http.StatusPaymentRequired || f.Status == http.StatusForbidden
}

// release ends the trial of a key of which nothing was found out.
func (g *grant) release(r *rest, now time.Time) {
	if !g.trial.IsZero() && r.until.Equal(g.trial) {
		r.until = now
	}
}
