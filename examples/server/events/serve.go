package events

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"time"
)

// ErrFull is given by [Hub.Serve] when there are as many listeners as there may
// be, or the Hub is closed.
var ErrFull = errors.New("events: no more listeners are taken")

// within is how long a write may take.
const within = 5 * time.Second

// retry is after how many milliseconds a client is to come again.
const retry = "2000"

// The kinds of what is sent beside the events.
const (
	kindDropped = "dropped" // the last: the listener did not keep up
	kindMissed  = "missed"  // not all since the Last-Event-ID is known any more
)

// Serve streams the events of some types, or of all when none is named, until
// the client leaves, does not keep up, or the Hub is closed. The client first
// gets how channels and tees are doing, or what it has missed since the
// Last-Event-ID that it names. Nothing is written when the error is [ErrFull].
func (h *Hub) Serve(w http.ResponseWriter, r *http.Request, types []string) error {
	since, _ := strconv.ParseUint(r.Header.Get("Last-Event-Id"), 10, 64)
	l, missed, lost := h.join(types, since)
	if l == nil {
		return ErrFull
	}
	defer h.leave(l)
	header := w.Header()
	header.Set("Content-Type", "text/event-stream")
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no") // for nginx, which would hold events back
	header.Set("Connection", "close")     // the last write may not have come through
	w.WriteHeader(http.StatusOK)
	if r.Method == http.MethodHead {
		return nil
	}
	out := &output{w: w, c: http.NewResponseController(w)}
	out.write([]byte("retry: " + retry + "\n\n"))
	if lost {
		out.write(frame(kindMissed, 0, []byte("{}")))
	}
	if since == 0 || lost {
		h.present(out, l)
	}
	for _, e := range missed {
		out.write(e.text)
	}
	out.flush()
	h.relay(r, out, l)
	return nil
}

// present tells how channels and tees are doing.
func (h *Hub) present(out *output, l *listener) {
	if l.wants(TypeChannel) {
		for _, c := range h.channels() {
			out.encode(TypeChannel, c)
		}
	}
	if l.wants(TypeTee) {
		for _, t := range h.tees() {
			out.encode(TypeTee, t)
		}
	}
}

// relay sends what comes.
func (h *Hub) relay(r *http.Request, out *output, l *listener) {
	silence := time.NewTimer(ping)
	defer silence.Stop()
	for out.err == nil {
		silence.Reset(ping)
		select {
		case e := <-l.events:
			out.write(e.text)
			for more := true; more && out.err == nil; { // what is there goes out together
				select {
				case e := <-l.events:
					out.write(e.text)
				default:
					more = false
				}
			}
		case <-silence.C:
			out.write([]byte(": ping\n\n"))
		case <-l.dropped:
			out.write(frame(kindDropped, 0, []byte(`{"reason":"the listener did not keep up"}`)))
			out.flush()
			return
		case <-h.done:
			out.flush()
			return
		case <-r.Context().Done():
			return
		}
		out.flush()
	}
}

// An output writes to a client that may not read.
type output struct {
	w   http.ResponseWriter
	c   *http.ResponseController
	err error // the first
}

func (o *output) write(b []byte) {
	if o.err != nil {
		return
	}
	_ = o.c.SetWriteDeadline(time.Now().Add(within)) // a writer without one is in memory
	_, o.err = o.w.Write(b)
}

func (o *output) encode(kind string, view any) {
	data, err := json.Marshal(view)
	if err == nil {
		o.write(frame(kind, 0, data))
	}
}

func (o *output) flush() {
	if o.err == nil {
		o.err = o.c.Flush()
	}
}
