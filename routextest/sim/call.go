package sim

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/dctx-team/routex"
)

// call makes the call of a turn, and gives the text that its caller got.
func (w *world) call(ctx context.Context, t *turn) string {
	s := t.session
	ctx, cancel := context.WithCancel(context.WithValue(ctx, turnKey{}, t))
	defer cancel()
	if s.traffic.Deadline > 0 {
		ctx, cancel = context.WithTimeout(ctx, s.traffic.Deadline)
		defer cancel()
	}
	if t.leaves > 0 && !t.closes {
		defer w.clock.after(t.leaves, cancel)()
	}
	t.ctx = ctx
	ctx, record := routex.WithRecord(ctx)
	req := s.talk.request(ctx, s.talk.body(t.user, t.stream), t.stream)
	if s.traffic.Named {
		req.Header.Set(w.sessionHeader, "session-"+strconv.Itoa(s.id+1))
	}
	t.warm = w.warm(s)
	began := w.clock.now()
	resp, err := w.transport.RoundTrip(req)
	t.first = w.clock.now() - began
	text := ""
	if err != nil {
		w.failed(t, err)
	} else {
		text = w.read(t, resp)
	}
	t.whole = w.clock.now() - began
	if limit := s.traffic.Deadline; limit > 0 && t.whole > limit+time.Millisecond {
		w.saw(t, nil, Budget, "it took %v, but its caller waits for %v", t.whole, limit)
	}
	if t.result == refused {
		w.checkTried(t)
	}
	w.checkEnd(t, record.Decision())
	return text
}

// failed sorts an error of the Transport, which has none but the context's.
func (w *world) failed(t *turn, err error) {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		t.result = late
	case errors.Is(err, context.Canceled):
		t.result = left
	default:
		t.result = broke
	}
	t.told = err.Error()
	if t.ctx.Err() == nil {
		w.saw(t, nil, Answered, "RoundTrip gave an error that is not the caller's own: %v", err)
	}
}

// read takes the answer as a caller does.
func (w *world) read(t *turn, resp *http.Response) (text string) {
	closed := make(chan struct{})
	if t.closes && t.leaves > t.first {
		defer w.clock.after(t.leaves-t.first, func() {
			defer close(closed)
			t.closed.Store(true)
			_ = resp.Body.Close()
		})()
	}
	got := w.buffer()
	defer w.buffers.Put(got)
	_, err := got.ReadFrom(resp.Body)
	wasClosed := t.closed.Load()
	if wasClosed {
		<-closed // the call is over when that Close returns
	}
	_ = resp.Body.Close()
	switch {
	case t.ctx.Err() != nil && err != nil:
		w.failed(t, t.ctx.Err())
		return ""
	case wasClosed:
		t.result = left
		return ""
	case resp.StatusCode != http.StatusOK:
		t.result, t.told = refused, got.String()
		return ""
	}
	h := hear(t.session.talk.dialect, got.Bytes(), t.stream)
	switch {
	case h.after:
		w.saw(t, nil, Truncated, "something came after the end of its answer")
	case h.ended && h.fault != "":
		w.saw(t, nil, Truncated, "its answer ended well, and told of an error: %s", h.fault)
	case !h.ended && h.fault == "" && err == nil:
		w.saw(t, nil, Truncated, "its answer of %d words stopped without an end or an error", count(h.text))
	}
	if !h.ended || h.fault != "" || err != nil && !errors.Is(err, io.EOF) {
		t.result, t.told = broke, h.fault
		if err != nil {
			t.told = err.Error()
		}
		return ""
	}
	t.result = served
	w.checkText(t, h.text)
	return h.text
}

// warm is how many tokens of the session a provider has cached, at most.
func (w *world) warm(s *session) (most int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, up := range w.upstreams {
		if c, ok := up.cache[s.id]; ok && w.clock.now() < c.until {
			most = max(most, c.tokens)
		}
	}
	return most
}
