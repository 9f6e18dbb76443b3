// Package events tells whoever listens, in server-sent events, what a
// [routex.Transport] does: the calls that are over, and how channels and tees
// are doing. Nobody who makes a call waits for a listener: one that does not
// keep up is dropped. While nobody listens a call costs one look at an atomic.
package events

import (
	"encoding/json"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dctx-team/routex"
	"github.com/dctx-team/routex/tee"
)

// The types of events.
const (
	TypeDecision = "decision" // a call is over
	TypeChannel  = "channel"  // how a channel is doing has changed
	TypeTee      = "tee"      // how a tee is doing has changed
)

// Types lists them.
func Types() []string { return []string{TypeDecision, TypeChannel, TypeTee} }

// The standards of [Options].
const (
	DefaultListeners = 64
	DefaultBuffer    = 256
)

const (
	ping   = 15 * time.Second       // of silence, after which a proxy could take the connection for dead
	look   = 500 * time.Millisecond // at channels and tees, between two looks
	linger = 30 * time.Second       // that what happens is kept after the last has left, who may come again
)

// Options are what a [Hub] tells of. The zero value tells of calls only.
type Options struct {
	Channels func() []routex.ChannelStatus // nil for none
	Tees     func() []tee.Stats            // nil for none
	// Listeners is how many there may be at a time; 0 means
	// [DefaultListeners].
	Listeners int
	// Buffer is how many events a listener may be behind, and how many are kept
	// for one that comes again; 0 means [DefaultBuffer].
	Buffer int
}

// A Hub hands events to those who listen. It is safe for concurrent use.
type Hub struct {
	o      Options
	active atomic.Bool   // somebody listens, or did a moment ago
	done   chan struct{} // closed by Close
	looks  sync.WaitGroup

	mu        sync.Mutex
	closed    bool // and the following under mu
	last      uint64
	kept      []event // the latest, the oldest first
	listeners map[*listener]struct{}
	left      time.Time // when the last listener did
}

// An event is one, ready to be sent to all.
type event struct {
	id   uint64
	kind string
	text []byte // of the stream; never changed
}

// A listener is one who listens.
type listener struct {
	types   []string // empty for all
	events  chan event
	dropped chan struct{} // closed when it does not keep up
}

func (l *listener) wants(kind string) bool {
	return len(l.types) == 0 || slices.Contains(l.types, kind)
}

// New makes a Hub. It has to be closed.
func New(o Options) *Hub {
	if o.Listeners == 0 {
		o.Listeners = DefaultListeners
	}
	if o.Buffer == 0 {
		o.Buffer = DefaultBuffer
	}
	// Numbers go on after a restart, so that a listener who comes again with
	// an old one is not taken for one of now.
	return &Hub{
		o: o, done: make(chan struct{}), listeners: make(map[*listener]struct{}),
		last: uint64(time.Now().UnixMilli()) << 10,
	}
}

// Close ends all streams, for good: an HTTP server that is shut down waits for
// them. It can be called more than once.
func (h *Hub) Close() {
	h.mu.Lock()
	if !h.closed {
		h.closed = true
		h.active.Store(false)
		close(h.done)
	}
	h.mu.Unlock()
	h.looks.Wait()
}

// Call tells of a call that is over; it does not wait for anybody. The Decision
// is only read.
func (h *Hub) Call(d *routex.Decision) {
	if h.active.Load() {
		h.publish(TypeDecision, viewDecision(d))
	}
}

// publish hands an event to everybody who wants it.
func (h *Hub) publish(kind string, view any) {
	data, err := json.Marshal(view)
	if err != nil { // a float that is no number, which no price gives
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last++
	e := event{id: h.last, kind: kind, text: frame(kind, h.last, data)}
	if len(h.kept) >= 2*h.o.Buffer { // now and then is often enough
		h.kept = append(h.kept[:0], h.kept[len(h.kept)-h.o.Buffer:]...)
	}
	h.kept = append(h.kept, e)
	for l := range h.listeners {
		if !l.wants(kind) {
			continue
		}
		select {
		case l.events <- e:
		default:
			h.drop(l)
			close(l.dropped)
		}
	}
}

// frame writes an event as the stream has it. One with the number 0 has none,
// and is no place to begin at again.
func frame(kind string, id uint64, data []byte) []byte {
	b := make([]byte, 0, len(data)+64)
	if id > 0 {
		b = strconv.AppendUint(append(b, "id: "...), id, 10)
		b = append(b, '\n')
	}
	b = append(append(b, "event: "...), kind...)
	b = append(append(b, "\ndata: "...), data...)
	return append(b, "\n\n"...)
}

// join lets one listen who has had all up to a number, 0 for nobody. It gives
// what it has missed, and whether some of that is not known any more; nil when
// there is no room.
func (h *Hub) join(types []string, since uint64) (l *listener, missed []event, lost bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed || len(h.listeners) >= h.o.Listeners {
		return nil, nil, false
	}
	l = &listener{types: types, events: make(chan event, h.o.Buffer), dropped: make(chan struct{})}
	if since > 0 && since != h.last {
		first := slices.IndexFunc(h.kept, func(e event) bool { return e.id > since })
		lost = first < 0 || h.kept[first].id != since+1
		if first >= 0 && since < h.last {
			for _, e := range h.kept[first:] {
				if l.wants(e.kind) {
					missed = append(missed, e)
				}
			}
		}
	}
	h.listeners[l] = struct{}{}
	if h.active.CompareAndSwap(false, true) {
		channels, tees := h.channels(), h.tees() // now, so that no change from now on is missed
		h.looks.Go(func() { h.watch(channels, tees) })
	}
	return l, missed, lost
}

// leave lets a listener go.
func (h *Hub) leave(l *listener) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.drop(l)
}

// drop is leave, under mu.
func (h *Hub) drop(l *listener) {
	if _, ok := h.listeners[l]; ok {
		delete(h.listeners, l)
		h.left = time.Now()
	}
}

// rest ends what is only done for listeners when there has been none for a
// while, and reports that it has.
func (h *Hub) rest(now time.Time) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return true
	}
	if len(h.listeners) > 0 || now.Sub(h.left) < linger {
		return false
	}
	h.active.Store(false)
	h.kept = nil // nobody can go on from there
	h.last++     // and who tries is told so
	return true
}
