package routex

import "time"

// Times tell where the time of a call went until its answer was handed over.
// The zero value is a call that has just begun.
type times struct {
	read   time.Time     // when the caller's request was there as a whole
	waited time.Duration // for upstreams, and because every channel was resting
	given  time.Duration // from read until the answer was handed over, without waited; 0 while it is not
	begun  bool          // the answer is one of a model
	pieces int64         // of a streamed answer
}

// wait adds what has passed since then to what the call waited.
func (t *times) wait(since time.Time) { t.waited += time.Since(since) }

// handedOver notes that the caller gets the answer.
func (t *times) handedOver(now time.Time) {
	if !t.read.IsZero() {
		t.given = max(now.Sub(t.read)-t.waited, 1)
	}
}

// own is how long Routex itself kept an answer from the caller: neither the
// caller sent, nor an upstream was waited for, nor a pause was made. It is -1
// when no answer was handed over, or the request was not read here.
func (t *times) own() time.Duration {
	if t.given == 0 {
		return -1
	}
	return t.given
}
