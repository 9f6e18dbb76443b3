package routex

import (
	"context"
	"errors"
	"net/http"

	"github.com/dctx-team/routex/breaker"
)

// stop cancels what the call is doing, because the transport is closing.
func (c *call) stop() {
	c.closing.Store(true)
	c.interrupt(errClosing)
	if t := c.tunnel.Load(); t != nil {
		_ = t.ReadWriteCloser.Close() // its user ends the call
	}
}

// leave cancels what the call is doing, because its caller closed the answer.
func (c *call) leave() {
	c.left.Store(true)
	c.interrupt(errClosed)
}

func (c *call) interrupt(why error) {
	for _, at := range [...]*attempt{c.current.Load(), c.beside.Load()} {
		if at != nil {
			at.cancel(why)
		}
	}
	if cancel := c.pausing.Load(); cancel != nil {
		(*cancel)(why)
	}
}

// gone reports that the caller has left, or that the transport is closing.
func (c *call) gone() bool { return c.closing.Load() || c.left.Load() || c.ctx.Err() != nil }

// hangUp is what a gone caller does to an attempt: nothing.
func (c *call) hangUp() *breaker.Failure {
	f := &breaker.Failure{Class: breaker.HangUp, Err: context.Cause(c.ctx)}
	switch {
	case f.Err != nil:
	case c.left.Load():
		f.Err = errClosed
	default:
		f.Err = errClosing
	}
	return f
}

// abandon ends a call whose caller has left.
func (c *call) abandon() (*http.Response, error) {
	err := c.ctx.Err()
	if err == nil {
		return c.refuse(closedError())
	}
	c.d.Status = 0
	c.settle(breaker.HangUp, err.Error())
	return nil, err
}

var errPanic = errors.New("the host's own code panicked")

// unwind ends a call in which a router, a transformer or the base panicked: a
// circuit that is never told how its probe went admits no other, and Close
// would wait for the call for ever.
func (c *call) unwind() {
	f := &breaker.Failure{Class: breaker.HangUp, Err: errPanic}
	for _, at := range [...]*attempt{c.current.Load(), c.beside.Load()} {
		if at != nil {
			at.cancel(errPanic)
			at.settle(f)
		}
	}
	c.settle(f.Class, f.Error())
}

// closeBody closes the caller's body unread.
func closeBody(req *http.Request) {
	if req.Body != nil {
		_ = req.Body.Close()
	}
}
