package logs

import (
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

const (
	maxWaiting = 4096                  // lines
	maxWrite   = 64 << 10              // bytes, and the line that goes beyond
	linger     = 20 * time.Millisecond // for more lines: to wake up and to write costs more than a line
	lastWords  = time.Second           // for what is left, at the end
)

// An outlet passes lines on to a writer that may be slow, or never take
// another one, such as a pipe that nobody reads.
type outlet struct {
	w       io.Writer
	lines   chan []byte
	buf     []byte // what is being written
	stop    chan struct{}
	done    chan struct{} // closed when everything is written
	dropped atomic.Int64
}

func newOutlet(w io.Writer) *outlet {
	o := &outlet{w: w, lines: make(chan []byte, maxWaiting), stop: make(chan struct{}), done: make(chan struct{})}
	go o.run()
	return o
}

func (o *outlet) run() {
	defer close(o.done)
	for {
		select {
		case line := <-o.lines:
			o.wait()
			o.write(line)
		case <-o.stop:
			for {
				select {
				case line := <-o.lines:
					o.write(line)
				default:
					return
				}
			}
		}
	}
}

// wait lets more lines come, unless there are to be none.
func (o *outlet) wait() {
	select {
	case <-time.After(linger):
	case <-o.stop:
	}
}

// write writes a line and those that have come since, at once.
func (o *outlet) write(line []byte) {
	o.buf = append(o.buf[:0], line...)
	for more := true; more && len(o.buf) < maxWrite; {
		select {
		case line = <-o.lines:
			o.buf = append(o.buf, line...)
		default:
			more = false
		}
	}
	_, _ = o.w.Write(o.buf) // nobody could be told
	if n := o.dropped.Swap(0); n > 0 {
		_, _ = fmt.Fprintf(o.w, `{"time":%q,"level":"WARN","msg":"lines were left out here, because nobody took them","lines":%d}`+"\n",
			time.Now().Format(time.RFC3339Nano), n)
	}
}

// put takes a line, also after close: then it goes nowhere. The line is its own.
func (o *outlet) put(line []byte) {
	select {
	case o.lines <- line:
	default:
		o.dropped.Add(1)
	}
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
