package routex

import (
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

var (
	errHeaderTimeout = errors.New("no answer within the time allowed")
	errFirstToken    = errors.New("the answer did not begin within the time allowed, and another channel can be asked")
)

// maxDocument is how long an error, or what came in place of a stream, may take
// to be whole.
const maxDocument = 30 * time.Second

// A wait bounds how long an attempt may be silent before its answer begins, or
// is whole. Past the soft limit a call goes elsewhere if it can, and waits on
// if it cannot; the hard limit ends the attempt in any case.
type wait struct {
	at    *attempt
	since time.Time
	soft  time.Duration // 0 for none
	hard  atomic.Int64  // nanoseconds
	over  atomic.Bool

	mu    sync.Mutex // so that late finds the timer that it is called by
	timer *time.Timer
}

func (w *wait) begin(at *attempt) {
	now := time.Now()
	w.at, w.since = at, now
	soft, hard := at.patience(now)
	if w.soft = soft; soft >= hard {
		w.soft = 0
	}
	w.hard.Store(int64(hard))
	first := hard
	if w.soft > 0 {
		first = w.soft
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timer = time.AfterFunc(first, w.late)
}

// limit is the hard one.
func (w *wait) limit() time.Duration { return time.Duration(w.hard.Load()) }

// extend moves the hard limit to so long from now.
func (w *wait) extend(d time.Duration) {
	w.hard.Store(int64(time.Since(w.since) + d))
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.over.Load() {
		w.timer.Reset(min(d, max(w.soft-time.Since(w.since), time.Millisecond)))
	}
}

// answered notes that the header has come: of a stream the first token is still
// awaited, and what is read whole has the time of a whole answer.
func (w *wait) answered(up *http.Response) {
	switch {
	case up.StatusCode >= http.StatusBadRequest, isDocument(up.Header):
		w.mu.Lock() // late may be looking at it
		w.soft = 0
		w.mu.Unlock()
		w.extend(min(w.at.ch.timeouts.Unary, maxDocument))
	case w.at.c.endpoint.kind == passesOn: // from here on every part has its own limit
		w.end()
	default:
		w.extend(w.at.ch.timeouts.Unary)
	}
}

// late runs when a limit may have passed.
func (w *wait) late() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over.Load() {
		return
	}
	now := time.Now()
	waited, hard := now.Sub(w.since), w.limit()
	switch {
	case waited >= hard:
		w.at.cancel(errHeaderTimeout)
	case w.soft > 0 && waited >= w.soft && w.at.c.elsewhere(now):
		w.at.cancel(errFirstToken)
	case waited < w.soft:
		w.timer.Reset(min(w.soft, hard) - waited)
	default: // it is asked again whether there is another way
		w.timer.Reset(min(max(w.soft, time.Second), hard-waited))
	}
}

func (w *wait) end() {
	w.over.Store(true)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer != nil {
		w.timer.Stop()
	}
}
