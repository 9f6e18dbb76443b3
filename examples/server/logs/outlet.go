package logs

import (
	"fmt"
	"io"
	"sync"
	"time"
)

const (
	maxWaiting = 4 << 20               // bytes, besides those that are being written
	maxKept    = 256 << 10             // bytes of memory that is used again
	linger     = 20 * time.Millisecond // for more lines: to wake up and to write costs more than a line
	lastWords  = time.Second           // for what is left, at the end
)

// An outlet passes lines on to a writer that may be slow, or never take
// another one, such as a pipe that nobody reads.
type outlet struct {
	w       io.Writer
	writing []byte        // of run
	wake    chan struct{} // there is something to write
	stop    chan struct{}
	done    chan struct{} // closed when everything is written

	mu      sync.Mutex
	waiting []byte // under mu: lines
	dropped int    // under mu: lines
}

func newOutlet(w io.Writer) *outlet {
	o := &outlet{w: w, wake: make(chan struct{}, 1), stop: make(chan struct{}), done: make(chan struct{})}
	go o.run()
	return o
}

func (o *outlet) run() {
	defer close(o.done)
	for {
		select {
		case <-o.wake:
			o.wait()
			o.write()
		case <-o.stop:
			o.write()
			return
		}
	}
}

// wait lets more lines come, unless there are to be none or many have.
func (o *outlet) wait() {
	o.mu.Lock()
	many := len(o.waiting) > maxWaiting/2
	o.mu.Unlock()
	if many {
		return
	}
	select {
	case <-o.wake:
	case <-time.After(linger):
	case <-o.stop:
	}
}

// write writes the lines that wait, at once.
func (o *outlet) write() {
	if cap(o.writing) > maxKept {
		o.writing = nil
	}
	o.mu.Lock()
	o.writing, o.waiting = o.waiting, o.writing[:0]
	dropped := o.dropped
	o.dropped = 0
	o.mu.Unlock()
	if len(o.writing) > 0 {
		_, _ = o.w.Write(o.writing) // nobody could be told
	}
	if dropped > 0 {
		_, _ = fmt.Fprintf(o.w, `{"time":%q,"level":"WARN","msg":"lines were left out here, because nobody took them","lines":%d}`+"\n",
			time.Now().Format(time.RFC3339Nano), dropped)
	}
}

// put takes a line, a copy, also after close: then it goes nowhere.
func (o *outlet) put(line []byte) {
	if !o.add(line) {
		return
	}
	select {
	case o.wake <- struct{}{}:
	default: // it is awake already
	}
}

// add reports that run is to be told: of the first line, and when there are many.
func (o *outlet) add(line []byte) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	before := len(o.waiting)
	if before > 0 && before+len(line) > maxWaiting {
		o.dropped++
		return false
	}
	o.waiting = append(o.waiting, line...)
	return before == 0 || before <= maxWaiting/2 && len(o.waiting) > maxWaiting/2
}

// close waits for what is left, but not for a writer that does not take it.
func (o *outlet) close() error {
	close(o.stop)
	limit := time.NewTimer(lastWords)
	defer limit.Stop()
	select {
	case <-o.done:
		return nil
	case <-limit.C:
		return fmt.Errorf("logs: the last lines were not taken within %v", lastWords)
	}
}
