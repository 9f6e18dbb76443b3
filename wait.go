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
	w.soft = soft
	w.hard.Store(int64(hard))
	w.mu.Lock()
	defer w.mu.Unlock()
	w.timer = time.AfterFunc(w.next(0), w.late)
}

// askAgain is after how long a call that waits past the soft limit looks anew
// for another way.
const askAgain = 5 * time.Second

// next is after how long one that has waited so long has to look.
func (w *wait) next(waited time.Duration) time.Duration {
	left := w.limit() - waited
	switch {
	case w.soft == 0:
		return left
	case waited < w.soft:
		return min(w.soft-waited, left)
	}
	return min(askAgain, left)
}

// limit is the hard one.
func (w *wait) limit() time.Duration { return time.Duration(w.hard.Load()) }

// extend moves the hard limit to so long from now.
func (w *wait) extend(d time.Duration) {
	w.hard.Store(int64(time.Since(w.since) + d))
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.over.Load() {
		w.timer.Reset(w.next(time.Since(w.since)))
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
	switch waited := now.Sub(w.since); {
	case waited >= w.limit():
		w.at.cancel(errHeaderTimeout)
	case w.soft > 0 && waited >= w.soft && w.at.c.elsewhere(now):
		w.at.cancel(errFirstToken)
	default:
		w.timer.Reset(w.next(waited))
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
