package sim

import (
	"slices"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/breaker"
	"github.com/dctx-team/routex/router"
)

// shortestPause is what lies between two attempts of one call at one channel
// that failed, or more.
const shortestPause = 100 * time.Millisecond

// checkBegin looks at an attempt that begins. The caller holds mu.
func (w *world) checkBegin(at *attempt) {
	t, up, now := at.turn, at.up, at.began
	if n := len(t.attempts) + 1; n > w.s.Config.MaxAttempts {
		w.note(t, up, Budget, "attempt %d of a call that may make %d", n, w.s.Config.MaxAttempts)
	}
	if err := t.ctx.Err(); err != nil {
		w.note(t, up, Budget, "asked after the caller has left: %v", err)
	}
	if until := up.resting[at.key]; now < until {
		w.note(t, up, Hammering, "asked %v before the rest is over that the provider demanded", until-now)
	}
	if wrong := up.circuit.begin(at, now); wrong != "" {
		w.note(t, up, Hammering, "asked while %s", wrong)
	}
	for _, before := range slices.Backward(t.attempts) {
		if before.up == up && before.key == at.key {
			w.checkRetry(at, before)
			break
		}
	}
}

// checkRetry looks at an attempt at a channel that the same call has asked
// before.
func (w *world) checkRetry(at, before *attempt) {
	up, now := at.up, at.began
	if before.ended != failed && before.ended != limited { // nothing came of it
		return
	}
	if pause := now - before.until; pause < shortestPause {
		w.note(at.turn, up, Hammering, "asked again %v after it failed", pause)
	}
	if before.ended == limited { // the rest that was demanded is the limit
		return
	}
	up.retries.fill(now)
	if up.retries.level < .99 {
		w.note(at.turn, up, Budget, "asked again, though the channel's budget for that is used up")
	}
	up.retries.level--
}

// checkEnd compares what a caller saw, what the Decision says, and what came to
// the providers. The caller does not hold mu.
func (w *world) checkEnd(t *turn, d *routex.Decision) {
	if d == nil {
		w.saw(t, nil, Settled, "there is no Decision")
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if n := w.decisions[d.TraceID]; n != 1 {
		w.note(t, nil, Settled, "it was decided %d times", n)
	}
	if d.Duration == 0 {
		w.note(t, nil, Settled, "its Decision is not complete")
	}
	if len(d.Attempts) != len(t.attempts) {
		w.note(t, nil, Settled, "its Decision has %d attempts, but %d came to providers", len(d.Attempts), len(t.attempts))
	}
	for i, at := range t.attempts {
		if at.ended == "" {
			w.note(t, at.up, Settled, "attempt %d goes on after the call is over", i+1)
		}
	}
	if t.result == served && !d.Succeeded() {
		w.note(t, nil, Settled, "its caller was served, but its Decision says: %s", d.Error)
	}
	if (t.result == broke || t.result == refused) && d.Succeeded() {
		w.note(t, nil, Settled, "its caller was not served (%s), but its Decision says so", t.told)
	}
}

// checkTried looks for a channel that a refused call could have asked.
func (w *world) checkTried(t *turn) {
	cfg := &w.s.Config
	chosen := cfg.Router != nil || slices.ContainsFunc(cfg.Rules, func(r router.Rule) bool { return r.Strict || r.Deny != "" })
	if chosen || cfg.Hedging.Share > 0 || t.probe || t.session.traffic.Deadline > 0 || t.whole > patience/24 {
		return // somebody else may have forbidden it
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(t.attempts) >= cfg.MaxAttempts {
		return
	}
	for _, up := range w.upstreams {
		ch := &up.channel
		asked := slices.ContainsFunc(t.attempts, func(at *attempt) bool { return at.up == up })
		if asked || ch.Disabled || ch.MaxConcurrency != 0 || !ch.Serves(t.session.talk.model) {
			continue
		}
		if !up.circuit.open && !up.rests(w.clock.now()) {
			w.note(t, up, Tried, "the call was refused after %d attempts, and this channel was not asked: %.200s", len(t.attempts), t.told)
		}
	}
}

// checkText compares a whole answer with what was said.
func (w *world) checkText(t *turn, text string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, at := range t.attempts {
		if at.ended == succeeded && at.text == text {
			t.by = at
			return
		}
	}
	w.note(t, nil, Truncated, "a whole answer of %d words is none that a provider said: %.60q", count(text), text)
}

// checkCircuit looks at the circuit of a channel whose provider was well for
// long and has answered a call.
func (w *world) checkCircuit(up *upstream, s routex.ChannelStatus) {
	if s.Circuit != breaker.Closed {
		w.saw(nil, up, Recovery, "its circuit is %s after a call that was answered", s.Circuit)
	}
}
