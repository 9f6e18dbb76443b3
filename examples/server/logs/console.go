package logs

import (
	"bytes"
	"fmt"
	"io"
	"sync/atomic"
	"time"
)

const (
	maxWaiting = 4096        // lines
	lastWords  = time.Second // for what is left, at the end
)

// A console passes lines on to a writer that may be slow, or never take
// another one, such as a pipe that nobody reads.
type console struct {
	w       io.Writer
	lines   chan []byte
	stop    chan struct{}
	done    chan struct{} // closed when everything is written
	dropped atomic.Int64
}

func newConsole(w io.Writer) *console {
	c := &console{w: w, lines: make(chan []byte, maxWaiting), stop: make(chan struct{}), done: make(chan struct{})}
	go c.run()
	return c
}

func (c *console) run() {
	defer close(c.done)
	for {
		select {
		case line := <-c.lines:
			c.write(line)
		case <-c.stop:
			for {
				select {
				case line := <-c.lines:
					c.write(line)
				default:
					return
				}
			}
		}
	}
}

func (c *console) write(line []byte) {
	_, _ = c.w.Write(line) // nobody could be told
	if n := c.dropped.Swap(0); n > 0 {
		_, _ = fmt.Fprintf(c.w, `{"time":%q,"level":"WARN","msg":"lines were left out here, because nobody took them","lines":%d}`+"\n",
			time.Now().Format(time.RFC3339Nano), n)
	}
}

// put takes a line, also after close: then it goes nowhere.
func (c *console) put(line []byte) {
	select {
	case c.lines <- bytes.Clone(line):
	default:
		c.dropped.Add(1)
	}
}

// close waits for what is left, but not for a writer that does not take it.
func (c *console) close() error {
	close(c.stop)
	limit := time.NewTimer(lastWords)
	defer limit.Stop()
	select {
	case <-c.done:
		return nil
	case <-limit.C:
		return fmt.Errorf("logs: the last lines were not taken within %v", lastWords)
	}
}
