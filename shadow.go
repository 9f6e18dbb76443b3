package routex

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"sync/atomic"
)

// These bound the copies that a Transport has under way, in number and in all
// their bytes. More calls than that go uncopied: a channel on trial must not cost
// the others anything.
const (
	maxCopies = 64
	maxCopied = 64 << 20
)

type copyKey struct{}

// copyTo notes the channel that gets a copy of the call.
func (c *call) copyTo(ref string) {
	if ref == "" || c.d.Copy || c.endpoint.kind != callsModel && c.endpoint.kind != embedsText {
		return
	}
	if ch, ok := c.s.byRef[ref]; ok && !ch.Disabled {
		c.d.Shadow, c.shadow = ch.Name, ch
	}
}

// sendCopy sends the copy of the call, once, whose answer nobody waits for. It
// is a call of its own, with a Decision of its own. It comes when the call itself
// has its channel, so that it takes no probe and no free place from that.
func (c *call) sendCopy() {
	shadow := c.shadow
	if shadow == nil {
		return
	}
	c.shadow = nil
	s, t, e, logger := c.s, c.t, c.endpoint, c.s.cfg.Logger
	size := min(int64(len(c.body.bytes())), maxCopied) // the longest may go when there is no other
	if !t.copies.begin(size) {
		c.d.Shadow = ""
		c.s.cfg.Logger.WarnContext(c.ctx, "a call was not copied: too many copies are under way",
			"traceId", c.d.TraceID, "channel", shadow.Name)
		return
	}
	ctx := context.WithValue(context.WithoutCancel(c.ctx), copyKey{}, true)
	ctx = context.WithValue(ctx, channelKey{}, shadow.ID)
	ctx = context.WithValue(ctx, recordKey{}, (*Record)(nil)) // it is for the call itself
	ctx, cancel := context.WithTimeout(ctx, shadow.timeouts.Unary)
	req := c.req.Clone(ctx) // the caller's is the caller's again when the call is over
	body := bytes.Clone(c.body.bytes())
	req.Body, req.ContentLength = plainBody(body), int64(len(body))
	go func() {
		defer t.copies.end(size)
		defer cancel()
		defer func() {
			if v := recover(); v != nil { // in the host's own code
				logger.ErrorContext(ctx, "a copy of a call panicked", "panic", fmt.Sprint(v))
			}
		}()
		resp, err := t.call(s, req, e, nil) //nolint:bodyclose // it is, below
		if err != nil {
			return // it is in the Decision
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		closeQuietly(resp.Body)
	}()
}

// copies are those of a Transport that are under way. The zero value has none;
// it is safe for concurrent use.
type copies struct{ number, bytes atomic.Int64 }

func (c *copies) begin(size int64) bool {
	if n, all := c.number.Add(1), c.bytes.Add(size); n <= maxCopies && all <= maxCopied {
		return true
	}
	c.end(size)
	return false
}

func (c *copies) end(size int64) {
	c.number.Add(-1)
	c.bytes.Add(-size)
}
