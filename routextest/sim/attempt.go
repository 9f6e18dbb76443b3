package sim

import (
	"context"
	"fmt"
	"net/http"
	"time"
)

// An attempt is one request that came to a provider.
type attempt struct {
	w    *world
	up   *upstream
	turn *turn

	began      time.Duration // since the beginning
	key        string
	generation int           // of the circuit, when it began
	kind       Kind          // of the trouble that it meets; "" for none
	retryAfter time.Duration // with Limited
	limits     http.Header
	first      time.Duration // until an answer begins
	speed      float64
	breaks     int // picks the part before which it breaks

	input, cached int    // tokens
	text          string // that the model says, with what it was asked to go on with
	prefilled     int    // words of that
	says          int    // the others
	pieces        []string

	// Under the world's mu.
	said  int // tokens that were said
	ended end // "" while it is not over
	until time.Duration
}

// An end is how an attempt was over, as a circuit should see it.
type end string

const (
	succeeded end = "succeeded"
	failed    end = "failed"
	limited   end = "limited" // neither for nor against the provider
	neutral   end = "neutral" // so too: the caller left, or somebody else answered
)

// begin looks at a request that came, and decides what it meets.
func (w *world) begin(r *http.Request) (*attempt, error) {
	t, _ := r.Context().Value(turnKey{}).(*turn)
	up := w.byID[r.Header.Get(channelHeader)]
	if t == nil || up == nil {
		return nil, fmt.Errorf("sim: a request for %s that is of no simulated call", r.URL.Redacted())
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	t = t.asked(r)
	now := w.clock.now()
	rnd := chance(w.seed, forAttempt, t.session.id, t.n, up.index, len(t.attempts))
	at := &attempt{w: w, up: up, turn: t, began: now, key: key(r.Header), speed: up.Speed}
	at.first = max(up.FirstToken.draw(rnd), time.Millisecond)
	at.breaks = rnd.IntN(1 << 20)
	kind, retryAfter := up.trouble(now, w.s.Length, rnd)
	if t.probe {
		kind = ""
	}
	at.kind, at.retryAfter, at.text = kind, retryAfter, t.answer
	if !t.same {
		at.text = say(t.words, rnd)
	}
	at.input = t.input
	w.checkBegin(at)
	if at.kind != Refused && at.kind != Silent && !t.probe {
		if wait := up.limited(now, at.input+t.words); wait > 0 {
			at.kind, at.retryAfter = Limited, wait
		}
	}
	at.limits = up.limits(time.Now())
	if at.kind == Slow {
		at.first, at.speed = 8*at.first, at.speed/8
	}
	if c := up.cache[t.session.id]; up.CacheLife > 0 && now < c.until {
		at.cached = min(c.tokens, at.input)
	}
	t.attempts = append(t.attempts, at)
	up.tally.Attempts++
	return at, nil
}

// speaking is how long the model takes for so many tokens.
func (at *attempt) speaking(tokens int) time.Duration {
	return time.Duration(float64(tokens) / at.speed * float64(time.Second))
}

// spoke notes that n of so many parts are with the caller. From the first on the
// provider has read the prompt.
func (at *attempt) spoke(n, of int) {
	w, up := at.w, at.up
	w.mu.Lock()
	defer w.mu.Unlock()
	at.said = at.says * n / of
	if n == 1 && up.CacheLife > 0 && !at.turn.probe && !at.turn.copied {
		up.cache[at.turn.session.id] = cached{tokens: at.input, until: w.clock.now() + up.CacheLife}
	}
}

// cancelled ends an attempt that the Transport gave up, and gives the error. Its
// own patience is a failure of the provider; a caller who left, or another
// provider that was faster, is not. With hedging, nobody here knows which it was.
func (at *attempt) cancelled(ctx context.Context) error {
	how := failed
	if at.turn.gone() || at.turn.closed.Load() || at.w.s.Config.Hedging.Share > 0 {
		how = neutral
	}
	at.over(how)
	return ctx.Err()
}

// over ends an attempt, once.
func (at *attempt) over(how end) {
	w, up := at.w, at.up
	w.mu.Lock()
	defer w.mu.Unlock()
	if at.ended != "" {
		return
	}
	now := w.clock.now()
	at.ended, at.until = how, now
	switch how {
	case failed:
		up.tally.Failures++
	case limited:
		up.tally.Limited++
		up.resting[at.key] = max(up.resting[at.key], now+at.retryAfter)
	case succeeded:
		up.retries.level = min(up.retries.level+.1, up.retries.size)
		up.recovered(at.began, now)
	}
	up.circuit.over(at, now)
	up.bill(at)
}

// recovered notes how long after the end of an outage a call was answered.
func (up *upstream) recovered(began, now time.Duration) {
	for i, end := range up.ended {
		if end >= 0 && began >= end {
			up.tally.Recovery = max(up.tally.Recovery, now-end)
			up.ended[i] = -1
		}
	}
}

// bill counts what the provider bills: what it has read, once it speaks, and
// what it has said.
func (up *upstream) bill(at *attempt) {
	if at.said == 0 || at.turn.probe {
		return
	}
	t := &up.tally
	t.Input += int64(at.input)
	t.Cached += int64(at.cached)
	t.Output += int64(at.said)
	t.Cost += (float64(at.input-at.cached)*up.Price.Input + float64(at.cached)*up.Price.Cached + float64(at.said)*up.Price.Output) / 1e6
}
